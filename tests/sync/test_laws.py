"""The laws of replay, one by one, in the shop floor's words."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from replay_chance import Day, evening
from replay_world import LEFT, ORG, Machine, Trio, morning, named, template
from sqlalchemy import URL, select

from app.capabilities import CAPABILITIES
from app.kernel import outbox
from app.kernel import postgres as server
from app.kernel.access import system
from app.kernel.capture import WorkSession
from app.kernel.clock import SLACK_MS, stamp_ms
from app.kernel.commands import Authority, Command, Envelope
from app.kernel.dispatch import Station
from app.kernel.ids import derived_id
from app.kernel.records import ChangeRow, Discrepancy, EnvelopeRow
from app.kernel.registry import Capability, Registry
from app.kernel.standard import AddNote, Retire, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity, canonical
from app.kernel.work import Work
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.places.model import Bin
from app.stock.model import StockLine
from app.work_orders.commands import AssignOrder, CreateOrder, PlanPart
from app.work_orders.model import PartLine, WorkOrder
from sync.hub.feed import Reach
from sync.protocol import Exchanged, Pull, Push
from sync.terminal import pull, rebase
from sync.terminal.exchange import Limits


def issue(trio: Trio, quantity: int = 1) -> IssuePart:
    order = trio.left.all(WorkOrder)[0]
    return IssuePart(
        order=order.id, part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(quantity), reason="They are here"
    )


def cancel(machine: Machine, trio: Trio) -> None:
    order = trio.left.all(WorkOrder)[0]
    machine.done(Transition(entity="work_order", id=order.id, move="cancel", reason="Sold"), trio.program)


def found(machine: Machine) -> list[str]:
    return sorted(row.code for row in machine.all(Discrepancy))


def changes(machine: Machine, terminal: UUID) -> list[str]:
    """What the commands of a terminal did on a machine, as canonical text."""
    wanted = (
        select(ChangeRow).join(EnvelopeRow, EnvelopeRow.id == ChangeRow.envelope_id).where(EnvelopeRow.terminal_id == terminal)
    )
    with machine.session() as session:
        rows = session.scalars(wanted.order_by(EnvelopeRow.number, ChangeRow.entity, ChangeRow.row_id))
        return [canonical([row.envelope_id.hex, row.entity, row.row_id.hex, row.before, row.after]) for row in rows]


def lonely_day(trio: Trio, seed: int) -> None:
    """A terminal works all day, and nobody exchanges."""
    day = Day(trio, seed)
    for _step in range(25):
        trio.wall.ms += 60_000
        day._act(trio.left, "Ann")


# ---------------------------------------------------------------------------------------------------- 1 determinism


@pytest.mark.parametrize("seed", range(5))
def test_the_same_envelopes_give_the_same_rows_on_every_hub(seed: int) -> None:
    seen = []
    for _again in range(2):
        trio = morning()
        lonely_day(trio, seed)
        trio.exchange(trio.left)
        seen.append((trio.hub.image(), changes(trio.hub, LEFT), trio.hub.balances()))
        trio.stop()
    assert seen[0] == seen[1]


def test_postgresql_and_sqlite_give_the_same_rows(postgres: URL) -> None:
    engine = server.engine(postgres)
    seen = []
    for source in (None, template(engine)):
        trio = morning(engine if source else None, source)
        lonely_day(trio, 1)
        trio.exchange(trio.left)
        seen.append((trio.hub.image(), changes(trio.hub, LEFT), trio.hub.balances()))
        trio.stop()
    engine.dispose()
    assert seen[0] == seen[1]


@pytest.mark.parametrize("seed", range(5))
def test_taking_back_leaves_no_crumbs_and_doing_again_gives_the_same(seed: int) -> None:
    trio = morning()
    before = trio.left.image(), trio.left.balances(), trio.left.searched()
    lonely_day(trio, seed)
    after = trio.left.image(), trio.left.balances(), trio.left.searched()
    dispatcher = trio.left.app.dispatcher
    with WorkSession(trio.left.engine, expire_on_commit=False) as session:
        waiting = [row.seq for row in outbox.waiting(session)]
        back = outbox.take_back(session, trio.left.registry, waiting)
        session.commit()
        assert (trio.left.image(), trio.left.balances(), trio.left.searched()) == before
        session.expunge_all()
        for row in back:
            rebase.again(session, dispatcher, row)
        session.commit()
    assert (trio.left.image(), trio.left.balances(), trio.left.searched()) == after
    trio.stop()


def test_what_the_first_run_drew_is_not_drawn_again(trio: Trio) -> None:
    """A price that the office has changed meanwhile does not change the job that was planned before."""
    order = trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann")).row("work_order")
    planned = trio.left.done(PlanPart(order=order, part=named("part", "P-2")), trio.person("Ann")).row("part_line")
    fields = {"price": [900, 1500]}
    trio.hub.done(SaveRecord(entity="part", id=named("part", "P-2"), fields=fields), trio.program)
    trio.quiesce()
    assert trio.hub.get(PartLine, planned).price.minor == 900
    assert trio.right.get(Part, named("part", "P-2")).price.minor == 1500


# -------------------------------------------------------------------------------------------------- 2 first run only


@dataclass(frozen=True, kw_only=True)
class Ring(Command):
    """Rings a bell, once."""

    needs = "kernel.ring"
    authority = Authority.FACT
    part: UUID


RUNG: list[UUID] = []


def ring(do: Ring, work: Work) -> None:
    part = work.get(Part, do.part)
    part.category = "rung"
    work.after(lambda: RUNG.append(part.id))


def test_the_bell_rings_where_it_was_rung_and_never_again() -> None:
    RUNG.clear()
    trio = morning(registry=Registry((*CAPABILITIES, Capability(name="bell", handlers={Ring: ring}))))
    part = named("part", "P-1")
    trio.left.done(Ring(part=part), trio.person("Ann"))
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-1", "Brake pads"]}), trio.program)
    trio.exchange(trio.left, Limits(commands=0))  # its row comes down beneath the bell, which is done again
    evening(trio)
    assert trio.hub.get(Part, part).category == "rung"
    assert [part] == RUNG
    trio.stop()


# ------------------------------------------------------------------------------------------------------- 3 uniqueness


def test_two_parts_with_one_code_stop_nobody(trio: Trio) -> None:
    command = SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "New"]})
    trio.left.done(command, trio.person("Ann"))
    second = trio.right.done(command, trio.person("Ben"))
    trio.exchange(trio.left)
    outcome = trio.exchange(trio.right)
    assert outcome.refused == (second.id,)
    assert trio.right.app.dispatcher.answered(second.id, ORG).problems[0].code == "record.taken"
    evening(trio)
    assert [part.code for part in trio.right.all(Part)].count("N-1") == 1


def test_two_jobs_with_one_number_are_both_kept_and_someone_is_asked(trio: Trio) -> None:
    trio.right.app.dispatcher.moved_to(replace(trio.right.station, index=1))  # somebody gave two terminals one place
    for terminal in trio.terminals:
        terminal.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann"))
    evening(trio)
    numbers = [order.number for order in trio.left.all(WorkOrder)]
    assert len(numbers) == 4
    assert len(set(numbers)) == 3
    assert found(trio.left) == found(trio.hub) == ["record.taken"]
    assert [row.state for row in trio.right.envelopes()] == ["questioned"]


# ---------------------------------------------------------------------------------------------------------- 4 orphans


def test_a_child_may_come_before_its_parent(trio: Trio) -> None:
    order = trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann")).row("work_order")
    planned = trio.left.done(PlanPart(order=order, part=named("part", "P-1")), trio.person("Ann")).row("part_line")
    trio.exchange(trio.left)
    trio.hub.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Clutch", "Clutch slips"]}), trio.program)
    trio.exchange(trio.right, Limits(rows=1, pages=1))
    assert trio.right.get(PartLine, planned).order_id == order
    assert trio.right.get(WorkOrder, order) is None
    early = trio.right.run(AddNote(entity="work_order", id=order, text="Wait"), trio.person("Ben"))
    assert [problem.code for problem in early.problems] == ["row.missing"]
    evening(trio)
    assert trio.right.get(WorkOrder, order).what == "Clutch slips"


# -------------------------------------------------------------------------------------------------------- 5 authority


def test_parts_that_went_to_a_job_cancelled_meanwhile_are_booked_and_looked_at(trio: Trio) -> None:
    cancel(trio.hub, trio)
    line = trio.left.done(issue(trio), trio.person("Ann")).row("stock_line")
    evening(trio)
    assert trio.hub.get(StockLine, line).quantity == Quantity(-1)
    assert found(trio.right) == ["parts_issue.closed"]
    assert [row.state for row in trio.left.envelopes()] == ["questioned"]


def test_what_someone_since_revoked_booked_is_kept_and_looked_at(trio: Trio) -> None:
    trio.hub.done(Retire(entity="appointment", id=named("appointment", "Ann")), trio.program)
    line = trio.left.done(issue(trio), trio.person("Ann")).row("stock_line")
    asked = trio.left.done(AssignOrder(order=trio.left.all(WorkOrder)[0].id, bay="2"), trio.person("Ann"))
    outcome = trio.exchange(trio.left)
    evening(trio)
    assert trio.hub.get(StockLine, line).quantity == Quantity(-1)
    assert "access.no_longer" in found(trio.right)
    assert outcome.refused == (asked.id,)
    assert trio.left.all(WorkOrder)[0].bay is None
    assert trio.left.run(issue(trio), trio.person("Ann")).status == "refused"


def test_whether_it_was_a_fact_is_decided_once(trio: Trio) -> None:
    trio.left.done(issue(trio), trio.person("Ann"))
    cancel(trio.hub, trio)
    envelope = Envelope.from_json({**_content(trio.left), "authority": "request"})
    with WorkSession(trio.hub.engine) as session:
        done = trio.hub.app.dispatcher.replay(session, envelope)
    assert done.verdict == "refused"
    assert done.findings[0].code == "parts_issue.closed"


def _content(machine: Machine) -> dict[str, Any]:
    return dict(json.loads(machine.envelopes()[-1].content))


def test_the_hub_does_not_believe_a_terminal_that_says_it_is_the_program(trio: Trio) -> None:
    trio.left.done(SaveRecord(entity="part", id=named("part", "P-1"), fields={"name": ["Part P-1", "Mine"]}), trio.program)
    trio.quiesce()
    assert trio.left.envelopes()[-1].state == "refused"
    assert trio.left.get(Part, named("part", "P-1")).name == "Part P-1"


def test_an_empty_hub_takes_over_what_a_terminal_set_up(trio: Trio) -> None:
    trio.reach[LEFT] = Reach(ORG, adopting=True)
    trio.left.done(SaveRecord(entity="part", id=named("part", "P-1"), fields={"name": ["Part P-1", "Mine"]}), trio.program)
    evening(trio)
    assert trio.right.get(Part, named("part", "P-1")).name == "Mine"


# ------------------------------------------------------------------------------------------------------- 6 SaveMany


def test_two_thousand_rows_are_one_command(trio: Trio) -> None:
    rows = [{"code": f"M-{count:04d}", "name": f"Part {count}"} for count in range(2000)]
    trio.left.done(SaveMany(entity="part", rows=rows), trio.person("Ann"))
    assert len(trio.left.waiting()) == 1
    evening(trio)
    assert len(trio.right.all(Part)) == 2003
    verdicts = trio.left.envelopes()
    assert [row.state for row in verdicts] == ["confirmed"]


def test_a_large_page_that_breaks_off_comes_again(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"code": f"M-{count:04d}", "name": f"Part {count}"} for count in range(2000)]
    trio.hub.done(SaveMany(entity="part", rows=rows), trio.program)
    real, laid = pull.lay, list[tuple[int, int | None]]()

    def lay(dispatcher: Any, part: pull.Part, most_again: int) -> None:
        laid.append((len(part.lines), part.upto))
        if len(laid) == 3:
            raise ConnectionError
        real(dispatcher, part, most_again)

    monkeypatch.setattr(pull, "lay", lay)
    with pytest.raises(ConnectionError):
        trio.exchange(trio.right)
    assert [upto for _rows, upto in laid] == [None, None, None]
    assert len(trio.right.all(Part)) == 3 + sum(rows for rows, _upto in laid[:2])
    evening(trio)


# ---------------------------------------------------------------------------------------------------------- 7 chain


def test_taking_back_breaks_no_chain_and_a_changed_envelope_is_found(trio: Trio) -> None:
    for count in range(3):
        fields = {"what": [trio.left.all(WorkOrder)[0].what, f"Noise {count}"]}
        trio.left.done(SaveRecord(entity="work_order", id=trio.left.all(WorkOrder)[0].id, fields=fields), trio.person("Ann"))
    before = [row.chain for row in trio.left.envelopes()]
    cancel(trio.hub, trio)
    trio.exchange(trio.left, Limits(commands=0))
    assert [row.chain for row in trio.left.envelopes()] == before
    evening(trio)
    assert [row.chain for row in trio.hub.envelopes(LEFT)] == before
    with trio.hub.session() as session:
        session.scalars(select(EnvelopeRow).where(EnvelopeRow.terminal_id == LEFT, EnvelopeRow.number == 2)).one().content += " "
        session.commit()
    assert trio.hub.broken_chain(LEFT) == 2


# --------------------------------------------------------------------------------------------------------- 8 stamps


def test_a_terminal_whose_clock_is_wrong_pulls_nobody_along() -> None:
    trio = morning(skews=(10 * 365 * 86_400_000, 0))
    trio.left.done(issue(trio), trio.person("Ann"))
    trio.exchange(trio.left)
    trio.exchange(trio.right)
    for _twice in range(2):
        for machine in (trio.hub, trio.right):
            assert stamp_ms(machine.app.clock.tick()) <= trio.wall.ms + SLACK_MS
            machine.restart()
    assert trio.left.app.clock.now_ms() == trio.wall.ms  # the hub has told it the time
    evening(trio)
    trio.stop()


def test_a_stamp_a_little_ahead_is_followed(trio: Trio) -> None:
    trio.left.app.clock.correct(60_000)
    trio.left.done(issue(trio), trio.person("Ann"))
    trio.exchange(trio.left)
    assert trio.hub.app.clock.last == trio.left.envelopes()[-1].stamp


def test_after_a_clock_was_set_back_work_goes_out_in_the_order_it_was_done(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    for set_to in (0, -3_600_000):
        trio.left.app.clock.correct(set_to)
        trio.left.done(issue(trio), trio.person("Ann"))
    peer, sent = trio.peer, list[tuple[int, int]]()
    real = peer.exchange

    def exchange(push: Push, pull: Pull) -> Exchanged:
        sent.append((push.first_number, len(push.envelopes)))
        return real(push, pull)

    monkeypatch.setattr(peer, "exchange", exchange)
    trio.exchange(trio.left, peer=peer)
    assert sent[0] == (1, 2)
    assert [row.state for row in trio.left.envelopes()] == ["confirmed"] * 2


# ---------------------------------------------------------------------------------------------------------- 9 zones


def test_what_is_done_after_the_hubs_rows_were_seen_is_later_than_they_are(trio: Trio) -> None:
    part = named("part", "P-1")
    trio.quiesce()
    trio.wall.ms += 900  # so little is no wrong clock: it is left alone
    name = trio.hub.get(Part, part).name
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"name": [name, "Pads"]}), trio.program)
    trio.wall.ms -= 900
    trio.exchange(trio.left)
    seen = trio.left.get(Part, part).stamp
    trio.left.done(SaveRecord(entity="part", id=part, fields={"name": ["Pads", "Brake pads"]}), trio.person("Ann"))
    assert trio.left.get(Part, part).stamp > seen
    evening(trio)
    assert trio.right.get(Part, part).name == "Brake pads"


def test_the_business_date_is_the_one_of_the_site_where_it_happened(trio: Trio) -> None:
    trio.left.app.dispatcher.moved_to(Station(LEFT, "Pacific/Auckland", index=1, enrolled=True))
    trio.wall.ms += 5 * 3_600_000  # the evening in Berlin, the next morning in Auckland
    order = trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann")).row("work_order")
    evening(trio)
    today = Envelope.from_json(_content(trio.left)).business_date
    assert today == date(2026, 9, 22)
    assert trio.hub.get(WorkOrder, order).number.split("-")[1] == "20260922"
    at_hub = trio.hub.done(CreateOrder(site=named("site", "M"), what="Fork"), trio.program).row("work_order")
    assert trio.hub.get(WorkOrder, at_hub).number.split("-")[1] == "20260921"


# ---------------------------------------------------------------------------------------------------------- 10 scope


def second_site(trio: Trio) -> UUID:
    """Another site with a warehouse, a bin and a job, none of which belongs on the left terminal."""

    def save(entity: str, **fields: Any) -> UUID:
        pairs = {name: [None, value] for name, value in fields.items()}
        return trio.hub.done(SaveRecord(entity=entity, fields=pairs), trio.program).row(entity)

    site = save("site", code="N", name="North", zone="Europe/Berlin")
    warehouse = save("warehouse", site_id=site.hex, code="V", name="North store")
    north = save("bin", warehouse_id=warehouse.hex, code="A")
    trio.hub.done(CreateOrder(site=site, what="Elsewhere"), trio.program)
    return north


def at_site_m(trio: Trio) -> Reach:
    reach = Reach(ORG, frozenset({named("site", "M")}), frozenset({named("warehouse", "W")}))
    trio.reach[LEFT] = reach
    return reach


def test_a_terminal_holds_what_is_in_its_scope_and_nothing_else(trio: Trio) -> None:
    reach = at_site_m(trio)
    north = second_site(trio)
    trio.quiesce()
    assert trio.left.image() == trio.hub.image(reach)
    assert trio.left.get(Bin, north) is None
    assert trio.right.image() == trio.hub.image()
    assert any(order.what == "Elsewhere" for order in trio.right.all(WorkOrder))
    assert not any(order.what == "Elsewhere" for order in trio.left.all(WorkOrder))


def test_a_row_that_leaves_the_scope_leaves_the_terminal_and_comes_back_with_it(trio: Trio) -> None:
    reach = at_site_m(trio)
    second_site(trio)
    trio.quiesce()
    bin, here = named("bin", "B"), named("warehouse", "W").hex
    there = next(row for row in trio.hub.all(Bin) if row.warehouse_id != named("warehouse", "W")).warehouse_id.hex
    trio.hub.done(SaveRecord(entity="bin", id=bin, fields={"warehouse_id": [here, there]}), trio.program)
    trio.quiesce()
    assert trio.left.get(Bin, bin) is None
    assert bin not in trio.left.searched()
    trio.hub.done(SaveRecord(entity="bin", id=bin, fields={"warehouse_id": [there, here]}), trio.program)
    trio.quiesce()
    assert trio.left.image() == trio.hub.image(reach)
    assert trio.left.get(Bin, bin) is not None


@pytest.mark.parametrize("seed", range(8))
def test_every_command_runs_on_a_store_that_holds_one_scope(seed: int) -> None:
    trio = morning()
    reach = at_site_m(trio)
    second_site(trio)
    Day(trio, seed).go(30)
    trio.quiesce()
    assert not trio.mishaps.told
    assert trio.left.image(reach) == trio.hub.image(reach)
    assert trio.right.image() == trio.hub.image()
    trio.stop()


def test_nothing_of_another_organisation_reaches_a_terminal(trio: Trio) -> None:
    other = derived_id(ORG, "organisation", "other")
    trio.hub.done(SaveRecord(entity="organisation", id=other, fields={"name": [None, "Next door"]}), system(other))
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "X-1"], "name": [None, "Secret"]}), system(other))
    trio.quiesce()
    assert not any("Secret" in text for lines in trio.left.image().values() for text in lines)


def travelling(trio: Trio) -> list[str]:
    """Every row that the left terminal is given from the start, as it is on the way."""
    answer = trio.peer.exchange(Push(trio.left.station.id.hex, 1, "", ()), Pull(0, 500, 40))
    return [str(line.image) for page in answer.pages for line in page.lines]


def test_rows_of_another_organisation_do_not_even_travel(trio: Trio) -> None:
    other = derived_id(ORG, "organisation", "other")
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "X-1"], "name": [None, "Secret"]}), system(other))
    assert any("P-1" in line for line in travelling(trio))
    assert not any("Secret" in line for line in travelling(trio))


def test_rows_of_places_that_are_not_a_terminals_do_not_even_travel(trio: Trio) -> None:
    second_site(trio)
    assert any("Elsewhere" in line for line in travelling(trio))
    at_site_m(trio)
    assert not any("Elsewhere" in line for line in travelling(trio))
