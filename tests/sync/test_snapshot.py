"""A new terminal starts from a ready store: whole or not at all, over any line, and never in the clear on its disk."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from replay_world import LEFT, ORG, START, ZONE, Machine, Trio, named
from sqlalchemy.orm import Session

from app.assemble import App, Terminal, open_terminal
from app.kernel.clock import Clock
from app.kernel.dispatch import Station
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Refused, Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.store import SETTINGS
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.places.model import Bin
from app.stock.balances import on_hand
from app.stock.commands import ReceiveStock
from app.work_orders.model import WorkOrder
from sync.hub.feed import Reach
from sync.hub.snapshots import HubSource, Snapshots, here
from sync.snapshots import COLUMNS, FILE, Manifest
from sync.terminal import laying
from sync.terminal.exchange import Limits, exchange
from sync.terminal.fetching import Progress
from sync.terminal.snapshot import Fetched, fetch_store

KEEPER = KeyKeeper(KeyFile(lambda: b"this machine"))
STATION = Station(LEFT, ZONE, index=1, enrolled=True)
FORMS = [FILE, COLUMNS]


class Line:
    """The hub as a source, behind a line to which things happen."""

    def __init__(self, source: HubSource, happens: Callable[[int, bytes], Iterator[bytes]] | None = None) -> None:
        self.source = source
        self.happens = happens or (lambda _number, content: iter((content,)))
        self.asked: list[tuple[int, int]] = []

    def manifest(self, form: str) -> Manifest:
        return self.source.manifest(form)

    def piece(self, name: str, number: int, start: int = 0) -> Iterator[bytes]:
        self.asked.append((number, start))
        return self.happens(number, b"".join(self.source.piece(name, number, start)))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that the workshop's few rows make many."""
    for module in ("sync.hub.building", "sync.terminal.staging"):
        monkeypatch.setattr(f"{module}.PIECE", 64 << 10)
    monkeypatch.setattr("sync.hub.reading.TOGETHER", 2)


@pytest.fixture
def snapshots(trio: Trio, tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "hub", trio.hub.engine, here(trio.hub.engine, trio.hub.registry))


@pytest.fixture
def line(snapshots: Snapshots) -> Line:
    return Line(HubSource(snapshots, Reach(ORG)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terminal" / "terminal.fettle"


def fetch(line: Any, path: Path, form: str = FILE, **more: Any) -> Fetched:
    return fetch_store(line, path, STATION, ORG, keeper=KEEPER, form=form, **{"sleep": lambda _seconds: None, **more})


def opened(path: Path, wall: int = START) -> Terminal:
    return open_terminal(path, keeper=KEEPER, clock=Clock(lambda: wall))


def held(path: Path, trio: Trio) -> dict[str, list[str]]:
    """Every row in a store, as canonical text."""
    terminal = opened(path)
    try:
        return _machine(terminal.app, trio).image()
    finally:
        terminal.close()


def _machine(app: App, trio: Trio) -> Machine:
    made = Machine.__new__(Machine)
    made.engine, made.registry, made.app, made.station = app.read_engine, trio.hub.registry, app, app.station
    return made


@pytest.mark.parametrize("form", FORMS)
def test_a_new_terminal_holds_what_the_hub_does(form: str, line: Line, path: Path, trio: Trio) -> None:
    fetched = fetch(line, path, form)
    terminal = opened(path)
    ours = _machine(terminal.app, trio)
    try:
        assert ours.image() == trio.hub.image()
        assert ours.balances() == {name: rows for name, rows in trio.left.balances().items()}
        assert ours.searched() == trio.hub.searched()
        assert fetched.rows == sum(map(len, ours.image().values()))
        assert terminal.app.station == STATION
        assert terminal.org_id == ORG
    finally:
        terminal.close()


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_goes_on_where_the_snapshot_ends(form: str, line: Line, path: Path, trio: Trio) -> None:
    line.manifest(form)
    part = trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "P-9"], "name": [None, "Late"]}), trio.program)
    trio.hub.done(ReceiveStock(part=part.row("part"), bin=named("bin", "A"), quantity=Quantity(2)), trio.program)
    fetch(line, path, form)
    terminal = opened(path, trio.wall.ms)
    ours = _machine(terminal.app, trio)
    try:
        assert ours.image() != trio.hub.image()
        exchange(terminal.app, trio.peer, Limits())
        assert ours.image() == trio.hub.image()
        assert ours.balances() == trio.hub.balances()
    finally:
        terminal.close()


