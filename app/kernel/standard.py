"""What every entity gets for nothing: save (field by field), save many, retire, move through its states, notes and files."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.commands import Authority, Command, encode
from app.kernel.entity import About, Entity, Field, LocalRow, fields_of, link, text, whole
from app.kernel.events import Event
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.records import ChangeRow, Discrepancy, EnvelopeRow
from app.kernel.registry import Capability, Registry
from app.kernel.scan_log import SCANS, ScanRow
from app.kernel.settings import SettingValue
from app.kernel.shapes import PLAIN, to_plain
from app.kernel.states import Machine, Move
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work

MANY = 2000


class Note(Entity):
    """What someone wrote on a record."""

    __tablename__ = "note"
    __about__ = About(_("Note"), _("Notes"), title=("text",))
    row_id: Mapped[UUID] = link("", _("About"))
    text: Mapped[str] = text(_("Note"), size=4000)


class Attachment(Entity):
    """A file on a record; its bytes lie apart, under their hash."""

    __tablename__ = "attachment"
    __about__ = About(_("File"), _("Files"), title=("name",))
    row_id: Mapped[UUID] = link("", _("About"))
    name: Mapped[str] = text(_("Name"))
    sha256: Mapped[str] = text(_("Hash"), size=64)
    size: Mapped[int] = whole(_("Bytes"))


class BlobRow(LocalRow):
    """A file's bytes in this database."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """A record was made or changed by its form, an import or a colleague's edit."""

    row: Entity
    fresh: bool


@dataclass(frozen=True, kw_only=True)
class Moved(Event):
    """A record went from one state to another."""

    row: Entity
    move: Move
    before: str


@dataclass(frozen=True, kw_only=True)
class SaveRecord(Command):
    """Makes or changes a record; each field carries its old and new value, so that two people's edits can be told apart."""

    entity: str
    fields: dict[str, Any] = dataclass_field(default_factory=dict)  # name: [old, new]
    id: UUID | None = None

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def told(self, registry: Registry) -> dict[str, Any]:
        return {**encode(self), "fields": _told(registry, self.entity, self.fields)}


@dataclass(frozen=True, kw_only=True)
class SaveMany(Command):
    """Makes or changes up to 2,000 records of one entity: imports, backlogs and other systems' records."""

    entity: str
    rows: list[Any] = dataclass_field(default_factory=list)  # maps of field to value; found again by their natural key

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def told(self, registry: Registry) -> dict[str, Any]:
        return {
            **encode(self),
            "rows": [_told(registry, self.entity, row) if isinstance(row, dict) else row for row in self.rows],
        }


@dataclass(frozen=True, kw_only=True)
class Retire(Command):
    """Takes a record out of use; nothing is deleted."""

    entity: str
    id: UUID

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")


@dataclass(frozen=True, kw_only=True)
class Transition(Command):
    """Moves a record along its state machine. It happened on the floor, so the hub questions it rather than refuse."""

    authority = Authority.FACT
    entity: str
    id: UUID
    move: str
    reason: str = ""

    def grant(self, registry: Registry) -> str:
        return move_of(registry, self.entity, self.move)[1].needs


@dataclass(frozen=True, kw_only=True)
class AddNote(Command):
    """Writes a note on a record."""

    authority = Authority.FACT
    entity: str
    id: UUID
    text: str

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "read")


@dataclass(frozen=True, kw_only=True)
class AttachFile(Command):
    """Puts a file, whose bytes are already in this database, on a record."""

    authority = Authority.FACT
    entity: str
    id: UUID
    name: str
    sha256: str
    size: int

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "read")


