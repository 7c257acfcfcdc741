"""Reading: a card as people see it: both sides with their names and times, what was there before, and what they can choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.cards import ACCEPT, MINE, THEIRS
from app.kernel.entity import Entity, fields_of
from app.kernel.meanings import Match
from app.kernel.queries import Asking
from app.kernel.records import Discrepancy
from app.kernel.rows import image, values
from app.kernel.settling import card_for
from app.kernel.subjects import Done, called, spaced, subjects
from app.kernel.types import moment as moment_of
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.panels import person
from ui.kit.values import moment, shown, word

ASKS = {
    "field": _("Two people changed this. The later one stands: keep it, or put the other back."),
    "state": _("Two people took {row} different ways. Where does it stand?"),
}


FIELDS = {
    "bay": _("Bay"),
    "code": _("Code"),
    "key": _("Setting"),
    "kind": _("Kind"),
    "name": _("Name"),
    "place": _("Place"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "value": _("Value"),
    "wipe": _("Wipe it"),
}


MOST = 100  # cards that are drawn


@dataclass(frozen=True)
class Group:
    """What was noted of one code, on one field of one kind of record."""

    code: str
    entity: str
    field: str

    @property
    def given(self) -> dict[str, Any]:
        """As the query takes it."""
        return {"code": self.code, "entity": self.entity, "field": self.field}


@dataclass(frozen=True)
class Side:
    """One side of a card: the choice that takes it, its value in words, who gave it, when and where."""

    choice: str
    value: str
    who: str
    when: str
    stands: bool  # the record has this value now


@dataclass(frozen=True)
class Way:
    """A choice: its word for the command, the verb on its button, and whether a few words go with it."""

    name: str
    label: str
    says_how: bool = False


@dataclass(frozen=True)
class CardView:
    """A card, ready to be drawn."""

    id: UUID
    kind: str
    about: str  # the record and its field
    sentence: str
    advice: str
    when: str
    who: str
    sides: tuple[Side, ...]
    base: str
    ways: tuple[Way, ...]
    record: Match | None
    alike: int = 1
    tried: tuple[tuple[str, str], ...] = ()
    command: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    group: Group | None = None  # where it stands for several
    members: tuple[UUID, ...] = ()  # these, of which each is a card of its own


def each(bench: Bench, most: int = MOST, **given: Any) -> list[CardView]:
    """The cards of whoever is signed in, as the query `attention` gives them. On a reader thread."""
    rows = bench.app.ask("attention", bench.actor, limit=most, **given).rows
    with bench.app.read(bench.actor) as session:
        found = [(session.get(Discrepancy, row["id"]), row) for row in rows]
        return [_view(session, bench, card, row) for card, row in found if card is not None]


def _view(session: Session, bench: Bench, card: Discrepancy, row: dict[str, Any]) -> CardView:
    entity = bench.app.registry.entities.get(card.entity or "")
    record = session.get(entity, card.row_id) if entity is not None and card.row_id is not None else None
    label = say(fields_of(entity)[card.field].label) if entity is not None and card.field in fields_of(entity) else ""
    title = record.title if record is not None else ""
    sides = _sides(session, bench, card, record)
    body = dict((card.mine or {}).get("value") or {}) if card.kind == "returned" else {}
    return CardView(
        id=card.id,
        kind=card.kind or "fact",
        about=" · ".join(part for part in (title, label) if part) or _done(session, bench, card, body),
        sentence=say(ASKS[card.kind], label=label, row=title) if card.kind in ASKS and sides else row["message"],
        advice="" if card.kind in ASKS else row["hint"] or "",
        when=moment(card.made_at),
        who=person(session, bench, card.made_by),
        sides=sides,
        base=_base(session, bench, card),
        ways=tuple(Way(one.name, say(one.label), one.says_how) for one in card_for(bench.app.registry, card).choices),
        record=Match(card.entity, record.id, title) if record is not None else None,
        alike=row["alike"],
        tried=_tried(session, bench, card, body),
        command=card.command,
        body=body,
    )


# ------------------------------------------------------------------------------------------------------------- both sides


def _sides(session: Session, bench: Bench, card: Discrepancy, record: Entity | None) -> tuple[Side, ...]:
    if card.kind == "returned" or not card.mine or not card.theirs:
        return ()
    now = _plain_now(card, record)
    return tuple(_side(session, bench, card, name, given, now) for name, given in ((THEIRS, card.theirs), (MINE, card.mine)))


def _side(session: Session, bench: Bench, card: Discrepancy, name: str, given: dict[str, Any], now: Any) -> Side:
    who = person(session, bench, UUID(given["by"])) if given.get("by") else say(_("Somebody"))
    at = moment(moment_of(given["at"])) if given.get("at") else ""
    where = _terminal(session, bench, given.get("terminal"))
    value = given.get("title") or _said(session, bench, card, given.get("value"))
    stands = card.kind in ("field", "state") and given.get("value") == now
    return Side(name, value, who, " · ".join(part for part in (at, where) if part), stands)


def _plain_now(card: Discrepancy, record: Entity | None) -> Any:
    if record is None or card.field not in fields_of(type(record)):
        return None
    return image(type(record), {card.field: getattr(record, card.field)})[card.field]


def _base(session: Session, bench: Bench, card: Discrepancy) -> str:
    return _said(session, bench, card, card.base) if card.base not in (None, "") else ""


def _said(session: Session, bench: Bench, card: Discrepancy, plain: Any) -> str:
    """A value as people read it; what belongs to no field of the record is said as it is."""
    entity = bench.app.registry.entities.get(card.entity or "")
    known = fields_of(entity).get(card.field or "") if entity is not None else None
    if entity is None or known is None or card.kind == "claim":
        return str(plain or "–")
    real = values(entity, {known.name: plain}).get(known.name)
    target = bench.app.registry.entities.get(known.target)
    if known.kind == "link" and target is not None and real is not None:
        row = session.get(target, real)
        return row.title if row is not None else "–"
    machine = bench.app.registry.machines.get(entity)
    if machine is not None and machine.field == known.name:
        return word(known.name, str(plain))
    return shown(real, known.kind, known.name) or "–"


def _terminal(session: Session, bench: Bench, ident: str | None) -> str:
    if not ident:
        return ""
    if UUID(ident) == bench.app.station.id:
        return say(_("at this terminal"))
    entity = bench.app.registry.entities.get("terminal")
    row = session.get(entity, UUID(ident)) if entity is not None else None
    return row.title if row is not None else say(_("at another terminal"))


# ---------------------------------------------------------------------------------------------------------- what was tried


def _tried(session: Session, bench: Bench, card: Discrepancy, body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The fields of a command that came back, by their words where a record declares them."""
    entity = bench.app.registry.entities.get(str(body.get("entity", "")))
    fields = wanted(body)
    if entity is not None and fields:
        known = fields_of(entity)
        return tuple((say(known[name].label), str(value)) for name, value in fields.items() if name in known)
    return tuple((_label(bench, card.command, name), _row_or_text(session, bench, value)) for name, value in body.items())


