"""When a terminal exchanges with its hub, what it makes of what goes wrong, and what people see of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from replay_world import LEFT, START, Trio, named

from app.kernel import meta
from app.kernel.link import LinkState
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.standard import AddNote, Note
from sync import signing
from sync.network import Interrupted
from sync.protocol import Compare, Compared, Exchanged, Given, Hello, Peer, Pull, Push, Reborn, Renewed, Rows, Verdict, Welcome
from sync.terminal import memory, pace
from sync.terminal.engine import DOUBTS, Engine
from sync.terminal.exchange import Outcome
from sync.terminal.pace import INTERVAL, SETTLE, Load, Pace
from sync.terminal.ports import ROOM, Chances
from world import World


class Moment:
    """Time that only a test moves, and chance that is what a test says."""

    def __init__(self) -> None:
        self.seconds, self.luck = 1000.0, 0.5

    def now(self) -> float:
        return self.seconds

    def chance(self) -> float:
        return self.luck


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def timing(moment: Moment) -> Pace:
    return Pace(moment.now, moment.chance, moment.seconds)


def wait(timing: Pace, moment: Moment) -> float:
    return timing.due - moment.seconds


# ------------------------------------------------------------------------------------------------------------------ when


def test_a_burst_of_scans_travels_together(timing: Pace, moment: Moment) -> None:
    timing.done(more=False)
    assert wait(timing, moment) == pytest.approx(INTERVAL)
    timing.committed()
    moment.seconds += 0.1
    timing.committed()
    assert wait(timing, moment) == pytest.approx(SETTLE - 0.1)


def test_a_backlog_goes_on_without_a_pause(timing: Pace, moment: Moment) -> None:
    timing.done(more=True)
    assert wait(timing, moment) == 0


def test_terminals_that_started_together_do_not_stay_together(timing: Pace, moment: Moment) -> None:
    waits = []
    for moment.luck in (0.0, 0.25, 0.75, 0.999):
        timing.done(more=False)
        waits.append(wait(timing, moment))
    assert waits == sorted(waits)
    assert waits[-1] - waits[0] > 5


def test_a_hub_that_nudges_all_the_time_is_asked_once_a_second(timing: Pace, moment: Moment) -> None:
    timing.done(more=False)
    timing.nudged()
    assert wait(timing, moment) == pytest.approx(pace.BETWEEN_NUDGES)
    moment.seconds += 10
    timing.done(more=False)
    moment.seconds += 5
    timing.nudged()
    assert 0 <= wait(timing, moment) <= SETTLE


def test_what_fails_is_tried_again_after_a_wait_that_doubles_up_to_a_minute(timing: Pace, moment: Moment) -> None:
    moment.luck = 1.0
    waits = []
    for _each in range(9):
        timing.failed()
        waits.append(wait(timing, moment))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_wait_is_any_part_of_that_so_that_not_all_come_at_once(timing: Pace, moment: Moment) -> None:
    moment.luck = 0.0
    timing.failed()
    assert wait(timing, moment) == 0
    moment.luck = 0.3
    timing.failed()
    assert wait(timing, moment) == pytest.approx(0.6)


def test_the_hub_is_not_asked_before_it_says(timing: Pace, moment: Moment) -> None:
    moment.luck = 0.0
    timing.failed(at_least=17)
    assert wait(timing, moment) == 17


def test_new_work_does_not_shorten_the_wait_for_a_hub_that_is_away(timing: Pace, moment: Moment) -> None:
    timing.failed(at_least=20)
    timing.committed()
    timing.nudged()
    assert wait(timing, moment) >= 20


def test_somebody_who_taps_is_not_kept_waiting(timing: Pace, moment: Moment) -> None:
    for stop in (timing.refused, lambda: timing.failed(at_least=60)):
        stop()
        assert wait(timing, moment) >= 60
        timing.asked()
        assert (wait(timing, moment), timing.failures, timing.paused) == (0, 0, False)


def test_a_pause_lasts_until_somebody_sees_to_it(timing: Pace, moment: Moment) -> None:
    timing.refused()
    timing.committed()
    timing.nudged()
    assert timing.due == float("inf")


# -------------------------------------------------------------------------------------------------------------- how much


def test_an_exchange_grows_while_it_is_quick_and_full() -> None:
    load = Load()
    first = load.limits
    load.took(0.1, sent=first.commands, pages_full=True)
    assert load.limits.commands == first.commands + pace.STEP
    assert load.limits.pages == first.pages + 1
    load.took(0.1, sent=3, pages_full=False)
    assert load.limits.commands == first.commands + pace.STEP


def test_an_exchange_that_took_too_long_is_halved_but_never_nothing() -> None:
    load = Load()
    for _each in range(20):
        load.took(2.0, sent=100, pages_full=True)
    assert (load.limits.commands, load.limits.pages) == (pace.FEWEST, 1)
    load = Load()
    for _each in range(20):
        load.too_much()
    assert (load.limits.commands, load.limits.pages) == (1, 1), "an answer may be too large as well as what was sent"


def test_an_exchange_settles_where_the_link_carries_it_in_a_third_of_a_second() -> None:
    load, sizes = Load(), []
    for _each in range(300):
        size = load.limits.commands
        load.took(size / 2000, sent=size, pages_full=False)  # a link that carries 2,000 commands a second
        sizes.append(size)
    assert 300 <= sum(sizes[100:]) / 200 <= 650


# ------------------------------------------------------------------------------------------------------------ the engine


class Line:
    """The hub in the same process, behind a line that a test can cut."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.fault: Callable[[], Exception] | None = None
        self.pulls: list[Pull] = []
        self.greeted = 0
        self.polls: list[int] = []
        self.woken = threading.Event()
        self.over: list[str] = []

    def _through(self) -> Peer:
        if self.fault is not None:
            raise self.fault()
        return self.peer

    def hello(self, hello: Hello) -> Welcome:
        self.greeted += 1
        return self._through().hello(hello)

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        self.pulls.append(pull)
        return self._through().exchange(push, pull)

    def compare(self, compare: Compare) -> Compared:
        return self._through().compare(compare)

    def rows(self, rows: Rows) -> Given:
        return self._through().rows(rows)

    def reborn(self, reborn: Reborn) -> Renewed:
        return self._through().reborn(reborn)

    def wait(self, after: int) -> int:
        self.polls.append(after)
        self.woken.wait(5)
        self.woken.clear()
        raise Interrupted

    def hurry(self) -> None:
        self.woken.set()

    def calm(self) -> None:
        self.woken.clear()

    def close(self) -> None:
        self.over.append("closed")
        self.fault = Interrupted
        self.woken.set()

    def end(self) -> None:
        self.over.append("ended")


