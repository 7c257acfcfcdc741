"""What the hub tells of Odoo reaches every terminal, and what people decide there reaches the hub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from replay_world import ORG, Machine, Trio, morning, named

from app.kernel.commands import Command
from app.kernel.records import Discrepancy
from app.kernel.types import Quantity, millis
from app.odoo.commands import LetGoOfOdoo, MatchInOdoo, SettleDifference, TryAgainInOdoo
from app.odoo.model import (
    OdooDifference,
    OdooLetter,
    OdooLink,
    OdooMatch,
    difference_id,
    letter_id,
    link_id,
    match_id,
)
from app.odoo.notes import NoteInOdoo
from app.stock.commands import CountStock
from app.work_orders.model import WorkOrder

MINUTE = 60_000


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    assert made.mishaps.told == []
    made.stop()


@pytest.fixture
def job(trio: Trio) -> UUID:
    order: UUID = trio.hub.all(WorkOrder)[0].id
    return order


def tell(trio: Trio, **lines: Any) -> None:
    """The bridge, at the hub; then everybody has heard of it."""
    trio.wall.ms += MINUTE
    trio.hub.done(NoteInOdoo(**lines), trio.program)
    alike(trio)


def act(trio: Trio, machine: Machine, name: str, command: Command) -> None:
    trio.wall.ms += MINUTE
    machine.done(command, trio.person(name))


def alike(trio: Trio) -> None:
    """All three know the same."""
    trio.quiesce()
    assert trio.hub.image() == trio.left.image() == trio.right.image()


def letter(job: UUID, **more: Any) -> dict[str, Any]:
    told = {"subject": "M-1", "verdict": "human", "code": "odoo.locked", "said": "The period of {day} is closed in Odoo."}
    return {"entity": "work_order", "row_id": job.hex, "detail": {"day": "2026-09-21"}, **told, **more}


def test_where_a_record_stands_and_what_is_stuck_reach_every_terminal(trio: Trio, job: UUID) -> None:
    tell(trio, letters=[letter(job)], links=[{"entity": "work_order", "row_id": job.hex, "name": "WH/RO/7", "state": "stuck"}])
    for terminal in trio.terminals:
        assert terminal.get(OdooLink, link_id(job)).name == "WH/RO/7"
        (row,) = terminal.app.ask("odoo_letters", trio.person("Ann"), open=True).rows
        assert row["said"] == "The period of 2026-09-21 is closed in Odoo."


def test_what_is_tried_again_at_a_terminal_is_the_bridge_s_to_try(trio: Trio, job: UUID) -> None:
    tell(trio, letters=[letter(job)])
    act(trio, trio.left, "Ann", TryAgainInOdoo(letter=letter_id(job)))
    alike(trio)
    assert trio.hub.get(OdooLetter, letter_id(job)).state == "again"
    tell(trio, letters=[{**letter(job), "state": "done"}])
    assert trio.right.get(OdooLetter, letter_id(job)).state == "done"


def test_tried_again_at_one_terminal_and_let_go_at_the_other_ends_the_same_for_all(trio: Trio, job: UUID) -> None:
    tell(trio, letters=[letter(job)])
    act(trio, trio.left, "Ann", TryAgainInOdoo(letter=letter_id(job)))
    act(trio, trio.right, "Ben", LetGoOfOdoo(letter=letter_id(job), reason="Booked by hand"))
    alike(trio)
    assert trio.hub.get(OdooLetter, letter_id(job)).state == "let_go"


def test_a_letter_that_was_done_meanwhile_is_not_tried_by_who_comes_late(trio: Trio, job: UUID) -> None:
    tell(trio, letters=[letter(job)])
    act(trio, trio.left, "Ann", TryAgainInOdoo(letter=letter_id(job)))
    trio.wall.ms += MINUTE
    trio.hub.done(NoteInOdoo(letters=[{**letter(job), "state": "done"}]), trio.program)
    alike(trio)
    assert trio.left.get(OdooLetter, letter_id(job)).state == "done"


def test_a_letter_older_than_a_day_is_a_card_at_every_terminal_until_somebody_decides(trio: Trio, job: UUID) -> None:
    since = millis(trio.hub.app.clock.now() - timedelta(days=3))
    tell(trio, letters=[letter(job, since=since)])
    (card,) = trio.left.all(Discrepancy)
    assert (card.code, card.state, card.row_id) == ("odoo.dead_letter", "open", letter_id(job))
    act(trio, trio.right, "Ben", TryAgainInOdoo(letter=letter_id(job)))
    alike(trio)
    assert [one.state for one in trio.left.all(Discrepancy)] == ["settled"]


def test_a_match_of_an_administrator_reaches_the_hub_and_stays(trio: Trio) -> None:
    match = match_id(ORG, "tax", "V19")
    things = [{"kind": "tax", "number": 3, "name": "19 % USt"}]
    tell(trio, things=things, matches=[{"kind": "tax", "ours": "V19", "ours_title": "19 %"}])
    act(trio, trio.right, "Ben", MatchInOdoo(match=match, theirs=3))
    alike(trio)
    tell(trio, matches=[{"kind": "tax", "ours": "V19", "ours_title": "19 %"}])
    assert (trio.left.get(OdooMatch, match).state, trio.hub.get(OdooMatch, match).theirs) == ("matched", 3)


def test_one_difference_that_two_settle_is_settled_once(trio: Trio) -> None:
    part, bin = named("part", "P-1"), named("bin", "A")
    ident = difference_id(part, bin)
    tell(trio, differences=[{"part_id": part.hex, "bin_id": bin.hex, "ours": 5000, "theirs": 3000}])
    act(trio, trio.left, "Ann", SettleDifference(difference=ident, how="theirs", reason="Two went by hand"))
    act(trio, trio.right, "Ben", SettleDifference(difference=ident, how="ours"))
    alike(trio)
    assert trio.hub.get(OdooDifference, ident).settled_how == "theirs"
    assert trio.hub.balances() == trio.left.balances() == trio.right.balances() == trio.hub.rebuilt()


def test_the_count_at_another_terminal_settles_what_was_to_be_counted(trio: Trio) -> None:
    part, bin = named("part", "P-1"), named("bin", "A")
    ident = difference_id(part, bin)
    tell(trio, differences=[{"part_id": part.hex, "bin_id": bin.hex, "ours": 5000, "theirs": 3000}])
    act(trio, trio.left, "Ann", SettleDifference(difference=ident, how="count"))
    alike(trio)
    act(trio, trio.right, "Ben", CountStock(part=part, bin=bin, counted=Quantity(4)))
    alike(trio)
    assert (trio.hub.get(OdooDifference, ident).state, trio.left.get(OdooDifference, ident).settled_how) == ("settled", "count")


def test_a_count_made_before_anybody_knew_that_one_was_wanted_settles_nothing(trio: Trio) -> None:
    part, bin = named("part", "P-1"), named("bin", "A")
    tell(trio, differences=[{"part_id": part.hex, "bin_id": bin.hex, "ours": 5000, "theirs": 3000}])
    act(trio, trio.right, "Ben", CountStock(part=part, bin=bin, counted=Quantity(4)))
    alike(trio)
    assert trio.hub.get(OdooDifference, difference_id(part, bin)).state == "open"
