"""A sorted page of Odoo's records on its way into the store: the good ones together, a letter for each of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.bulk import by_id, in_use, place_of
from app.kernel.commands import Answer, Command
from app.kernel.entity import fields_of
from app.kernel.problems import Problem
from app.kernel.standard import Reinstate, Retire
from app.odoo.taking import Known, TakeFromOdoo
from sync.odoo import stuck
from sync.odoo.arriving import Also, Arrival, Draft
from sync.odoo.sorting import Sheaf, Sorted
from sync.odoo.straying import against

if TYPE_CHECKING:
    from sync.odoo.inward import Inward

Wrong = tuple[Draft, Problem]


class Keeping:
    """Keeps one page. What is not `writes` leaves records that are here already as they are; `told`: says what was put back."""

    def __init__(self, inward: Inward, arrival: Arrival, *, writes: bool = True, told: bool = False) -> None:
        self._inward = inward
        self._arrival = arrival
        self._writes = writes
        self._told = told

    def keep(self, sheaf: Sheaf, cursor: dict[str, Any]) -> int:
        """Writes what can be; how many could not. The cursor goes with the last of it."""
        wrong = [(draft, problem) for draft, _ident, problem in sheaf.refused]
        wrong += self._out_of_use(sheaf.retire)
        wrong += self._back_in_use([one for one in sheaf.keep if one.retired])
        said = self._put_back(sheaf.keep) if self._told else []
        bad = {draft.number for draft, _problem in wrong}
        kept, refused = self._records([one for one in sheaf.keep if one.draft.number not in bad])
        wrong += refused + self._also(kept)
        self._marks(kept + [one for one in sheaf.retire if one.draft.number not in bad], cursor)
        fine = [one.draft for one in kept + sheaf.retire if one.draft.number not in {draft.number for draft, _problem in wrong}]
        stuck.settle(self._inward, self._arrival, wrong, fine, said)
        return len({draft.number for draft, _problem in wrong})

    # ---------------------------------------------------------------------------------------------------- the records

    def _records(self, batch: list[Sorted]) -> tuple[list[Sorted], list[Wrong]]:
        """The records themselves; their marks come last, so that what they bring besides is never forgotten."""
        writes = [one for one in batch if self._writes or not one.there]
        _done, wrong = self._through(writes, lambda one: {"id": one.ident.hex, **one.draft.values}, self._take)
        bad = {draft.number for draft, _problem in wrong}
        return [one for one in batch if one.draft.number not in bad], wrong

    def _take(self, rows: list[dict[str, Any]], batch: Sequence[Sorted]) -> Command:
        known = [list(_known(one, "")) for one in batch if not one.there]
        return TakeFromOdoo(entity=self._arrival.name, rows=rows, model=self._arrival.model, known=known)

    def _through(
        self,
        batch: Sequence[Any],
        row: Callable[[Any], dict[str, Any]],
        command: Callable[[list[dict[str, Any]], Sequence[Any]], Command],
    ) -> tuple[list[Any], list[Wrong]]:
        """Sends rows until those that are left are taken; what is wrong with the others."""
        left, wrong = list(batch), list[Wrong]()
        while left:
            answer = self._run(command([row(one) for one in left], left))
            if answer.done:
                break
            told = _by_place(answer)
            if not told and len(left) > 1:  # something is wrong, and nobody says with which
                half = len(left) // 2
                parts = [self._through(some, row, command) for some in (left[:half], left[half:])]
                return parts[0][0] + parts[1][0], wrong + parts[0][1] + parts[1][1]
            bad = told or {0: answer.problems[0]}
            wrong += [(left[place].draft, problem) for place, problem in sorted(bad.items(), key=lambda one: one[0])]
            left = [one for place, one in enumerate(left) if place not in bad]
        return left, wrong

    def _run(self, command: Command) -> Answer:
        return self._inward.app.run(command, self._inward.actor)

    def _out_of_use(self, gone: Sequence[Sorted]) -> list[Wrong]:
        """Archived or deleted there. What still lies in a bin here stays until it is counted out."""
        return [*self._each(gone, lambda one: Retire(entity=self._arrival.name, id=one.ident))]

    def _back_in_use(self, back: Sequence[Sorted]) -> list[Wrong]:
        return [*self._each(back, lambda one: Reinstate(entity=self._arrival.name, id=one.ident))]

    def _each(self, some: Sequence[Sorted], command: Callable[[Sorted], Command]) -> Iterator[Wrong]:
        for one in some:
            answer = self._run(command(one))
            if not answer.done:
                yield one.draft, answer.problems[0]

    # ------------------------------------------------------------------------------------------- what came with them

    def _also(self, kept: Sequence[Sorted]) -> list[Wrong]:
        """What records bring besides, such as barcodes: refused by itself, it leaves its record alone."""
        wrong: list[Wrong] = []
        if not self._writes:
            return wrong
        for kind in {also.entity for one in kept for also in one.draft.also}:
            things = [Thing(one, also) for one in kept for also in one.draft.also if also.entity is kind]
            wrong += self._things(kind, things)
        return wrong

    def _things(self, kind: Any, things: Sequence[Thing]) -> list[Wrong]:
        with self._inward.session() as session:
            there = by_id(session, kind, [one.also.ident for one in things])
            names = [field.name for field in fields_of(kind).values() if field.unique]
            values = {one.values[name] for one in things for name in names if one.also.values}
            held = {
                (name, getattr(row, name)): row
                for name in names
                for row in in_use(session, kind, self._inward.org_id, name, values)
            }
        wrong: list[Wrong] = []
        news = []
        for one in things:
            row = there.get(one.also.ident)
            if one.also.values is None:
                if row is not None and not row.retired:
                    wrong += self._alone(one, Retire(entity=kind.__tablename__, id=row.id))
            elif row is None and any(_holds(held.get((name, one.values[name])), one) for name in names):
                continue  # it was taught here before
            elif row is None or row.retired or any(getattr(row, name) != value for name, value in one.also.values.items()):
                if row is not None and row.retired:
                    wrong += self._alone(one, Reinstate(entity=kind.__tablename__, id=row.id))
                news.append(one)
        return wrong + self._through(news, Thing.row, lambda rows, _batch: TakeFromOdoo(entity=kind.__tablename__, rows=rows))[1]

    def _alone(self, one: Thing, command: Command) -> list[Wrong]:
        answer = self._run(command)
        return [] if answer.done else [(one.draft, answer.problems[0])]

    # --------------------------------------------------------------------------------------------------------- marks

    def _marks(self, done: Sequence[Sorted], cursor: dict[str, Any]) -> None:
        """Only now it counts as taken; and only with it, how far was read."""
        known = [list(_known(one, one.draft.mark)) for one in done]
        if known or cursor:
            take = TakeFromOdoo(entity=self._arrival.name, model=self._arrival.model, known=known, cursor=cursor)
            self._run(take).or_refused()

    def _put_back(self, keep: Sequence[Sorted]) -> list[Wrong]:
        """What was changed here, and is put back as Odoo has it."""
        with self._inward.session() as session:
            rows = by_id(session, self._arrival.entity, [one.ident for one in keep if one.there])
        found = [(one.draft, against(self._arrival, rows[one.ident], one.draft)) for one in keep if one.ident in rows]
        return [(draft, problem) for draft, problem in found if problem is not None]


class Thing:
    """Something that came with a record."""

    def __init__(self, one: Sorted, also: Also) -> None:
        self.draft = one.draft
        self.also = also
        self.values = {**(also.values or {}), also.link: one.ident.hex}

    def row(self) -> dict[str, Any]:
        return {"id": self.also.ident.hex, **self.values}


def _holds(row: Any, one: Thing) -> bool:
    """Whether a row that has this code already belongs to the same record."""
    return row is not None and getattr(row, one.also.link) == UUID(one.values[one.also.link])


def _known(one: Sorted, mark: str) -> Known:
    return Known(one.ident.hex, one.draft.number, one.draft.name, mark)


def _by_place(answer: Answer) -> dict[int, Problem]:
    told: dict[int, Problem] = {}
    for problem in answer.problems:
        place, _field = place_of(problem.field)
        if place is not None:
            told.setdefault(place, problem)
    return told
