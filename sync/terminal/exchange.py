"""One exchange with the hub: push, take note of its verdicts, lay its rows down. When to do so is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import codes, meta, outbox
from app.kernel.problems import Problem
from app.kernel.records import REFUSED, EnvelopeRow
from app.kernel.store import unsynced
from sync.protocol import (
    FORK,
    GAP,
    MOST_IN_A_PUSH,
    OK,
    PAGES_IN_AN_EXCHANGE,
    ROWS_IN_A_PAGE,
    STALE,
    Exchanged,
    Hello,
    Page,
    Peer,
    Pull,
    Push,
    Verdict,
    Wanted,
)
from sync.terminal import fork, memory, notes, pruning, pull, push, rebase, repair
from sync.terminal.ahead import Ahead

VERDICTS_AT_ONCE = 50  # verdicts noted in one transaction
AHEAD_DAYS = 7
DEEPER_MS = 1_800_000  # between two looks at what rows hold
FIRST_BLOCK, MOST_IN_A_BLOCK = 5, 50


@dataclass(frozen=True)
class Limits:
    """How much one exchange carries."""

    commands: int = MOST_IN_A_PUSH
    rows: int = ROWS_IN_A_PAGE
    pages: int = PAGES_IN_AN_EXCHANGE
    again: int = 6  # commands done again in one transaction while others wait: at 3 ms each it stays under 20 ms


@dataclass(frozen=True)
class Outcome:
    """What an exchange brought. `refused` are the commands that the hub turned down just now: their authors must be told.
    `mended` is what sync put right by itself, for people to know."""

    sent: int = 0
    rows: int = 0
    refused: tuple[UUID, ...] = ()
    behind: bool = False  # there is more to fetch
    mended: tuple[Problem, ...] = ()


def greet(app: App, peer: Peer, machine: str = "", heartbeat: Mapping[str, Any] | None = None) -> tuple[Problem, ...]:
    """Introduces this terminal: sets its clock right, and leases the numbers of the coming days.

    `machine` is a token that lies outside the store. Where another machine works under this terminal's identity, it gets one
    of its own; that is returned, for people to know.
    """
    fork.resume(app)
    asked = app.clock.now_ms()
    welcome = peer.hello(_hello(app, machine, heartbeat or {}))
    _set_clock(app, asked, welcome.now_ms)
    told: tuple[Problem, ...] = ()
    if welcome.standing == FORK:
        fork.reborn(app, peer)
        told = (notes.reborn(),)
        welcome = peer.hello(_hello(app, machine, heartbeat or {}))
    blocks = [(block.series, block.period, (block.first, block.last)) for block in welcome.blocks]
    app.writer.run(_welcomed, app, welcome.incarnation, blocks)
    pruning.prune(app)
    return told


def _hello(app: App, machine: str, heartbeat: Mapping[str, Any]) -> Hello:
    with Session(app.read_engine) as session:
        number, _chain = outbox.last_of(session, app.station.id)
        return Hello(
            app.station.id.hex,
            number,
            pull.cursor(session),
            tuple(wanted_numbers(session, app.clock.now().date())),
            epoch=memory.text(session, memory.EPOCH),
            incarnation=memory.text(session, memory.INCARNATION),
            machine=machine,
            heartbeat=dict(heartbeat),
        )


def _welcomed(app: App, incarnation: str, blocks: Sequence[tuple[str, str, tuple[int, int]]]) -> None:
    with app.writer.sessions() as session:
        for series, period, block in blocks:
            codes.keep_block(session, series, period, block)
        meta.keep(session, memory.INCARNATION, incarnation)
        session.commit()


def exchange(app: App, peer: Peer, limits: Limits = Limits(), ahead: Ahead | None = None) -> Outcome:
    """Sends what waits and fetches what is new. Trouble when the hub is out of reach; all that was done till then stands.

    Where the hub was put back from a backup it gets again what it lost; where this store was, or a copy of it works
    elsewhere, the terminal gets a new identity. What differs from the hub when all is done is found and mended.
    With `ahead` the hub is asked for what comes next while this is laid down, and the next exchange takes that.
    """
    fork.resume(app)
    before = _asked_ahead(app, limits, ahead)
    sent, answer = before or _ask(app, peer, limits)
    if _is_quiet(app, sent, answer):
        return Outcome(mended=_looked_deeper(app, peer, limits))
    _QUIET.pop(app, None)
    if answer.standing == FORK or _is_behind(app, sent, answer):
        fork.reborn(app, peer)
        return Outcome(behind=True, mended=(notes.reborn(),))
    refused = _note(app, answer.verdicts)
    _ask_ahead(app, peer, limits, answer, ahead)
    rows = 0
    for page in answer.pages or _unsettled(app):
        for part in pull.parts(page, pull.stride_of(app.dispatcher)):
            app.writer.run(pull.lay, app.dispatcher, part, limits.again)
        rows += len(page.lines)
    mended = _mend(app, peer, answer, limits)
    with Session(app.read_engine) as session:
        meta.gather(session)
        settling = rebase.nothing_waits(session) and pull.unsettled(session)
        behind = settling or bool(mended) or answer.standing != OK or pull.cursor(session) < answer.horizon
    behind = behind or before is not None  # the hub has gone on since it was asked
    if not (sent.envelopes or rows or behind or mended):
        _QUIET[app] = _state(answer)
    return Outcome(len(sent.envelopes), rows, tuple(refused), behind, mended)


_QUIET: WeakKeyDictionary[App, tuple[object, ...]] = WeakKeyDictionary()  # as the hub was when there was nothing left to do


_DEEPER: WeakKeyDictionary[App, int] = WeakKeyDictionary()  # when to look deeper next, in milliseconds since 1970


def _state(answer: Exchanged) -> tuple[object, ...]:
    return answer.standing, answer.epoch, answer.reach, answer.horizon, answer.last_number, answer.digest


def _is_quiet(app: App, sent: Push, answer: Exchanged) -> bool:
    """Whether nothing has happened here or at the hub since there was nothing left to do: then nothing is looked at but the
    digest of what lies here."""
    if sent.envelopes or sent.parked or answer.digest is None or _QUIET.get(app) != _state(answer):
        return False
    with Session(app.read_engine) as session:
        return repair.digest_of_all(session) == answer.digest


def _looked_deeper(app: App, peer: Peer, limits: Limits) -> tuple[Problem, ...]:
    """Now and then, where there is nothing else to do: compares what the rows of one kind hold, cell by cell."""
    now = app.clock.now_ms()
    if now < _DEEPER.setdefault(app, now + DEEPER_MS):
        return ()
    _DEEPER[app] = now + DEEPER_MS
    return notes.healed("checked", repair.check_next(app, peer, limits.again))


def _ask(app: App, peer: Peer, limits: Limits) -> tuple[Push, Exchanged]:
    asked = app.clock.now_ms()
    after, sent, answer = _send(app, peer, limits)
    if answer.standing == GAP:  # the hub was put back from a backup: it gets again what it lost
        after, sent, answer = _send(app, peer, limits, answer.last_number)
    if sent.envelopes and answer.standing == GAP:  # and of that, the first is not kept any more
        answer = replace(answer, standing=FORK)
    if after is not None and answer.standing != FORK:
        app.writer.run(_go_on_after, app, answer.last_number)
    _set_clock(app, asked, answer.now_ms)
    return sent, answer


def _go_on_after(app: App, number: int) -> None:
    """Remembers up to where the hub has again what it lost, until that is all."""
    with app.writer.sessions() as session:
        if number < outbox.last_of(session, app.station.id)[0]:
            meta.keep(session, memory.RESEND, number)
        else:
            meta.forget(session, memory.RESEND)
        session.commit()


def _send(app: App, peer: Peer, limits: Limits, lost_after: int | None = None) -> tuple[int | None, Push, Exchanged]:
    """Sends what waits; where the hub has lost commands, those after a number, which is told: now, or as it was remembered."""
    with Session(app.read_engine) as session:
        meta.gather(session)
        after: int | None = meta.read(session, memory.RESEND) if lost_after is None else lost_after
        sent = push.batch(session, app.station.id, limits.commands, after)
        wanted = _wanted(app, session, limits)
    return after, sent, peer.exchange(sent, wanted)


def _wanted(app: App, session: Session, limits: Limits) -> Pull:
    return Pull(
        pull.cursor(session),
        limits.rows,
        limits.pages,
        epoch=memory.text(session, memory.EPOCH),
        without=memory.without(session, app.registry),
    )


def _ask_ahead(app: App, peer: Peer, limits: Limits, answer: Exchanged, ahead: Ahead | None) -> None:
    """Asks for the rows behind those that came just now, where there are more; what waits by now goes with it."""
    if ahead is None or answer.standing != OK or not answer.pages or answer.pages[-1].upto >= answer.horizon:
        return
    with Session(app.read_engine) as session:
        meta.gather(session)
        if meta.read(session, memory.RESEND) is not None:
            return
        sent = push.batch(session, app.station.id, limits.commands)
        wanted = replace(_wanted(app, session, limits), cursor=answer.pages[-1].upto)

    def ask() -> Exchanged:
        asked = app.clock.now_ms()
        told = peer.exchange(sent, wanted)
        _set_clock(app, asked, told.now_ms)
        return told

    ahead.ask(sent, wanted, ask)


def _asked_ahead(app: App, limits: Limits, ahead: Ahead | None) -> tuple[Push, Exchanged] | None:
    """What was asked ahead, where it goes on from what lies here by now; else it is as an answer that the line lost."""
    asked = ahead.take() if ahead is not None else None
    if asked is None or not limits.pages or asked.sent.terminal_id != app.station.id.hex:
        return None
    with Session(app.read_engine) as session:
        meta.gather(session)
        due = replace(_wanted(app, session, limits), rows=asked.wanted.rows, pages=asked.wanted.pages)
        fits = due == asked.wanted and meta.read(session, memory.RESEND) is None
    answer = asked.answer() if fits else None
    return (asked.sent, answer) if answer is not None and answer.standing == OK else None


def _is_behind(app: App, sent: Push, answer: Exchanged) -> bool:
    """Whether the hub has more of this terminal's commands than the terminal itself: its store was put back."""
    if answer.last_number < sent.first_number + len(sent.envelopes):
        return False
    with Session(app.read_engine) as session:
        return answer.last_number > outbox.last_of(session, app.station.id)[0]


