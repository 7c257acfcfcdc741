"""What a list shows as a file: its columns under their words, narrowed and in order as on the screen, under the same grants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import lineup, queries
from app.kernel.access import Actor
from app.kernel.exchange.door import Office
from app.kernel.exchange.exports import Progress, Rows, passing, writer_of
from app.kernel.exchange.running import currency_of
from app.kernel.lineup import LineUp
from app.kernel.problems import Problem, Refused
from app.kernel.queries import MOST, Ask, Column, Filter, Row
from app.kernel.standard import ExportRows
from app.kernel.words import _, say

SHEETS = 5_000  # rows that anybody reads on paper


@dataclass(frozen=True)
class View:
    """A list as somebody sees it: the query, what it is narrowed to, its order, and the columns that are shown; of its rows
    `only` some, where any are named."""

    query: str
    columns: tuple[Column, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    word: Callable[[str, str], str] = lambda _field, stored: stored  # what people read for a stored choice
    only: frozenset[UUID] = frozenset()  # ids of rows that each have one


class Lists(Office, Protocol):
    """What an App offers to whoever takes a list along."""

    def asked(self, session: Session, name: str, actor: Actor, arguments: dict[str, Any] | None = None) -> Ask: ...


Sheet = Callable[[Path, list[str], Iterator[Row]], None]
"""Puts rows under their heads on paper, into a file."""


def export_view(
    lists: Lists,
    actor: Actor,
    view: View,
    path: Path,
    *,
    sheet: Sheet | None = None,
    progress: Progress = lambda _count: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Writes what a list shows to a .csv or .xlsx file, or by `sheet` to paper; returns how many rows there were.

    Refused without the grant to read the list. The file gets its name when it is whole and the export is in the audit.
    """
    write = writer_of(path) if sheet is None else None
    heads = [say(column.label) for column in view.columns]
    with lists.read(actor) as session:
        ask = lists.asked(session, view.query, lists.current(actor), dict(view.arguments))
        currency = currency_of(session, lists.registry, actor)
        with passing(path) as part:
            rows = Rows(_worded(_in_order(session, ask, view, paper=sheet is not None), view), progress, cancelled)
            if write is not None:
                write(part, heads, rows, currency)
            elif sheet is not None:
                sheet(part, heads, iter(rows))
            form = path.suffix.casefold().lstrip(".")
            lists.run(ExportRows(what=view.query, form=form, count=rows.count), actor).or_refused()
    return rows.count


def _in_order(session: Session, ask: Ask, view: View, *, paper: bool) -> Iterator[Row]:
    """Every row, looked up line by line where they can be lined up: no page is searched for."""
    if paper and (len(view.only) or queries.count(session, ask, view.filters)) > SHEETS:
        raise Refused(_too_much())
    if not lineup.can_line_up(ask) or session.get_bind().dialect.name != "sqlite":
        found = queries.rows(session, ask, view.filters, view.sort)
        yield from (row for row in found if not view.only or row["id"] in view.only)
        return
    up = lineup.taken(session, ask, sort=view.sort, filters=view.filters)
    if view.only:
        yield from _some(session, ask, up, view)
        return
    for first in range(0, len(up), MOST):
        rows = lineup.lines(session, ask, up, first, MOST, view.sort, view.filters)
        yield from (row for row in rows if row is not None)


def _some(session: Session, ask: Ask, up: LineUp, view: View) -> Iterator[Row]:
    """Those rows only, in the list's order."""
    wanted = {ident.hex for ident in view.only}
    keys = [key for key in up.keys() if key in wanted]  # noqa: SIM118 - no mapping
    for first in range(0, len(keys), MOST):
        yield from (row for row in lineup.rows_at(session, ask, keys[first : first + MOST]) if row is not None)


def _worded(rows: Iterator[Row], view: View) -> Iterator[Row]:
    """Values under the words of their columns, choices by the words that people read."""
    for row in rows:
        yield {say(column.label): _read(column, row[column.name], view) for column in view.columns}


def _read(column: Column, value: Any, view: View) -> Any:
    return view.word(column.name, value) if isinstance(value, str) and value else value


def _too_much() -> Problem:
    return Problem(
        "export.paper",
        _("This is more than {most} rows: nobody reads that on paper."),
        hint=_("Narrow the list first, or save it as a file."),
        values={"most": SHEETS},
    )