@pytest.mark.parametrize("form", FORMS)
def test_only_rows_in_reach_travel(form: str, snapshots: Snapshots, path: Path, trio: Trio) -> None:
    reach = Reach(ORG, frozenset({named("site", "M")}), frozenset())
    fetch(HubSource(snapshots, reach), path, form)
    assert held(path, trio) == trio.hub.image(reach)
    assert held(path, trio)["stock_line"] == []


@pytest.mark.parametrize("form", FORMS)
def test_of_two_sites_each_terminal_gets_its_own(form: str, snapshots: Snapshots, path: Path, trio: Trio) -> None:
    def save(entity: str, **fields: Any) -> Any:
        pairs = {name: [None, value] for name, value in fields.items()}
        return trio.hub.done(SaveRecord(entity=entity, fields=pairs), trio.program).row(entity)

    north = save("site", code="N", name="North", zone=ZONE)
    room = save("warehouse", site_id=north.hex, code="WN", name="Room north")
    shelf = save("bin", warehouse_id=room.hex, code="N-1")
    trio.hub.done(ReceiveStock(part=named("part", "P-1"), bin=shelf, quantity=Quantity(7)), trio.program)
    here_alone = Reach(ORG, frozenset({named("site", "M")}), frozenset({named("warehouse", "W")}))
    there_alone = Reach(ORG, frozenset({north}), frozenset({room}))
    for place, reach in enumerate((here_alone, there_alone)):
        own = path.with_name(f"terminal-{place}.fettle")
        fetch(HubSource(snapshots, reach), own, form)
        assert held(own, trio) == trio.hub.image(reach)
        assert len(held(own, trio)["stock_line"]) == (3, 1)[place]


def test_another_reachs_snapshot_is_not_given_away(snapshots: Snapshots) -> None:
    theirs = snapshots.manifest(Reach(ORG), FILE)
    with pytest.raises(Refused) as refused:
        snapshots.piece(Reach(ORG, frozenset()), theirs.name, 0)
    assert refused.value.problems[0].code == "snapshot.gone"


@pytest.mark.parametrize("name", ["..", "../..", "x-y", ""])
def test_a_made_up_name_leads_nowhere(name: str, snapshots: Snapshots) -> None:
    snapshots.manifest(Reach(ORG), FILE)
    with pytest.raises(Refused):
        snapshots.piece(Reach(ORG), name, 0)


# ---------------------------------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize("form", FORMS)
def test_a_line_that_breaks_in_every_piece_costs_nothing_twice(form: str, line: Line, path: Path, trio: Trio) -> None:
    def breaks(_number: int, content: bytes) -> Iterator[bytes]:
        yield content[: len(content) // 2]
        if len(content) > 40:
            raise Trouble("hub.away", "The hub cannot be reached.")
        yield content[len(content) // 2 :]

    line.happens = breaks
    with suppress(Trouble):
        fetch(line, path, form)
    line.happens = lambda _number, content: iter((content,))
    fetch(line, path, form)
    assert held(path, trio) == trio.hub.image()
    assert any(start for _number, start in line.asked)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_changed_on_the_way_is_fetched_again(form: str, line: Line, path: Path, trio: Trio) -> None:
    spoilt: set[int] = set()

    def changes(number: int, content: bytes) -> Iterator[bytes]:
        once = number not in spoilt
        spoilt.add(number)
        yield bytes([content[0] ^ 1]) + content[1:] if once else content

    line.happens = changes
    fetch(line, path, form)
    assert held(path, trio) == trio.hub.image()


def test_a_line_that_always_changes_what_it_carries_is_named(line: Line, path: Path) -> None:
    line.happens = lambda _number, content: iter((content[:-1] + b"x",))
    with pytest.raises(Trouble) as told:
        fetch(line, path)
    assert told.value.problem.code == "snapshot.changed"
    assert not path.exists()


@pytest.mark.parametrize("form", FORMS)
def test_a_stop_keeps_what_is_here(form: str, line: Line, path: Path, trio: Trio) -> None:
    seen: list[Progress] = []
    with pytest.raises(Trouble) as told:
        fetch(line, path, form, tell=seen.append, stop=lambda: len(seen) >= 3)
    assert told.value.problem.code == "snapshot.stopped"
    assert not path.exists()
    before = len(line.asked)
    fetch(line, path, form)
    assert line.asked[before][0] > 0, "the first pieces are not fetched again"
    assert held(path, trio) == trio.hub.image()


def test_a_snapshot_that_was_replaced_meanwhile_is_fetched_anew(line: Line, path: Path, trio: Trio, snapshots: Snapshots) -> None:
    seen: list[Progress] = []
    with pytest.raises(Trouble):
        fetch(line, path, tell=seen.append, stop=lambda: len(seen) >= 3)
    for left in snapshots.folder.glob("*-*"):
        for file in left.iterdir():
            file.unlink()
        left.rmdir()
    fetch(line, path)
    assert held(path, trio) == trio.hub.image()


def test_what_was_begun_is_gone_on_with_though_there_is_a_newer_one(line: Line, path: Path, trio: Trio) -> None:
    seen: list[Progress] = []
    with pytest.raises(Trouble):
        fetch(line, path, tell=seen.append, stop=lambda: len(seen) >= 3)
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "P-7"], "name": [None, "Newer"]}), trio.program)
    _forget(line)
    line.manifest(FILE)
    before = len(line.asked)
    fetch(line, path)
    assert line.asked[before][0] > 0
    terminal = opened(path, trio.wall.ms)
    ours = _machine(terminal.app, trio)
    try:
        assert len(ours.image()["part"]) == 3
        exchange(terminal.app, trio.peer, Limits())
        assert ours.image() == trio.hub.image()
    finally:
        terminal.close()


