"""Records over HTTP: each entity's list, one of its rows with its history, and saving, retiring and moving it by its verbs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.kernel import looking
from app.kernel.access import denied
from app.kernel.attached import AddNote
from app.kernel.catalogue import fields_schema, first_sentence
from app.kernel.entity import Entity, Field, Has, fields_of
from app.kernel.filling import field_named
from app.kernel.problems import Problem, Refused
from app.kernel.records import EnvelopeRow
from app.kernel.registry import Registry
from app.kernel.shapes import PLAIN, to_plain
from app.kernel.standard import Retire, SaveRecord, Transition
from app.kernel.states import Machine, Move
from app.kernel.strict import shown
from app.kernel.words import _
from sync.hub.api import asking
from sync.hub.api.commanding import ANSWER, KEY, answered, ident
from sync.hub.api.operations import BASE, FLAG, ID, MOMENT, Call, Operation, Parameter, Reply, Schema, each, shape

IF_MATCH = Parameter(
    "If-Match", "The ETag of the record as it was read: refused with 412 where it has changed since.", place="header"
)
NOTE: Schema = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 4000}}}
REASON = shape(reason={"type": "string", "description": "why, where the step asks"})


def path_of(entity: type[Entity]) -> str:
    """Where an entity's records are: `/work-orders`."""
    return "/" + re.sub(r"[^a-z0-9]+", "-", entity.__about__.plural.lower().replace("'", "")).strip("-")


def operations(registry: Registry) -> Iterator[Operation]:
    """What can be done with the records of every entity."""
    for name, entity in sorted(registry.entities.items()):
        yield from _reading(registry, name, entity)
        if writable(registry, entity):
            yield from _writing(registry, name, entity)
        machine = registry.machines.get(entity)
        for move in machine.moves if machine else ():
            yield _moving(name, entity, move)
        if Has.NOTES in entity.__about__.has:
            yield _noting(registry, name, entity)


def writable(registry: Registry, entity: type[Entity]) -> bool:
    """Whether records are saved field by field; ledgers and what has commands of its own are not."""
    return entity.__about__.form and not registry.is_ledger(entity)


def made_by_form(entity: type[Entity]) -> bool:
    """Whether a new record may be just saved; where a required field is set by a command, that command makes it."""
    return not any(field.by_command and field.required for field in fields_of(entity).values())


def _reading(registry: Registry, name: str, entity: type[Entity]) -> Iterator[Operation]:
    path, grant = path_of(entity), registry.grant_of(entity, "read")
    about = first_sentence(entity.__doc__)
    listed = {**asking.ROWS, "properties": {**asking.ROWS["properties"], "rows": {"type": "array", "items": _ref(name)}}}
    yield Operation(
        "GET",
        path,
        f"list_{name}",
        f"{about} {asking.FILTERING}",
        name,
        partial(list_rows, entity),
        grant,
        takes=asking.PAGING,
        gives=listed,
    )
    yield Operation("GET", path + "/{id}", f"get_{name}", about, name, partial(get_row, entity), grant, gives=_ref(name))
    told = f"What was done to it, the latest first. {about}"
    yield Operation(
        "GET", path + "/{id}/history", f"history_of_{name}", told, name, partial(get_history, entity), grant, gives=HISTORY
    )


def _writing(registry: Registry, name: str, entity: type[Entity]) -> Iterator[Operation]:
    path, grant = path_of(entity), registry.grant_of(entity, "edit")
    if made_by_form(entity):
        yield _making(registry, name, entity)
    yield Operation(
        "PATCH",
        path + "/{id}",
        f"change_{name}",
        "Changes the fields that are given, and no others.",
        name,
        partial(change_row, entity),
        f"{registry.grant_of(entity, 'read')}, {grant}",
        takes=(KEY, IF_MATCH),
        body={**writable_schema(registry, entity), "required": []},
        gives=ANSWER,
    )
    if entity in registry.machines:
        return  # it ends by its own steps
    yield Operation(
        "DELETE",
        path + "/{id}",
        f"retire_{name}",
        "Takes a record out of use; nothing is deleted.",
        name,
        partial(retire_row, entity),
        grant,
        takes=(KEY,),
        gives=ANSWER,
    )


