"""Attention: what waits for a person: their cards with the most urgent first, and what was found and merely noted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.kernel.access import Actor
from app.kernel.cards import AUTHOR, NOBODY, SETTLES
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.records import Discrepancy
from app.kernel.registry import Registry
from app.kernel.settling import OPEN
from app.kernel.words import _, say

READS = frozenset({Discrepancy.__tablename__})


def _columns(*more: Column) -> tuple[Column, ...]:
    return (
        Column("at", _("When"), "moment"),
        Column("code", _("Finding")),
        Column("message", _("What is so")),
        *more,
        Column("state", _("State")),
        Column("settled", _("How it was settled"), empty=True),
    )


def discrepancies(_asking: Asking, *, open: bool = True) -> Ask:
    """Every finding, the newest first."""
    statement = select(
        Discrepancy.id.label("id"),
        Discrepancy.made_at.label("at"),
        Discrepancy.command.label("command"),
        Discrepancy.code.label("code"),
        Discrepancy.message.label("message"),
        Discrepancy.detail.label("detail"),
        Discrepancy.state.label("state"),
        Discrepancy.settled.label("settled"),
    ).where(Discrepancy.retired.is_(False))
    columns = _columns(Column("detail", _("Values"), "data", empty=True), Column("command", _("Command")))
    statement = statement.where(Discrepancy.state == OPEN) if open else statement
    return Ask(statement, columns, order="-at", reads=READS, told=_told)


def attention(asking: Asking, *, noted: bool = False, code: str = "", entity: str = "", field: str = "") -> Ask:
    """The open cards of whoever asks, one for each topic; or, `noted`, what a rule has decided and they may still turn.

    With a `code` only those that `alike` counts under it, and under the same entity and field.
    """
    ours = _noted() if noted else _for(asking.actor)
    if code:
        ours = and_(ours, *(one == value for one, value in zip(_GROUP, (code, entity, field), strict=True)))
    each = (
        select(
            Discrepancy.id.label("id"),
            Discrepancy.topic.label("topic"),
            func.count().over(partition_by=Discrepancy.topic).label("alike"),
            func.row_number().over(partition_by=Discrepancy.topic, order_by=Discrepancy.id.desc()).label("place"),
        )
        .where(Discrepancy.retired.is_(False), Discrepancy.state == OPEN, ours)
        .subquery()
    )
    statement = (
        select(
            Discrepancy.id.label("id"),
            case((Discrepancy.code.in_(_urgent(asking.registry)), 0), else_=1).label("urgency"),
            Discrepancy.made_at.label("at"),
            Discrepancy.kind.label("kind"),
            Discrepancy.code.label("code"),
            Discrepancy.message.label("message"),
            Discrepancy.hint.label("hint"),
            Discrepancy.detail.label("detail"),
            Discrepancy.entity.label("entity"),
            Discrepancy.row_id.label("row"),
            Discrepancy.field.label("field"),
            Discrepancy.command.label("command"),
            Discrepancy.decides.label("decides"),
            Discrepancy.made_by.label("by"),
            Discrepancy.mine.label("mine"),
            Discrepancy.theirs.label("theirs"),
            Discrepancy.base.label("base"),
            each.c.alike.label("alike"),
        )
        .join(each, each.c.id == Discrepancy.id)
        .where(each.c.place == 1)
    )
    return Ask(statement, CARD_COLUMNS, order="urgency", reads=READS, told=_told)


_GROUP = (Discrepancy.code, func.coalesce(Discrepancy.entity, ""), func.coalesce(Discrepancy.field, ""))


def alike(_asking: Asking) -> Ask:
    """What was only noted, gathered: the findings of one code on one field of one kind of record, the latest first."""
    code, entity, field = _GROUP
    statement = (
        select(
            code.label("code"),
            entity.label("entity"),
            field.label("field"),
            func.count(func.distinct(func.coalesce(Discrepancy.topic, ""))).label("count"),
            func.max(Discrepancy.made_at).label("at"),
        )
        .where(Discrepancy.retired.is_(False), Discrepancy.state == OPEN, _noted())
        .group_by(*_GROUP)
    )
    columns = (
        Column("at", _("When"), "moment"),
        Column("code", _("Finding")),
        Column("entity", _("Kind of record")),
        Column("field", _("Field")),
        Column("count", _("How many"), "number"),
    )
    return Ask(statement, columns, order="-at", reads=READS, key=("code", "entity", "field"))


CARD_COLUMNS = (
    Column("urgency", _("Urgency"), "number"),
    Column("at", _("When"), "moment"),
    Column("message", _("What is so")),
    Column("hint", _("What to do"), empty=True),
    Column("alike", _("Alike"), "number"),
    Column("kind", _("Kind"), empty=True),
    Column("entity", _("Kind of record"), empty=True),
    Column("row", _("Record"), "link", empty=True),
    Column("field", _("Field"), empty=True),
    Column("mine", _("One side"), "data", empty=True),
    Column("theirs", _("The other side"), "data", empty=True),
    Column("base", _("Before"), "data", empty=True),
    Column("by", _("Who did it"), "link"),
    Column("code", _("Finding")),
    Column("command", _("Command")),
)


def _for(actor: Actor) -> Any:
    own = and_(Discrepancy.decides == AUTHOR, Discrepancy.made_by == actor.id)
    return or_(own, Discrepancy.decides == SETTLES) if actor.can(SETTLES) else own


def _noted() -> Any:
    return or_(Discrepancy.decides == NOBODY, Discrepancy.decides.is_(None))


def _urgent(registry: Registry) -> list[str]:
    return sorted(code for code, card in registry.cards.items() if card.urgent)


def _told(rows: list[Row]) -> list[Row]:
    """The words put together; of what was tried only what people read."""
    return [_said(row) for row in rows]


def _said(row: Row) -> Row:
    values = row["detail"] or {}
    return {**row, "message": say(row["message"], values), **({"hint": say(row["hint"], values)} if "hint" in row else {})}


QUERIES = (
    Query("discrepancies", discrepancies, "kernel.read", _("What happened anyway and waits for someone to settle it.")),
    Query(
        "attention", attention, "kernel.read", _("The cards that wait for you, the most urgent first; or what was only noted.")
    ),
    Query("alike", alike, "kernel.read", _("What was only noted, gathered by what it is, with how many there are of each.")),
)