def test_what_was_spoilt_on_the_disk_is_fetched_anew(line: Line, path: Path, trio: Trio) -> None:
    seen: list[Progress] = []
    with pytest.raises(Trouble):
        fetch(line, path, COLUMNS, tell=seen.append, stop=lambda: len(seen) >= 9)
    spool = path.with_name(path.name + ".new.pieces")
    content = spool.read_bytes()
    spool.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    with pytest.raises(Trouble) as told:
        fetch(line, path, COLUMNS)
    assert told.value.problem.code == "snapshot.spoilt"
    fetch(line, path, COLUMNS)
    assert held(path, trio) == trio.hub.image()


def test_it_is_told_how_far_it_is(line: Line, path: Path) -> None:
    seen: list[Progress] = []
    fetched = fetch(line, path, tell=seen.append)
    assert seen[-1] == Progress("fetch", fetched.size, fetched.size)
    assert [one.done for one in seen] == sorted(one.done for one in seen)


def test_a_slow_line_gets_columns(line: Line, path: Path, trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.terminal.snapshot.SLOW_LINE", 1 << 50)
    monkeypatch.setattr("sync.terminal.snapshot.WORTH_IT", -1.0)
    monkeypatch.setattr("sync.terminal.snapshot.LAID_A_SECOND", 1 << 50)
    assert fetch(line, path, "").form == COLUMNS
    assert held(path, trio) == trio.hub.image()


def test_a_quick_line_gets_the_file(line: Line, path: Path) -> None:
    assert fetch(line, path, "").form == FILE


@pytest.mark.parametrize("form", FORMS)
def test_a_hub_of_another_version_is_told_in_a_sentence(form: str, line: Line, path: Path) -> None:
    true = line.manifest
    line.manifest = lambda form: replace(true(form), schema="9999")  # type: ignore[method-assign]
    with pytest.raises(Trouble) as told:
        fetch(line, path, form)
    assert told.value.problem.code == "snapshot.schema"
    assert not path.exists()


# ----------------------------------------------------------------------------------------------------------- the disk


@pytest.mark.parametrize("form", FORMS)
def test_nothing_lies_in_the_clear(form: str, line: Line, path: Path) -> None:
    seen: list[bytes] = []

    def look(_progress: Progress | None = None) -> None:
        for file in path.parent.iterdir():
            with suppress(FileNotFoundError):  # it has its own name by now
                seen.append(file.read_bytes())

    fetch(line, path, form, tell=look)
    look()
    assert not any(word in content for content in seen for word in (b"SQLite format", b"Moto Keller", b"Part P-1", b"(\xb5/\xfd"))


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_leaves_what_was_there(
    form: str, line: Line, path: Path, trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(line, path, form)
    before = path.read_bytes()

    def full(_file: int, _content: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("sync.terminal.staging.os.write", full)
        with pytest.raises(Trouble) as told:
            fetch(line, path, form)
    assert told.value.problem.code == "store.full"
    assert path.read_bytes() == before
    fetch(line, path, form)
    assert held(path, trio) == trio.hub.image()


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_without_room_is_told_before_the_first_byte_comes(
    form: str, line: Line, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.terminal.snapshot.shutil.disk_usage", lambda _folder: SimpleNamespace(free=1000))
    with pytest.raises(Trouble) as told:
        fetch(line, path, form)
    assert told.value.problem.code == "snapshot.room"
    assert not line.asked


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_left_beside_the_store(form: str, line: Line, path: Path) -> None:
    fetch(line, path, form)
    assert {file.suffix for file in path.parent.iterdir()} == {".fettle", ".key", ".lock"}


def test_a_store_in_use_is_left_alone(line: Line, path: Path) -> None:
    fetch(line, path)
    terminal = opened(path)
    with pytest.raises(Trouble) as told:
        fetch(line, path)
    terminal.close()
    assert told.value.problem.code == "store.in_use"


# ------------------------------------------------------------------------------------------------------- what it takes along


@pytest.mark.parametrize("form", FORMS)
def test_work_that_waits_is_taken_along_and_done_again(form: str, line: Line, path: Path, trio: Trio) -> None:
    fetch(line, path)
    terminal = opened(path, trio.wall.ms)
    ann = trio.person("Ann")
    order = _order(terminal.app)
    issued = terminal.app.run(IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(2)), ann)
    assert issued.done
    chain = _chain(terminal.app)
    terminal.close()
    trio.hub.done(ReceiveStock(part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(10)), trio.program)
    _forget(line)
    assert fetch(line, path, form).carried == 1
    terminal = opened(path, trio.wall.ms)
    ours = _machine(terminal.app, trio)
    try:
        assert _chain(terminal.app) == chain
        assert _on_hand(terminal.app) == Quantity(13)
        exchange(terminal.app, trio.peer, Limits())
        exchange(terminal.app, trio.peer, Limits())
        assert ours.image() == trio.hub.image()
        assert ours.balances() == trio.hub.balances()
        assert ours.leftovers() == 0
    finally:
        terminal.close()


def test_what_the_hub_answered_after_the_snapshot_stays_to_be_seen(line: Line, path: Path, trio: Trio) -> None:
    fetch(line, path)
    terminal = opened(path, trio.wall.ms)
    order = _order(terminal.app)
    take = IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(2))
    terminal.app.run(take, trio.person("Ann"))
    exchange(terminal.app, trio.peer, Limits())
    terminal.close()
    fetch(line, path)  # the same, older snapshot
    terminal = opened(path, trio.wall.ms)
    ours = _machine(terminal.app, trio)
    try:
        assert _on_hand(terminal.app) == Quantity(3)
        exchange(terminal.app, trio.peer, Limits())
        exchange(terminal.app, trio.peer, Limits())
        assert ours.image() == trio.hub.image()
        assert ours.leftovers() == 0
    finally:
        terminal.close()


def _order(app: App) -> Any:
    with Session(app.read_engine) as session:
        return session.query(WorkOrder.id).order_by(WorkOrder.id).first()[0]  # type: ignore[index]


def _chain(app: App) -> list[str]:
    with Session(app.read_engine) as session:
        return [
            row.chain for row in session.query(EnvelopeRow).filter_by(terminal_id=app.station.id).order_by(EnvelopeRow.number)
        ]


def _on_hand(app: App) -> Quantity:
    with Session(app.read_engine) as session:
        return on_hand(session, named("part", "P-1"), session.get_one(Bin, named("bin", "A")))


def _forget(line: Line) -> None:
    """The hub's next snapshot is a new one."""
    for manifest in line.source._snapshots.folder.glob("*/manifest.json"):
        os.utime(manifest, (0, 0))


# ---------------------------------------------------------------------------------------------------------- at the hub


def test_many_terminals_wait_for_one_build(trio: Trio, tmp_path: Path) -> None:
    built: list[str] = []
    make = here(trio.hub.engine, trio.hub.registry)

    def counted(reach: Reach, form: str, folder: Path) -> None:
        built.append(form)
        make(reach, form, folder)

    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, counted)
    with ThreadPoolExecutor(8) as pool:
        names = {one.name for one in pool.map(lambda _number: snapshots.manifest(Reach(ORG), FILE), range(8))}
    assert len(names) == 1
    assert built == [FILE]


def test_an_old_snapshot_is_replaced_once_the_feed_has_gone_far_on(
    trio: Trio, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = snapshots.manifest(Reach(ORG), FILE)
    assert snapshots.manifest(Reach(ORG), FILE) == first
    monkeypatch.setattr("sync.hub.snapshots.MOST_BEHIND", 0)
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "P-8"], "name": [None, "New"]}), trio.program)
    second = snapshots.manifest(Reach(ORG), FILE)
    assert second.cursor > first.cursor
    assert snapshots.piece(Reach(ORG), first.name, 0).exists(), "somebody may still be fetching it"


