"""Saving a record: by its form, field by field, so that two people's edits can be told apart; with its rules held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import ClassManager, class_mapper

from app.kernel.cards import side_of
from app.kernel.commands import A_RECORD, Command, encode
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.events import Event
from app.kernel.filling import field_named, missing, read_value
from app.kernel.problems import Contest, Problem, Refused
from app.kernel.registry import Registry
from app.kernel.shapes import to_plain
from app.kernel.trail import Trace, last, shown
from app.kernel.unique import id_taken, of_another_kind
from app.kernel.words import _
from app.kernel.work import Mode, Work


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """A record was made or changed by its form, an import or a colleague's edit."""

    row: Entity
    fresh: bool


@dataclass(frozen=True, kw_only=True)
class SaveRecord(Command):
    """Makes or changes a record; each field carries its old and new value, so that two people's edits can be told apart."""

    label = _("Record saved")
    about = A_RECORD
    entity: str
    fields: dict[str, Any] = dataclass_field(default_factory=dict)  # name: [old, new]
    id: UUID | None = None

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def told(self, registry: Registry) -> dict[str, Any]:
        return {**encode(self), "fields": without_secrets(registry, self.entity, self.fields)}


def without_secrets(registry: Registry, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those of secret fields left out, for logs."""
    known = registry.entities.get(entity)
    secret = {name for name, field in fields_of(known).items() if field.secret} if known is not None else set()
    return {name: "…" if name in secret else value for name, value in values.items()}


def save_record(do: SaveRecord, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    refuse_ledger(work.registry, entity)
    row = work.find(entity, do.id) if do.id else None
    changes = {name: pair for name, pair in do.fields.items() if _is_pair(name, pair)}
    if row is None:
        given = {name: read_value(field_named(entity, name), pair[1]) for name, pair in changes.items()}
        if do.id and of_another_kind(work.session, work.registry, entity, [do.id]):
            work.check(id_taken())
        row = made(entity, work, given, do.id)
        _hold_links(work, row, changes)
        hold_rules(work, row, fresh=True)
        work.add(row)
        return
    work.get(entity, row.id)
    for name, (old, new) in changes.items():
        _merge(work, row, field_named(entity, name), old, new)
    _hold_links(work, row, changes)
    hold_rules(work, row, fresh=False)


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


def refuse_ledger(registry: Registry, entity: type[Entity]) -> None:
    """A ledger, and what is written by commands of its own alone, is written by nobody's hand."""
    if not entity.__about__.form:
        raise Refused(
            Problem(
                "record.no_form",
                _("{entity} cannot be written by hand."),
                hint=_("Open the record that they belong to, and change them there."),
                values={"entity": entity.__about__.plural},
            )
        )
    if registry.is_ledger(entity):
        raise Refused(
            Problem(
                "record.ledger",
                _("{entity} cannot be written by hand."),
                hint=_("Book it: receive, count, adjust or reverse."),
                values={"entity": entity.__about__.plural},
            )
        )


def put(work: Work, row: Entity, field: Field, value: Any) -> None:
    """Sets a field of a record that is there; a state goes only where its moves lead, and some fields by their command."""
    if field.by_command:
        raise Refused(set_by_command(field))
    work.check(mastered(work, type(row), field))
    machine = work.registry.machines.get(type(row))
    if machine is not None and machine.field == field.name:
        raise Refused(
            Problem(
                "record.state",
                _("{label} of {row} changes by its own steps only."),
                field=field.name,
                hint=_("From {state} it can go by: {moves}."),
                values={
                    "label": field.label,
                    "row": row.title,
                    "state": getattr(row, field.name),
                    "moves": ", ".join(move.name for move in machine.open_moves(getattr(row, field.name))) or "–",
                },
            )
        )
    setattr(row, field.name, value)


def set_by_command(field: Field) -> Problem:
    """A field that means that something happened is not just written."""
    return Problem(
        "record.by_command",
        _("{label} is set by {command} alone."),
        field=field.name,
        hint=_("Leave it as it is here, and use {command}."),
        values={"label": field.label, "command": field.by_command},
    )


def made(entity: type[Entity], work: Work, given: Mapping[str, Any], ident: UUID | None, slot: str = "") -> Entity:
    """A new record, not yet kept, from values that were read; Refused where a required field has none."""
    return made_at(entity, work, given, ident or work.new_id(entity, slot))


def made_at(entity: type[Entity], work: Work, given: Mapping[str, Any], ident: UUID) -> Entity:
    """The same of one whose id is known."""
    mould = _mould(entity)
    if not mould.takes(given):
        raise Refused(_unmade(mould, given))
    row: Entity = mould.manager.new_instance()
    held = vars(row)  # nobody watches a row that is not kept yet: past the mapper it is filled in a third of the time
    held.update(mould.values, id=ident, org_id=work.envelope.org_id)
    held.update(given)
    for name, default in mould.drawn:  # now and not at the flush, so that rules judge what will be kept
        if name not in given:
            held[name] = default()
    machine = work.registry.machines.get(entity)
    if machine is not None:
        setattr(row, machine.field, machine.start)
    return row


@dataclass(frozen=True)
class _Mould:
    """What a new record of an entity begins with."""

    manager: ClassManager[Any]
    fields: tuple[Field, ...]
    values: Mapping[str, Any]  # by field: its default, or None, which is then known: else every look at it asks anew
    drawn: tuple[tuple[str, Callable[[], Any]], ...]  # defaults that are made anew for each
    needed: frozenset[str]
    closed: frozenset[str]  # set by commands of their own
    shut: bool  # where one of those is required, nobody makes such a record by hand

    def takes(self, given: Mapping[str, Any]) -> bool:
        return not self.shut and self.needed <= given.keys() and (not self.closed or self.closed.isdisjoint(given))


@cache
def _mould(entity: type[Entity]) -> _Mould:
    fields = fields_of(entity)
    defaults: dict[str, Any] = {name: entity.__table__.columns[name].default for name in fields}
    closed = frozenset(name for name, field in fields.items() if field.by_command)
    return _Mould(
        class_mapper(entity).class_manager,
        tuple(fields.values()),
        {name: None if one is None or one.is_callable else one.arg for name, one in defaults.items()},
        tuple((name, partial(one.arg, None)) for name, one in defaults.items() if one is not None and one.is_callable),
        frozenset(name for name, field in fields.items() if field.required and defaults[name] is None),
        closed,
        any(fields[name].required for name in closed),
    )


def _unmade(mould: _Mould, given: Mapping[str, Any]) -> Problem:
    """Why no record can be made so: of the first field that stands in the way."""
    for field in mould.fields:
        if field.by_command and (field.name in given or field.required):
            return set_by_command(field)
        if field.name in mould.needed and field.name not in given:
            return missing(field)
    raise AssertionError("what a mould does not take lacks something")


def hold_rules(work: Work, row: Entity, *, fresh: bool) -> None:
    """Holds a saved record against everything declared for it, and tells the other capabilities."""
    for rule in work.registry.rules.get(type(row), ()):
        work.check(rule(row, work))
    work.emit(Saved(row=row, fresh=fresh))


def _hold_links(work: Work, row: Entity, names: Collection[str]) -> None:
    for field, target in links(work, type(row)):
        ident = getattr(row, field.name)
        if ident is not None and field.name in names:
            with work.session.no_autoflush:
                work.check(dangling(work, field, target, work.find(target, ident)))


def links(work: Work, entity: type[Entity]) -> list[tuple[Field, type[Entity]]]:
    """The links to hold against what is known, each with what it points to. Only whoever fills them in is asked: later, and
    elsewhere, a parent may come after its child."""
    if work.mode is not Mode.FIRST:
        return []
    known = work.registry.entities
    return [
        (field, known[field.target]) for field in fields_of(entity).values() if field.kind == "link" and field.target in known
    ]


def dangling(work: Work, field: Field, target: type[Entity], other: Entity | None) -> Problem | None:
    """A link leads to a record that is there, is ours, and is in use."""
    if other is not None and other.org_id == work.envelope.org_id and not other.retired:
        return None
    message = _("This {kind} is not known here.") if other is None else _("This {kind} has been taken out of use.")
    if other is not None and other.org_id != work.envelope.org_id:
        message = _("This {kind} belongs to another organisation.")
    return Problem(
        "record.link",
        message,
        field=field.name,
        hint=_("Choose another for {label}."),
        values={"kind": target.__about__.label, "label": field.label},
    )


def _merge(work: Work, row: Entity, field: Field, old: Any, new: Any) -> None:
    """Sets one field. If somebody changed it meanwhile, the later stamp wins and the other value is kept for someone to see."""
    current, wanted = getattr(row, field.name), read_value(field, new)
    if current == wanted:
        return
    if _is_still(field, current, old):
        put(work, row, field, wanted)
        return
    theirs = last(work, row, field.name)
    work.check(_masters_word(work, row, field, theirs))
    mine_is_later = work.envelope.stamp > theirs.stamp
    loser = current if mine_is_later else wanted
    contest = _contest(work, row, field, wanted, current, old, theirs)
    if mine_is_later:
        put(work, row, field, wanted)
    work.review(
        Problem(
            "record.conflict",
            _("Two people changed {label} of {row}: “{kept}” was kept, “{lost}” was not."),
            blocks=False,
            field=field.name,
            hint=_("Keep it so, or put the other value back."),
            values={"label": field.label, "row": row.title, **_shown(field, getattr(row, field.name), loser)},
            contest=contest,
        )
    )


def _contest(work: Work, row: Entity, field: Field, wanted: Any, current: Any, old: Any, theirs: Trace) -> Contest:
    entity = type(row)
    return Contest(
        entity.__tablename__,
        row.id,
        field.name,
        side_of(work.envelope, shown(field, entity, wanted)),
        theirs.side(shown(field, entity, current)),
        shown(field, entity, _old(field, old)),
    )


def _old(field: Field, old: Any) -> Any:
    """What the person saw before; nothing where another version wrote it so that it cannot be read."""
    try:
        return None if old in (None, "") else read_value(field, old)
    except Refused:
        return None


def _masters_word(work: Work, row: Entity, field: Field, theirs: Trace) -> Problem | None:
    """What the hub masters was changed there meanwhile: its value stands, and whoever wanted another hears of it."""
    master = work.registry.masters.get(type(row))
    if master is None or master.setting or work.mode is Mode.FIRST or not master.covers(field.name):
        return None
    return Problem(
        "record.hub_wins",
        _("{label} of {row} was changed by somebody else meanwhile, and what stands at the hub counts."),
        field=field.name,
        hint=_("Look at it as it is now, and change it again if it is still wrong."),
        values={"label": field.label, "row": row.title, "at": theirs.stamp},
    )


def mastered(work: Work, entity: type[Entity], field: Field) -> Problem | None:
    """What another system masters is not written here, but by the program that brings it."""
    master = work.registry.masters.get(entity)
    if master is None or not master.setting or not master.covers(field.name) or work.actor.system:
        return None
    if work.setting(master.setting) != master.who.casefold():
        return None
    return Problem(
        "record.mastered",
        _("{label} is kept in {who}: it cannot be changed here."),
        field=field.name,
        hint=_("Change it in {who}; it comes here by itself."),
        values={"label": field.label, "who": master.who},
    )


def _shown(field: Field, kept: Any, lost: Any) -> dict[str, Any]:
    return {"kept": "…", "lost": "…"} if field.secret else {"kept": kept, "lost": lost}


def _is_still(field: Field, current: Any, old: Any) -> bool:
    """Whether a field has the value that the person saw, however they wrote it."""
    if current in (None, "") or old in (None, ""):
        return current in (None, "") and old in (None, "")
    try:
        return bool(read_value(field, old) == current)
    except Refused:  # a choice or a size of another version
        return bool(to_plain(current) == old)
