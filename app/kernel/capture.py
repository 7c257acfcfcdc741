"""Every change, seen once, at flush: it becomes the audit line, the undo image, the feed pointer and the screens' notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, object_session
from sqlalchemy.orm.base import NO_VALUE

from app.kernel.behind import catch_up
from app.kernel.entity import Entity, Scope
from app.kernel.events import Notice
from app.kernel.filling import unfit
from app.kernel.many import Written
from app.kernel.problems import Refused
from app.kernel.rows import Image, image, row_image, table_of
from app.kernel.types import canonical

if TYPE_CHECKING:
    from app.kernel.registry import Registry


class WorkSession(Session):
    """The session of one command: what it flushes is captured, and what cannot be captured is refused."""


@dataclass
class Change:
    """A row that a command made or altered; `before` holds the altered columns as they were, None where the row is new.
    `text` is the image of a new one, where it has been written down already."""

    row: Entity
    before: Image | None
    text: Written | None = None

    def told(self) -> tuple[Image | None, Written]:
        """Its images before and after, the latter written down."""
        if self.text is not None:
            return None, self.text
        before, after = self.images()
        return before, Written(canonical(after))

    def images(self) -> tuple[Image | None, Image]:
        if self.before is None:
            return None, row_image(self.row)
        return self.before, image(type(self.row), {name: getattr(self.row, name) for name in self.before})

    def places(self) -> set[UUID]:
        """The site or warehouse that the row lies in, and the one that it lay in before; none for what lies nowhere."""
        scope = self.row.__about__.scope
        if scope is Scope.ORGANISATION:
            return set()
        was = (self.before or {}).get(scope.value)
        return {getattr(self.row, scope.value), *((UUID(was),) if was else ())}


class Capture:
    """The changes of one command, in the order in which they were first seen."""

    def __init__(self, registry: Registry, stamp: int) -> None:
        self.registry = registry
        self.stamp = stamp
        self.changes: dict[tuple[str, UUID], Change] = {}

    def fresh(self, row: Entity) -> None:
        hold_fit(row)
        row.stamp = self.stamp
        self.changes[row.__tablename__, row.id] = Change(row, None)

    def fresh_many(self, rows: Sequence[Entity], told: Sequence[Written]) -> None:
        """The same of rows of one entity that never come to a flush."""
        for row, text in zip(rows, told, strict=True):
            self.changes[row.__tablename__, row.id] = Change(row, None, text)

    def altered(self, row: Entity) -> None:
        entity = type(row)
        if self.registry.is_ledger(entity):
            raise TypeError(f"a line of {entity.__tablename__} never changes; post a reversal")
        was = {name: value for name, value in _before(row).items() if value != getattr(row, name)}
        if row.stamp != self.stamp:
            was["stamp"] = row.stamp
            row.stamp = self.stamp
        change = self.changes.setdefault((row.__tablename__, row.id), Change(row, {}))
        if change.before is not None:
            change.before = {**image(entity, was), **change.before}

    def notice(self, command: str) -> Notice:
        rows: dict[str, set[UUID]] = {}
        for name, ident in self.changes:
            rows.setdefault(name, set()).add(ident)
        return Notice({name: frozenset(ids) for name, ids in rows.items()}, command)


def _before(row: Entity) -> dict[str, Any]:
    """The columns that were assigned, as they are in the database; SQLAlchemy does not know those it has not read."""
    table = table_of(type(row))
    assigned = {name: value for name, value in inspect(row).committed_state.items() if name in table.columns}
    unread = [table.columns[name] for name, value in assigned.items() if value is NO_VALUE]
    if unread:
        found = object_session(row).connection().execute(select(*unread).where(table.c.id == row.id))  # type: ignore[union-attr]
        assigned |= found.mappings().one()
    return assigned


def hold_fit(row: Entity) -> None:
    """Whichever command fills a field in, what does not fit it is refused before it reaches the store."""
    problem = unfit(row)
    if problem is not None:
        raise Refused(problem)


@event.listens_for(WorkSession, "before_flush")
def _see(session: Session, _context: Any, _instances: Any) -> None:
    capture: Capture = session.info["capture"]
    for row in session.deleted:
        if isinstance(row, Entity):
            raise TypeError(f"a row of {row.__tablename__} is retired, never deleted")
    for row in session.new:
        if isinstance(row, Entity):
            capture.fresh(row)
    for row in session.dirty:
        if isinstance(row, Entity) and session.is_modified(row):
            capture.altered(row)
    session.info["lines"] = [row for row in session.new if isinstance(row, Entity) and type(row) in capture.registry.projections]


@event.listens_for(WorkSession, "after_flush")
def _fold(session: Session, _context: Any) -> None:
    """New ledger lines move the balances at once, so that a handler's next question already sees them."""
    capture: Capture = session.info["capture"]
    lines: dict[type[Entity], list[Entity]] = {}
    for row in session.info.pop("lines", ()):
        lines.setdefault(type(row), []).append(row)
    for entity, rows in lines.items():
        for projection in capture.registry.projections[entity]:
            if len(rows) == 1:
                projection.add(session, rows[0])
            else:
                projection.add_many(session, rows)


@event.listens_for(WorkSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_select:
        catch_up(state.session, state.statement)
        return
    capture: Capture | None = state.session.info.get("capture")
    written = getattr(state.statement, "table", None)
    if capture is not None and getattr(written, "name", "") in capture.registry.entities:
        raise TypeError("a command changes rows one by one or through SaveMany, so that each change is captured")
