"""Settling: somebody looks at a card and chooses; what they choose is done in their name, and the card is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from app.kernel.cards import (
    ACCEPT,
    ACCEPTED,
    AUTHOR,
    DECIDED,
    MINE,
    NOBODY,
    NOTED,
    RETURNED,
    SETTLES,
    THEIRS,
    Card,
    Choice,
)
from app.kernel.commands import Command
from app.kernel.entity import Entity
from app.kernel.filling import field_named
from app.kernel.problems import Problem, Refused
from app.kernel.records import Discrepancy
from app.kernel.registry import Registry
from app.kernel.rows import values
from app.kernel.saving import hold_rules, put
from app.kernel.words import _, say
from app.kernel.work import Work

OPEN, SETTLED = "open", "settled"
TOGETHER = 500
"""Cards that one act may settle beside its own."""


@dataclass(frozen=True, kw_only=True)
class Settle(Command):
    """Someone looked at a card and chooses how it is settled; with it, all open ones of the same topic.

    `alike` are other cards that are left as they are by the same act.
    """

    label = _("Card settled")
    about = {"discrepancy": "discrepancy"}
    needs: ClassVar[str] = SETTLES
    discrepancy: UUID
    how: str = ""
    choice: str = "accept"
    alike: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SettleOwn(Settle):
    """The same, by whoever did what the card is about, or whose value it was."""

    needs: ClassVar[str] = "kernel.read"


def restore(side: str) -> Any:
    """The effect of putting one side's value into the record."""

    def effect(card: Discrepancy, work: Work) -> None:
        entity = work.registry.entity(card.entity)
        row = work.get(entity, card.row_id) if card.row_id is not None else None
        value = values(entity, {card.field: (getattr(card, side) or {}).get("value")}).get(card.field)
        if row is not None and getattr(row, card.field) != value:
            _put(work, entity, row, card.field, value)

    return effect


def _put(work: Work, entity: type[Entity], row: Entity, name: str, value: Any) -> None:
    """As a form would, but that a state goes where whoever decides says, though no step leads there."""
    machine = work.registry.machines.get(entity)
    if machine is not None and machine.field == name:
        wanted = {move.needs for move in machine.moves if move.target == value}
        if not any(work.may(one) for one in sorted(wanted)):
            raise Refused(_not_yours())
        setattr(row, name, value)
        return
    field = field_named(entity, name)
    if field.secret or not work.may(work.registry.grant_of(entity, "edit")):
        raise Refused(_not_yours())
    put(work, row, field, value)
    hold_rules(work, row, fresh=False)


TAKE_THEIRS = Choice(THEIRS, _("Take this one"), restore("theirs"))
TAKE_MINE = Choice(MINE, _("Take this one"), restore("mine"))
CONFLICT = Card("field", NOBODY, (ACCEPTED, TAKE_THEIRS, TAKE_MINE))  # the later one stands already
CARDS: Mapping[str, Card] = {
    "record.conflict": CONFLICT,
    "state.illegal": Card("state", SETTLES, (TAKE_THEIRS, TAKE_MINE, ACCEPTED), urgent=True),
    "record.taken": Card("twins", SETTLES, (ACCEPTED,)),
    "access.no_longer": Card("fact", SETTLES, (ACCEPTED,), urgent=True),
    "clock.ahead": NOTED,
}
_BY_KIND = {"returned": RETURNED}


def card_for(registry: Registry, row: Discrepancy) -> Card:
    """How a finding that was kept is settled."""
    known = _BY_KIND.get(row.kind) or registry.cards.get(row.code)
    return known or (NOTED if row.decides in (NOBODY, None) else DECIDED)


def settle(do: Settle, work: Work) -> None:
    card = work.get(Discrepancy, do.discrepancy)
    declared = card_for(work.registry, card)
    choice = next((one for one in declared.choices if one.name == do.choice), None)
    if choice is None:
        raise Refused(_no_choice(do.choice, declared))
    work.check(None if _may(work, card) else _not_yours(), _settled_before(card, do), _says_how(choice, do))
    if card.state == OPEN:
        if choice.effect is not None:
            choice.effect(card, work)
        _close(work, card, choice, do)
    _settle_alike(do, choice, work)


