"""Reading rows from JSON lines and from spreadsheets, in bounded memory."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.kernel.exchange.sheets import (
    LONGEST,
    Broken,
    Feed,
    Row,
    SeparatedSheet,
    Sheet,
    TooLong,
    damaged,
    disarmed,
    empty,
    encoding_of,
    header,
    readable,
    too_long,
)
from app.kernel.problems import Problem, Refused
from app.kernel.types import canonical
from app.kernel.words import _

SWOLLEN = 200  # times its packed size: what no honest spreadsheet unpacks to
_ROOM = 64 * 1024 * 1024  # bytes that a spreadsheet may always unpack to
# what files of other kinds begin with: old .xls, PDF, one JSON list, HTML and XML, gzip, a picture
_OTHERS = re.compile(rb"\xd0\xcf\x11\xe0|%PDF|\[\s*\{|<[!?hH]|\x1f\x8b|\x89PNG")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def open_sheet(path: Path, known: Collection[str] = ()) -> Sheet:
    """The rows of a file, by what it is and not by its name; Trouble when it cannot be read, Refused when it is empty."""
    with readable(path), path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        return BookSheet(path)
    if _OTHERS.match(head):
        raise Refused(_other_kind())
    if path.suffix.casefold() in (".ndjson", ".jsonl") or head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return LineSheet(path)
    return SeparatedSheet(path, known)


class LineSheet:
    """A file of JSON objects, one on each line; the first one names the columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with readable(path):
            self._encoding, self._whole = encoding_of(path)
        first = next((row for row in self.rows() if isinstance(row, Row)), None)
        if first is None:
            raise Refused(empty())
        self.columns = header(list(first.cells))

    def rows(self) -> Iterator[Row | Broken]:
        with readable(self._path), self._path.open("r", encoding=self._encoding, errors="replace", newline="") as file:
            feed = Feed(file)
            while True:
                feed.begin()
                try:
                    text = next(feed)
                except StopIteration:
                    return
                except TooLong:
                    yield too_long(feed.first)
                    continue
                if text.strip():
                    yield self._row(feed.first, text)

    def _row(self, line: int, text: str) -> Row | Broken:
        if not self._whole and "\ufffd" in text:
            return Broken(line, damaged())
        try:
            value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError):
            return Broken(line, _no_object())
        return (
            Row(line, {str(name): _cell(one) for name, one in value.items()})
            if isinstance(value, dict)
            else Broken(line, _no_object())
        )


def _cell(value: Any) -> str:
    """A JSON value as the text of a cell; numbers stand as they were written."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return canonical(value)


class BookSheet:
    """The first sheet of a spreadsheet (Office Open XML); its first row names the columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with readable(path):
            _refuse_bomb(path)
        self.columns = header(next(self._cells(), (0, []))[1])

    def rows(self) -> Iterator[Row | Broken]:
        cells = self._cells()
        next(cells, None)
        for line, row in cells:
            if any(row):
                filled = [*row, *[""] * (len(self.columns) - len(row))]
                yield Row(line, {name: disarmed(cell) for name, cell in zip(self.columns, filled, strict=False)})

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with readable(self._path), self._path.open("rb") as file:
                book = load_workbook(file, read_only=True, data_only=True)
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # what the file says of its size may be wrong
                for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
                    yield line, [_text(value) for value in row]
        except (InvalidFileException, LookupError, ValueError, TypeError, SyntaxError, zipfile.BadZipFile) as error:
            raise Refused(_no_book()) from error


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise Refused(_no_book()) from error
    if unpacked > max(_ROOM, SWOLLEN * path.stat().st_size):
        raise Refused(
            Problem(
                "import.swollen",
                _("This spreadsheet would unpack to far more than its size: nothing of it was read."),
                hint=_("Save it anew as .xlsx or .csv and import that."),
            )
        )


def _text(value: object) -> str:
    """The value of a spreadsheet's cell as text: whole numbers without a point, days and moments in ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            shown = format(Decimal(repr(value)), "f")
            return shown.removesuffix(".0")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date():
            return value.isoformat()
        case str():
            return unescaped(value)[:LONGEST]
        case _:
            return str(value)


def escaped(text: str) -> str:
    """Text as a spreadsheet can hold it: what XML cannot carry is written as _xHHHH_ (ECMA-376, ST_Xstring)."""
    shown = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", shown)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _no_object() -> Problem:
    return Problem(
        "import.no_object",
        _("This line is not a JSON object."),
        hint=_("Write one object on each line, such as {example}."),
        values={"example": '{"code": "A-1", "name": "…"}'},
    )


def _other_kind() -> Problem:
    return Problem(
        "import.other_kind",
        _("This is no file of rows that can be read."),
        hint=_("Save it as .csv or .xlsx; JSON wants one object on each line."),
    )


def _no_book() -> Problem:
    return Problem(
        "import.no_book",
        _("This file is packed like a spreadsheet, but is none that can be read."),
        hint=_("Open it in a spreadsheet program and save it as .xlsx or .csv."),
    )