def _mend(app: App, peer: Peer, answer: Exchanged, limits: Limits) -> tuple[Problem, ...]:
    """Compares and mends: all of it where the cursor means nothing any more, else where the digests differ."""
    if answer.standing == STALE:
        return _begin_anew(app, peer, answer, limits)
    if answer.standing != OK or answer.digest is None:
        return ()
    with Session(app.read_engine) as session:
        meta.gather(session)
        epoch, reach = memory.text(session, memory.EPOCH), memory.text(session, memory.REACH)
        aside = memory.now_known(session, app.registry)
        unlike = repair.differs(app, session, answer)
        recheck = bool(meta.read(session, memory.RECHECK)) and _rests(session, answer)
    kind = "reach" if reach not in ("", answer.reach) else "repaired"
    mended = notes.healed(kind, repair.heal(app, peer, kind, limits.again)) if unlike else ()
    if aside:
        mended += notes.healed("updated", repair.read_again(app, peer, aside, limits.again))
    if recheck:
        mended += notes.healed("epoch", repair.check(app, peer, limits.again))
        app.writer.run(_recheck, app, False, answer.horizon)
    if (epoch, reach) != (answer.epoch, answer.reach):
        app.writer.run(_remember, app, answer)
    return mended


def _begin_anew(app: App, peer: Peer, answer: Exchanged, limits: Limits) -> tuple[Problem, ...]:
    """Finds what differs from a hub to which the cursor means nothing, once that has all commands of this terminal."""
    with Session(app.read_engine) as session:
        kind = "epoch" if memory.text(session, memory.EPOCH) not in ("", answer.epoch) else "stale"
        deep = kind == "epoch" or bool(meta.read(session, memory.RECHECK))
    if kind == "epoch":
        fork.take_over(app)
    with Session(app.read_engine) as session:
        if answer.last_number < outbox.last_of(session, app.station.id)[0]:
            return ()
    app.writer.run(_recheck, app, deep, answer.horizon)
    return notes.healed(kind, repair.heal(app, peer, kind, limits.again, anew=True))


