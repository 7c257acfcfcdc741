"""The one door for writes: done once, done whole or not at all, and every try that was turned away leaves its trace."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.kernel.access import Actor, Grant
from app.kernel.capture import WorkSession
from app.kernel.commands import Authority, Command, Envelope, decode, encode
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.records import ChangeRow, DeniedRow, EnvelopeRow, TouchRow
from app.kernel.registry import Capability, Registry
from app.kernel.standard import AddNote, Note, Retire, SaveRecord
from app.kernel.types import Quantity
from app.kernel.work import Work
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.stock.commands import AdjustStock, ReceiveStock, StockMoved
from app.stock.model import StockLine
from world import World


def test_an_id_that_comes_again_is_answered_only_for_the_very_same_command(world: World) -> None:
    ident, kim = new_id(), world.person("Kim", "KEE")
    first = world.run(issue(world), id=ident)
    assert world.run(issue(world), id=ident).rows == first.rows
    for other, actor in ((issue(world, 2), None), (AddNote(entity="part", id=world.part, text="x"), None), (issue(world), kim)):
        answer = world.run(other, actor, id=ident)
        assert ([problem.code for problem in answer.problems], answer.rows) == (["command.id_taken"], ())
    assert world.on_hand() == Quantity(4)


def issue(world: World, quantity: int = 1, reason: str = "") -> IssuePart:
    return IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(quantity), reason=reason)


def count(world: World, table: type[Any]) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def envelope_of(world: World, ident: UUID) -> Envelope:
    with world.session() as session:
        return Envelope.from_json(json.loads(session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.id == ident)).one()))


# ------------------------------------------------------------------------------------------------------------ done once


def test_a_command_that_comes_twice_is_done_once(anywhere: World) -> None:
    world = anywhere.furnish()
    ident = new_id()
    first = world.run(issue(world), id=ident)
    again = world.run(issue(world), id=ident)
    assert (first.status, first.again, again.again) == ("done", False, True)
    assert again.rows == first.rows
    assert world.on_hand() == Quantity(4)


def test_a_request_waits_for_the_hub_however_often_it_is_asked_and_a_fact_does_not(world: World) -> None:
    world.app.dispatcher.moved_to(replace(world.app.station, enrolled=True))
    renamed = SaveRecord(entity="part", id=world.part, fields={"name": ["Brake pads front", "Pads"]})
    for command, status in ((renamed, "pending"), (issue(world), "done")):
        ident = new_id()
        assert [world.run(command, id=ident).status for _turn in range(2)] == [status] * 2


def test_a_refused_try_may_be_made_again_under_the_same_id(world: World) -> None:
    ident = new_id()
    assert world.run(issue(world, 9), id=ident).status == "refused"
    assert world.run(issue(world, 9, "They are here"), id=ident).status == "done"


def test_the_commands_of_a_terminal_are_numbered_without_gaps_even_after_refusals(world: World) -> None:
    world.run(issue(world, 9))
    world.done(issue(world))
    world.run(issue(world, 9))
    world.done(issue(world, 1, "One more"))
    with world.session() as session:
        numbers = list(session.scalars(select(EnvelopeRow.number).order_by(EnvelopeRow.seq)))
    assert numbers == list(range(1, len(numbers) + 1))


# --------------------------------------------------------------------------------------------- whole, or not at all


def test_a_refused_command_leaves_nothing_but_its_trace(anywhere: World) -> None:
    world = anywhere.furnish()
    tables = [StockLine, EnvelopeRow, ChangeRow, Note, *(() if world.app.station.hub else (TouchRow,))]
    before = [count(world, table) for table in tables]
    answer = world.run(issue(world, 9))
    assert answer.status == "refused"
    assert [count(world, table) for table in tables] == before
    assert count(world, DeniedRow) == 1


def test_a_reaction_that_refuses_undoes_its_cause(anywhere: World) -> None:
    world = anywhere.furnish()

    def never(_event: StockMoved, work: Work) -> None:
        work.add(Note(entity="part", row_id=world.part, text="Seen"))
        work.session.flush()
        raise Refused(Problem("test.never", "This never happens here."))

    world.app.registry.reactions[StockMoved] = [never]
    assert world.codes(issue(world)) == ["test.never"]
    assert world.on_hand() == Quantity(5)
    assert count(world, Note) == 0


def test_a_reaction_that_breaks_undoes_its_cause_and_the_next_command_goes_on(anywhere: World) -> None:
    world = anywhere.furnish()

    def broken(_event: StockMoved, _work: Work) -> None:
        raise ZeroDivisionError("a bug")

    world.app.registry.reactions[StockMoved] = [broken]
    with pytest.raises(ZeroDivisionError):
        world.run(issue(world))
    assert world.on_hand() == Quantity(5)
    world.app.registry.reactions.clear()
    world.done(issue(world))
    assert world.on_hand() == Quantity(4)
    with world.session() as session:
        numbers = list(session.scalars(select(EnvelopeRow.number).order_by(EnvelopeRow.seq)))
    assert numbers == list(range(1, len(numbers) + 1)), "the one that broke took no number"


def test_a_reaction_stands_in_the_same_envelope_as_its_cause(world: World) -> None:
    def note(event: StockMoved, work: Work) -> None:
        work.add(Note(entity="part", row_id=event.line.part_id, text="Moved"))

    world.app.registry.reactions[StockMoved] = [note]
    answer = world.done(issue(world))
    assert {name for name, _ident in answer.rows} == {"stock_line", "note"}


def test_effects_after_the_commit_are_for_the_first_run_and_for_what_was_done(world: World) -> None:
    rung: list[str] = []

    def ring(_event: StockMoved, work: Work) -> None:
        work.after(lambda: rung.append("ding"))

    world.app.registry.reactions[StockMoved] = [ring]
    world.run(issue(world, 9))
    assert rung == []
    answer = world.done(issue(world))
    assert rung == ["ding"]
    replay(world, envelope_of(world, answer.id))
    assert rung == ["ding"]


def test_screens_are_told_once_and_only_of_what_was_done(world: World) -> None:
    told: list[dict[str, Any]] = []
    stop = world.app.notices.listen(lambda notice: told.append(notice.rows))
    world.run(issue(world, 9))
    answer = world.done(issue(world))
    stop()
    world.done(issue(world, 1, "Another"))
    assert told == [{"stock_line": frozenset({answer.row("stock_line")})}]


# ------------------------------------------------------------------------------------------------------- who may do it


def test_a_try_without_the_grant_is_kept_with_who_what_and_why(world: World) -> None:
    viewer = world.person("Vi", "VIE")
    assert world.codes(issue(world), viewer) == ["access.denied"]
    with world.session() as session:
        kept = session.scalars(select(DeniedRow)).one()
    assert (kept.command, kept.actor_id, kept.org_id, kept.codes) == ("IssuePart", viewer.id, world.org, ["access.denied"])
    assert kept.body == encode(issue(world))


def test_a_colleague_signs_one_action_off_and_both_stand_in_the_envelope(world: World) -> None:
    viewer, keeper = world.person("Vi", "VIE"), world.person("Kim", "KEE")
    answer = world.run(issue(world), viewer, cosigner=keeper)
    assert answer.done
    envelope = envelope_of(world, answer.id)
    assert (envelope.actor_id, envelope.cosigner_id) == (viewer.id, keeper.id)
    assert world.codes(issue(world), viewer) == ["access.denied"], "the next one is not signed off"


def test_what_was_signed_off_is_still_so_when_it_is_done_again(world: World) -> None:
    keeper, supervisor = world.person("Kim", "KEE"), world.person("Sam", "SUP")
    answer = world.run(
        AdjustStock(part=world.part, bin=world.bin, change=Quantity(2), reason="Found"), keeper, cosigner=supervisor
    )
    assert answer.done
    again = replay(world, envelope_of(world, answer.id))
    assert (again.verdict, again.findings) == ("applied", [])


def test_nobody_acts_who_is_not_in_the_books(world: World) -> None:
    stranger = Actor(new_id(), world.org, "Stranger", frozenset({Grant("*")}))
    assert world.codes(issue(world), stranger) == ["access.denied"]


def test_somebody_of_another_organisation_reaches_none_of_our_rows(anywhere: World) -> None:
    ours = anywhere.furnish()
    theirs = World(anywhere.app).furnish()
    boss = theirs.person("Boss", "ADM")
    hub = anywhere.app.station.hub  # where nobody even learns that they are there
    hidden = ({"row.missing"}, {"record.missing"}) if hub else ({"access.out_of_scope"},)
    assert set(theirs.codes(issue(ours), boss)) in hidden
    for command in (
        SaveRecord(entity="part", id=ours.part, fields={"name": ["Brake pads front", "Mine"]}),
        Retire(entity="part", id=ours.part),
        AddNote(entity="work_order", id=ours.order, text="Hello"),
        replace(issue(theirs), bin=ours.bin),
        replace(issue(theirs), part=ours.part),
    ):
        assert set(theirs.codes(command, boss)) in hidden, command
    assert ours.get(Part, ours.part).name == "Brake pads front"
    claimed = replace(boss, org_id=ours.org)
    assert not theirs.run(issue(ours), claimed).done, "whoever says so is not believed"


def test_an_unknown_entity_is_an_answer_not_a_crash(world: World) -> None:
    assert world.codes(SaveRecord(entity="spaceship")) == ["unknown.name"]
    assert world.codes(Retire(entity="spaceship", id=new_id())) == ["unknown.name"]


# --------------------------------------------------------------------------------------------------------- the envelope


def test_an_envelope_is_the_same_after_its_journey(world: World) -> None:
    answer = world.done(issue(world, 2, "Größe „M“"))
    envelope = envelope_of(world, answer.id)
    assert Envelope.from_json(envelope.as_json()) == envelope
    assert decode(IssuePart, envelope.body) == issue(world, 2, "Größe „M“")
    assert envelope.authority is Authority.FACT
    assert envelope.granted == ("parts_issue.issue",)
    assert envelope.zone == "Europe/Berlin"


def replay(world: World, envelope: Envelope) -> Any:
    """Runs an envelope again on the same store, and takes back what it did."""

    def run() -> Any:
        with WorkSession(world.app.dispatcher.engine, expire_on_commit=False, info={"orgs": {world.org}}) as session:
            return world.app.dispatcher.replay(session, envelope)

    return world.app.writer.run(run)


def test_a_replay_where_the_hub_s_rows_are_there_already_changes_nothing(world: World) -> None:
    answer = world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2)))
    done = replay(world, envelope_of(world, answer.id))
    assert not done.capture.changes


def test_a_fact_that_a_rule_would_stop_becomes_a_question_not_a_loss(world: World) -> None:
    answer = world.done(issue(world))
    late = replace(envelope_of(world, answer.id), id=new_id(), body={**encode(issue(world)), "quantity": "50", "reason": ""})
    done = replay(world, late)
    assert done.verdict == "questioned"
    assert {"parts_issue.over", "stock.short"} >= {problem.code for problem in done.findings}
    assert {name for name, _ident in done.capture.changes} == {"stock_line", "discrepancy"}


def test_a_fact_whose_row_is_not_known_is_kept_as_a_question(world: World) -> None:
    answer = world.done(issue(world))
    lost = replace(envelope_of(world, answer.id), id=new_id(), body={**encode(issue(world)), "part": new_id().hex})
    done = replay(world, lost)
    assert done.verdict == "questioned"
    assert [problem.code for problem in done.findings] == ["row.missing"]
    assert {name for name, _ident in done.capture.changes} == {"discrepancy"}


def test_a_request_that_a_rule_stops_is_refused_when_it_is_done_again(world: World) -> None:
    answer = world.gone("part", world.parts[4])
    again = replace(envelope_of(world, answer.id), id=new_id(), body={"entity": "part", "id": new_id().hex})
    done = replay(world, again)
    assert (done.verdict, [problem.code for problem in done.findings]) == ("refused", ["row.missing"])
    assert not done.capture.changes


def test_whoever_lost_the_right_meanwhile_is_questioned(world: World) -> None:
    keeper = world.person("Kim", "KEE")
    answer = world.done(issue(world), keeper)
    world.done(Retire(entity="person", id=keeper.id))
    again = replay(world, replace(envelope_of(world, answer.id), id=new_id()))
    assert again.verdict == "questioned"
    assert "access.no_longer" in {problem.code for problem in again.findings}


def test_an_old_command_is_brought_up_to_this_version(world: World) -> None:
    answer = world.done(issue(world))
    old = replace(
        envelope_of(world, answer.id), version=0, body={"job": world.order.hex, "part": world.part.hex, "bin": world.bin.hex}
    )
    world.app.registry.upcasters["IssuePart", 0] = lambda body: {"order": body["job"], "part": body["part"], "bin": body["bin"]}
    assert world.app.dispatcher.opened(old) == issue(world)


@dataclass(frozen=True, kw_only=True)
class Ring(Command):
    """Rings the bell."""

    needs: ClassVar[str] = "kernel.read"


def test_two_capabilities_never_claim_one_name() -> None:
    one = Capability(name="one", handlers={Ring: lambda _do, _work: None})
    with pytest.raises(ValueError, match="declared twice"):
        Registry([one, one])