class Desk:
    """An engine on the left terminal, and the hands of a test."""

    def __init__(self, trio: Trio, moment: Moment, room: Callable[[], int]) -> None:
        self.trio, self.moment = trio, moment
        self.line = Line(trio.peer)
        self.orders: list[Refused] = []
        chances = Chances(moment.now, moment.chance, room)
        self.engine = Engine(trio.left.app, self.line, "https://hub.example", chances, self.orders.append)
        self.seen: list[LinkState] = []
        self.engine.listen(lambda: self.seen.append(self.engine.state()))

    def note(self, text: str = "Rusty") -> None:
        self.trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=text), self.trio.person("Ann"))

    def fail(self, fault: Callable[[], Exception] | None) -> None:
        self.line.fault = fault

    @property
    def kind(self) -> str:
        return self.engine.state().kind


@pytest.fixture
def free() -> list[int]:
    """Bytes of free disk."""
    return [ROOM * 2]


@pytest.fixture
def desk(trio: Trio, moment: Moment, free: list[int]) -> Iterator[Desk]:
    made = Desk(trio, moment, lambda: free[0])
    yield made
    made.engine.close()


def away() -> Exception:
    return Trouble("hub.away", "The hub cannot be reached: {reason}.", "", {"reason": "connection refused"})


def out_of_room() -> Exception:
    return Trouble("store.full", "The disk is full: nothing of this was saved.")


def test_the_first_exchange_introduces_the_terminal(desk: Desk) -> None:
    for _each in range(3):
        desk.engine.exchange()
    assert desk.line.greeted == 1
    desk.moment.seconds += 4000
    desk.engine.exchange()
    assert desk.line.greeted == 2


