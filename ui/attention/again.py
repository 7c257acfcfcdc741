"""Again: a command that the hub turned down is tried once more: its form opens filled in, or it simply runs again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import drafts
from app.kernel.commands import Command, decode
from app.kernel.problems import Refused
from ui.attention.reading import CardView, wanted
from ui.kit.bench import Bench
from ui.kit.declared import FormScreen, Place


def prepare(bench: Bench, card: CardView) -> Place | None:
    """The form in which it can be changed and saved, with what was tried kept as its draft; None where there is no form."""
    place, name, fields = _saved(card) if card.command == "SaveRecord" else _made(bench, card)
    if place is not None:
        actor, at = bench.actor.id, bench.app.clock.now()
        bench.write(lambda session: drafts.keep(session, actor, name, at, fields))
    return place


def command(bench: Bench, card: CardView) -> Command | None:
    """The very command, to be run again; None where this program cannot read it any more."""
    kind = bench.app.registry.commands.get(card.command)
    try:
        return decode(kind, card.body) if kind is not None and card.body else None
    except Refused:
        return None


def _saved(card: CardView) -> tuple[Place | None, str, dict[str, Any]]:
    entity = str(card.body.get("entity", ""))
    ident = card.record.id if card.record is not None else None
    fields = {name: [value, _said(value)] for name, value in wanted(card.body).items()}
    return (Place("form", entity, ident) if fields else None), f"{entity}:{ident or 'new'}", fields


def _made(bench: Bench, card: CardView) -> tuple[Place | None, str, dict[str, Any]]:
    form = next((one for one in bench.declared.screens if _makes(one, card.command)), None)
    if not isinstance(form, FormScreen):
        return None, "", {}
    owner = UUID(str(card.body[form.of])) if form.of in card.body else None
    given = {form.of: owner} if owner is not None else {}
    fields = {name: [card.body[form.argument(name)], ""] for name in form.fields if form.argument(name) in card.body}
    return Place("form", form.name, given=given), f"{form.name}:{owner.hex if owner else 'new'}", fields


def _makes(screen: object, name: str) -> bool:
    return isinstance(screen, FormScreen) and screen.makes.__name__ == name


def _said(value: Any) -> str:
    return "" if value is None else str(value)
