"""What comes down: the hub's rows, laid beneath the commands that wait, one page in one transaction with its cursor."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from app.kernel import meta, outbox
from app.kernel.capture import Capture, WorkSession
from app.kernel.dispatch import Dispatcher
from app.kernel.events import Notice
from app.kernel.many import driven
from app.kernel.records import EnvelopeRow, MetaRow
from app.kernel.rows import table_of
from app.kernel.store import unsynced
from app.kernel.upsert import upsert
from sync.garbage import uncollected
from sync.protocol import Line, Page
from sync.sections import sections_of
from sync.terminal import held, rebase
from sync.terminal.rebase import Changed, Plan
from sync.terminal.rows import put

CURSOR = "cursor"
ROWS_AT_ONCE = 400  # rows of a page's first transaction, and of its last one where something stands on them
FEWEST, MOST = 100, 4000
AIM = 0.014  # seconds of one transaction, so that it stays below 20 ms
NAMED = 100  # rows that a notice names; of more it only says that there are many


@dataclass(frozen=True)
class Part:
    """Some lines of a page; `upto` is set on the last part, which moves the cursor."""

    lines: Sequence[Line]
    upto: int | None = None


def cursor(session: Session) -> int:
    """Up to which number the hub's feed is laid down here."""
    return int(meta.read(session, CURSOR) or 0)


def unsettled(session: Session) -> bool:
    """Whether rows or answered commands still wait for their moment."""
    return _is_due(session, cursor(session))


_DUE = "SELECT EXISTS (SELECT 1 FROM held_row) OR EXISTS (SELECT 1 FROM envelope WHERE due IS NOT NULL AND due <= ?)"
_STANDS = "SELECT EXISTS (SELECT 1 FROM touch) OR EXISTS (SELECT 1 FROM held_row)"


def _is_due(session: Session, upto: int) -> bool:
    """Whether rows are held back, or commands have been answered that are settled once the feed is laid down up to a number."""
    return _tells(session, _DUE, upto)


def _tells(session: Session, wanted: str, *given: int) -> bool:
    with driven(session) as driver:
        return bool(driver.execute(wanted, given).fetchone()[0])


