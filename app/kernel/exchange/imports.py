"""Importing a file of rows: as commands of whoever does it, up to 1,000 rows at a time, with a finding for every refused line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from app.kernel.bulk import place_of
from app.kernel.commands import Answer
from app.kernel.exchange.door import Door
from app.kernel.exchange.drafts import Draft, Seen, drafted, joined, read, strays
from app.kernel.exchange.intake import Settled, Values
from app.kernel.exchange.linkbook import LinkBook
from app.kernel.exchange.mapping import Part, Plan
from app.kernel.exchange.report import Finding, Report, Summary, Tally
from app.kernel.exchange.sheets import Broken, Row, Sheet
from app.kernel.problems import Problem, Refused, Trouble

Count = Summary | Tally
ALL = -1
TOGETHER = 1000  # rows in one command: half of what it takes, so that a window beside it, and what cancels it, never wait long


@dataclass
class Unit:
    """What is taken as one: a line, or the lines of a group."""

    drafts: list[Draft]
    plain: Values = field(default_factory=dict)
    read: Values = field(default_factory=dict)
    settled: Settled = Settled(UUID(int=0))
    remark: Problem | None = None


class Importer:
    """Takes the rows of one file. Everything it does goes through its door: for good, or as a rehearsal."""

    def __init__(
        self,
        door: Door,
        plan: Plan,
        *,
        currency: str,
        tell: Callable[[Finding], None] = lambda _finding: None,
        progress: Callable[[Summary], None] = lambda _summary: None,
        cancelled: Callable[[], bool] = lambda: False,
        dry_run: bool = False,
    ) -> None:
        self.summary = Summary(plan.main.intake.entity, dry_run)
        self._door = door
        self._plan = plan
        self._currency = currency
        self._report = Report(self.summary, tell)
        self._progress = progress
        self._cancelled = cancelled
        self._links = LinkBook(door)
        self._seen = Seen()
        self._groups: dict[Any, Unit] = {}

    def run(self, sheet: Sheet) -> Summary:
        """Reads the file to its end, or until it is cancelled or the store fails: what was taken by then stays."""
        try:
            if self._through(self._batches(sheet), self._batch):
                self._through(self._gathered(), self._take_groups)
        except Trouble as trouble:
            self._end(trouble.problem)
        except Refused as refused:  # the file itself turns out to be damaged further on
            self._end(refused.problem)
        return self.summary

    def _end(self, problem: Problem) -> None:
        self.summary.trouble = problem
        self._settle_up()

    def _through(self, batches: Iterator[list[Any]], take: Callable[[list[Any]], None]) -> bool:
        """Takes batch after batch; False when it was cancelled between two of them."""
        for batch in batches:
            take(batch)
            self._settle_up()
            if self._cancelled():
                self.summary.cancelled = True
                return False
        return True

    def _settle_up(self) -> None:
        """Hands on what was found so far, and says how far it is."""
        self._report.hand_on()
        for entity, count in self._links.made.items():
            self.summary.also.setdefault(entity, Tally()).made += count
        self._links.made.clear()
        self._progress(self.summary)

    def _batches(self, sheet: Sheet) -> Iterator[list[Row]]:
        rows: list[Row] = []
        for one in sheet.rows():
            self.summary.lines += 1
            if isinstance(one, Broken):
                self._report.refuse_line(one.line, one.problem)
            elif not self._skip(one):
                rows.append(one)
            if len(rows) + len(self._report) >= TOGETHER:
                yield rows
                rows = []
        yield rows

    def _skip(self, row: Row) -> bool:
        skip = next((one for one in self._plan.skips if row.cells.get(one.column, "").strip() in one.words), None)
        if skip is not None:
            self._report.skip(row, skip.column, Problem("import.skipped", skip.reason, hint=skip.hint))
        return skip is not None

    # -------------------------------------------------------------------------------------------------------- one batch

    def _batch(self, rows: list[Row]) -> None:
        drafts = [drafted(self._plan.main, row, self._currency) for row in rows]
        if self._plan.strict:
            for draft in drafts:
                strays(draft, self._plan.columns())
        alone = []
        for unit in self._whole(drafts, self.summary):
            group = self._plan.main.intake.group(unit.read)
            if group is None:
                alone.append(unit)
            else:
                self._groups.setdefault(group, Unit([])).drafts.extend(unit.drafts)
        kept = self._take(self._plan.main, alone, self.summary)
        for part in self._plan.extras:
            self._take_extra(part, kept)

    def _whole(self, drafts: list[Draft], tally: Count) -> list[Unit]:
        """The drafts that nothing is wrong with so far; the others are refused."""
        joined(drafts, self._links)
        read(drafts)
        self._seen.hold_apart(drafts)
        for draft in drafts:
            if draft.problems:
                self._report.refuse(draft, draft.problems, tally)
        return [Unit([draft], draft.plain, draft.read) for draft in drafts if not draft.problems]

    def _take_extra(self, part: Part, kept: Sequence[tuple[Draft, UUID]]) -> None:
        """What else the lines fill, such as the barcode of a part: refused by itself, it leaves the rest of its line alone."""
        tally = self.summary.also.setdefault(part.intake.entity, Tally())
        wanted = [(draft.row, own) for draft, own in kept if _filled(draft.row, part.unless_empty)]
        drafts = [drafted(part, row, self._currency, own) for row, own in wanted]
        self._take(part, self._whole(drafts, tally), tally)

    def _gathered(self) -> Iterator[list[Unit]]:
        groups = list(self._groups.values())
        for start in range(0, len(groups), TOGETHER):
            yield groups[start : start + TOGETHER]

    def _take_groups(self, units: list[Unit]) -> None:
        """Takes the lines of each group as one, now that the whole file has been read."""
        for unit in units:
            rows = [(draft.plain, draft.read) for draft in unit.drafts]
            unit.plain, unit.read, unit.remark = self._plan.main.intake.merged(rows)
        self._take(self._plan.main, units, self.summary)

    # ----------------------------------------------------------------------------------------------------- into the store

    def _take(self, part: Part, units: list[Unit], tally: Count) -> list[tuple[Draft, UUID]]:
        """Takes what would change something; returns the lines whose record is there afterwards, with its id."""
        if not units:
            return []
        with self._door.looking() as session:
            settled = part.intake.settle(session, self._door.actor.org_id, [unit.read for unit in units])
        for unit, one in zip(units, settled, strict=True):
            unit.settled = one
        same = [unit for unit in units if unit.settled.unchanged]
        tally.unchanged += sum(len(unit.drafts) for unit in same)
        kept = same + self._sent(part, [unit for unit in units if not unit.settled.unchanged], tally)
        return [(draft, unit.settled.id) for unit in kept for draft in unit.drafts]

    def _sent(self, part: Part, units: list[Unit], tally: Count) -> list[Unit]:
        """Sends rows until those that are left are done; the bad ones are refused, each for its own reason."""
        while units:
            rows = [self._row(unit) for unit in units]
            answer = self._door.run(part.intake.command(rows))
            if answer.done:
                self._count(units, answer, tally)
                break
            told = _by_place(answer.problems)
            whole = told.pop(ALL, [])
            if whole and len(units) > 1 and not told and whole[0].code != "access.denied":
                half = len(units) // 2  # something is wrong, and nobody says with which row
                return self._sent(part, units[:half], tally) + self._sent(part, units[half:], tally)
            bad = set(range(len(units))) if whole else set(told)
            for place in sorted(bad):
                for draft in units[place].drafts:
                    self._report.refuse(draft, told.get(place, []) + whole, tally)
            units = [unit for place, unit in enumerate(units) if place not in bad]
        return units

    def _row(self, unit: Unit) -> Values:
        """What the command is given; a new record's id only where something else on its line will point to it."""
        return unit.plain | ({"id": unit.settled.id.hex} if unit.settled.there or self._plan.extras else {})

    def _count(self, units: Sequence[Unit], answer: Answer, tally: Count) -> None:
        self.summary.pending |= answer.status == "pending"
        told = _by_place(answer.problems)
        for place, unit in enumerate(units):
            if unit.settled.there:
                tally.changed += len(unit.drafts)
            else:
                tally.made += len(unit.drafts)
            remarks = [unit.remark] if unit.remark else []
            self._report.note(unit.drafts[0], [*unit.drafts[0].notes, *remarks, *told.get(place, [])])


def _filled(row: Row, column: str) -> bool:
    return not column or bool(row.cells.get(column, "").strip())


def _by_place(problems: Sequence[Problem]) -> dict[int, list[Problem]]:
    """The problems by the row that they are said of; under ALL those of the whole command."""
    found: dict[int, list[Problem]] = {}
    for problem in problems:
        place, name = place_of(problem.field)
        found.setdefault(ALL if place is None else place, []).append(replace(problem, field=name))
    return found
