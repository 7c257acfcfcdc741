"""What the hub's bridge tells people: where records stand in Odoo, what is stuck, what may be matched, where numbers differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Command
from app.kernel.entity import Entity
from app.kernel.records import Discrepancy
from app.kernel.rows import codecs
from app.kernel.standard import Transition, transition
from app.kernel.words import _
from app.kernel.work import Work
from app.odoo.model import (
    AGAIN,
    DONE,
    GONE,
    MATCHED,
    OPEN,
    SETTLED,
    OdooDifference,
    OdooHealth,
    OdooLetter,
    OdooLink,
    OdooMatch,
    OdooThing,
    difference_id,
    health_id,
    letter_id,
    link_id,
    match_id,
    thing_id,
)
from app.odoo.rules import DEAD, OLD_HOURS, is_the_bridge, lies_dead
from app.odoo.states import TELLS
from app.parts.model import Part
from app.places.model import Bin

E = TypeVar("E", bound=Entity)
Plain = Mapping[str, Any]
AT_ONCE = 500  # rows that are looked up in one question
MOST_CARDS = 20  # put before people at once; the rest with the next note


@dataclass(frozen=True, kw_only=True)
class NoteInOdoo(Command):
    """The hub's bridge tells what stands in Odoo, what is stuck there, what there is to match, and where stock differs.

    Every line is a map of a row's fields as plain data (ids as hex, moments in milliseconds, quantities in thousandths); what it
    leaves out stays. Whom it is about says its id: a link and a letter by `entity` and `row_id`, a match by `kind` and `ours`, a
    thing by `kind` and `number`, a difference by `part_id`, `bin_id` and `lot`. A letter with the state `done` is cleared, a
    difference whose numbers agree is settled, a match or thing that is `gone` is taken out of use.
    """

    label = _("Told from Odoo")
    about = {"what": ""}
    needs = TELLS
    what: str = ""  # in a few words, for the trail
    health: dict[str, Any] = field(default_factory=dict)
    links: list[Any] = field(default_factory=list)
    letters: list[Any] = field(default_factory=list)
    things: list[Any] = field(default_factory=list)
    matches: list[Any] = field(default_factory=list)
    differences: list[Any] = field(default_factory=list)


def note_in_odoo(do: NoteInOdoo, work: Work) -> None:
    work.check(is_the_bridge(work))
    org = work.envelope.org_id
    if do.health:
        _keep(work, OdooHealth, {health_id(org): do.health})
    _keep(work, OdooLink, {link_id(UUID(one["row_id"])): one for one in do.links})
    _keep(work, OdooThing, {thing_id(org, one["kind"], one["number"]): one for one in do.things})
    _note_matches(work, {match_id(org, one["kind"], one["ours"]): one for one in do.matches})
    _note_letters(work, {letter_id(UUID(one["row_id"])): one for one in do.letters})
    _note_differences(work, do.differences)
    work.session.flush()
    _put_before_people(work)


def _keep(work: Work, entity: type[E], told: Mapping[UUID, Plain], but: Sequence[str] = ()) -> dict[UUID, E]:
    """Writes lines to their rows, which are made where they are new; a field that is told as it stands is not touched. `but`
    names the fields that a step of its own sets."""
    there = _there(work, entity, list(told))
    for ident, plain in told.items():
        values = {name: value for name, value in _values(entity, plain) if name not in but}
        row = there.get(ident)
        if row is None:
            there[ident] = work.add(entity(id=ident, **values))
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        if row.retired is not bool(plain.get("gone")):
            row.retired = bool(plain.get("gone"))
    return there


def _values(entity: type[Entity], plain: Plain) -> Iterator[tuple[str, Any]]:
    known = codecs(entity)
    return ((name, None if value is None else known[name][1](value)) for name, value in plain.items() if name in known)


def _there(work: Work, entity: type[E], idents: Sequence[UUID]) -> dict[UUID, E]:
    found: dict[UUID, E] = {}
    for start in range(0, len(idents), AT_ONCE):
        wanted = select(entity).where(entity.id.in_(idents[start : start + AT_ONCE]))
        found.update((row.id, row) for row in work.session.scalars(wanted))
    return found


def _note_matches(work: Work, told: Mapping[UUID, Plain]) -> None:
    """What people chose stays, whatever the bridge thinks of it; what it knows by itself is matched without them."""
    there = _there(work, OdooMatch, list(told))
    chosen = {ident for ident, row in there.items() if row.state == MATCHED}
    lines = {ident: {**plain, "state": MATCHED if plain.get("theirs") is not None else OPEN} for ident, plain in told.items()}
    _keep(work, OdooMatch, {ident: plain for ident, plain in lines.items() if ident not in chosen})
    _keep(work, OdooMatch, {ident: lines[ident] for ident in chosen}, ("theirs", "theirs_name", "state"))


def _note_letters(work: Work, told: Mapping[UUID, Plain]) -> None:
    """A letter that is new lies open; one that was tried again, let go or done lies open again where Odoo still says no. It lies
    there since it first came, unless it had been settled meanwhile."""
    before = {ident: row.state for ident, row in _there(work, OdooLetter, list(told)).items()}
    stuck = {ident: plain for ident, plain in told.items() if plain.get("state", OPEN) != DONE}
    lies = {ident for ident, state in before.items() if state in (OPEN, AGAIN)}
    stuck = {ident: plain if ident in lies else {"since": _ms(work), **plain} for ident, plain in stuck.items()}
    kept = _keep(work, OdooLetter, stuck, ("state",))
    for ident, row in kept.items():
        if before.get(ident, OPEN) != OPEN:
            _step(work, row, "stick", _("Odoo would not take it."))
    for ident, row in _there(work, OdooLetter, [one for one in told if one not in stuck]).items():
        if before[ident] != DONE:
            _step(work, row, "clear")


def _ms(work: Work) -> int:
    return int(work.now.timestamp() * 1000)


def _note_differences(work: Work, lines: Sequence[Plain]) -> None:
    for plain in lines:
        part, bin, lot = UUID(plain["part_id"]), UUID(plain["bin_id"]), str(plain.get("lot") or "")
        ident = difference_id(part, bin, lot)
        row = work.session.get(OdooDifference, ident)
        agree = plain["ours"] == plain["theirs"]
        if row is None and agree:
            continue
        title = _named(work, part, bin, lot)
        row = _keep(work, OdooDifference, {ident: {"as_of": _ms(work), **plain, "subject": title}}, ("state", "settled_how"))[
            ident
        ]
        if agree and row.state != SETTLED:
            row.settled_how = GONE
            _step(work, row, "settle")
        elif not agree and row.state == SETTLED:
            row.settled_how, row.reason = None, ""
            _step(work, row, "differ", _("Both were compared anew."))


def _named(work: Work, part: UUID, bin: UUID, lot: str) -> str:
    """The bin first: it is short, and what is cut off on a small glass is the end."""
    rows = (work.session.get(Bin, bin), work.session.get(Part, part))
    return " · ".join([*(row.title for row in rows if row is not None), *([lot] if lot else [])])[:255]


def _step(work: Work, row: Entity, move: str, reason: str = "") -> None:
    work.session.flush()
    transition(Transition(entity=row.__tablename__, id=row.id, move=move, reason=reason), work)


# --------------------------------------------------------------------------------------------------- put before people


def _put_before_people(work: Work) -> None:
    """Letters that lie for longer than a day become cards, each once as long as it lies."""
    for ident in work.draw("odoo:old", lambda: _old(work)):
        letter = work.session.get(OdooLetter, UUID(ident))
        if letter is not None and letter.state == OPEN:
            work.review(lies_dead(letter))


def _old(work: Work) -> list[str]:
    org = work.envelope.org_id
    told = select(Discrepancy.row_id).where(
        Discrepancy.org_id == org, Discrepancy.code == DEAD, Discrepancy.state == OPEN, Discrepancy.row_id.is_not(None)
    )
    old = select(OdooLetter.id).where(OdooLetter.org_id == org, OdooLetter.state == OPEN, OdooLetter.retired.is_(False))
    old = old.where(OdooLetter.since < work.now - timedelta(hours=OLD_HOURS), OdooLetter.id.not_in(told))
    return [ident.hex for ident in work.session.scalars(old.order_by(OdooLetter.since, OdooLetter.id).limit(MOST_CARDS))]