def _making(registry: Registry, name: str, entity: type[Entity]) -> Operation:
    schema = writable_schema(registry, entity)
    return Operation(
        "POST",
        path_of(entity),
        f"make_{name}",
        f"Makes a record. {first_sentence(entity.__doc__)}",
        name,
        partial(make_row, entity),
        registry.grant_of(entity, "edit"),
        takes=(KEY,),
        body={**schema, "properties": {"id": ID, **schema["properties"]}},
        gives=ANSWER,
        status=201,
    )


def _moving(name: str, entity: type[Entity], move: Move) -> Operation:
    path = f"{path_of(entity)}/{{id}}/{move.name.replace('_', '-')}"
    sources = move.sources if isinstance(move.sources, str) else ", ".join(move.sources)
    about = f"{move.label or move.name}: from {sources} to {move.target}."
    body = {**REASON, "required": ["reason"]} if move.reason else REASON
    return Operation(
        "POST",
        path,
        f"{move.name}_{name}",
        about,
        name,
        partial(move_row, entity, move.name),
        move.needs,
        takes=(KEY,),
        body=body,
        gives=ANSWER,
    )


def _noting(registry: Registry, name: str, entity: type[Entity]) -> Operation:
    grant = registry.grant_of(entity, "read")
    path = path_of(entity) + "/{id}/notes"
    return Operation(
        "POST",
        path,
        f"note_on_{name}",
        "Writes a note on it.",
        name,
        partial(note_on, entity),
        grant,
        takes=(KEY,),
        body=NOTE,
        gives=ANSWER,
    )


# --------------------------------------------------------------------------------------------------------------- reading


def list_rows(entity: type[Entity], call: Call) -> Reply:
    return asking.page(call, entity.__tablename__, widens=asking.with_links(entity, call.api.registry))


def get_row(entity: type[Entity], call: Call) -> Reply:
    app = call.api.hub.app
    with app.read(call.actor) as session:
        row = _row(session, entity, call)
        return Reply(plain_row(row, call.api.registry.machines.get(entity)), headers={"ETag": f'"{row.stamp}"'})


def get_history(entity: type[Entity], call: Call) -> Reply:
    app = call.api.hub.app
    secret = {name for name, field in fields_of(entity).items() if field.secret}
    with app.read(call.actor) as session:
        row = _row(session, entity, call)
        done = looking.history(session, row.id)
        names = _names(session, {one.who for one in done}) if app.can(call.actor, "access.read") else {}
    return Reply({"rows": [_done(one, names, secret) for one in done]})


def _done(one: looking.Entry, names: dict[UUID, str], secret: set[str]) -> dict[str, Any]:
    fields = [(name, before, after) for name, before, after in one.fields if name not in secret]
    return {
        "at": shown(one.at),
        "who": str(one.who),
        "name": names.get(one.who, ""),
        "command": one.command,
        "made": one.fresh,
        "fields": [{"field": name, "before": before, "after": after} for name, before, after in fields],
    }


def _names(session: Session, people: set[UUID]) -> dict[UUID, str]:
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return {ident: name for ident, name in found}


def _row(session: Session, entity: type[Entity], call: Call) -> Any:
    """The row that the path names, if the caller may see it."""
    grant = call.api.registry.grant_of(entity, "read")
    if not call.api.hub.app.can(call.actor, grant):
        raise Refused(denied(call.actor, grant))
    wanted = select(entity).where(entity.id == row_id(entity, call)).execution_options(needs=grant)
    row = session.scalars(wanted).first()
    if row is None:
        raise Refused(_missing(entity))
    return row


def row_id(entity: type[Entity], call: Call) -> UUID:
    try:
        found: UUID = PLAIN[UUID][0](call.path["id"], "id")
    except Refused:
        raise Refused(_missing(entity)) from None
    return found


def plain_row(row: Entity, machine: Machine | None) -> dict[str, Any]:
    """A row as JSON: its fields but the secret ones, how people call it, and where its steps may lead."""
    fields = {name: getattr(row, name) for name, field in fields_of(type(row)).items() if not field.secret}
    told = {"id": row.id, **fields, "title": row.title, "retired": row.retired, "made_at": row.made_at, "made_by": row.made_by}
    moves = {"moves": [move.name for move in machine.open_moves(getattr(row, machine.field))]} if machine else {}
    return {**{name: shown(value) for name, value in told.items()}, **moves}


def _missing(entity: type[Entity]) -> Problem:
    message, hint = _("This {kind} is not known here."), _("Check its id, and whether you may see it.")
    return Problem("row.missing", message, hint=hint, values={"kind": entity.__about__.label})


# --------------------------------------------------------------------------------------------------------------- writing


