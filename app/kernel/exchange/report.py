"""What became of a file that was imported: counts for the whole, and a finding for every line that was not simply taken."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from app.kernel.exchange.drafts import Draft
from app.kernel.exchange.sheets import Row, armed
from app.kernel.problems import Problem, Trouble
from app.kernel.words import _

REFUSED, SKIPPED, NOTED = "refused", "skipped", "noted"
SHOWN = 120  # characters of a cell that a report repeats
HEAD = ("line", "state", "column", "value", "reason", "advice")


@dataclass(frozen=True)
class Finding:
    """Something about one line: it was refused, left out on purpose, or taken with a remark."""

    line: int
    state: str
    reason: str
    advice: str = ""
    column: str = ""
    value: str = ""

    @classmethod
    def of(cls, line: int, problem: Problem, *, state: str = REFUSED, column: str = "", value: str = "") -> Finding:
        shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
        return cls(line, state, problem.sentence, problem.advice, column or problem.field, shown)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in HEAD}


@dataclass
class Tally:
    """How many records of one entity a file made, changed, left as they were, or could not be taken."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass
class Summary:
    """What became of a whole file. Every line that was read is taken, left as it was, skipped or refused."""

    entity: str
    dry_run: bool = False
    lines: int = 0
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0
    noted: int = 0
    pending: bool = False  # the hub has yet to agree
    cancelled: bool = False
    also: dict[str, Tally] = field(default_factory=dict)  # what else the lines filled
    unread: list[str] = field(default_factory=list)  # columns that nothing reads
    trouble: Problem | None = None  # what ended it early

    @property
    def clean(self) -> bool:
        return not (self.refused or self.cancelled or self.trouble or any(tally.refused for tally in self.also.values()))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "trouble": self.trouble.as_json() if self.trouble else None}


class Report:
    """Counts what becomes of the lines, and hands on the findings about them, each batch in the order of its lines."""

    def __init__(self, summary: Summary, tell: Callable[[Finding], None]) -> None:
        self.summary = summary
        self._tell = tell
        self._held: list[Finding] = []

    def __len__(self) -> int:
        """How many findings are held back."""
        return len(self._held)

    def refuse_line(self, line: int, problem: Problem) -> None:
        """A line that is no row."""
        self.summary.refused += 1
        self._held.append(Finding.of(line, problem))

    def skip(self, row: Row, column: str, problem: Problem) -> None:
        self.summary.skipped += 1
        self._held.append(Finding.of(row.line, problem, state=SKIPPED, column=column, value=row.cells.get(column, "")))

    def refuse(self, draft: Draft, problems: Iterable[Problem], tally: Summary | Tally) -> None:
        tally.refused += 1
        self._held += [self._said(draft, problem, REFUSED) for problem in problems]

    def note(self, draft: Draft, problems: Iterable[Problem]) -> None:
        """Remarks on a line that was taken all the same."""
        for problem in problems:
            self.summary.noted += 1
            self._held.append(self._said(draft, problem, NOTED))

    def _said(self, draft: Draft, problem: Problem, state: str) -> Finding:
        column = draft.column(problem.field)
        return Finding.of(draft.row.line, problem, state=state, column=column, value=draft.row.cells.get(column, ""))

    def hand_on(self) -> None:
        for finding in sorted(self._held, key=lambda one: one.line):
            self._tell(finding)
        self._held.clear()


class ReportFile:
    """A report as a file of its own: comma-separated, which a spreadsheet opens and none runs, or JSON lines by its name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._lines = path.suffix.casefold() in (".ndjson", ".jsonl")

    def add(self, finding: Finding) -> None:
        """Writes a finding; the file is made with the first one."""
        try:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="")
                if not self._lines:
                    csv.writer(self._file).writerow(HEAD)
            if self._lines:
                self._file.write(json.dumps(finding.as_json(), ensure_ascii=False) + "\n")
            else:
                csv.writer(self._file).writerow(
                    [armed(one) if isinstance(one, str) else one for one in finding.as_json().values()]
                )
        except OSError as error:
            message, hint = _("The report {file} cannot be written: {reason}."), _("Choose another place for it.")
            raise Trouble("import.report", message, hint, {"file": self._path, "reason": error.strerror or str(error)}) from error

    @property
    def written(self) -> bool:
        return self._file is not None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