def _recheck(app: App, due: bool, horizon: int) -> None:
    """A command that was run again may have done something else under the very stamp that it had: cells tell, stamps do not.
    And what waits for a number that the hub gave in another life need not wait for it any more."""
    with app.writer.sessions() as session:
        meta.keep(session, memory.RECHECK, due)
        session.execute(update(EnvelopeRow).where(EnvelopeRow.due > horizon).values(due=horizon))
        session.commit()


def _rests(session: Session, answer: Exchanged) -> bool:
    """Whether the terminal stands where the hub does, and nothing waits."""
    return rebase.nothing_waits(session) and not pull.unsettled(session) and pull.cursor(session) == answer.horizon


def _remember(app: App, answer: Exchanged) -> None:
    with app.writer.sessions() as session:
        meta.keep(session, memory.EPOCH, answer.epoch)
        meta.keep(session, memory.REACH, answer.reach)
        session.commit()


def _set_clock(app: App, asked: int, hub: int) -> None:
    """The hub's time, halfway between question and answer, against our own; small differences are left alone."""
    off = hub - (asked + app.clock.now_ms()) // 2
    app.clock.correct(app.clock.offset + (off if abs(off) > 1000 else 0))


def _note(app: App, verdicts: Sequence[Verdict]) -> list[UUID]:
    refused: list[UUID] = []
    for start in range(0, len(verdicts), VERDICTS_AT_ONCE):
        refused += app.writer.run(_note_some, app, verdicts[start : start + VERDICTS_AT_ONCE])
    return refused


