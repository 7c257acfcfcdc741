"""What was changed here although Odoo masters it, by a terminal that did not know yet: it is read from Odoo once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel.access import SYSTEM
from app.kernel.entity import fields_of
from app.kernel.problems import Problem
from app.kernel.records import ChangeRow, EnvelopeRow, FeedRow
from app.kernel.rows import table_of
from app.kernel.settings import read_setting
from app.kernel.shapes import to_plain
from app.kernel.standard import SaveMany, SaveRecord
from app.kernel.upsert import upsert
from app.kernel.words import _, say
from app.odoo.records import OdooCursor, OdooMapping
from sync.odoo.arriving import Arrival, Draft

if TYPE_CHECKING:
    from sync.odoo.inward import Inward


def untaken(inward: Inward, arrival: Arrival) -> set[int]:
    """Odoo's numbers of records that were but found here, before it was Odoo that masters them."""
    with inward.session() as session:
        if not _masters(inward, arrival, session):
            return set()
        here = OdooMapping.org_id == inward.org_id, OdooMapping.model == arrival.model, OdooMapping.entity == arrival.name
        return set(session.scalars(select(OdooMapping.number).where(*here, OdooMapping.taken == "")))


def _masters(inward: Inward, arrival: Arrival, session: Session) -> bool:
    kept = arrival.setting and read_setting(session, inward.app.registry, inward.org_id, arrival.setting)
    return bool(kept == "odoo")


def strayed(inward: Inward, arrival: Arrival) -> set[int]:
    """Odoo's numbers of records that it masters and somebody has changed here since the last look."""
    with inward.session() as session:
        if not _masters(inward, arrival, session):
            return set()
        name = f"feed:{arrival.model}"
        cursor, last = session.get(OdooCursor, (inward.org_id, name)), feed.head(session)
        found = _changed(inward, arrival, session, cursor.seq) if cursor is not None and cursor.seq < last else set()
        if cursor is None or cursor.seq < last:
            row = {"org_id": inward.org_id, "name": name, "after": "", "last_id": 0, "seq": last}
            upsert(session, table_of(OdooCursor), [row], ("org_id", "name"))
            session.commit()
    return found


def _changed(inward: Inward, arrival: Arrival, session: Any, after: int) -> set[int]:
    """By somebody else than the bridge itself."""
    rows = select(FeedRow.row_id).where(FeedRow.org_id == inward.org_id, FeedRow.entity == arrival.name, FeedRow.seq > after)
    by_people = (
        select(ChangeRow.row_id)
        .join(EnvelopeRow, EnvelopeRow.id == ChangeRow.envelope_id)
        .where(ChangeRow.row_id.in_(rows), EnvelopeRow.feed_seq > after, _by_somebody())
    )
    here = OdooMapping.org_id == inward.org_id, OdooMapping.model == arrival.model, OdooMapping.entity == arrival.name
    return set(session.scalars(select(OdooMapping.number).where(*here, OdooMapping.row_id.in_(by_people))))


def _by_somebody() -> ColumnElement[bool]:
    """An import or a set-up of the hub's own counts as somebody; what the bridge does by itself does not."""
    return or_(EnvelopeRow.actor_id != SYSTEM, EnvelopeRow.command.in_((SaveRecord.__name__, SaveMany.__name__)))


def against(arrival: Arrival, row: Any, draft: Draft) -> Problem | None:
    """What of a record stands here otherwise than in Odoo, for whoever changed it here."""
    fields = fields_of(arrival.entity)
    other = [
        say(fields[name].label)
        for name, value in draft.values.items()
        if (to_plain(getattr(row, name)) or None) != (value or None)
    ]
    if not other:
        return None
    return Problem(
        "odoo.put_back",
        _("{row} was changed here ({labels}), while it is kept in Odoo: it was put back to what stands there."),
        hint=_("Change it in Odoo; it comes here by itself. Then let this letter go."),
        values={"row": row.title, "labels": ", ".join(other)},
    )