def test_work_is_sent_and_the_link_says_so(desk: Desk) -> None:
    desk.engine.exchange()
    assert desk.kind == "online"
    desk.note()
    desk.engine.exchange()
    assert [row.text for row in desk.trio.hub.all(Note)] == ["Rusty"]
    assert (desk.kind, desk.engine.state().waiting) == ("online", 0)


def test_a_queue_longer_than_one_exchange_is_sent_in_several_in_a_row(desk: Desk) -> None:
    desk.engine.exchange()
    for number in range(130):
        desk.note(str(number))
    desk.engine.exchange()
    assert desk.engine.state().waiting == 30
    assert desk.kind == "sending"
    assert desk.engine.details().next_try == desk.trio.left.app.clock.now()
    desk.engine.step()
    assert (desk.engine.state().waiting, desk.kind) == (0, "online")


def test_a_hub_that_is_away_is_told_with_since_when_and_what_waits(desk: Desk) -> None:
    desk.engine.exchange()
    desk.fail(away)
    desk.note()
    desk.engine.exchange()
    state = desk.engine.state()
    assert (state.kind, state.waiting) == ("offline", 1)
    assert state.since == state.fresh != ""
    failure = desk.engine.details().failure
    assert failure is not None
    assert failure.sentence == "The hub cannot be reached: connection refused."
    desk.fail(None)
    desk.moment.seconds += 60
    desk.engine.step()
    assert (desk.kind, desk.engine.state().waiting) == ("online", 0)
    assert desk.engine.details().failure is None


def test_whom_the_hub_does_not_let_in_waits_for_a_person_and_keeps_everything(desk: Desk) -> None:
    desk.fail(lambda: Refused(Problem("device.revoked", "This terminal has been revoked.")))
    desk.note()
    desk.engine.exchange()
    assert (desk.kind, desk.engine.state().waiting, desk.engine.state().asked) == ("needs_you", 1, 1)
    assert [one.problems[0].code for one in desk.orders] == ["device.revoked"]
    assert desk.engine.details().next_try is None
    asked = len(desk.line.pulls)
    desk.moment.seconds += 1_000_000
    assert len(desk.line.pulls) == asked
    desk.fail(None)
    desk.engine.try_now()
    desk.engine.step()
    assert (desk.kind, desk.engine.state().waiting) == ("online", 0)


def test_an_almost_full_disk_still_sends_and_fetches_nothing(desk: Desk, free: list[int]) -> None:
    desk.engine.exchange()
    free[0] = 5 << 20
    desk.note()
    desk.engine.exchange()
    assert desk.line.pulls[-1].pages == 0
    assert (desk.kind, desk.engine.state().waiting) == ("needs_you", 0)
    failure = desk.engine.details().failure
    assert failure is not None
    assert failure.code == "store.room"
    free[0] = ROOM * 2
    desk.moment.seconds += 60
    desk.engine.exchange()
    assert desk.kind == "online"


def test_from_which_bytes_on_nothing_is_fetched_is_said_by_a_setting() -> None:
    assert Chances(room=lambda: 500 << 20, least=lambda: 600 << 20).is_short
    assert not Chances(room=lambda: 500 << 20).is_short


def test_a_disk_that_is_full_is_no_fault_of_the_link(desk: Desk) -> None:
    desk.fail(out_of_room)
    desk.engine.exchange()
    assert desk.kind == "needs_you"


def test_a_push_that_is_too_large_is_sent_in_halves(desk: Desk) -> None:
    desk.fail(lambda: Trouble("wire.too_large", "This is more than one message may hold."))
    before = desk.engine._load.limits.commands
    desk.engine.exchange()
    assert desk.engine._load.limits.commands == before // 2


