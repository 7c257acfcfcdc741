"""The records of one kind that go to Odoo together: what their map may ask, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.problems import Problem
from app.kernel.types import canonical
from app.kernel.words import _
from app.odoo.model import MAPPING, RETRY, OdooMatch, match_id
from sync.odoo.errors import Verdict
from sync.odoo.map import Out, Stuck
from sync.odoo.places import Places
from sync.odoo.transport import Odoo
from sync.odoo.waiting import NEEDS, Line, Placed, placed

GONE = ("odoo.gone", "odoo.unmatched")  # how Odoo says that it does not know what a record names


class Batch:
    """As `map.Known` has it, and where a map's `send` says how each row fared. The session is at rest while Odoo is asked."""

    def __init__(self, session: Session, org_id: UUID, odoo: Odoo, places: Places, out: Out, rows: Sequence[Any]) -> None:
        self.session = session
        self.org_id = org_id
        self.out = out
        self.rows = list(rows)
        self.arrived: dict[UUID, Placed] = {}
        self.bad: dict[UUID, Verdict] = {}
        self.tries: dict[UUID, int] = {}  # of those that were laid aside
        self.again_later: set[UUID] = set()  # of these, what is tried again by itself
        self.held: list[UUID] = []  # all right by themselves, but what they name is not there yet
        self.besides: dict[str, dict[Line, Placed]] = {}  # by model, what was found or made in Odoo besides
        self.again: list[Line] = []  # what must be looked at once more because of these
        self._odoo = odoo
        self.places = places
        self.forgotten: list[Line] = []  # what is in Odoo no more, so that it is found or made anew
        self._placed: dict[Line, Placed | None] = {}

    @property
    def odoo(self) -> Odoo:
        """Odoo may take minutes: no transaction of ours stays open meanwhile."""
        self.session.commit()
        return self._odoo

    # -------------------------------------------------------------------------------------------------- what is there

    def learn(self, lines: Iterable[Line]) -> None:
        """Looks up at once which of these rows are in Odoo."""
        self._placed |= placed(self.session, self.org_id, [line for line in dict.fromkeys(lines) if line not in self._placed])

    def placed(self, entity: str, ident: UUID) -> Placed | None:
        if (entity, ident) not in self._placed:
            self.learn([(entity, ident)])
        return self._placed.get((entity, ident))

    def number(self, entity: str, ident: UUID) -> int:
        found = self.placed(entity, ident)
        if found is None:
            raise Stuck(RETRY, Problem(NEEDS, _("What this names is not in Odoo yet.")))
        return found.number

    def maybe(self, entity: str, ident: UUID | None) -> int | None:
        found = self.placed(entity, ident) if ident is not None else None
        return found.number if found is not None else None

    def matched(self, kind: str, ours: str) -> int:
        wanted = select(OdooMatch.theirs).where(OdooMatch.id == match_id(self.org_id, kind, ours))
        found = self.session.scalar(wanted)
        if found is None:
            found = self.places.usual(kind, ours)
        if found is None:
            raise Stuck(MAPPING, _unmatched(kind, ours))
        return found

    def place(self, name: str, warehouse: UUID | None = None) -> int:
        found = self.places.of(name, self.number("warehouse", warehouse) if warehouse is not None else None)
        if found is None:
            raise Stuck(
                MAPPING, Problem("odoo.no_place", _("Odoo has no location for this: {name}."), _SET_UP, values={"name": name})
            )
        return found

    # ------------------------------------------------------------------------------------------------- what became of it

    def keep(self, ident: UUID, number: int, name: str = "", mark: str = "") -> None:
        self.arrived[ident] = Placed(number, name, mark)
        self._placed[self.out.name, ident] = self.arrived[ident]

    def keep_beside(self, entity: str, ident: UUID, number: int, name: str = "", model: str = "") -> None:
        """Keeps which record of Odoo's something is, though it is not said that it stands there as ours does."""
        found = self._placed[entity, ident] = Placed(number, name, "")
        self.besides.setdefault(model or self.out.model, {})[entity, ident] = found

    def forget(self, entity: str, ident: UUID) -> None:
        """Odoo does not know any more what this was there: with the next try it is looked for, or made, anew."""
        if self._placed.get((entity, ident)) is not None:
            self.forgotten.append((entity, ident))
            self._placed[entity, ident] = None

    def refuse(self, ident: UUID, verdict: Verdict) -> None:
        if verdict.code == NEEDS:
            self.held.append(ident)
        else:
            self.bad[ident] = verdict

    def stuck(self, ident: UUID, error: Stuck) -> None:
        self.refuse(ident, Verdict(error.kind, error.problem))  # type: ignore[arg-type]


def mark_of(value: Mapping[str, Any] | Sequence[Any], state: str = "") -> str:
    """A hash of what is sent: equal means that there is nothing to do. A document's state stands before it."""
    found = sha256(canonical(value).encode()).hexdigest()[:40]
    return f"{state}:{found}" if state else found


_SET_UP = _("Run “fettle odoo setup” on the hub, then try again.")
_KINDS = {
    "unit": _("Nobody has said yet what the unit “{ours}” is in Odoo."),
    "tax": _("Nobody has said yet what the tax “{ours}” is in Odoo."),
}
_OTHER = _("Nobody has said yet what “{ours}” is in Odoo.")


def _unmatched(kind: str, ours: str) -> Problem:
    hint = _("Match it on the page “Match with Odoo”, then it goes by itself.")
    return Problem("odoo.unmatched_here", _KINDS.get(kind, _OTHER), hint, values={"ours": ours, "kind": kind})