def make_row(entity: type[Entity], call: Call) -> Reply:
    """Makes a record of the fields in the body; its `id` may be given."""
    given = {name: value for name, value in call.body.items() if name != "id"}
    own = PLAIN[UUID][0](call.body["id"], "id") if call.body.get("id") is not None else None
    command = SaveRecord(entity=entity.__tablename__, id=own, fields={name: [None, value] for name, value in given.items()})
    return answered(call, command, ident(call), BASE + path_of(entity))


def change_row(entity: type[Entity], call: Call) -> Reply:
    """Changes a record. What the fields were is read here; sent again, it is the very same command again."""
    own = ident(call)
    fields = {name: _known(entity, name) for name in call.body}
    with call.api.hub.app.read(call.actor) as session:
        row = _row(session, entity, call)
        before = _said_before(session, own)
        if before is None:
            _hold_match(call, row)
            before = {name: to_plain(getattr(row, name)) for name in fields}
    changes = {name: [before.get(name), call.body[name]] for name in fields}
    return answered(call, SaveRecord(entity=entity.__tablename__, id=row.id, fields=changes), own)


def retire_row(entity: type[Entity], call: Call) -> Reply:
    return answered(call, Retire(entity=entity.__tablename__, id=row_id(entity, call)), ident(call))


def move_row(entity: type[Entity], move: str, call: Call) -> Reply:
    reason = PLAIN[str][0](call.body.get("reason", ""), "reason")
    command = Transition(entity=entity.__tablename__, id=row_id(entity, call), move=move, reason=reason)
    return answered(call, command, ident(call))


def note_on(entity: type[Entity], call: Call) -> Reply:
    text = PLAIN[str][0](call.body.get("text", ""), "text")
    return answered(call, AddNote(entity=entity.__tablename__, id=row_id(entity, call), text=text), ident(call))


def _known(entity: type[Entity], name: str) -> Field:
    field = field_named(entity, name)
    if field.secret:
        message, hint = _("{label} cannot be read or changed here."), _("Use the command that is made for it.")
        raise Refused(Problem("api.secret", message, field=name, hint=hint, values={"label": field.label}))
    return field


def _said_before(session: Session, own: UUID | None) -> dict[str, Any] | None:
    """The old values of the fields, when this command was sent before; so that it is the same to the last letter."""
    content = session.scalar(select(EnvelopeRow.content).where(EnvelopeRow.id == own)) if own else None
    fields = json.loads(content)["body"].get("fields") if content else None
    if not isinstance(fields, dict):
        return None
    return {name: pair[0] for name, pair in fields.items() if isinstance(pair, list) and pair}


def _hold_match(call: Call, row: Entity) -> None:
    wanted = call.headers.get("if-match")
    if wanted is not None and wanted.strip() not in ("*", f'"{row.stamp}"'):
        message, hint = _("Somebody has changed {row} since you read it."), _("Read it again, and decide anew.")
        raise Refused(Problem("api.changed", message, hint=hint, values={"row": row.title}))


# --------------------------------------------------------------------------------------------------------------- schemas


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def writable_schema(registry: Registry, entity: type[Entity]) -> Schema:
    """The fields that may be written: not those that a command or a step sets."""
    schema, declared = fields_schema(entity), fields_of(entity)
    machine = registry.machines.get(entity)
    kept = {
        name: one
        for name, one in schema["properties"].items()
        if not declared[name].by_command and not (machine and machine.field == name)
    }
    return {
        **schema,
        "additionalProperties": False,
        "properties": kept,
        "required": [one for one in schema["required"] if one in kept],
    }


def row_schema(registry: Registry, entity: type[Entity]) -> Schema:
    """A row as it is given."""
    more: Schema = {
        "id": ID,
        "title": {"type": "string"},
        "retired": FLAG,
        "made_at": MOMENT,
        "made_by": ID,
    }
    if entity in registry.machines:
        more["moves"] = {**each({"type": "string"}), "description": "the steps that lead on from here"}
    own = fields_schema(entity)["properties"]
    return {**shape(**{**more, **own}), "description": first_sentence(entity.__doc__)}


HISTORY = shape(
    rows=each(
        shape(
            at=MOMENT,
            who=ID,
            name={"type": "string", "description": "who that is, for whoever may read about people"},
            command={"type": "string"},
            made={**FLAG, "description": "whether this made the record"},
            fields=each({"type": "object"}),
        )
    )
)