def test_snapshots_that_nobody_fetches_any_more_are_cleared_away(trio: Trio, tmp_path: Path) -> None:
    time_of_day = [0.0]
    make = here(trio.hub.engine, trio.hub.registry)
    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, make, now=lambda: time.time() + time_of_day[0])
    old = snapshots.manifest(Reach(ORG), FILE)
    time_of_day[0] = 8 * 24 * 3600.0
    snapshots.manifest(Reach(ORG, frozenset()), COLUMNS)
    assert not (snapshots.folder / old.name).exists()


def test_a_build_that_fails_is_told_to_who_waits_and_tried_again(trio: Trio, tmp_path: Path) -> None:
    fails = [True]
    make = here(trio.hub.engine, trio.hub.registry)

    def sometimes(reach: Reach, form: str, folder: Path) -> None:
        if fails.pop() if fails else False:
            raise Trouble("snapshot.failed", "The hub could not make a store for this terminal.")
        make(reach, form, folder)

    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, sometimes)
    with pytest.raises(Trouble):
        snapshots.manifest(Reach(ORG), FILE)
    assert snapshots.manifest(Reach(ORG), FILE).rows
    assert not list((tmp_path / "hub").glob("new-*"))


def test_a_line_that_breaks_and_breaks_but_brings_something_each_time_is_only_slow(line: Line, path: Path, trio: Trio) -> None:
    def happens(_number: int, content: bytes) -> Iterator[bytes]:
        yield content[:500]
        if len(content) > 500:
            raise Trouble("hub.away", "The line broke.")

    line.happens = happens
    fetch(line, path)
    assert max(start for _number, start in line.asked) > 500 * 5
    assert held(path, trio) == trio.hub.image()


