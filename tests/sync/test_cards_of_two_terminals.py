"""Two terminals come back after days without network: what their people must decide is on cards, and nothing else is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from replay_world import LEFT, Machine, Trio, named

from app.kernel.outgoing import HERE, NEEDS_YOU, standings
from app.kernel.records import Discrepancy
from app.kernel.saving import SaveRecord
from app.kernel.settling import Settle, SettleOwn
from app.kernel.standard import AddNote, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.stock.model import Lot, StockLine
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder
from app.work_orders.model import WorkOrder

DAYS, EACH = 2, 300
HOUR = 3_600_000


def cards(machine: Machine, trio: Trio, name: str = "Ann", **given: Any) -> list[dict[str, Any]]:
    return machine.app.ask("attention", trio.person(name), **given).rows


def codes(machine: Machine, trio: Trio, **given: Any) -> list[str]:
    return sorted(card["code"] for card in cards(machine, trio, **given))


def jobs(trio: Trio) -> tuple[UUID, UUID]:
    """One that both will edit, and one that is quoted and agreed."""
    first, second = trio.hub.all(WorkOrder)
    trio.hub.done(AddService(order=second.id, what="Chain"), trio.program)
    for move in ("diagnose", "quote"):
        trio.hub.done(Transition(entity="work_order", id=second.id, move=move), trio.program)
    trio.hub.done(AgreeOrder(order=second.id, how="By phone"), trio.program)
    return first.id, second.id


def a_pump(trio: Trio) -> tuple[UUID, UUID]:
    """A part with a serial number, of which one is on the shelf; the part and its lot."""
    fields = {"code": [None, "PUMP"], "name": [None, "Fuel pump"], "tracking": [None, "serial"]}
    part = trio.hub.done(SaveRecord(entity="part", fields=fields), trio.program).row("part")
    trio.hub.done(ReceiveStock(part=part, bin=named("bin", "A"), quantity=Quantity(1), lot="SN-1"), trio.program)
    return part, next(lot.id for lot in trio.hub.all(Lot) if lot.part_id == part)


def work_on(trio: Trio, machine: Machine, name: str, job: UUID, count: int) -> None:
    """A day's notes and parts; the stock is shared, and more of it is taken than both know of."""
    who = trio.person(name)
    for number in range(count):
        trio.wall.ms += DAYS * 24 * HOUR // (2 * EACH)
        if number % 3:
            machine.done(AddNote(entity="work_order", id=job, text=f"{name} {number}"), who)
        else:
            part = named("part", f"P-{1 + number % 2}")
            machine.done(IssuePart(order=job, part=part, bin=named("bin", "A"), reason="It was on the shelf"), who)


def test_two_days_offline_leave_exactly_two_cards(trio: Trio) -> None:
    first, second = jobs(trio)
    pump, serial = a_pump(trio)
    trio.quiesce()
    ann, ben = trio.person("Ann"), trio.person("Ben")
    work_on(trio, trio.left, "Ann", first, EACH - 4)
    work_on(trio, trio.right, "Ben", first, EACH - 4)
    for machine, who, field in ((trio.left, ann, ["Front brake", "Front brake squeals"]), (trio.right, ben, None)):
        fields = {"what": field} if field else {"priority": ["normal", "high"]}
        machine.done(SaveRecord(entity="work_order", id=first, fields=fields), who)
        issued = IssuePart(order=first, part=pump, bin=named("bin", "A"), lot=serial, reason="It is this one")
        machine.done(issued, who)
        trio.wall.ms += HOUR
    trio.left.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), ann)
    trio.wall.ms += HOUR
    trio.right.done(Transition(entity="work_order", id=second, move="begin"), ben)
    trio.right.done(AddNote(entity="work_order", id=second, text="On the lift"), ben)
    trio.left.done(AddNote(entity="work_order", id=second, text="Keys are back"), ann)
    trio.quiesce()
    job = trio.hub.get(WorkOrder, first)
    assert (job.what, job.priority) == ("Front brake squeals", "high"), "different fields do not meet"
    for machine in trio.machines:
        assert codes(machine, trio) == ["state.illegal", "stock.serial_gone"]
        assert cards(machine, trio)[0]["urgency"] == 0
    claim = next(card for card in cards(trio.left, trio) if card["code"] == "stock.serial_gone")
    assert {claim["mine"]["value"], claim["theirs"]["value"]} == {job.number}
    assert {UUID(claim["mine"]["by"]), UUID(claim["theirs"]["by"])} == {ann.id, ben.id}
    assert len([line for line in trio.hub.all(StockLine) if line.lot == "SN-1" and line.kind == "issue"]) == 2, "both are booked"
    settle(trio)


def settle(trio: Trio) -> None:
    """Each card by one act, at whichever terminal; then nobody is asked any more."""
    for card in cards(trio.left, trio):
        choice = {"choice": "theirs"} if card["code"] == "state.illegal" else {"how": "Read both: the left one is SN-7"}
        trio.left.done(Settle(discrepancy=card["id"], **choice), trio.person("Ann"))
    trio.quiesce()
    assert [codes(machine, trio) for machine in trio.machines] == [[], [], []]
    assert trio.hub.image() == trio.left.image() == trio.right.image()


def test_whichever_terminal_comes_first_the_same_stands(trio: Trio) -> None:
    _first, second = jobs(trio)
    trio.quiesce()
    trio.left.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), trio.person("Ann"))
    trio.wall.ms += HOUR
    trio.right.done(Transition(entity="work_order", id=second, move="begin"), trio.person("Ben"))
    trio.exchange(trio.right)  # work begun later comes in first
    trio.quiesce()
    for machine in trio.machines:
        assert machine.get(WorkOrder, second).state == "CANCELLED"
        (card,) = cards(machine, trio)
        assert (card["mine"]["value"], card["theirs"]["value"]) == ("CANCELLED", "IN_PROGRESS")


