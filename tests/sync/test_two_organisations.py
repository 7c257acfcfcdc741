"""One hub, two organisations: what a terminal of one sends and asks for reaches nothing of the other, and stops nobody."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.kernel.commands import Authority, Envelope, encode
from app.kernel.ids import new_id
from app.kernel.outbox import chained
from app.kernel.standard import AddNote, Note
from app.parts.model import Part
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.protocol import Hello, Pull, Push, Sent, Wanted
from world import World

OURS, THEIRS = new_id(), new_id()


class Two:
    """Both workshops at one hub, each with a terminal of its own."""

    def __init__(self, hub: World) -> None:
        self.ours, self.theirs = hub.furnish(), World(hub.app).furnish()
        self.reach = {OURS: Reach(self.ours.org), THEIRS: Reach(self.theirs.org)}
        self.peer = HubPeer(hub.app, self.reach.get)
        self.people = {OURS: self.ours.person("Ann", "ADM"), THEIRS: self.theirs.person("Ben", "ADM")}

    def noted(self, terminal: UUID, part: UUID, number: int, ident: UUID | None = None) -> Sent:
        """A note as the terminal wrote it into its chain."""
        person, clock, command = self.people[terminal], self.ours.app.clock, AddNote(entity="part", id=part, text="Noted")
        envelope = Envelope(
            id=ident or new_id(),
            command="AddNote",
            version=command.version,
            body=encode(command),
            org_id=person.org_id,
            actor_id=person.id,
            terminal_id=terminal,
            stamp=clock.tick(),
            occurred_at=clock.now(),
            business_date=clock.now().date(),
            authority=Authority.FACT,
            number=number,
        )
        return Sent(envelope.text())


@pytest.fixture
def two(hub: World) -> Two:
    return Two(hub)


def test_a_terminal_is_given_the_rows_of_its_own_organisation_alone(two: Two) -> None:
    given = two.peer.exchange(Push(THEIRS.hex, 1, ""), Pull(0, rows=10_000, pages=50))
    lines = [line for page in given.pages for line in page.lines]
    assert {line.image["org_id"] for line in lines if line.image} == {two.theirs.org.hex}
    assert {UUID(line.id) for line in lines if line.entity == "part"} == {row.id for row in two.theirs.rows(Part)}


def test_what_a_terminal_says_of_another_s_part_is_a_question_not_a_note(two: Two) -> None:
    (verdict,) = two.peer.exchange(Push(THEIRS.hex, 1, "", (two.noted(THEIRS, two.ours.part, 1),)), Pull(10**6)).verdicts
    assert (verdict.state, [problem["code"] for problem in verdict.problems]) == ("questioned", ["row.missing"])
    assert (two.ours.rows(Note), two.theirs.rows(Note)) == ([], [])


def test_an_id_that_another_organisation_used_parks_that_one_and_stops_nobody(two: Two) -> None:
    known = new_id()
    two.peer.exchange(Push(OURS.hex, 1, "", (two.noted(OURS, two.ours.part, 1, known),)), Pull(10**6))
    taken, next_one = two.noted(THEIRS, two.theirs.part, 1, known), two.noted(THEIRS, two.theirs.part, 2)
    (first,) = two.peer.exchange(Push(THEIRS.hex, 1, "", (taken,)), Pull(10**6)).verdicts
    assert (first.state, [problem["code"] for problem in first.problems]) == ("parked", ["command.id_taken"])
    (second,) = two.peer.exchange(Push(THEIRS.hex, 2, chained("", taken.content), (next_one,)), Pull(10**6)).verdicts
    assert (second.number, second.state) == (2, "applied")
    assert (len(two.ours.rows(Note)), len(two.theirs.rows(Note))) == (1, 1)
    assert two.peer.release() == 0


def test_both_lease_the_same_numbers_each_for_themselves(two: Two) -> None:
    wanted = (Wanted("work_order:M", "2026-11-20", 10),)
    blocks = [two.peer.hello(Hello(one.hex, 0, 0, wanted)).blocks for one in (OURS, THEIRS)]
    assert blocks[0] == blocks[1]