def _told(registry: Registry, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values without those of secret fields."""
    known = registry.entities.get(entity)
    secret = {name for name, field in fields_of(known).items() if field.secret} if known is not None else set()
    return {name: "…" if name in secret else value for name, value in values.items()}


def move_of(registry: Registry, entity: str, name: str) -> tuple[Machine, Move]:
    """A declared move, or Refused with the moves there are."""
    machine = registry.machines.get(registry.entity(entity))
    move = machine.move(name) if machine else None
    if machine is None or move is None:
        moves = ", ".join(one.name for one in machine.moves) if machine else "–"
        raise Refused(
            Problem(
                "state.no_move",
                _("{entity} has no move “{move}”."),
                hint=_("Its moves are: {moves}."),
                values={"entity": entity, "move": name[:60], "moves": moves},
            )
        )
    return machine, move


# ------------------------------------------------------------------------------------------------------------- handlers


def save_record(do: SaveRecord, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    row = work.find(entity, do.id) if do.id else None
    changes = {name: pair for name, pair in do.fields.items() if _is_pair(name, pair)}
    if row is None:
        work.add(_made(entity, work, {name: pair[1] for name, pair in changes.items()}, do.id))
        return
    work.get(entity, row.id)
    for name, (old, new) in changes.items():
        _merge(work, row, _field(entity, name), old, new)
    _hold_rules(work, row, fresh=False)


def _is_pair(name: str, pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:
        raise Refused(
            Problem(
                "record.pair",
                _("“{field}” needs its old and its new value."),
                field=name[:60],
                hint=_("Write [old, new]; the old value of a new record is null."),
                values={"field": name[:60]},
            )
        )
    return True


def _made(entity: type[Entity], work: Work, values: dict[str, Any], ident: UUID | None, slot: str = "") -> Entity:
    """A new record from plain values, with every required field there."""
    row = entity()
    row.id = ident or work.new_id(entity, slot)
    row.org_id = work.envelope.org_id
    for field in fields_of(entity).values():
        if field.name in values:
            setattr(row, field.name, _read(field, values[field.name]))
        elif field.required and entity.__table__.columns[field.name].default is None:
            raise Refused(_missing(field))
    for name in values:
        _field(entity, name)
    _start(work.registry, row)
    _hold_rules(work, row, fresh=True)
    return row


def _start(registry: Registry, row: Entity) -> None:
    machine = registry.machines.get(type(row))
    if machine is not None:
        setattr(row, machine.field, machine.start)


def _hold_rules(work: Work, row: Entity, *, fresh: bool) -> None:
    for rule in work.registry.rules.get(type(row), ()):
        work.check(rule(row, work))
    for field in fields_of(type(row)).values():
        if field.unique:
            work.check(_taken(work, row, field))
    work.emit(Saved(row=row, fresh=fresh))


def _field(entity: type[Entity], name: str) -> Field:
    found = fields_of(entity).get(name)
    if found is None:
        raise Refused(
            Problem(
                "record.no_field",
                _("{entity} has no field “{field}”."),
                field=name[:60],
                hint=_("Its fields are: {names}."),
                values={"entity": entity.__about__.label, "field": name[:60], "names": ", ".join(fields_of(entity))},
            )
        )
    return found


def _missing(field: Field) -> Problem:
    return Problem(
        "record.missing",
        _("{label} is not filled in."),
        field=field.name,
        hint=_("Fill it in and save again."),
        values={"label": field.label},
    )


_PLAIN_KINDS: dict[str, Any] = {
    "text": str,
    "number": int,
    "quantity": Quantity,
    "choice": str,
    "link": UUID,
    "flag": bool,
    "money": Money,
    "day": date,
    "moment": datetime,
}


def _read(field: Field, value: Any) -> Any:
    """A field's value from plain data, held against its size and choices."""
    if value is None or value == "":
        if field.required and value is None:
            raise Refused(_missing(field))
        return "" if field.kind in ("text", "choice") and field.required else None
    kind = _PLAIN_KINDS.get(field.kind)
    read = PLAIN[kind][0](value, field.name) if kind else value
    if field.kind in ("text", "choice") and len(read) > field.size:
        raise Refused(
            Problem(
                "record.too_long",
                _("{label} is longer than {most} characters."),
                field=field.name,
                hint=_("Shorten it."),
                values={"label": field.label, "most": field.size},
            )
        )
    if field.choices and read not in {word for word, _label in field.choices}:
        raise Refused(
            Problem(
                "record.choice",
                _("“{value}” is not one of the choices of {label}."),
                field=field.name,
                hint=_("Choose one of: {choices}."),
                values={"value": str(read)[:40], "label": field.label, "choices": ", ".join(word for word, _ in field.choices)},
            )
        )
    return read


def _taken(work: Work, row: Entity, field: Field) -> Problem | None:
    """Unique means unique within the organisation; a clash between replicas is a finding, never a jam (law of replay 3)."""
    value = getattr(row, field.name)
    if value in (None, ""):
        return None
    entity = type(row)
    column = getattr(entity, field.name)
    with work.session.no_autoflush:
        other = work.session.scalars(
            select(entity)
            .where(entity.org_id == row.org_id, column == value, entity.id != row.id, entity.retired.is_(False))
            .limit(1)
        ).first()
    if other is None:
        return None
    return Problem(
        "record.taken",
        _("{label} “{value}” is already used by {other}."),
        field=field.name,
        hint=_("Open that one, or choose another."),
        values={"label": field.label, "value": value, "other": other.title},
    )


def _merge(work: Work, row: Entity, field: Field, old: Any, new: Any) -> None:
    """Sets one field. If somebody changed it meanwhile, the later stamp wins and the other value is kept for someone to see."""
    current, wanted = getattr(row, field.name), _read(field, new)
    if current == wanted:
        return
    if to_plain(current) == old or (current in (None, "") and old in (None, "")):
        setattr(row, field.name, wanted)
        return
    mine_is_later = work.envelope.stamp > _changed_at(work, row, field.name)
    loser = current if mine_is_later else wanted
    if mine_is_later:
        setattr(row, field.name, wanted)
    work.review(
        Problem(
            "record.conflict",
            _("Two people changed {label} of {row}: “{kept}” was kept, “{lost}” was not."),
            blocks=False,
            field=field.name,
            hint=_("Keep it so, or put the other value back."),
            values={"label": field.label, "row": row.title, "kept": getattr(row, field.name), "lost": loser},
        )
    )


def _changed_at(work: Work, row: Entity, name: str) -> int:
    """The stamp of the command that last changed a field, as far as this database knows."""
    known = (
        select(EnvelopeRow.stamp, ChangeRow.after)
        .join(ChangeRow, ChangeRow.envelope_id == EnvelopeRow.id)
        .where(ChangeRow.row_id == row.id)
        .order_by(ChangeRow.id.desc())
    )
    return next((stamp for stamp, after in work.session.execute(known) if after and name in after), row.stamp)


def save_many(do: SaveMany, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    if len(do.rows) > MANY:
        raise Refused(
            Problem(
                "record.too_many",
                _("{count} records are too many for one command."),
                hint=_("Send at most {most} at a time."),
                values={"count": len(do.rows), "most": MANY},
            )
        )
    there = _by_natural_key(work, entity, do.rows)
    for place, values in enumerate(do.rows):
        row = there.get(natural_key(entity, values))
        if row is None:
            work.add(_made(entity, work, values, _own_id(values.pop("id", None)), slot=str(place)))
            continue
        for name, value in values.items():
            wanted = _read(_field(entity, name), value)
            if getattr(row, name) != wanted:
                setattr(row, name, wanted)
        _hold_rules(work, row, fresh=False)


def _own_id(value: Any) -> UUID | None:
    return None if value is None else UUID(value)


def natural_key(entity: type[Entity], values: dict[str, Any]) -> tuple[Any, ...]:
    """What finds a record again on import; an empty key finds none."""
    declared = fields_of(entity)
    return tuple(
        _read(declared[name], values[name]) if values.get(name) not in (None, "") else None for name in entity.__about__.natural
    )


def _by_natural_key(work: Work, entity: type[Entity], plain: list[dict[str, Any]]) -> dict[tuple[Any, ...], Entity]:
    names = entity.__about__.natural
    if not names:
        return {}
    wanted = [key[0] for key in (natural_key(entity, values) for values in plain) if key[0] is not None]
    first = getattr(entity, names[0])
    found: dict[tuple[Any, ...], Entity] = {}
    for start in range(0, len(wanted), 500):
        rows = work.session.scalars(
            select(entity).where(
                entity.org_id == work.envelope.org_id, first.in_(wanted[start : start + 500]), entity.retired.is_(False)
            )
        )
        found |= {tuple(getattr(row, name) for name in names): row for row in rows}
    return found


def retire(do: Retire, work: Work) -> None:
    row = work.get(work.registry.entity(do.entity), do.id)
    if not row.retired:
        row.retired = True
        work.emit(Saved(row=row, fresh=False))


def transition(do: Transition, work: Work) -> None:
    machine, move = move_of(work.registry, do.entity, do.move)
    row = work.get(machine.entity, do.id)
    before = getattr(row, machine.field)
    if before == move.target:
        return
    if not move.leaves(before):
        work.check(machine.illegal(row, move))
        return
    if move.reason and not do.reason.strip():
        work.check(Problem("state.reason", _("This step needs a reason."), field="reason", hint=_("Say why in a few words.")))
    work.check(*(gate(row, work) for gate in move.gates))
    setattr(row, machine.field, move.target)
    work.emit(Moved(row=row, move=move, before=before))


def add_note(do: AddNote, work: Work) -> None:
    row = work.get(work.registry.entity(do.entity), do.id)
    if not do.text.strip():
        work.check(Problem("note.empty", _("The note is empty."), field="text", hint=_("Write something, or close it.")))
    work.add(Note(row_id=row.id, text=do.text.strip()))


def attach_file(do: AttachFile, work: Work) -> None:
    row = work.get(work.registry.entity(do.entity), do.id)
    work.add(Attachment(row_id=row.id, name=do.name, sha256=do.sha256, size=do.size))


def blob(content: bytes) -> tuple[str, int]:
    """The hash and size under which a file's bytes are kept."""
    return sha256(content).hexdigest(), len(content)


capability = Capability(
    name="kernel",
    entities=(Discrepancy, SettingValue, Note, Attachment),
    local=(BlobRow, ScanRow),
    queries=(SCANS,),
    handlers={
        SaveRecord: save_record,
        SaveMany: save_many,
        Retire: retire,
        Transition: transition,
        AddNote: add_note,
        AttachFile: attach_file,
    },
)
