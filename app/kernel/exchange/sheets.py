"""Reading files of rows: comma-separated text in whatever way it was saved, JSON lines and spreadsheets, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _

LONGEST = 128 * 1024  # characters in one line, or in one row that runs over several
DELIMITERS = (",", ";", "\t", "|")
UNREADABLE = "\ufffd"
_PIECE = 1 << 20
_ARMED = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True)
class Row:
    """A row of a file: the number of the line it begins on, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Broken:
    """A line that is no row, and why."""

    line: int
    problem: Problem


class Sheet(Protocol):
    """A file of rows that are read one after the other."""

    columns: list[str]

    def rows(self) -> Iterator[Row | Broken]: ...


def disarmed(text: str) -> str:
    """A cell as it is kept, from one that was quoted so that no spreadsheet runs it as a formula."""
    return text[1:] if text.startswith("'") and _ARMED.match(text) else text


def armed(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: `disarmed` gives the very text back."""
    return "'" + text if _ARMED.match(text) else text


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns what the disk does to a file that is read into a Trouble."""
    try:
        yield
    except OSError as error:
        message, hint = _("The file {file} cannot be read: {reason}."), _("Check its name, and that you may read it.")
        raise Trouble("file.unreadable", message, hint, {"file": path, "reason": error.strerror or str(error)}) from error


# ------------------------------------------------------------------------------------------------------------ encodings


def encoding_of(path: Path) -> tuple[str, bool]:
    """How a text file was saved, and whether all of it can surely be read so.

    By its mark, else UTF-16 by its zeros, else UTF-8, else the old Windows set. A file that is UTF-8 but for a few bytes
    stays UTF-8, so that only the damaged lines are lost.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if b"\0" in head:
        return ("utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"), False
    valid, damaged = _letters(path)
    if damaged and valid <= damaged:
        return "cp1252", False
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8", not damaged


def _letters(path: Path) -> tuple[int, int]:
    """How many letters outside ASCII are good UTF-8, and how many bytes are not."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    valid = damaged = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            if text.isascii():
                continue
            wrong = text.count(UNREADABLE) - piece.count(UNREADABLE.encode())
            damaged += max(wrong, 0)
            valid += len(text) - len(text.encode("ascii", "ignore")) - wrong
    return valid, damaged


# ---------------------------------------------------------------------------------------------------------------- lines


class TooLong(Exception):
    """A line, or a row over several lines, of which the end does not come."""


class Feed:
    """Physical lines for a parser, numbered from 1. One that is too long is skipped without being held, and raises.

    The lines that went into the row being read can be given back, so that a quotation mark that is never closed spoils its
    own line only.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self._back: deque[tuple[int, str | None]] = deque()
        self._taken: list[tuple[int, str | None]] = []
        self._held = 0

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> str:
        number, text = self._back.popleft() if self._back else self._read()
        self._taken.append((number, text))
        self._held += len(text or "")
        if text is None or self._held > LONGEST:
            raise TooLong
        return text

    def begin(self) -> None:
        """A new row begins."""
        self._taken.clear()
        self._held = 0

    @property
    def first(self) -> int:
        """The number of the line on which the row began."""
        return self._taken[0][0] if self._taken else self._number

    @property
    def alone(self) -> bool:
        """Whether the row is still in its first line."""
        return len(self._taken) < 2

    def give_back(self) -> None:
        """All lines of the row but its first are read again."""
        self._back.extendleft(reversed(self._taken[1:]))

    def _read(self) -> tuple[int, str | None]:
        text = self._file.readline(LONGEST + 1)
        if not text:
            raise StopIteration
        self._number += 1
        if len(text) <= LONGEST:
            return self._number, text
        while text and text[-1] not in "\r\n":
            text = self._file.readline(LONGEST)
        return self._number, None


def too_long(line: int) -> Broken:
    return Broken(
        line,
        Problem(
            "import.long_line",
            _("This line is longer than {most} characters."),
            hint=_("Look at it in an editor: a line end is missing, or this is not a file of rows."),
            values={"most": f"{LONGEST:,}"},
        ),
    )


# ------------------------------------------------------------------------------------------------------ separated values


class SeparatedSheet:
    """A file of separated values (RFC 4180, with any of our delimiters); the first row names the columns."""

    def __init__(self, path: Path, known: Collection[str] = ()) -> None:
        """`known` names columns that are expected, folded; they decide between delimiters."""
        self._path = path
        with readable(path):
            self.encoding, self._whole = encoding_of(path)
            with self._open() as file:
                self.delimiter, self._skipped = _delimiter(Feed(file), known)
            with self._open() as file:
                self.columns = header(next((cells for _line, cells in self._records(file) if isinstance(cells, list)), []))

    def rows(self) -> Iterator[Row | Broken]:
        with readable(self._path), self._open() as file:
            records = self._records(file)
            next((cells for _line, cells in records if isinstance(cells, list)), None)
            for line, cells in records:
                yield Broken(line, cells) if isinstance(cells, Problem) else self._row(line, cells)

    def _open(self) -> TextIO:
        return self._path.open("r", encoding=self.encoding, errors="replace", newline="")

    def _records(self, file: TextIO) -> Iterator[tuple[int, list[str] | Problem]]:
        """Rows by the line they begin on, blank ones left out, and what stands in the way of others."""
        feed = Feed(file)
        reader = csv.reader(feed, delimiter=self.delimiter, strict=True)
        for _line in range(self._skipped):
            next(feed)
        while True:
            feed.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (TooLong, csv.Error) as error:
                yield feed.first, _broken(feed, error)
                feed.give_back()
                continue
            if any(cells):
                yield feed.first, cells

    def _row(self, line: int, cells: list[str]) -> Row | Broken:
        width = len(self.columns)
        if len(cells) < width or any(cells[width:]):
            return Broken(line, _width(len(cells), width))
        if not self._whole and any(UNREADABLE in cell for cell in cells):
            return Broken(line, damaged())
        return Row(
            line, {name: disarmed(cell) if cell[:1] == "'" else cell for name, cell in zip(self.columns, cells, strict=False)}
        )


def _delimiter(feed: Feed, known: Collection[str]) -> tuple[str, int]:
    """What separates the cells, by the first line that says something; and how many lines stand before the header."""
    for count, text in enumerate(feed):
        told = re.fullmatch(r"sep=(.)\s*", text, re.IGNORECASE)
        if told:  # a line that Excel writes for itself
            return told[1], count + 1
        if text.strip():
            return max(DELIMITERS, key=lambda one: _fit(text, one, known)), 0
    raise Refused(empty())


def _fit(text: str, delimiter: str, known: Collection[str]) -> tuple[int, int]:
    """How many expected columns a delimiter gives, and how many columns at all."""
    try:
        cells = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return 0, 0
    return len({cell.strip().casefold() for cell in cells} & set(known)), len(cells)


def header(cells: Sequence[str]) -> list[str]:
    """The names of the columns; Refused when there are none, or one stands there twice."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Refused(empty())
    again = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if again is not None:
        raise Refused(
            Problem(
                "import.column_twice",
                _("The column “{column}” is there twice."),
                field=again[:60],
                hint=_("Give each column its own name in the first line."),
                values={"column": again[:60]},
            )
        )
    return names


# ---------------------------------------------------------------------------------------------------------------- words


def empty() -> Problem:
    return Problem(
        "import.empty",
        _("The file is empty: not even the names of its columns are there."),
        hint=_("Write the columns' names in the first line, and a record in each line after it."),
    )


def damaged() -> Problem:
    return Problem(
        "import.letters",
        _("This line holds letters that cannot be read."),
        hint=_("Save the file as UTF-8 and import it again."),
    )


def _broken(feed: Feed, error: Exception) -> Problem:
    if isinstance(error, TooLong) and feed.alone:
        return too_long(feed.first).problem
    return Problem(
        "import.quotes",
        _("A quotation mark in this line is not closed where it should be."),
        hint=_("Put the whole cell in quotation marks, and double every quotation mark inside it."),
    )


def _width(found: int, wanted: int) -> Problem:
    return Problem(
        "import.width",
        _("This line has {found} cells; the first line names {wanted} columns."),
        hint=_("Put a cell that holds the separator in quotation marks, and write empty cells too."),
        values={"found": found, "wanted": wanted},
    )
