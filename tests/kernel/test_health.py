"""The doctor's checks: a sound store is called sound, and each thing that can go wrong is told with what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import health
from app.kernel.health import BAD, OK, WARN, Check
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.types import Quantity
from app.migrations import head
from app.stock.commands import AdjustStock, CountStock
from world import World


def spoil(world: World, statement: str) -> None:
    """Changes the store past the program."""
    with Session(world.app.dispatcher.engine) as session:
        session.execute(text(statement))
        session.commit()


def balances(world: World) -> Check:
    return world.app.writer.run(health.balances, world.app.dispatcher.engine, world.app.registry)


def test_a_sound_store_is_called_sound(world: World) -> None:
    world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(3)))
    world.done(AdjustStock(part=world.part, bin=world.bin, change=Quantity(-1), reason="Lost"))
    with world.session() as session:
        found = [
            health.integrity(world.app.read_engine),
            health.versions(world.app.read_engine, head()),
            health.clock(session, world.app.clock.now()),
            health.audit(session),
            health.links(session, world.app.registry),
            balances(world),
        ]
    assert {check.name: check.state for check in found} == dict.fromkeys(
        ("store", "versions", "clock", "audit", "links", "balances"), OK
    )


def test_looking_at_balances_leaves_them_as_they_are(world: World) -> None:
    before = world.on_hand()
    balances(world)
    assert world.on_hand() == before
    world.done(AdjustStock(part=world.part, bin=world.bin, change=Quantity(-1), reason="Lost"))
    assert world.on_hand() == before - Quantity(1)


def test_a_balance_that_drifted_is_found(world: World) -> None:
    spoil(world, "UPDATE balance SET on_hand = on_hand + 1000")
    check = balances(world)
    assert (check.state, check.sentence) == (BAD, "These balances do not equal their ledger: balance.")
    assert check.advice


def test_a_command_that_was_changed_past_the_program_is_found_by_its_number(world: World) -> None:
    spoil(world, "UPDATE envelope SET content = replace(content, 'Brake pads front', 'Brake pads back') WHERE number = 7")
    with world.session() as session:
        check = health.audit(session)
    assert (check.state, check.values["number"]) == (BAD, 7)


def test_a_command_that_was_taken_out_is_found(world: World) -> None:
    spoil(world, "DELETE FROM envelope WHERE number = 4")
    with world.session() as session:
        assert health.audit(session).values["number"] == 5


def test_a_link_that_leads_nowhere_is_told(world: World) -> None:
    world.save("barcode", part_id=world.part.hex, code="400100")
    spoil(world, "UPDATE barcode SET part_id = zeroblob(16)")
    with world.session() as session:
        check = health.links(session, world.app.registry)
    assert (check.state, check.sentence) == (WARN, "1 links lead nowhere: barcode.part_id (1).")


def test_a_damaged_store_is_told(tmp_path: Path, world: World) -> None:
    path = world.app.store.path  # type: ignore[attr-defined]
    world.app.read_engine.dispose()
    with path.open("r+b") as file:
        file.seek(4096 * 20 + 100)
        file.write(b"\0" * 64)
    check = health.caught("store", lambda: health.integrity(world.app.read_engine))
    assert check.state == BAD
    assert "damaged" in check.sentence


def test_tables_of_another_step_are_told(world: World) -> None:
    assert health.versions(world.app.read_engine, "9999").state == WARN


def test_a_clock_that_was_set_back_is_told(world: World) -> None:
    with world.session() as session:
        assert health.clock(session, datetime.now(UTC) - timedelta(days=1)).state == BAD
        assert health.clock(session, datetime.now(UTC) + timedelta(days=1)).state == OK


def test_how_the_key_is_kept_is_said_honestly(tmp_path: Path) -> None:
    keeper = KeyKeeper(KeyFile(lambda: b"machine"))
    from app.kernel.store import Store

    path = tmp_path / "s" / "store"
    Store.create(path, keeper.make(path)).close()
    assert health.key(keeper, path).state == WARN
    assert health.key(KeyKeeper(), path).state == BAD


def test_the_disk_s_speed_is_measured(tmp_path: Path) -> None:
    writing = health.writing(tmp_path)
    assert 0 < writing.values["p50_ms"] <= writing.values["p99_ms"]
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_looked_at_is_told_too() -> None:
    def gone() -> Check:
        raise Trouble("store.disk", "The disk reports a fault.", "Have it checked.")

    def broken() -> Check:
        raise OSError("no such device")

    assert health.caught("store", gone).as_json() == {
        "check": "store", "state": BAD, "message": "The disk reports a fault.", "hint": "Have it checked.", "values": {},
    }  # fmt: skip
    assert "no such device" in health.caught("disk", broken).sentence