def _settle_alike(do: Settle, choice: Choice, work: Work) -> None:
    """Leaves the other cards as they are too: each by whoever may, and none that somebody has settled meanwhile."""
    if do.alike and (choice.name != ACCEPT or len(do.alike) > TOGETHER):
        raise Refused(_one_by_one())
    for ident in dict.fromkeys(do.alike):
        card = work.get(Discrepancy, ident)
        if card.state != OPEN:
            continue
        if not _may(work, card):
            raise Refused(_not_yours())
        if all(one.name != ACCEPT for one in card_for(work.registry, card).choices):
            raise Refused(_one_by_one())
        _close(work, card, choice, do)


def _close(work: Work, card: Discrepancy, choice: Choice, do: Settle) -> None:
    for one in _of_topic(work, card, "also" if card.id == do.discrepancy else f"also:{card.id.hex}"):
        one.state, one.chosen, one.settled = SETTLED, choice.name, do.how.strip() or _told(choice, card)
        one.settled_by, one.settled_at = work.envelope.actor_id, work.now


def _told(choice: Choice, card: Discrepancy) -> str:
    """How it was settled, where whoever did it said nothing: the value that was taken, or the choice."""
    taken = getattr(card, choice.name, None) if choice.name in (MINE, THEIRS) else None
    return str(taken.get("value")) if taken else say(choice.label)


def _may(work: Work, card: Discrepancy) -> bool:
    own = work.envelope.actor_id in (card.made_by, card.against)
    if card.decides == AUTHOR:
        return work.envelope.actor_id == card.made_by
    return work.may(SETTLES, card.site_id) or (own and card.decides in (NOBODY, None))


def _of_topic(work: Work, card: Discrepancy, slot: str) -> list[Discrepancy]:
    """The card, and the others that were open beside it when it was settled, wherever that is done again."""
    wanted = select(Discrepancy.id).where(
        Discrepancy.org_id == card.org_id,
        Discrepancy.topic == card.topic,
        Discrepancy.state == OPEN,
        Discrepancy.retired.is_(False),
    )
    drawn = work.draw(slot, lambda: sorted(ident.hex for ident in work.session.scalars(wanted)) if card.topic else [])
    others = (work.find(Discrepancy, UUID(ident)) for ident in drawn if UUID(ident) != card.id)
    return [card, *(one for one in others if one is not None and one.org_id == card.org_id and one.state == OPEN)]


def _settled_before(card: Discrepancy, do: Settle) -> Problem | None:
    if card.state == OPEN or card.chosen == do.choice:
        return None
    return Problem(
        "discrepancy.settled",
        _("Somebody has settled this already: “{how}”."),
        hint=_("Look at the record as it is now; change it there if it is still wrong."),
        values={"how": card.settled},
    )


def _says_how(choice: Choice, do: Settle) -> Problem | None:
    if do.how.strip() or not choice.says_how:
        return None
    return Problem("discrepancy.how", _("It is not said how it was settled."), field="how", hint=_("Write a few words."))


def _no_choice(given: str, card: Card) -> Problem:
    return Problem(
        "discrepancy.choice",
        _("This card cannot be settled by “{given}”."),
        field="choice",
        hint=_("Choose from: {names}."),
        values={"given": given[:40], "names": ", ".join(one.name for one in card.choices)},
    )


def _one_by_one() -> Problem:
    return Problem(
        "discrepancy.one_by_one",
        _("Cards are settled together only by leaving them as they are, and {most} at a time."),
        field="alike",
        hint=_("Open each, and choose."),
        values={"most": TOGETHER},
    )


def _not_yours() -> Problem:
    return Problem(
        "discrepancy.not_yours",
        _("This is for somebody else to decide."),
        hint=_("Ask a supervisor, or whoever did it."),
    )


HANDLERS: dict[type[Command], Any] = {Settle: settle, SettleOwn: settle}
