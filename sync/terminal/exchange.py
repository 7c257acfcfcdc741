"""One exchange with the hub: push, take note of its verdicts, lay its rows down. When to do so is decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import codes, outbox
from app.kernel.problems import Trouble
from app.kernel.records import REFUSED
from app.kernel.words import _
from sync.protocol import (
    FORK,
    GAP,
    MOST_IN_A_PUSH,
    PAGES_IN_AN_EXCHANGE,
    ROWS_IN_A_PAGE,
    Exchanged,
    Hello,
    Page,
    Peer,
    Pull,
    Push,
    Verdict,
    Wanted,
)
from sync.terminal import pull, push, rebase

VERDICTS_AT_ONCE = 50  # verdicts noted in one transaction
AHEAD_DAYS = 7
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
    """What an exchange brought. `refused` are the commands that the hub turned down just now: their authors must be told."""

    sent: int = 0
    rows: int = 0
    refused: tuple[UUID, ...] = ()
    behind: bool = False  # there is more to fetch


def greet(app: App, peer: Peer) -> None:
    """Introduces this terminal: sets its clock right, and leases the numbers of the coming days."""
    asked = app.clock.now_ms()
    with Session(app.read_engine) as session:
        wanted = wanted_numbers(session, app.clock.now().date())
        number, _chain = outbox.last_of(session, app.station.id)
        hello = Hello(app.station.id.hex, number, pull.cursor(session), tuple(wanted))
    welcome = peer.hello(hello)
    _set_clock(app, asked, welcome.now_ms)
    with_blocks = [(block.series, block.period, (block.first, block.last)) for block in welcome.blocks]
    if with_blocks:
        app.writer.run(_keep_blocks, app, with_blocks)


def exchange(app: App, peer: Peer, limits: Limits = Limits()) -> Outcome:
    """Sends what waits and fetches what is new. Trouble when the hub is out of reach; all that was done till then stands."""
    sent, answer = _ask(app, peer, limits)
    refused = _note(app, answer.verdicts)
    rows = 0
    for page in answer.pages or _unsettled(app):
        for part in pull.parts(page):
            app.writer.run(pull.lay, app.dispatcher, part, limits.again)
        rows += len(page.lines)
    with Session(app.read_engine) as session:
        settling = rebase.nothing_waits(session) and pull.unsettled(session)
        behind = settling or pull.cursor(session) < answer.horizon
    return Outcome(len(sent.envelopes), rows, tuple(refused), behind)


def _ask(app: App, peer: Peer, limits: Limits) -> tuple[Push, Exchanged]:
    asked = app.clock.now_ms()
    sent, answer = _send(app, peer, limits, None)
    if answer.standing == GAP:  # the hub was restored from a backup: it gets again what it lost
        sent, answer = _send(app, peer, limits, answer.last_number)
    if answer.standing == FORK:
        message = _("Two machines work with the same terminal's store: the hub has other commands under these numbers.")
        raise Trouble("sync.forked", message, _("Enrol this machine anew. What was done here is kept and sent then."))
    _set_clock(app, asked, answer.now_ms)
    return sent, answer


def _send(app: App, peer: Peer, limits: Limits, after: int | None) -> tuple[Push, Exchanged]:
    with Session(app.read_engine) as session:
        sent = push.batch(session, app.station.id, limits.commands, after)
        wanted = Pull(pull.cursor(session), limits.rows, limits.pages)
    return sent, peer.exchange(sent, wanted)


def _set_clock(app: App, asked: int, hub: int) -> None:
    """The hub's time, halfway between question and answer, against our own; small differences are left alone."""
    off = hub - (asked + app.clock.now_ms()) // 2
    if abs(off) > 1000:
        app.clock.correct(app.clock.offset + off)


def _note(app: App, verdicts: Sequence[Verdict]) -> list[UUID]:
    refused: list[UUID] = []
    for start in range(0, len(verdicts), VERDICTS_AT_ONCE):
        refused += app.writer.run(_note_some, app, verdicts[start : start + VERDICTS_AT_ONCE])
    return refused


def _note_some(app: App, verdicts: Sequence[Verdict]) -> list[UUID]:
    with app.writer.sessions() as session:
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


def _keep_blocks(app: App, blocks: Sequence[tuple[str, str, tuple[int, int]]]) -> None:
    with app.writer.sessions() as session:
        for series, period, block in blocks:
            codes.keep_block(session, series, period, block)
        session.commit()