def test_a_mistake_of_the_program_does_not_end_the_exchanges(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.fail(lambda: KeyError("a bug"))
    desk.engine.exchange()
    assert desk.kind == "offline"
    assert "failed" in caplog.text
    desk.fail(None)
    desk.moment.seconds += 60
    desk.engine.step()
    assert desk.kind == "online"
    desk.trio.mishaps.told.clear()


def test_the_last_exchange_is_known_after_a_restart(desk: Desk) -> None:
    desk.engine.exchange()
    desk.fail(away)
    desk.engine.exchange()
    again = Engine(desk.trio.left.app, Line(desk.trio.peer))
    assert again.details().last_done == desk.engine.details().last_done
    assert again.state().fresh == desk.engine.state().fresh != ""
    again.close()


def test_what_is_done_while_an_exchange_goes_on_does_not_wait_for_the_next_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.engine.exchange()
    for first in ("", "Rusty"):
        if first:
            desk.note(first)
        real = desk.line.exchange

        def meanwhile(push: Push, pull: Pull, real: Callable[[Push, Pull], Exchanged] = real) -> Exchanged:
            answer = real(push, pull)
            desk.note("Scanned meanwhile")
            return answer

        with monkeypatch.context() as patched:
            patched.setattr(desk.line, "exchange", meanwhile)
            desk.engine.exchange()
        assert desk.engine.state().waiting == 1
        desk.moment.seconds += SETTLE
        desk.engine.step()
        assert desk.engine.state().waiting == 0


def test_the_last_try_is_known_after_a_restart_and_not_the_first_that_failed(desk: Desk) -> None:
    desk.engine.exchange()
    desk.fail(away)
    for _each in range(3):
        desk.trio.wall.ms += 60_000
        desk.engine.exchange()
    again = Engine(desk.trio.left.app, Line(desk.trio.peer))
    assert again.details().last_try == desk.trio.left.app.clock.now()
    again.close()


def test_whom_the_hub_does_not_recognise_is_tried_again_by_itself_and_somebody_is_told(desk: Desk) -> None:
    desk.fail(lambda: Trouble(signing.FORGED, "The hub cannot tell that this request comes from the terminal it names."))
    desk.note()
    desk.engine.exchange()
    assert desk.kind == "offline", "a line may have changed it on the way"
    for _each in range(DOUBTS):
        desk.moment.seconds += 60
        desk.engine.step()
    assert (desk.kind, desk.engine.state().waiting) == ("needs_you", 1)
    desk.fail(None)
    desk.moment.seconds += 60
    desk.engine.step()
    assert (desk.kind, desk.engine.state().waiting) == ("online", 0)


def test_a_copy_that_gets_a_name_of_its_own_when_it_is_greeted_is_told_of(desk: Desk) -> None:
    desk.engine.exchange()
    with desk.trio.left.session() as session:
        meta.keep(session, memory.INCARNATION, "1:of a copy")
        session.commit()
    desk.moment.seconds += 4000
    desk.engine.exchange()
    desk.engine.exchange()
    assert desk.trio.left.app.station.id != LEFT
    assert [one.finding.code for one in desk.engine.details().notices] == ["sync.reborn"]


class Photos:
    """So many pieces of photos that wait."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.told = pieces, 0
        self.fault: Exception | None = None

    def again(self) -> None:
        self.told += 1

    def step(self) -> bool:
        if self.fault is not None:
            raise self.fault
        self.pieces -= 1
        return self.pieces >= 0


def test_photos_travel_while_no_command_waits(desk: Desk) -> None:
    photos = desk.engine._beside = Photos(3)
    desk.note()
    desk.engine.step()
    assert (photos.pieces, photos.told) == (3, 1)
    for _each in range(3):
        desk.engine.step()
    assert photos.pieces == 0
    assert desk.line.polls == []


def test_right_after_an_exchange_no_line_is_held_for_nudges_that_nobody_would_heed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    desk.line.woken.set()
    monkeypatch.setattr(desk.line, "calm", lambda: None)
    monkeypatch.setattr(desk.engine._woken, "wait", rests.append)
    desk.engine.exchange()
    desk.engine.step()
    assert (rests, desk.line.polls) == ([pytest.approx(pace.BETWEEN_NUDGES)], [])
    desk.moment.seconds += pace.BETWEEN_NUDGES
    desk.engine.step()
    assert len(desk.line.polls) == 1


def test_photos_that_cannot_travel_hold_up_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = desk.engine._beside = Photos(3)
    photos.fault = Trouble("hub.fails", "The hub fails at the moment.")
    desk.engine.exchange()
    desk.line.woken.set()
    monkeypatch.setattr(desk.line, "calm", lambda: None)
    desk.moment.seconds += pace.BETWEEN_NUDGES
    desk.engine.step()
    assert len(desk.line.polls) == 1
    desk.note()
    desk.moment.seconds += 1
    desk.engine.step()
    assert desk.engine.state().waiting == 0


def test_what_an_exchange_mended_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mended = Problem("sync.repaired", "3 rows were fetched again.", blocks=False)
    monkeypatch.setattr("sync.terminal.engine.exchange", lambda *_given: Outcome(behind=True, mended=(mended,)))
    desk.engine.exchange()
    assert [one.finding for one in desk.engine.details().notices] == [mended]


def test_an_exchange_that_brings_nothing_writes_nothing(desk: Desk) -> None:
    desk.engine.exchange()
    with desk.trio.left.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT total_changes()").scalar()
    desk.engine.exchange()
    with desk.trio.left.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT total_changes()").scalar() == before


def test_every_entity_is_as_fresh_as_the_last_exchange_that_fetched_all(desk: Desk) -> None:
    assert desk.engine.details().fresh == {}
    desk.engine.exchange()
    fresh = desk.engine.details().fresh
    assert {fresh["part"], fresh["work_order"]} == {desk.trio.left.app.clock.now()}


def test_who_looks_at_the_link_is_told_only_when_it_changes(desk: Desk) -> None:
    desk.engine.exchange()
    told = len(desk.seen)
    desk.engine.exchange()
    assert len(desk.seen) == told


def test_what_was_mended_is_kept_for_people(desk: Desk) -> None:
    desk.engine.notice(Problem("sync.mended", "3 rows of parts differed and were fetched again."))
    (notice,) = desk.engine.details().notices
    assert notice.finding.code == "sync.mended"


# ------------------------------------------------------------------------------------------------------------ its thread


def until(true: Callable[[], Any]) -> None:
    """Waits for what another thread does; fails after some seconds."""
    over = threading.Event()
    for _each in range(500):
        if true():
            return
        over.wait(0.01)
    raise AssertionError("it never came to that")


LATER = 10**9  # the feed's number that would bring their effects


class Echo:
    """A hub that finds everything good and has nothing to give."""

    def __init__(self) -> None:
        self.taken = 0

    def hello(self, hello: Hello) -> Welcome:
        return Welcome(0, hello.number, 0)

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        numbers = range(push.first_number, push.first_number + len(push.envelopes))
        self.taken += len(numbers)
        return Exchanged(
            "ok",
            numbers[-1] if numbers else push.first_number - 1,
            0,
            0,
            tuple(Verdict(n, "applied", (), LATER) for n in numbers),
        )


@dataclass
class Running:
    """An engine that runs by the real clock, on a real store."""

    world: World
    hub: Echo
    line: Line
    engine: Engine


@pytest.fixture
def running(world: World) -> Iterator[Running]:
    hub = Echo()
    line = Line(cast(Peer, hub))
    made = Running(world, hub, line, Engine(world.app, line, chances=Chances(room=lambda: 2 * ROOM)))
    made.engine.start()
    yield made
    made.engine.close()


def test_work_goes_out_by_itself_soon_after_it_was_done(running: Running) -> None:
    until(lambda: running.line.polls)
    before = running.hub.taken
    assert before == len(running.world.rows(EnvelopeRow))
    running.world.done(AddNote(entity="part", id=running.world.part, text="Rusty"))
    until(lambda: running.hub.taken == before + 1)
    until(lambda: running.engine.state().waiting == 0)


def test_it_waits_for_the_hub_from_where_it_stands(running: Running) -> None:
    until(lambda: running.line.polls)
    assert running.line.polls[-1] == running.engine.standing().cursor


def test_it_ends_at_once_while_it_waits(running: Running) -> None:
    until(lambda: running.line.polls)
    assert running.engine.close(2.0)
    assert running.line.over == ["closed", "ended"]


def test_a_hub_that_answers_nothing_is_not_asked_in_a_loop(desk: Desk) -> None:
    desk.engine.exchange()
    desk.note()
    desk.line.peer = cast(Peer, Mute())
    desk.engine.exchange()
    assert (desk.kind, desk.engine.state().waiting) == ("sending", 1)
    upcoming = desk.engine.details().next_try
    assert upcoming is not None
    assert upcoming > desk.trio.left.app.clock.now()


class Mute(Echo):
    """A hub that takes everything and says nothing of it."""

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        return Exchanged("ok", push.first_number - 1, START, pull.cursor)


def test_an_engine_that_never_started_can_be_closed(trio: Trio) -> None:
    engine = Engine(trio.left.app, Line(trio.peer))
    assert engine.close()
    assert trio.left.station.id == LEFT