def test_a_line_that_brings_without_end_is_given_up(line: Line, path: Path) -> None:
    told: list[int] = []

    def happens(_number: int, _content: bytes) -> Iterator[bytes]:
        while True:
            told.append(1)
            yield bytes(1 << 16)

    line.happens = happens
    with pytest.raises(Trouble) as trouble:
        fetch(line, path)
    assert trouble.value.problem.code == "snapshot.changed"
    assert len(told) < 50


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_fills_up_while_the_store_is_being_made_is_called_full(
    form: str, line: Line, path: Path, trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(line, path)
    terminal = opened(path, trio.wall.ms)
    for number in range(30):
        noted(terminal.app, trio, f"{number} " + "x" * 3000)
    terminal.close()
    _forget(line)
    with monkeypatch.context() as patched:
        patched.setitem(laying._HASTY, "max_page_count", 10)
        patched.setattr("sync.terminal.carrying.SETTINGS", {**SETTINGS, "max_page_count": 1})
        with pytest.raises(Trouble) as told:
            fetch(line, path, form)
    assert told.value.problem.code == "store.full"
    assert fetch(line, path, form).carried == 30


def noted(app: App, trio: Trio, text: str) -> None:
    assert app.run(AddNote(entity="part", id=named("part", "P-1"), text=text), trio.person("Ann")).done


@pytest.mark.parametrize("form", FORMS)
def test_work_done_after_a_try_that_was_cut_at_its_very_end_is_taken_along(
    form: str, line: Line, path: Path, trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(line, path)
    terminal = opened(path, trio.wall.ms)
    noted(terminal.app, trio, "before")
    terminal.close()
    _forget(line)

    def killed(*_all: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sync.terminal.snapshot._check_kept", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch(line, path, form)
    terminal = opened(path, trio.wall.ms)
    noted(terminal.app, trio, "afterwards")
    chain = _chain(terminal.app)
    terminal.close()
    assert fetch(line, path, form).carried == 2
    terminal = opened(path, trio.wall.ms)
    try:
        assert _chain(terminal.app) == chain
    finally:
        terminal.close()
