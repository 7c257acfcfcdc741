"""Taking along: what a list shows, saved as a file or put on paper; how far it is stands on the very button that stops it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from platformdirs import user_documents_path
from PySide6.QtCore import QObject, QTimer, Signal

from app.kernel.exchange.views import View, export_view
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.queries import Row
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.kit.bench import Bench, Told, problems_of, sentence_of
from ui.kit.question import Question, Tile
from ui.kit.reading import CURVE
from ui.kit.runner import Lane
from ui.kit.table import Rows
from ui.kit.values import shown

OFTEN = 500  # milliseconds between two words of how far it is
CSV, BOOK, PAPER = ".csv", ".xlsx", ".pdf"
STOPPED = "export.cancelled"
_NAMED = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Shown:
    """A list as it is on the screen: its title, what it is narrowed to in words, and its rows; only some of them, where some
    were picked."""

    title: str
    note: str
    rows: Rows
    only: frozenset[UUID] = frozenset()

    @property
    def view(self) -> View:
        rows, source = self.rows, self.rows.source
        columns = tuple(column for column in rows.columns if column is not CURVE)
        return View(source.query, columns, source.arguments, source.filters, rows.order, _worded, self.only)


def _worded(field: str, stored: str) -> str:
    return shown(stored, "text", field)


def folder() -> Path:
    """Where files are put that people take along."""
    named = os.environ.get("FETTLE_FILES")
    return Path(named) if named else user_documents_path() / "Fettle"


class Taking(QObject):
    """One list on its way into a file, also when its screen has been left. `altered` says that it is further, or over."""

    altered = Signal()

    def __init__(self, bench: Bench, what: Shown, ending: str, told: Told) -> None:
        super().__init__(bench)
        self._bench, self._what, self._told = bench, what, told
        self.count, self.over, self._stopped = 0, False, False
        now = local_time(bench.app.clock.now(), bench.app.station.zone)
        name = _NAMED.sub(" ", what.title).strip().replace(" ", "-")
        self.file = folder() / f"{name}-{now:%Y-%m-%d-%H%M%S}{ending}"
        self._beat = QTimer(self, interval=OFTEN)
        self._beat.timeout.connect(self.altered)
        self._beat.start()
        context = copy_context()  # the reader's language goes along
        view, paper = what.view, ending == PAPER
        self._send = partial(context.run, self._printed) if paper and bench.paper is not None and bench.paper.sheets else None
        bench.runner.read(lambda: context.run(self._write, view, paper), self._ended, self._failed, self, Lane.LISTS)

    def stop(self) -> None:
        """It ends at the next clean place, and no file is left."""
        self._stopped = True

    def _write(self, view: View, paper: bool) -> Problem | None:
        """Not on the screen's thread. What stands against it, if anything does."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message, hint = _("The file {file} cannot be written: {reason}."), _("Choose a folder that you may write to.")
            return Problem("export.unwritable", message, hint=hint, values={"file": self.file, "reason": error.strerror})
        bench = self._bench
        try:
            export_view(
                bench.app,
                bench.actor,
                view,
                self.file,
                sheet=partial(self._sheet, view) if paper else None,
                progress=self._progress,
                cancelled=lambda: self._stopped or bench.runner.closed,
            )
        except (Refused, Trouble) as error:
            return error.problems[0] if isinstance(error, Refused) else error.problem
        return None

    def _sheet(self, view: View, part: Path, heads: list[str], rows: Iterator[Row]) -> None:
        kinds = {say(column.label): column.kind for column in view.columns}
        if self._bench.paper is not None:
            read = ({head: shown(row[head], kinds[head]) for head in heads} for row in rows)
            self._bench.paper.write(part, self._what.title, self._what.note, heads, read)

    def _progress(self, count: int) -> None:
        self.count = count

    def _printed(self) -> Problem | None:
        """Not on the screen's thread: the sheets go to the office printer. The file stays where it is, whatever the printer
        does."""
        if self._bench.paper is not None:
            try:
                self._bench.paper.send(self.file.read_bytes())
            except (Refused, Trouble) as error:
                return problems_of(error)[0]
            except OSError as error:
                hint = _("Save it once more.")
                values = {"file": self.file.name, "reason": error.strerror}
                return Problem("file.unreadable", _("The file {file} cannot be read: {reason}."), hint=hint, values=values)
        return None

    def _ended(self, problem: Problem | None) -> None:
        if problem is None and self._send is not None:
            self._rest()  # the file is there: nothing is left to be stopped
            self._bench.runner.read(self._send, self._out, self._failed, self, Lane.MACHINES)
            return
        self._close()
        if problem is None:
            said = say(_("{count} rows are in {file}."), count=self.count, file=self.file)
            self._told(Outcome.SUCCESS, said)
        elif problem.code == STOPPED:
            self._told(Outcome.SUCCESS, sentence_of(problem))
        else:
            self._told(Outcome.ERROR, sentence_of(problem))

    def _out(self, problem: Problem | None) -> None:
        """The printer has the sheets, or says why it does not."""
        self._close()
        if problem is None:
            self._told(Outcome.SUCCESS, say(_("{count} rows are printed, and in {file}."), count=self.count, file=self.file))
        else:
            there = say(_("{count} rows are in {file}."), count=self.count, file=self.file)
            self._told(Outcome.ERROR, f"{sentence_of(problem)} {there}")

    def _failed(self, error: Refused | Trouble) -> None:
        self._close()
        self._bench.ways.failed(error)

    def _close(self) -> None:
        self._rest()
        self.deleteLater()

    def _rest(self) -> None:
        self.over = True
        self._beat.stop()
        self.altered.emit()


def ask(bench: Bench, title: str, begin: Callable[[str, Told], None]) -> None:
    """Asks what it shall become."""
    tiles = [
        Tile(say(_("A file for a spreadsheet")), BOOK, "XLSX", "export"),
        Tile(say(_("A plain file")), CSV, "CSV", "export"),
    ]
    if bench.paper is not None:
        note = say(_("PDF, and printed")) if bench.paper.sheets else "PDF"
        tiles.append(Tile(say(_("Sheets of paper")), PAPER, note, "print"))
    answer: Callable[[Any, Told], None] = begin
    bench.ways.ask(
        Question(say(_("{title}: save or print what the list shows"), title=title), answer, tiles=tuple(tiles), tone="")
    )
