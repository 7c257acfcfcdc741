"""Records of Odoo's that could not be taken in: each waits under its model, has one letter, and is tried again when asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel.problems import Problem
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from app.odoo.model import DONE, HUMAN, MAPPING
from app.odoo.notes import NoteInOdoo
from app.odoo.records import OdooWaiting
from sync.odoo.arriving import Arrival, Draft

if TYPE_CHECKING:
    from sync.odoo.inward import Inward

TO_MATCH = frozenset({"odoo.no_unit"})  # what is put right by matching; everything else wants somebody's decision
Wrong = tuple[Draft, Problem]
Lines = dict[UUID, OdooWaiting]


def settle(inward: Inward, arrival: Arrival, wrong: Sequence[Wrong], fine: Sequence[Draft], told: Sequence[Wrong] = ()) -> None:
    """A letter for each that could not be taken, the end of the letters of those that now were, and a word on what was `told`."""
    with inward.session() as session:
        before = lines(session, inward.org_id, arrival)
        news = [one for one in wrong if not _known(before.get(_ident(inward, arrival, one[0])), one[1])]
        done = [ident for draft in fine if (ident := _ident(inward, arrival, draft)) in before]
        if not (news or done or told):
            return
        rows = [_line(inward, arrival, draft, problem, before) for draft, problem in news]
        upsert(session, table_of(OdooWaiting), rows, ("org_id", "entity", "row_id"))
        _drop(session, inward.org_id, arrival, done)
        session.commit()
    letters = [_letter(inward, arrival, draft, problem) for draft, problem in (*news, *told)]
    letters += [{"entity": arrival.model, "row_id": ident.hex, "state": DONE} for ident in done]
    inward.app.run(NoteInOdoo(letters=letters), inward.actor).or_refused()


def lines(session: Session, org_id: UUID, arrival: Arrival) -> Lines:
    """What waits of a model, by the id under which it does."""
    wanted = select(OdooWaiting).where(OdooWaiting.org_id == org_id, OdooWaiting.entity == arrival.model)
    return {line.row_id: line for line in session.scalars(wanted)}


def asked_again(session: Session, org_id: UUID, arrival: Arrival) -> set[int]:
    """Odoo's numbers of what somebody wants tried again, or what was waiting for a match that is there now."""
    found = lines(session, org_id, arrival).values()
    return {int(line.said["values"]["number"]) for line in found if line.said and not line.verdict}


def _known(line: OdooWaiting | None, problem: Problem) -> bool:
    """Whether this is what was said before, and nobody has asked since."""
    return line is not None and bool(line.verdict) and line.said is not None and line.code == problem.code


def _line(inward: Inward, arrival: Arrival, draft: Draft, problem: Problem, before: Lines) -> dict[str, Any]:
    ident, now = _ident(inward, arrival, draft), datetime.now(UTC)
    line = before.get(ident)
    return {
        "org_id": inward.org_id,
        "entity": arrival.model,
        "row_id": ident,
        "since": line.since if line else now,
        "seq": line.seq if line else 0,
        "tries": (line.tries if line else 0) + 1,
        "verdict": _verdict(problem),
        "code": problem.code,
        "said": {"message": problem.message, "hint": problem.hint, "values": _values(draft, problem)},
    }


def _letter(inward: Inward, arrival: Arrival, draft: Draft, problem: Problem) -> dict[str, Any]:
    return {
        "entity": arrival.model,
        "row_id": _ident(inward, arrival, draft).hex,
        "subject": draft.name[:255],
        "verdict": _verdict(problem),
        "code": problem.code,
        "said": problem.message[:500],
        "hint": problem.hint[:500],
        "detail": _values(draft, problem),
    }


def _values(draft: Draft, problem: Problem) -> dict[str, Any]:
    return {**{name: str(value) for name, value in problem.values.items()}, "number": draft.number}


def _verdict(problem: Problem) -> str:
    return MAPPING if problem.code in TO_MATCH else HUMAN


def _ident(inward: Inward, arrival: Arrival, draft: Draft) -> UUID:
    return arrival.ident(inward.org_id, draft.number)


def _drop(session: Session, org_id: UUID, arrival: Arrival, idents: Collection[UUID]) -> None:
    if idents:
        those = OdooWaiting.org_id == org_id, OdooWaiting.entity == arrival.model, OdooWaiting.row_id.in_(idents)
        session.execute(delete(OdooWaiting).where(*those))
