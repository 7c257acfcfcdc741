"""Filters: what a list is narrowed to, one field at a time, as plain data that can be kept; and the questions that ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.kernel.entity import Entity, fields_of
from app.kernel.meanings import Meaning
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.queries import Column, Filter
from app.kernel.registry import Registry
from app.kernel.scan_log import Outcome
from app.kernel.shapes import PLAIN
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.zones import day_bounds
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.question import Question, Tile
from ui.kit.values import shown, word

DAYS = "days"  # from so many days after today up to so many; what is kept today means the same tomorrow
AMOUNTS = ("number", "quantity", "money")
SPANS: tuple[tuple[str, tuple[int | None, int | None]], ...] = (
    (_("Today"), (0, 0)),
    (_("The last 7 days"), (-6, 0)),
    (_("The last 30 days"), (-29, 0)),
    (_("The last 12 months"), (-364, 0)),
    (_("Before today"), (None, -1)),
    (_("The next 30 days"), (0, 29)),
)
COMPARED = ((_("At least…"), ">="), (_("At most…"), "<="), (_("Exactly…"), "="))
_WHOLE = re.compile(r"[+-]?\d{1,16}", re.ASCII)
SIGNS = {">=": "≥", "<=": "≤"}


@dataclass(frozen=True)
class Wish:
    """One field of a list, how it is compared, and with what, as plain data."""

    field: str
    op: str
    value: Any

    @classmethod
    def of(cls, plain: Sequence[Any]) -> Wish:
        field, op, value = plain
        return cls(str(field), str(op), tuple(value) if isinstance(value, list) else value)

    @property
    def plain(self) -> list[Any]:
        return [self.field, self.op, list(self.value) if isinstance(self.value, tuple) else self.value]


@dataclass(frozen=True)
class Choosable:
    """A column that a list can be narrowed by, with the words there are for its values where these are few."""

    column: Column
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        return "choice" if self.choices else self.column.kind


def choosables(known: Sequence[Column], entity: type[Entity], registry: Registry) -> list[Choosable]:
    """What a list can be narrowed by: its columns, as the entity's fields declare them."""
    fields, machine = fields_of(entity), registry.machines.get(entity)
    found = []
    for column in known:
        field = fields.get(column.name)
        choices = field.choices if field is not None else ()
        if machine is not None and machine.field == column.name and not choices:
            choices = tuple((state, word(column.name, state)) for state in machine.states)
        if column.kind in ("text", "choice", "flag", "day", "moment", *AMOUNTS):
            found.append(Choosable(column, choices))
    return found


# ------------------------------------------------------------------------------------------------------------ as filters


def applied(wishes: Sequence[Wish], today: date, zone: str) -> tuple[Filter, ...]:
    """The filters of some wishes on a day, at a place."""
    return tuple(one for wish in wishes for one in _filters(wish, today, zone))


def follows_the_day(wishes: Sequence[Wish]) -> bool:
    """Whether they mean something else tomorrow."""
    return any(wish.op.startswith(DAYS) for wish in wishes)


def _filters(wish: Wish, today: date, zone: str) -> list[Filter]:
    if not wish.op.startswith(DAYS):
        return [Filter(wish.field, wish.op, wish.value)]
    first, last = wish.value
    bounds = [(">=", first, 0), ("<", last, 1)]
    return [
        Filter(wish.field, op, _edge(today + timedelta(days=days + more), wish.op, zone))
        for op, days, more in bounds
        if days is not None
    ]


def _edge(day: date, op: str, zone: str) -> date | datetime:
    """A day, or the moment at which it begins at a place."""
    return day if op == DAYS else day_bounds(day, zone)[0]


def words_of(wish: Wish, choosable: Choosable, currency: str) -> str:
    """A wish as people read it."""
    label = say(choosable.column.label)
    if wish.op.startswith(DAYS):
        return f"{label}: {_span(wish.value)}"
    sign = SIGNS.get(wish.op)
    said = _value(wish, choosable, currency)
    return f"{label} {sign} {said}" if sign else f"{label}: {said}"


