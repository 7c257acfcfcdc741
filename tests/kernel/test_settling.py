"""What two people did differently is put before somebody with both sides, and settled by a choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from replays import ELSEWHERE, late

from app.kernel.access import Actor
from app.kernel.cards import AUTHOR, DECIDED, NOTED, Card, card_of
from app.kernel.clock import stamp_ms
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.kernel.records import Discrepancy
from app.kernel.saving import SaveRecord
from app.kernel.settling import Settle, SettleOwn
from app.kernel.standard import Transition
from app.kernel.upkeep import SetSetting
from app.parts.model import Part
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from world import World, open_app


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[World]:
    world = World(open_app(tmp_path / "hub" / "hub.fettle", station=Station(new_id(), zone="Europe/Berlin", hub=True)))
    yield world.furnish()
    world.close()


def edit(world: World, **fields: tuple[Any, Any]) -> SaveRecord:
    return SaveRecord(entity="part", id=world.part, fields={name: [old, new] for name, (old, new) in fields.items()})


def soon(world: World) -> int:
    return stamp_ms(world.app.clock.tick()) + 1


def parted(world: World) -> UUID:
    """A job that was cancelled here, and begun at another terminal."""
    order = world.done(CreateOrder(site=world.site, what="Horn")).row("work_order")
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
    late(world, Transition(entity="work_order", id=order, move="begin"), soon(world))
    return order


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


def cards(world: World, who: Any = None, **given: Any) -> list[dict[str, Any]]:
    return world.app.ask("attention", who or world.actor, **given).rows


# --------------------------------------------------------------------------------------------------------- who decides


def test_what_is_declared_decides_and_a_fact_that_stands_is_merely_noted() -> None:
    declared = Card("fact", "kernel.settle", ())
    finding = Problem("stock.short", "Short.")
    assert card_of({"stock.short": declared}, finding) is declared
    assert card_of({}, finding) is NOTED
    assert card_of({}, finding, whole=True) is DECIDED, "nothing of it was booked"


def test_each_of_two_values_keeps_who_when_and_where(world: World) -> None:
    made = stamp_ms(world.get(Part, world.part).stamp)
    world.done(edit(world, name=("Brake pads front", "Pads")))
    late(world, edit(world, name=("Brake pads front", "Old pads")), made + 1)
    (card,) = world.rows(Discrepancy)
    assert (card.kind, card.entity, card.row_id, card.field, card.base) == (
        "field", "part", world.part, "name", "Brake pads front",
    )  # fmt: skip
    assert (card.mine["value"], card.mine["at"], UUID(card.mine["terminal"])) == ("Old pads", made + 1, ELSEWHERE)
    assert (card.theirs["value"], UUID(card.theirs["by"])) == ("Pads", world.actor.id)
    assert UUID(card.theirs["terminal"]) == world.app.station.id


def test_the_value_that_lost_is_noted_and_needs_nobody(world: World) -> None:
    world.done(edit(world, name=("Brake pads front", "Pads")))
    world.done(edit(world, name=("Brake pads front", "Front pads")))
    assert cards(world) == []
    assert [card["field"] for card in cards(world, noted=True)] == ["name"]


# ------------------------------------------------------------------------------------------------------------ choosing


def test_the_value_that_lost_comes_back_in_one_act(world: World) -> None:
    world.done(edit(world, name=("Brake pads front", "Pads")))
    world.done(edit(world, name=("Brake pads front", "Front pads")))
    (card,) = world.rows(Discrepancy)
    world.done(Settle(discrepancy=card.id, choice="theirs"))
    assert world.get(Part, world.part).name == "Pads"
    settled = world.get(Discrepancy, card.id)
    assert (settled.state, settled.chosen, settled.settled_by) == ("settled", "theirs", world.actor.id)
    assert settled.settled_at is not None


def test_whoever_s_value_was_lost_may_put_it_back_and_no_third_person(world: World) -> None:
    sue, mia, max_ = world.person("Sue", "SUP"), world.person("Mia", "MEC"), world.person("Max", "MEC")
    order = SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", "Squeals"]})
    world.done(order, mia)
    world.done(SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", "Worn"]}), sue)
    (card,) = world.rows(Discrepancy)
    assert [one["id"] for one in cards(world, mia, noted=True)] == [card.id]
    assert cards(world, max_, noted=True) == []
    assert world.codes(SettleOwn(discrepancy=card.id, choice="theirs"), max_) == ["discrepancy.not_yours"]
    world.done(SettleOwn(discrepancy=card.id, choice="theirs"), mia)
    assert world.get(WorkOrder, world.order).what == "Squeals"


def test_a_job_that_went_two_ways_waits_for_whoever_settles(world: World) -> None:
    order = parted(world)
    assert state(world, order) == "CANCELLED"
    sue, mia = world.person("Sue", "SUP"), world.person("Mia", "MEC")
    assert cards(world, mia) == []
    (card,) = cards(world, sue)
    assert (card["code"], card["row"], card["mine"]["value"], card["theirs"]["value"]) == (
        "state.illegal", order, "IN_PROGRESS", "CANCELLED",
    )  # fmt: skip
    assert world.codes(SettleOwn(discrepancy=card["id"], choice="mine"), mia) == ["discrepancy.not_yours"]
    world.done(Settle(discrepancy=card["id"], choice="mine"), sue)
    assert (state(world, order), cards(world, sue)) == ("IN_PROGRESS", [])


def test_what_was_decided_is_not_turned_over_by_a_step_that_was_under_way(world: World) -> None:
    order = parted(world)
    before = soon(world)
    (card,) = cards(world)
    world.done(Settle(discrepancy=card["id"], choice="mine"))
    late(world, Transition(entity="work_order", id=order, move="cancel", reason="Sold"), before)
    assert state(world, order) == "IN_PROGRESS"
    assert [one["mine"]["value"] for one in cards(world)] == ["CANCELLED"], "it is asked about again"


def test_who_took_a_step_that_was_taken_again_since_asks_nobody(world: World) -> None:
    order = parted(world)
    before = soon(world)
    (card,) = cards(world)
    world.done(Settle(discrepancy=card["id"], choice="mine"))
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold after all"))
    late(world, Transition(entity="work_order", id=order, move="cancel", reason="Sold"), before)
    assert (state(world, order), cards(world)) == ("CANCELLED", [])


def test_who_took_the_step_that_was_decided_for_asks_nobody(world: World) -> None:
    order = parted(world)
    before = soon(world)
    (card,) = cards(world)
    world.done(Settle(discrepancy=card["id"], choice="mine"))
    late(world, Transition(entity="work_order", id=order, move="begin"), before)
    assert (state(world, order), cards(world)) == ("IN_PROGRESS", [])


def test_two_findings_on_one_thing_are_one_card_and_settled_together(world: World) -> None:
    order = parted(world)
    late(world, Transition(entity="work_order", id=order, move="finish"), soon(world))
    (card,) = cards(world)
    assert (card["alike"], world.app.count("attention", world.actor)) == (2, 1)
    world.done(Settle(discrepancy=card["id"], choice="theirs"))
    assert {row.state for row in world.rows(Discrepancy)} == {"settled"}


def test_who_settles_second_hears_how_it_was_settled(world: World) -> None:
    parted(world)
    (card,) = cards(world)
    world.done(Settle(discrepancy=card["id"], choice="theirs"))
    world.done(Settle(discrepancy=card["id"], choice="theirs"))
    answer = world.run(Settle(discrepancy=card["id"], choice="mine"))
    assert [problem.code for problem in answer.problems] == ["discrepancy.settled"]
    assert "“CANCELLED”" in answer.problems[0].sentence


def test_a_choice_that_there_is_not_is_refused_with_those_there_are(world: World) -> None:
    parted(world)
    (card,) = cards(world)
    answer = world.run(Settle(discrepancy=card["id"], choice="burn"))
    assert [problem.code for problem in answer.problems] == ["discrepancy.choice"]
    assert "theirs, mine, accept" in answer.problems[0].advice
    assert world.codes(Settle(discrepancy=card["id"])) == ["discrepancy.how"]


def test_whoever_settles_at_one_site_sees_that_site_s_cards(world: World) -> None:
    parted(world)
    (card,) = world.rows(Discrepancy)
    there = world.save("site", code="N", name="North", zone="Europe/Berlin")
    sue, nia = world.person("Sue", "SUP", place=world.site), world.person("Nia", "SUP", place=there)
    with world.app.writer.sessions() as session:
        row = session.get_one(Discrepancy, card.id)
        row.site_id = world.site
        world.app.writer.run(session.commit)
    assert [len(cards(world, who)) for who in (sue, nia)] == [1, 0]


# ------------------------------------------------------------------------------------------------------- whose word counts


def test_what_the_hub_masters_is_not_overwritten_by_an_edit_made_elsewhere(world: World) -> None:
    vic = world.person("Vic", "VIE")
    made = stamp_ms(world.app.clock.tick())
    world.done(SaveRecord(entity="person", id=vic.id, fields={"email": [None, "vic@here"]}))
    done = late(world, SaveRecord(entity="person", id=vic.id, fields={"email": [None, "vic@there"]}), made + 60_000)
    assert (done.verdict, [problem.code for problem in done.findings]) == ("refused", ["record.hub_wins"])


def test_what_odoo_keeps_is_changed_there(world: World) -> None:
    world.done(SetSetting(key="parts.master", value="odoo"))
    tom = world.person("Tom", "MGR")
    answer = world.run(edit(world, name=("Brake pads front", "Pads")), tom)
    assert [(problem.code, problem.field) for problem in answer.problems] == [("record.mastered", "name")]
    assert answer.problems[0].sentence == "Name is kept in Odoo: it cannot be changed here."
    world.done(edit(world, least=(None, "2")), tom)
    draft = SaveRecord(entity="part", fields={"code": [None, "NEW"], "name": [None, "A draft"]})
    assert world.done(draft, tom), "a new one can be drafted"
    world.done(edit(world, name=("Brake pads front", "Pads")))
    assert world.get(Part, world.part).name == "Pads", "and the program brings what Odoo says"


@pytest.mark.parametrize("choice", ["again", "let_go"])
def test_what_the_hub_turned_down_comes_back_to_its_author_with_what_was_tried(hub: World, choice: str) -> None:
    mia, sue = hub.person("Mia", "MEC"), hub.person("Sue", "SUP")
    part = SaveRecord(entity="work_order", id=hub.order, fields={"odometer": [None, -5]})
    done = late(hub, part, soon(hub), by=mia.id)
    assert done.verdict == "refused"
    assert cards(hub, sue) == [], "nobody else is asked"
    (card,) = cards(hub, mia)
    assert (card["kind"], card["decides"], card["row"]) == ("returned", AUTHOR, hub.order)
    assert card["mine"]["value"]["fields"] == {"odometer": [None, -5]}
    assert hub.codes(Settle(discrepancy=card["id"], choice=choice), sue) == ["discrepancy.not_yours"]
    hub.done(SettleOwn(discrepancy=card["id"], choice=choice), mia)
    assert cards(hub, mia) == []


# ------------------------------------------------------------------------------------------------------------ in one act


def lost(world: World, field: str, count: int, by: UUID | None = None) -> list[UUID]:
    """So many parts on which two people wrote the same field; the cards."""
    before = {row.id for row in world.rows(Discrepancy)}
    for number in range(count):
        part = world.save("part", code=f"{field}-{number}-{len(before)}", name=f"Nut {number}")
        world.done(SaveRecord(entity="part", id=part, fields={field: [None, "one"]}))
        other = SaveRecord(entity="part", id=part, fields={field: [None, "two"]})
        world.done(other, world.app.current(Actor(by, world.org, "")) if by else None)
    return [row.id for row in world.rows(Discrepancy) if row.id not in before]


def test_what_was_only_noted_is_gathered_by_what_it_is(world: World) -> None:
    lost(world, "category", 3)
    lost(world, "mpn", 2)
    found = {(row["field"], row["count"]) for row in world.app.ask("alike", world.actor).rows}
    assert found == {("category", 3), ("mpn", 2)}
    given = {"noted": True, "code": "record.conflict", "entity": "part"}
    assert len(cards(world, field="category", **given)) == 3
    assert len(cards(world, field="name", **given)) == 0


def test_one_act_leaves_all_that_is_alike_as_it_is(world: World) -> None:
    first, *others = lost(world, "category", 4)
    sue = world.person("Sue", "SUP")
    world.done(Settle(discrepancy=first, how="Fine", alike=tuple(others)), sue)
    rows = world.rows(Discrepancy)
    assert {(row.state, row.chosen, row.settled, row.settled_by) for row in rows} == {("settled", "accept", "Fine", sue.id)}
    assert world.codes(Settle(discrepancy=first, how="Fine", alike=tuple(others)), sue) == [], "settled is settled"


def test_nobody_settles_in_one_act_what_they_might_not_settle_alone(world: World) -> None:
    mia, tom = world.person("Mia", "MGR"), world.person("Tom", "MGR")
    (own,), (strange,) = lost(world, "category", 1, mia.id), lost(world, "mpn", 1, tom.id)
    mechanic = SettleOwn(discrepancy=own, how="Fine", alike=(strange,))
    viewer = world.person("Vera", "VIE")
    assert world.codes(mechanic, viewer) == ["discrepancy.not_yours"]
    assert {row.state for row in world.rows(Discrepancy)} == {"open"}


def test_only_leaving_it_so_is_done_to_many_at_once(world: World) -> None:
    first, other = lost(world, "category", 2)
    assert world.codes(Settle(discrepancy=first, choice="mine", alike=(other,))) == ["discrepancy.one_by_one"]
    many = tuple(new_id() for _number in range(501))
    assert world.codes(Settle(discrepancy=first, how="Fine", alike=many)) == ["discrepancy.one_by_one"]
    assert {row.state for row in world.rows(Discrepancy)} == {"open"}