def _done(session: Session, bench: Bench, card: Discrepancy, body: dict[str, Any]) -> str:
    """What was done, and on what, where no record is named."""
    asking = Asking(session, bench.actor, bench.app.registry)
    subject = subjects(asking, [Done(card.envelope_id, card.command, body)])[0]
    return " · ".join(part for part in (called(bench.app.registry, card.command), subject) if part)


def _label(bench: Bench, command: str, name: str) -> str:
    """A command's field by the word for it, or for what it names."""
    registry = bench.app.registry
    kind = registry.commands.get(command)
    entity = registry.entities.get(kind.about.get(name, "") if kind is not None else "")
    return say(entity.__about__.label) if entity is not None else say(FIELDS[name]) if name in FIELDS else spaced(name)


def wanted(body: dict[str, Any]) -> dict[str, Any]:
    """The values that a SaveRecord wanted, by field."""
    pairs = body.get("fields")
    if not isinstance(pairs, dict):
        return {}
    return {name: pair[1] for name, pair in pairs.items() if isinstance(pair, list) and len(pair) == 2}


def _row_or_text(session: Session, bench: Bench, value: Any) -> str:
    """An id by the title of its record, anything else as it is."""
    try:
        ident = UUID(str(value))
    except ValueError:
        return str(value)
    rows = (session.get(entity, ident) for entity in bench.app.registry.entities.values())
    found = next((row for row in rows if row is not None), None)
    return found.title if found is not None else "–"


def first_way(card: CardView) -> str:
    """What the filled button does when nothing else was chosen: what stands already stays."""
    standing = next((side.choice for side in card.sides if side.stands), None)
    names = [way.name for way in card.ways]
    return standing if standing in names else (names[0] if names else ACCEPT)
