"""One exchange at a time: what the line, the hub and the terminal may do wrong, and what then holds."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from replay_chance import Cut, Unsteady, evening
from replay_world import LEFT, ORG, RIGHT, Machine, Trio, copy, memory, morning, named

from app.kernel import outbox
from app.kernel.ids import derived_id
from app.kernel.problems import Refused, Trouble
from app.kernel.records import HeldRow
from app.kernel.standard import AddNote, Note, SaveRecord
from app.kernel.types import Quantity, canonical
from app.kernel.work import Work
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.work_orders.commands import AssignOrder, CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from sync import protocol
from sync.hub.peer import HubPeer
from sync.protocol import Exchanged, Hello, Pull, Push, Sent, Welcome
from sync.terminal import rebase
from sync.terminal.exchange import Limits, greet


def note(trio: Trio, machine: Machine, text: str = "Rusty", part: str = "P-1") -> UUID:
    return machine.done(AddNote(entity="part", id=named("part", part), text=text), trio.person("Ann")).id


def states(machine: Machine) -> list[str]:
    return [row.state for row in machine.envelopes()]


# ------------------------------------------------------------------------------------------------------- the line fails


def test_an_answer_that_was_lost_is_given_again(trio: Trio) -> None:
    note(trio, trio.left)
    with pytest.raises(Cut):
        trio.exchange(trio.left, peer=Unsteady(trio.peer, "the answer is lost"))
    assert states(trio.left) == ["waiting"]
    assert len(trio.hub.all(Note)) == 1
    evening(trio)
    assert states(trio.left) == ["confirmed"]
    assert len(trio.hub.all(Note)) == 1


def test_work_goes_on_while_the_answer_is_on_its_way(trio: Trio) -> None:
    note(trio, trio.left, "first")
    busy = Unsteady(trio.peer, "", meanwhile=lambda: (note(trio, trio.left, "second"), None)[1])
    trio.exchange(trio.left, peer=busy)
    assert states(trio.left) == ["confirmed", "waiting"]
    assert sorted(row.text for row in trio.left.all(Note)) == ["first", "second"]
    evening(trio)


def test_a_hub_that_has_nothing_new_costs_no_write(trio: Trio) -> None:
    before = trio.left.image()
    outcome = trio.exchange(trio.left)
    assert (outcome.sent, outcome.rows, outcome.behind) == (0, 0, False)
    assert trio.left.image() == before


def test_an_answer_that_is_no_answer_is_told_as_trouble() -> None:
    with pytest.raises(Trouble, match="cannot be understood"):
        protocol.read(Welcome, {"now_ms": 1})
    with pytest.raises(Trouble, match="cannot be understood"):
        protocol.read(Exchanged, {"standing": "ok", "last_number": 1, "now_ms": 1, "horizon": 1, "verdicts": 7})


def test_a_newer_hub_may_say_more_than_we_know() -> None:
    welcome = protocol.read(Welcome, {"now_ms": 1, "last_number": 2, "horizon": 3, "weather": "rain"})
    assert welcome == Welcome(1, 2, 3)


# --------------------------------------------------------------------------------------------------- a refused request


def test_a_refused_request_is_taken_back_and_its_author_is_told(trio: Trio) -> None:
    part = named("part", "P-1")
    trio.right.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "New"]}), trio.person("Ben"))
    trio.exchange(trio.right)
    made = trio.left.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "Mine"]}), trio.person("Ann"))
    noted = trio.left.done(AddNote(entity="part", id=made.row("part"), text="On mine"), trio.person("Ann"))
    other = note(trio, trio.left)
    outcome = trio.exchange(trio.left)
    assert outcome.refused == (made.id,)
    assert trio.left.get(Part, made.row("part")) is None
    answer = trio.left.app.dispatcher.answered(made.id, ORG)
    assert answer is not None
    assert (answer.status, answer.problems[0].code) == ("refused", "record.taken")
    assert "N-1" in answer.problems[0].sentence
    evening(trio)
    verdicts = {row.id: row.state for row in trio.left.envelopes()}
    assert (verdicts[noted.id], verdicts[other]) == ("questioned", "confirmed")
    assert trio.left.get(Part, part) is not None


def test_what_the_hub_decided_otherwise_is_taken_back_in_the_exchange_itself_and_not_by_a_repair(trio: Trio) -> None:
    trio.quiesce()
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "New"]}), trio.program)
    made = trio.left.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "Mine"]}), trio.person("Ann"))
    outcome = trio.exchange(trio.left)
    assert (outcome.refused, outcome.mended) == ((made.id,), ())
    assert trio.left.get(Part, made.row("part")) is None


def test_what_stands_on_a_refused_request_is_done_again_without_it(trio: Trio) -> None:
    order = trio.left.all(WorkOrder)[0].id
    trio.hub.done(SaveRecord(entity="organisation", id=ORG, fields={"name": ["Moto Keller", "Keller"]}), trio.program)
    refused = trio.left.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "a"]}), trio.person("Ann"))
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "N-1"], "name": [None, "b"]}), trio.program)
    trio.left.done(AssignOrder(order=order, bay="7"), trio.person("Ann"))
    outcome = trio.exchange(trio.left)
    assert outcome.refused == (refused.id,)
    assert trio.left.get(WorkOrder, order).bay == "7"
    evening(trio)


# ------------------------------------------------------------------------------------------- two machines, one history


def test_what_a_copy_brings_under_a_new_name_is_not_done_twice(trio: Trio) -> None:
    ident = note(trio, trio.left)
    trio.exchange(trio.left)
    plain = json.loads(trio.left.envelopes()[0].content) | {"terminal_id": RIGHT.hex}
    answer = trio.peer.exchange(Push(RIGHT.hex, 1, "", (Sent(canonical(plain)),)), Pull(10**6))
    assert (answer.last_number, answer.verdicts[0].state) == (1, "applied")
    assert answer.verdicts[0].feed == trio.hub.envelopes(LEFT)[0].feed_seq
    assert len(trio.hub.all(Note)) == 1
    assert trio.hub.envelopes(LEFT)[0].id == ident


def test_something_else_under_a_known_id_is_parked_and_never_answered_as_done(trio: Trio) -> None:
    note(trio, trio.left)
    trio.exchange(trio.left)
    plain = json.loads(trio.left.envelopes()[0].content)
    plain |= {"terminal_id": RIGHT.hex, "body": {**plain["body"], "text": "Something else"}}
    (verdict,) = trio.peer.exchange(Push(RIGHT.hex, 1, "", (Sent(canonical(plain)),)), Pull(10**6)).verdicts
    assert (verdict.state, [problem["code"] for problem in verdict.problems]) == ("parked", ["command.id_taken"])
    assert trio.peer.release() == 0
    assert len(trio.hub.all(Note)) == 1
    assert trio.hub.broken_chain(RIGHT) is None


def test_a_hub_restored_from_a_backup_gets_again_what_it_lost(trio: Trio) -> None:
    note(trio, trio.left, "saved")
    trio.exchange(trio.left)
    backup = copy(trio.hub.engine, memory())
    for text in ("lost", "lost too"):
        note(trio, trio.left, text)
    trio.exchange(trio.left)
    trio.hub.stop()
    copy(backup, trio.hub.engine)
    trio.hub.start()
    note(trio, trio.left, "new")
    trio.exchange(trio.left)
    assert sorted(row.text for row in trio.hub.all(Note)) == ["lost", "lost too", "new", "saved"]
    evening(trio)


def test_a_terminal_the_hub_does_not_know_gets_nothing(trio: Trio) -> None:
    del trio.reach[LEFT]
    note(trio, trio.left)
    with pytest.raises(Refused, match="does not know"):
        trio.exchange(trio.left)
    assert states(trio.left) == ["waiting"]


# ------------------------------------------------------------------------------------------------- what breaks the hub


def test_a_bug_at_the_hub_parks_one_command_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    trio = morning()

    def broken(do: AddNote, work: Work) -> None:
        raise ZeroDivisionError

    handlers = trio.hub.registry.handlers
    real = handlers[AddNote]
    note(trio, trio.left)
    trio.left.done(CreateOrder(site=named("site", "M"), what="Fork"), trio.person("Ann"))
    monkeypatch.setitem(handlers, AddNote, broken)
    trio.quiesce()
    assert states(trio.left) == ["parked", "confirmed"]
    assert trio.mishaps.told
    monkeypatch.setitem(handlers, AddNote, real)
    trio.mishaps.told.clear()
    trio.peer.release()
    evening(trio)
    trio.stop()


def test_a_busy_database_parks_nothing(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(do: AddNote, work: Work) -> None:
        raise Trouble("store.full", "The disk is full.")

    real = trio.hub.registry.handlers[AddNote]
    note(trio, trio.left)
    monkeypatch.setitem(trio.hub.registry.handlers, AddNote, full)
    with pytest.raises(Trouble, match="disk is full"):
        trio.exchange(trio.left)
    assert trio.hub.envelopes(LEFT) == []
    monkeypatch.setitem(trio.hub.registry.handlers, AddNote, real)
    evening(trio)


@pytest.mark.parametrize("content", ["", "7", "{}", '{"id":"x"}', "not json"])
def test_text_that_is_no_envelope_is_kept_and_parked(trio: Trio, content: str) -> None:
    answer = trio.peer.exchange(Push(LEFT.hex, 1, "", (Sent(content),)), Pull(10**6))
    assert (answer.last_number, answer.verdicts[0].state) == (1, "parked")
    assert trio.hub.envelopes(LEFT)[0].content == content
    assert trio.hub.broken_chain(LEFT) is None


def test_an_envelope_of_somebody_else_is_not_run(trio: Trio) -> None:
    note(trio, trio.left)
    plain = json.loads(trio.left.envelopes()[0].content)
    for number, changed in enumerate(({"org_id": LEFT.hex}, {"terminal_id": RIGHT.hex}, {"number": 7}), start=1):
        content = canonical(plain | {"number": number, "id": derived_id(LEFT, "envelope", str(number)).hex} | changed)
        chain = trio.hub.envelopes(LEFT)[-1].chain if number > 1 else ""
        answer = trio.peer.exchange(Push(LEFT.hex, number, chain, (Sent(content),)), Pull(10**6))
        assert answer.verdicts[0].problems[0]["code"] == "access.out_of_scope"
    assert trio.hub.all(Note) == []


def test_a_bug_while_doing_again_does_not_stop_the_download(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    order = trio.left.all(WorkOrder)[0].id
    trio.left.done(AssignOrder(order=order, bay="7"), trio.person("Ann"))
    trio.hub.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Front brake", "Squeals"]}), trio.program)

    def broken(do: AssignOrder, work: Work) -> None:
        raise ZeroDivisionError

    real = trio.left.registry.handlers[AssignOrder]
    monkeypatch.setitem(trio.left.registry.handlers, AssignOrder, broken)
    trio.exchange(trio.left, Limits(commands=0))
    assert trio.left.get(WorkOrder, order).what == "Squeals"
    assert states(trio.left) == ["waiting"]
    assert trio.mishaps.told
    monkeypatch.setitem(trio.left.registry.handlers, AssignOrder, real)
    trio.mishaps.told.clear()
    evening(trio)
    assert trio.right.get(WorkOrder, order).bay == "7"


# --------------------------------------------------------------------------------------------------------- long queues


def many_edits(trio: Trio, count: int) -> UUID:
    order = trio.left.all(WorkOrder)[0].id
    for place in range(count):
        trio.left.done(AssignOrder(order=order, bay=str(place)), trio.person("Ann"))
    return order


def test_a_long_queue_on_one_row_is_not_done_again_for_a_page(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    order = many_edits(trio, 12)
    trio.hub.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Front brake", "Squeals"]}), trio.program)
    done: list[str] = []
    real = rebase.again
    monkeypatch.setattr(
        rebase, "again", lambda session, dispatcher, row: done.append(row.command) or real(session, dispatcher, row)
    )
    trio.exchange(trio.left, Limits(commands=0))
    assert done == []
    assert trio.left.get(WorkOrder, order).bay == "11"
    with trio.left.session() as session:
        assert [row.row_id for row in session.query(HeldRow)] == [order]
    evening(trio)
    assert done == []
    assert (trio.left.get(WorkOrder, order).what, trio.left.get(WorkOrder, order).bay) == ("Squeals", "11")


def test_a_short_queue_shows_the_hubs_rows_at_once_with_ones_own_work_on_top(trio: Trio) -> None:
    order = many_edits(trio, 3)
    trio.hub.done(SaveRecord(entity="work_order", id=order, fields={"what": ["Front brake", "Squeals"]}), trio.program)
    trio.exchange(trio.left, Limits(commands=0))
    there = trio.left.get(WorkOrder, order)
    assert (there.what, there.bay) == ("Squeals", "2")
    evening(trio)


def test_what_the_hub_did_alike_is_never_taken_back(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(5):
        trio.left.done(
            IssuePart(order=trio.left.all(WorkOrder)[0].id, part=named("part", "P-1"), bin=named("bin", "A"), reason="Yes"),
            trio.person("Ann"),
        )
    taken: list[Any] = []
    real = outbox.take_back
    monkeypatch.setattr(outbox, "take_back", lambda session, registry, seqs: taken.extend(seqs) or real(session, registry, seqs))
    evening(trio)
    assert taken == []


# -------------------------------------------------------------------------------------------------------------- numbers


def test_leased_numbers_are_given_by_one_terminal_only(trio: Trio) -> None:
    command = CreateOrder(site=named("site", "M"), what="Clutch")
    for terminal in trio.terminals:
        terminal.done(command, trio.person("Ann"))  # the series is in use now, from the terminal's own range
        greet(terminal.app, trio.peer)
        for _time in range(7):
            terminal.done(command, trio.person("Ann"))
    evening(trio)
    numbers = [order.number for order in trio.hub.all(WorkOrder)]
    assert len(set(numbers)) == len(numbers)
    leased = [number for number in numbers if int(number.rsplit("-", 1)[1]) < 5000]
    assert len(leased) >= 10


def test_a_lost_lease_is_a_gap_and_nothing_else(trio: Trio) -> None:
    trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann"))

    class Deaf(HubPeer):
        def hello(self, hello: Hello) -> Welcome:
            super().hello(hello)
            raise Cut

    with pytest.raises(Cut):
        greet(trio.left.app, Deaf(trio.hub.app, trio.reach.get))
    greet(trio.left.app, trio.peer)
    order = trio.left.done(CreateOrder(site=named("site", "M"), what="Fork"), trio.person("Ann")).row("work_order")
    evening(trio)
    assert int(trio.hub.get(WorkOrder, order).number.rsplit("-", 1)[1]) < 5000


def test_a_hub_says_hello_with_what_it_knows(trio: Trio) -> None:
    note(trio, trio.left)
    trio.exchange(trio.left)
    welcome = trio.peer.hello(Hello(LEFT.hex, 1, 0))
    assert welcome.last_number == 1
    assert welcome.now_ms == trio.wall.ms
    assert welcome.horizon == trio.hub.envelopes(LEFT)[0].feed_seq


def test_a_page_says_what_belongs_together(trio: Trio) -> None:
    answer = trio.peer.exchange(Push(LEFT.hex, 1, ""), Pull(0, rows=5, pages=100))
    uptos = [page.upto for page in answer.pages]
    assert uptos == sorted(set(uptos))
    assert uptos[-1] == answer.horizon
    idents = [line.id for page in answer.pages for line in page.lines]
    assert len(idents) == len(set(idents)) == sum(len(lines) for lines in trio.hub.image().values())
    assert max(sum(line.entity == "role" for line in page.lines) for page in answer.pages) >= 12  # made by one command


def test_quantities_stay_exact_over_the_wire(trio: Trio) -> None:
    part = trio.hub.done(
        SaveRecord(entity="part", fields={"code": [None, "OIL"], "name": [None, "Oil"], "unit": [None, "l"]}), trio.program
    ).row("part")
    order = trio.left.all(WorkOrder)[0].id
    trio.quiesce()
    trio.left.done(PlanPart(order=order, part=part, quantity=Quantity.parse("0.125")), trio.person("Ann"))
    evening(trio)
