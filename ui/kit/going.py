"""Going: to any line of a list, by the first letters or the number of what it is sorted by, by its own number, or by how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.kernel import queries
from app.kernel.meanings import Meaning
from app.kernel.problems import Refused
from app.kernel.queries import Column, Filter
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say, within
from ui.kit.bench import Bench, Told
from ui.kit.filters import AMOUNTS, amount
from ui.kit.question import Question
from ui.kit.reading import Source

if TYPE_CHECKING:
    from ui.kit.list import Table

DIGITS = 12  # of a line; no list has so many lines
NOT_YET = _("The list is still being put in order. Try again in a moment.")


def ask(bench: Bench, table: Table) -> None:
    """Asks where to; the answer is looked up in the order that the list has now."""
    column = _sorted_by(table)
    if column is None:
        return
    sentence = say(_("Go to which {column}?"), column=within(column.label))
    advice = say(_("Its first letters or its number. Or a line: #5000. Or how far: 50 %."))

    def answer(text: str, told: Told) -> None:
        go(bench, table, text.strip(), told)

    bench.ways.ask(Question(sentence, answer, advice=advice, kind="text", takes=_words, tone=""))


def _words(meaning: Meaning) -> str | None:
    return meaning.matches[0].title if meaning.matches else None


def _sorted_by(table: Table) -> Column | None:
    name = table.rows.order.lstrip("-")
    return next((one for one in table.rows.known if one.name == name), None)


def go(bench: Bench, table: Table, text: str, told: Told) -> None:
    """Marks the first line that does not stand before what was said."""
    rows, column = table.rows, _sorted_by(table)
    line = _line(text, rows.rowCount())
    if line is not None:
        _come(table, line, told)
        return
    if column is None:
        return
    try:
        wanted = amount(column.kind, text, bench.currency) if column.kind in AMOUNTS else text
    except Refused:
        wanted = None
    if wanted is None or column.kind not in ("text", "choice", *AMOUNTS):
        told(Outcome.ERROR, say(_("“{text}” is no {column}."), text=text[:40], column=within(column.label)))
        return
    op = "<=" if rows.order.startswith("-") else ">="
    bench.read(
        table, lambda: _found(bench, rows.source, Filter(column.name, op, wanted)), lambda ident: _arrive(table, ident, told)
    )


def _line(text: str, lines: int) -> int | None:
    """A line by its number, or by how far down it is."""
    number = text.strip("#% ")
    if not number.isdecimal() or number == text:
        return None
    said = int(number[:DIGITS])
    line = said - 1 if text.startswith("#") else said * lines // 100
    return max(0, min(line, lines - 1))


def _found(bench: Bench, source: Source, from_here: Filter) -> Any:
    """The id of the first row that is not before it."""
    with bench.app.read(bench.actor) as session:
        ask = bench.app.asked(session, source.query, bench.actor, dict(source.arguments))
        some = queries.page(session, ask, limit=1, sort=source.sort, filters=(*source.filters, from_here)).rows
    return some[0][ask.key[0]] if some else None


def _arrive(table: Table, ident: Any, told: Told) -> None:
    _come(table, table.rows.line_of(ident) if ident is not None else table.rows.rowCount() - 1, told)


def _come(table: Table, line: int | None, told: Told) -> None:
    """Where there is as yet no end, a line may be any other one once there is."""
    if line is None or not table.rows.in_order:
        told(Outcome.ERROR, say(NOT_YET))
    else:
        table.go_to(line)