def _span(value: Any) -> str:
    return next((say(label) for label, span in SPANS if span == tuple(value)), "–")


def _value(wish: Wish, choosable: Choosable, currency: str) -> str:
    value = wish.value
    match choosable.kind:
        case _ if value is None or value == "":
            return say(_("nothing"))
        case "choice":
            return next((say(label) for stored, label in choosable.choices if stored == value), word(wish.field, str(value)))
        case "money":
            return shown(Money(int(value), currency))
        case "quantity":
            return shown(Quantity.parse(str(value)))
        case _:
            return shown(value)


# ------------------------------------------------------------------------------------------------------------- questions


def ask(bench: Bench, offered: Sequence[Choosable], then: Callable[[Wish], None]) -> None:
    """Asks for a field, and then what it should be; every answer is a touch, a number key, a few letters, or a scan."""
    tiles = tuple(Tile(say(one.column.label), one) for one in offered)
    bench.ways.ask(
        Question(say(_("Narrow the list by what?")), lambda one, _by: _ask_value(bench, one, then), tiles=tiles, tone="")
    )


def _ask_value(bench: Bench, one: Choosable, then: Callable[[Wish], None]) -> None:
    sentence = say(one.column.label)
    match one.kind:
        case "choice" | "flag" | "day" | "moment":
            tiles = _tiles(one)
            bench.ways.ask(Question(sentence, lambda wish, _by: then(wish), tiles=tiles, tone=""))
        case kind if kind in AMOUNTS:
            tiles = tuple(Tile(say(label), op) for label, op in COMPARED)
            bench.ways.ask(Question(sentence, lambda op, _by: _ask_amount(bench, one, op, then), tiles=tiles, tone=""))
        case _:
            question = Question(
                say(_("{field} contains…"), field=sentence),
                lambda text, _by: then(Wish(one.column.name, "has", text)),
                kind="text",
                takes=_words_scanned,
                tone="",
            )
            bench.ways.ask(question)


def _words_scanned(meaning: Meaning) -> str | None:
    """A label that is scanned stands for its words."""
    return meaning.matches[0].title if meaning.matches else None


def _tiles(one: Choosable) -> tuple[Tile, ...]:
    name = one.column.name
    match one.kind:
        case "choice":
            found = [Tile(say(label), Wish(name, "=", stored)) for stored, label in one.choices]
        case "flag":
            found = [Tile(shown(value), Wish(name, "=", value)) for value in (True, False)]
        case kind:
            op = DAYS if kind == "day" else f"{DAYS} of moments"
            found = [Tile(say(label), Wish(name, op, span)) for label, span in SPANS]
    nothing = Tile(say(_("Nothing")), Wish(name, "=", None))
    return (*found, nothing) if one.column.empty and one.kind != "flag" else tuple(found)


def _ask_amount(bench: Bench, one: Choosable, op: str, then: Callable[[Wish], None]) -> None:
    label = next(say(words) for words, sign in COMPARED if sign == op)
    sentence = f"{say(one.column.label)}: {label}"

    def answer(text: str, by: Told) -> None:
        try:
            then(Wish(one.column.name, op, amount(one.column.kind, text, bench.currency)))
        except Refused as refused:
            by(Outcome.ERROR, sentence_of(refused.problem))

    bench.ways.ask(Question(sentence, answer, kind="number", decimals=one.column.kind != "number", tone=""))


def amount(kind: str, text: str, currency: str) -> Any:
    """A number that was typed, as plain data: money in minor units. Refused where it is none."""
    if kind == "money":
        return Money.parse(text, currency).minor
    if kind == "number":
        return PLAIN[int][0](int(text) if _WHOLE.fullmatch(text) else text, kind)
    return str(Quantity.parse(text))


def joined(wishes: Sequence[Wish], more: Wish) -> tuple[Wish, ...]:
    """With one wish more, in place of one that compares the same field alike."""
    return (*(one for one in wishes if (one.field, one.op) != (more.field, more.op)), more)
