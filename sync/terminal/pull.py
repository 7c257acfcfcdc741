"""What comes down: the hub's rows, laid beneath the commands that wait, one page in one transaction with its cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import meta, outbox
from app.kernel.capture import Capture, WorkSession
from app.kernel.dispatch import Dispatcher
from app.kernel.events import Notice
from app.kernel.records import EnvelopeRow, MetaRow
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from sync.protocol import Line, Page
from sync.terminal import held, rebase
from sync.terminal.rebase import Changed, Plan
from sync.terminal.rows import put

CURSOR = "cursor"
ROWS_AT_ONCE = 100  # rows of one transaction, which keeps it under 20 ms


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
    return held.is_any(session) or bool(rebase.due(session, cursor(session)))


def parts(page: Page) -> Iterator[Part]:
    """A page in pieces small enough for one transaction; a cut between them only means that the page comes again."""
    starts = list(range(0, len(page.lines), ROWS_AT_ONCE)) or [0]
    for start in starts:
        yield Part(page.lines[start : start + ROWS_AT_ONCE], page.upto if start == starts[-1] else None)


def lay(dispatcher: Dispatcher, part: Part, most_again: int) -> None:
    """Lays rows down: takes back what stands on them, writes them, folds, does it again on top, and moves the cursor."""
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
        if part.upto is not None:
            upsert(session, table_of(MetaRow), [{"key": CURSOR, "value": part.upto}], ("key",))
        session.commit()
    dispatcher.clock.receive(max((line.image["stamp"] for line in lines.values() if line.image), default=0))
    dispatcher.tell(_notice(changed))


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
