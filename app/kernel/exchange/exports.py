"""Exporting a list as a file: what the screen would show to whoever asks, safe in a spreadsheet, told in the audit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.kernel import queries
from app.kernel.access import Actor, denied
from app.kernel.entity import Entity, fields_of
from app.kernel.exchange.door import Office
from app.kernel.exchange.links import spelled
from app.kernel.exchange.others import escaped
from app.kernel.exchange.running import currency_of
from app.kernel.exchange.sheets import armed
from app.kernel.money import Money, decimals
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.queries import Ask, Column
from app.kernel.registry import Registry
from app.kernel.standard import ExportRows
from app.kernel.types import SCALE, Quantity, canonical
from app.kernel.words import _

BOOK_ROWS = 1_048_576  # rows of a spreadsheet, its head included
BOOK_TEXT = 32_767  # characters of one of its cells
Progress = Callable[[int], None]


class Lists(Office, Protocol):
    """What an App offers to an export."""

    def asked(self, session: Session, name: str, actor: Actor) -> Ask: ...


def export_file(
    lists: Lists,
    actor: Actor,
    name: str,
    path: Path,
    *,
    progress: Progress = lambda _count: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Writes an entity, or a declared query, to a .csv, .xlsx or .ndjson file; returns how many rows there were.

    Refused without the grant to read it. The file gets its name when it is whole and the export is in the audit.
    """
    write = writer_of(path)
    with lists.read(actor) as session:
        ask = _whole(lists, session, lists.current(actor), name)
        currency = currency_of(session, lists.registry, actor)
        with passing(path) as part:
            rows = Rows(queries.rows(session, ask), progress, cancelled)
            write(part, [column.name for column in ask.columns], rows, currency)
            lists.run(ExportRows(what=name, form=path.suffix.casefold().lstrip("."), count=rows.count), actor).or_refused()
    return rows.count


def _whole(lists: Lists, session: Session, actor: Actor, name: str) -> Ask:
    entity = lists.registry.entities.get(name)
    if entity is None:
        return lists.asked(session, name, actor)
    wanted = lists.registry.grant_of(entity, "read")
    if not actor.can(wanted):
        raise Refused(denied(actor, wanted))
    return whole_of(lists.registry, entity)


def whole_of(registry: Registry, entity: type[Entity]) -> Ask:
    """Every field of every record in use, such that an import finds the records and what they point to again.

    A link is two columns: one with the words that name its target, and one with its id for where there are none.
    """
    parts: list[ColumnElement[Any]] = [entity.id.label("id")]
    columns = [Column("id", "Id", "id")]
    for name, field in fields_of(entity).items():
        if field.secret:
            continue
        column = getattr(entity, name)
        parts.append(column.label(name))
        target = registry.entities.get(field.target)
        words = spelled(registry, target, column) if target is not None else None
        if words is not None:
            parts.append(words.label(_words(name)))
        columns.append(Column(name, field.label, field.kind, empty=True))
    return Ask(select(*parts).where(entity.retired.is_(False)), tuple(columns), reads=frozenset({entity.__tablename__}))


def _words(name: str) -> str:
    """The column with the words of a link."""
    return f"{name} in words"


class Rows:
    """The rows on their way into the file, counted; from time to time it is asked whether to go on."""

    def __init__(self, rows: Iterable[queries.Row], progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.count = 0
        self._rows, self._progress, self._cancelled = rows, progress, cancelled

    def __iter__(self) -> Iterator[queries.Row]:
        for row in self._rows:
            self.count += 1
            yield {name: row.get(_words(name)) or value for name, value in row.items()}
            if self.count % queries.MOST == 0:
                self._progress(self.count)
                if self._cancelled():
                    raise Refused(Problem("export.cancelled", _("The export was stopped: no file was written.")))
        self._progress(self.count)


@contextmanager
def passing(path: Path) -> Iterator[Path]:
    """A file under a passing name, which takes its own when all went well and is gone when not."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        message, hint = _("The file {file} cannot be written: {reason}."), _("Choose a folder that you may write to.")
        raise Trouble("export.unwritable", message, hint, {"file": path, "reason": error.strerror or str(error)}) from error
    finally:
        part.unlink(missing_ok=True)


# --------------------------------------------------------------------------------------------------------------- writers


def shown(name: str) -> str:
    """The name of a field in a file's head: that of a link without its ending."""
    return name.removesuffix("_id")


def _write_csv(path: Path, names: Sequence[str], rows: Rows, currency: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([shown(name) for name in names])
        writer.writerows([_cell(row[name], currency) for name in names] for row in rows)


def _write_lines(path: Path, names: Sequence[str], rows: Rows, currency: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            plain = {shown(name): _plain(row[name], currency) for name in names}
            file.write(json.dumps(plain, ensure_ascii=False) + "\n")


def _write_book(path: Path, names: Sequence[str], rows: Rows, currency: str) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    try:
        sheet.append([shown(name) for name in names])
        for row in rows:
            if rows.count == BOOK_ROWS:
                raise Refused(_too_long())
            sheet.append([_typed(sheet, row[name], currency) for name in names])
        book.save(path)
    finally:
        _sweep(sheet)


def _sweep(sheet: Any) -> None:
    """The rows of a book wait in a file of their own until it is saved: nothing of one that was given up stays there."""
    if Path(sheet._writer.out).exists():
        if not sheet.closed:
            sheet.close()
        sheet._writer.cleanup()


_WRITERS = {".csv": _write_csv, ".xlsx": _write_book, ".ndjson": _write_lines}


def writer_of(path: Path) -> Callable[[Path, Sequence[str], Rows, str], None]:
    found = _WRITERS.get(path.suffix.casefold())
    if found is None:
        message, hint = _("{file} does not say what kind of file it should be."), _("End its name in .csv, .xlsx or .ndjson.")
        raise Refused(Problem("export.form", message, field="to", hint=hint, values={"file": path.name}))
    return found


# ---------------------------------------------------------------------------------------------------------------- values


def _plain(value: Any, currency: str) -> Any:
    """A value as JSON has it: exact amounts as text in the currency's units, ids with dashes, moments in ISO 8601."""
    match value:
        case UUID() | Quantity():
            return str(value)
        case Money():
            return value.figures(value.currency or currency)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return value


def _cell(value: Any, currency: str) -> str:
    """A value as comma-separated text has it. Amounts stay amounts; words that look like a formula are quoted."""
    plain = _plain(value, currency)
    match plain:
        case None:
            return ""
        case bool():
            return "true" if plain else "false"
        case str():
            return armed(plain) if isinstance(value, str) else plain
        case int():
            return str(plain)
        case _:
            return canonical(plain)


def _typed(sheet: Any, value: Any, currency: str) -> Any:
    """A value as a spreadsheet has it: numbers and days with their type, everything else as text that is no formula."""
    match value:
        case None | bool() | int():
            return value
        case Quantity():
            return Decimal(value.thousandths) / SCALE
        case Money():
            places = decimals(value.currency or currency)
            exact: Any = Decimal(value.minor).scaleb(-places)
            cell = WriteOnlyCell(sheet, exact)
            cell.number_format = "0." + "0" * places if places else "0"
            return cell
        case datetime():
            return _plain(value, currency)
        case date() if value.year >= 1900:
            return value
        case _:
            text = escaped(_cell(value, currency))
            if len(text) > BOOK_TEXT:
                raise Refused(_too_long())
            return text


def _too_long() -> Problem:
    return Problem(
        "export.too_long",
        _("This is more than a spreadsheet can hold: no file was written."),
        hint=_("Export it as .csv or .ndjson."),
    )