def _note_some(app: App, verdicts: Sequence[Verdict]) -> list[UUID]:
    """Their commit waits for no disk: where a power cut takes it back, the commands go up again and are answered the same."""
    with unsynced(app.dispatcher.engine) as connection, Session(connection, expire_on_commit=False) as session:
        answered = push.acknowledge(session, app.station.id, verdicts, pull.cursor(session))
        refused = [row.id for row in answered if row.state == REFUSED]
        session.commit()
    return refused


def _unsettled(app: App) -> tuple[Page, ...]:
    """Where no new rows came: an empty page, if something still waits for its moment."""
    with Session(app.read_engine) as session:
        return (Page((), pull.cursor(session)),) if pull.unsettled(session) else ()


# ---------------------------------------------------------------------------------------------------------------- numbers


def wanted_numbers(session: Session, today: date) -> list[Wanted]:
    """The blocks to lease: of each series in use, for the days ahead that have none left. Who ran out asks for more."""
    leases = {(row.series, row.period): row for row in session.scalars(select(codes.LeaseRow))}
    found = []
    for series in sorted({series for series, _period in leases}):
        daily = any(name == series and "-" in period for name, period in leases)
        taken = max(row.static for (name, _period), row in leases.items() if name == series)
        for period in _periods(today, daily):
            lease = leases.get((series, period))
            if lease is None or lease.next > lease.last:
                found.append(Wanted(series, period, min(FIRST_BLOCK + taken, MOST_IN_A_BLOCK)))
    return found


def _periods(today: date, daily: bool) -> list[str]:
    if not daily:
        return [str(today.year)]
    return [(today + timedelta(days=ahead)).isoformat() for ahead in range(AHEAD_DAYS)]
