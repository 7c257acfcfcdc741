"""What comes from Odoo: records taken in many at once, with what they are there and how far was read, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, NamedTuple
from uuid import UUID

from app.kernel.bulk import SaveMany, save_many
from app.kernel.many import upsert_many
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from app.kernel.types import moment
from app.kernel.upsert import upsert
from app.kernel.words import _
from app.kernel.work import Work
from app.odoo.records import OdooCursor, OdooMapping
from app.odoo.rules import is_the_bridge
from app.odoo.states import TELLS


class Known(NamedTuple):
    """One record of Odoo's that is one of ours. `taken` is a hash of what was taken of it; none while some of it is open."""

    row_id: str
    number: int
    name: str
    taken: str
    mark: str = ""  # of what would be sent of it; nothing where that stays as it was
    base: dict[str, Any] | None = None  # how it stands there, where both sides write it


@dataclass(frozen=True, kw_only=True)
class TakeFromOdoo(SaveMany):
    """Makes or changes up to 2,000 records as Odoo has them, and keeps which of its records they are. The hub's bridge alone."""

    label = _("Taken from Odoo")
    model: str = ""
    of: str = ""  # the entity that `known` speaks of, where the rows only belong to those
    known: list[Any] = dataclass_field(default_factory=list)  # lists, as `Known` has them
    cursor: dict[str, Any] = dataclass_field(default_factory=dict)  # after, last_id, whole (ms); nothing where it stays

    def grant(self, registry: Registry) -> str:
        return TELLS


def take_from_odoo(do: TakeFromOdoo, work: Work) -> None:
    """What was read of Odoo counts as read once its rows are kept, and never before."""
    if not work.check(is_the_bridge(work)):
        return
    save_many(do, work)
    at, org_id = work.now, work.envelope.org_id
    known = [Known(*one) for one in do.known]
    mappings = [
        {
            "org_id": org_id,
            "entity": do.of or do.entity,
            "row_id": UUID(one.row_id),
            "model": do.model,
            "number": one.number,
            "name": one.name[:255],
            "mark": one.mark,
            "base": one.base,
            "taken": one.taken,
            "at": at,
        }
        for one in known
    ]
    upsert_many(work.session, table_of(OdooMapping), mappings, ("org_id", "entity", "row_id"), _MET_AGAIN)
    if do.cursor:
        upsert(work.session, table_of(OdooCursor), [_cursor(do, org_id)], ("org_id", "name"))


_KEPT = "mark = CASE WHEN excluded.mark = '' THEN odoo_mapping.mark ELSE excluded.mark END"
_MET_AGAIN = ", ".join([_KEPT, *(f"{name} = excluded.{name}" for name in ("model", "number", "name", "taken", "base", "at"))])


def _cursor(do: TakeFromOdoo, org_id: UUID) -> dict[str, Any]:
    whole = do.cursor.get("whole")
    told = {"org_id": org_id, "name": do.model, "after": str(do.cursor["after"]), "last_id": int(do.cursor["last_id"])}
    return told | ({"whole_at": moment(whole)} if whole else {})