@dataclass
class Stride:
    """How many rows go into one transaction: the longer the last one took, the fewer there are in the next one."""

    rows: int = ROWS_AT_ONCE

    def took(self, rows: int, seconds: float) -> None:
        self.rows = min(MOST, max(FEWEST, self.rows // 2, min(self.rows * 2, int(rows * AIM / seconds))))


_STRIDES: WeakKeyDictionary[Dispatcher, Stride] = WeakKeyDictionary()


def stride_of(dispatcher: Dispatcher) -> Stride:
    """That of a store, as its last page left it."""
    return _STRIDES.setdefault(dispatcher, Stride())


def parts(page: Page, stride: Stride) -> Iterator[Part]:
    """A page in pieces small enough for one transaction; a cut between them only means that the page comes again.

    Whoever works here gets the writer in between.
    """
    start, count = 0, len(page.lines)
    while count - start > ROWS_AT_ONCE:
        rows, begun = min(stride.rows, max(FEWEST, count - start - ROWS_AT_ONCE)), time.perf_counter()
        yield Part(page.lines[start : start + rows])
        stride.took(rows, time.perf_counter() - begun)
        start += rows
    yield Part(page.lines[start:], page.upto)


def lay(dispatcher: Dispatcher, part: Part, most_again: int) -> None:
    """Lays rows down: takes back what stands on them, writes them, folds, does it again on top, and moves the cursor."""
    with uncollected():
        alone = _laid_alone(dispatcher, part)
        notice = _notice_of(part.lines) if alone else _notice(_laid_beneath(dispatcher, part, most_again))
    dispatcher.clock.receive(max(_stamps(part.lines), default=0))
    dispatcher.tell(notice)


def _laid_alone(dispatcher: Dispatcher, part: Part) -> bool:
    """Lays rows down on which nothing of ours stands, as nearly always; False where something does, or would be settled by it.

    Its commit waits for no disk: where a power cut takes it back, the cursor goes back with it, and the rows come again.
    """
    with unsynced(dispatcher.engine) as connection, Session(connection) as session:
        if _meets(session, part):
            return False
        put(session, dispatcher.registry, part.lines)
        _move_cursor(session, part.upto)
        session.commit()
    return True


def _meets(session: Session, part: Part) -> bool:
    """Whether a waiting command, or a row that is held back, has to do with this part."""
    if part.upto is not None and _is_due(session, part.upto):
        return True
    return _tells(session, _STANDS) and held.in_the_way(session, sections_of(part.lines))


def _move_cursor(session: Session, upto: int | None) -> None:
    if upto is not None:
        upsert(session, table_of(MetaRow), [{"key": CURSOR, "value": upto}], ("key",))


def _laid_beneath(dispatcher: Dispatcher, part: Part, most_again: int) -> Changed:
    """The same beneath commands of ours that wait, or that these rows settle."""
    with WorkSession(dispatcher.engine, expire_on_commit=False) as session:
        session.info["capture"] = Capture(dispatcher.registry, 0)
        lines = {UUID(line.id): line for line in part.lines}
        plan = _plan(session, lines, part.upto, most_again)
        lines = _with_held(session, lines, plan)
        changed = rebase.changed_by(session, plan.taken) | {(line.entity, ident) for ident, line in lines.items()}
        back = outbox.take_back(session, dispatcher.registry, sorted(plan.taken))
        put(session, dispatcher.registry, lines.values())
        session.expunge_all()
        changed |= _again(session, dispatcher, back, part.upto)
        _move_cursor(session, part.upto)
        session.commit()
    return changed


def _stamps(lines: Sequence[Line]) -> Iterator[int]:
    for section in sections_of(lines):
        if section.names is not None:
            yield from section.columns[section.names.index("stamp")]


def _plan(session: Session, lines: dict[UUID, Line], upto: int | None, most_again: int) -> Plan:
    """Which commands to take back. Under a page's earlier parts none is: they hold only some of what belongs together."""
    if upto is None:
        return Plan(blocked=set(outbox.first_writers(session, lines)))
    waiting = held.some(session) if rebase.nothing_waits(session) else set()
    return rebase.plan(session, {*lines} | waiting, rebase.due(session, upto), most_again)


def _with_held(session: Session, lines: dict[UUID, Line], plan: Plan) -> dict[UUID, Line]:
    """The rows to lay now: those of the page that need not wait, and those held before that need not any more."""
    blocked = [line for ident, line in lines.items() if ident in plan.blocked]
    laid = {ident: line for ident, line in lines.items() if ident not in plan.blocked}
    if held.is_any(session):
        laid = {ident: line for ident, line in held.freed(session, plan.taken).items() if ident not in lines} | laid
        held.forget(session, laid)
    held.keep(session, blocked)
    return laid


def _again(session: Session, dispatcher: Dispatcher, back: Iterable[EnvelopeRow], upto: int | None) -> Changed:
    """Does again what was taken back, but for commands whose effects are now the hub's own."""
    changed: Changed = set()
    for one in back:
        row = session.get_one(EnvelopeRow, one.seq)
        if row.due is not None and upto is not None and row.due <= upto:
            row.due = None
        else:
            changed |= rebase.again(session, dispatcher, row)
    return changed


def _notice(changed: Changed) -> Notice:
    rows: dict[str, set[UUID]] = {}
    for name, ident in changed:
        rows.setdefault(name, set()).add(ident)
    return Notice({name: frozenset(idents) for name, idents in rows.items()})


def _notice_of(lines: Sequence[Line]) -> Notice:
    if len(lines) > NAMED:
        return Notice(dict.fromkeys(section.entity for section in sections_of(lines)))
    return _notice({(section.entity, UUID(ident)) for section in sections_of(lines) for ident in section.ids})