def test_whoever_began_work_is_told_too_where_other_late_work_on_the_job_came_in_between(trio: Trio) -> None:
    """What comes in late gives the job an earlier time of change; the step made after it is found all the same."""
    _first, second = jobs(trio)
    trio.quiesce()
    ann = trio.person("Ann")
    trio.left.done(SaveRecord(entity="work_order", id=second, fields={"priority": ["normal", "high"]}), ann)
    trio.wall.ms += HOUR
    trio.left.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), ann)
    trio.wall.ms += HOUR
    trio.right.done(Transition(entity="work_order", id=second, move="begin"), trio.person("Ben"))
    trio.exchange(trio.right)
    trio.quiesce()
    for machine in trio.machines:
        assert machine.get(WorkOrder, second).state == "CANCELLED"
        assert [(card["mine"]["value"], card["theirs"]["value"]) for card in cards(machine, trio)] == [
            ("CANCELLED", "IN_PROGRESS")
        ]


def test_all_that_was_written_before_a_job_was_locked_is_written_however_much_of_it_comes_in_late(trio: Trio) -> None:
    _first, second = jobs(trio)
    trio.quiesce()
    before = trio.hub.get(WorkOrder, second).what
    for fields in ({"priority": ["normal", "high"]}, {"what": [before, "Chain and sprocket"]}):
        trio.left.done(SaveRecord(entity="work_order", id=second, fields=fields), trio.person("Ann"))
        trio.wall.ms += HOUR
    trio.right.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), trio.person("Ben"))
    trio.exchange(trio.right)
    trio.quiesce()
    for machine in trio.machines:
        job = machine.get(WorkOrder, second)
        assert (job.state, job.priority, job.what) == ("CANCELLED", "high", "Chain and sprocket")
    assert {row.state for row in trio.hub.envelopes(LEFT)} == {"applied"}


def test_work_begun_before_it_was_cancelled_asks_nobody_whoever_comes_first(trio: Trio) -> None:
    _first, second = jobs(trio)
    trio.quiesce()
    trio.right.done(Transition(entity="work_order", id=second, move="begin"), trio.person("Ben"))
    trio.wall.ms += HOUR
    trio.left.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), trio.person("Ann"))
    trio.exchange(trio.left)
    trio.quiesce()
    assert {machine.get(WorkOrder, second).state for machine in trio.machines} == {"CANCELLED"}
    assert [codes(machine, trio) for machine in trio.machines] == [[], [], []]


def test_the_loser_of_one_field_is_kept_on_every_terminal_and_comes_back_in_one_act(trio: Trio) -> None:
    first = trio.hub.all(WorkOrder)[0].id
    for machine, name, said in ((trio.left, "Ann", "Squeals"), (trio.right, "Ben", "Worn")):
        fields = {"what": ["Front brake", said]}
        machine.done(SaveRecord(entity="work_order", id=first, fields=fields), trio.person(name))
        trio.wall.ms += HOUR
    trio.quiesce()
    for machine in trio.machines:
        assert codes(machine, trio) == []
        (noted,) = cards(machine, trio, noted=True)
        assert {noted["mine"]["value"], noted["theirs"]["value"], noted["base"]} == {"Squeals", "Worn", "Front brake"}
    (noted,) = cards(trio.left, trio, noted=True)
    lost = "mine" if noted["mine"]["value"] == "Squeals" else "theirs"
    trio.left.done(SettleOwn(discrepancy=noted["id"], choice=lost), trio.person("Ann"))
    trio.quiesce()
    assert {machine.get(WorkOrder, first).what for machine in trio.machines} == {"Squeals"}


def test_a_request_that_the_hub_turns_down_is_its_author_s_card_wherever_they_sign_in(trio: Trio) -> None:
    order, eve = trio.left.all(WorkOrder)[0].id, named("person", "Eve")
    trio.left.done(AssignOrder(order=order, person=eve), trio.person("Ann"))
    trio.hub.done(SaveRecord(entity="person", id=eve, fields={"status": ["active", "inactive"]}), trio.program)
    trio.quiesce()
    for machine in trio.machines:
        assert codes(machine, trio) == ["work_orders.not_active"]
        assert cards(machine, trio, "Ben") == []
    (card,) = cards(trio.right, trio)
    assert (card["command"], card["mine"]["value"]) == ("AssignOrder", {"order": order.hex, "person": eve.hex})
    trio.right.done(SettleOwn(discrepancy=card["id"], choice="let_go"), trio.person("Ann"))
    trio.quiesce()
    assert {row.state for row in trio.hub.all(Discrepancy)} == {"settled"}


def test_a_record_is_saved_here_then_confirmed_and_says_when_it_needs_somebody(trio: Trio) -> None:
    _first, second = jobs(trio)
    trio.quiesce()

    def way(machine: Machine) -> str | None:
        with machine.session() as session:
            return standings(session, [second]).get(second)

    assert way(trio.left) is None
    trio.left.done(Transition(entity="work_order", id=second, move="cancel", reason="Sold"), trio.person("Ann"))
    assert way(trio.left) == HERE
    assert trio.left.app.station.id == LEFT
    trio.exchange(trio.left)
    trio.right.done(Transition(entity="work_order", id=second, move="begin"), trio.person("Ben"))
    trio.quiesce()
    assert [way(machine) for machine in trio.machines] == [NEEDS_YOU] * 3
