"""The hub's backup: one moment in one file, which is proved by restoring it, and refused when a single byte is wrong."""

from __future__ import annotations

import os
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.orm import Session

from app.kernel import blobs, feed, rls
from app.kernel import postgres as server
from app.kernel.exchange.fingerprints import everything, fingerprint
from app.kernel.problems import Refused
from app.migrations import upgrade
from sync.hub.backup import SUFFIX, Manifest, back_up, inspect, prune, restore
from world import World, open_hub


@pytest.fixture
def shop(hub: World) -> World:
    return hub.furnish()


@pytest.fixture
def file(shop: World, postgres: URL, tmp_path: Path) -> Path:
    target = tmp_path / f"night{SUFFIX}"
    back_up(postgres, target)
    assert shop.org
    return target


@pytest.fixture
def empty(postgres_server: Any) -> Iterator[URL]:
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


def held(world: World) -> Any:
    with Session(world.app.read_engine, info={"orgs": frozenset({world.org})}) as session:
        return fingerprint(session, world.app.registry, everything)


def test_what_was_backed_up_is_there_again_and_the_hub_begins_another_life(
    shop: World, postgres: URL, file: Path, empty: URL
) -> None:
    before, balance = held(shop), shop.on_hand()
    manifest = restore(file, empty)
    assert manifest.rows > 50
    again = shop.reopened(open_hub(empty))
    try:
        assert held(again) == before
        assert again.on_hand() == balance
        with Session(again.app.read_engine) as now, Session(shop.app.read_engine) as then:
            assert feed.head(now) == feed.head(then)
            assert feed.state(now).epoch
            assert feed.state(now).epoch != feed.state(then).epoch
        made = again.save("part", code="NEW", name="Made after the restore")
        assert again.app.find("restore", again.actor)[0].id == made
    finally:
        again.close()
    assert postgres != empty


def test_the_restored_tables_are_guarded_as_before(shop: World, file: Path, empty: URL) -> None:
    restore(file, empty)
    again = shop.reopened(open_hub(empty))
    try:
        with Session(again.app.read_engine) as session:
            assert not any(one["count"] for one in fingerprint(session, again.app.registry, everything).values())
            rls.serve_all(session)
            assert any(one["count"] for one in fingerprint(session, again.app.registry, everything).values())
    finally:
        again.close()


def test_a_backup_is_for_its_owner_alone_and_never_there_by_halves(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0
    assert [one.name for one in file.parent.iterdir() if one.suffix == ".part"] == []


def test_a_hub_that_is_there_is_never_overwritten(shop: World, postgres: URL, file: Path) -> None:
    with pytest.raises(Refused) as refused:
        restore(file, postgres)
    assert refused.value.problems[0].code == "backup.not_empty"
    assert shop.on_hand()


@pytest.mark.parametrize("at", [0.05, 0.4, 0.8])
def test_a_damaged_backup_is_refused_before_anything_is_written(file: Path, empty: URL, at: float) -> None:
    content = bytearray(file.read_bytes())
    with tarfile.open(file) as tar:
        inside = [one for one in tar if one.size > 40]
    place = inside[int(at * len(inside))]
    content[place.offset_data + place.size // 2] ^= 0x55
    file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        restore(file, empty)
    assert refused.value.problems[0].code == "backup.damaged"


@pytest.mark.parametrize("content", [b"", b"not a backup at all", b"\x00" * 20000])
def test_what_is_no_backup_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.fettle-hub"
    file.write_bytes(content)
    with pytest.raises(Refused):
        inspect(file)


def test_a_cut_off_backup_is_refused(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(Refused):
        inspect(file)


def test_only_the_newest_backups_stay(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"2026110{day}-023000{SUFFIX}").touch()
    assert [one.name[:8] for one in prune(tmp_path, 3)] == ["20261101", "20261102"]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_backup_shows_one_moment_while_others_write(shop: World, postgres: URL, tmp_path: Path) -> None:
    steps: list[str] = []

    def told(name: str, _rows: int) -> None:
        if not steps:
            shop.save("part", code="LATE", name="Made while the backup ran")
        steps.append(name)

    manifest = back_up(postgres, tmp_path / f"busy{SUFFIX}", told)
    parts = next(one for one in manifest.tables if one.name == "part")
    assert parts.rows == 5
    assert isinstance(manifest, Manifest)


def test_a_table_full_of_photos_is_never_in_memory_as_a_whole(shop: World, postgres: URL, tmp_path: Path, empty: URL) -> None:
    photos = [os.urandom(4 << 20) for _photo in range(8)]
    with shop.session() as session:
        for content in photos:
            blobs.keep_file(session, shop.org, content)
        session.commit()
    file = tmp_path / "photos"
    tracemalloc.start()
    back_up(postgres, file)
    restore(file, empty)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.stat().st_size > 32 << 20
    assert peak < 24 << 20


def test_an_owner_who_is_no_superuser_backs_up_and_restores_everybody_s_rows(
    postgres: URL, postgres_server: Any, tmp_path: Path
) -> None:
    owned = [postgres_server.create() for _each in range(2)]
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE keeper LOGIN NOSUPERUSER"))
        connection.execute(text("GRANT fettle_app TO keeper"))
        for url in owned:
            connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO keeper"))
    first, second = (url.set(username="keeper") for url in owned)
    try:
        engine = server.owner_engine(first)
        upgrade(engine)
        engine.dispose()
        world = World(open_hub(first)).furnish()
        other = World(world.app).furnish()
        before = held(world), held(other)
        back_up(first, tmp_path / "night")
        world.close()
        restore(tmp_path / "night", second)
        again = world.reopened(open_hub(second))
        assert (held(again), held(other.reopened(again.app))) == before
        again.close()
    finally:
        for url in owned:
            postgres_server.drop(url)
        with admin.connect() as connection:
            connection.execute(text("DROP ROLE keeper"))
        admin.dispose()
