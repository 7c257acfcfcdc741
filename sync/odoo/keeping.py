"""A sorted page of Odoo's records on its way into the store: the good ones together, a letter for each of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.kernel.bulk import by_id, place_of
from app.kernel.commands import Answer, Command
from app.kernel.standard import Reinstate, Retire
from app.odoo.taking import Known, TakeFromOdoo
from sync.odoo import besides, both, stuck
from sync.odoo.arriving import Arrival
from sync.odoo.handing import Wrong, each, numbers, through
from sync.odoo.sorting import Sheaf, Sorted
from sync.odoo.straying import against

if TYPE_CHECKING:
    from sync.odoo.inward import Inward


class Keeping:
    """Keeps one page. What is not `writes` leaves records that are here already as they are; `told`: says what was put back."""

    def __init__(self, inward: Inward, arrival: Arrival, *, writes: bool = True, told: bool = False) -> None:
        self._inward = inward
        self._arrival = arrival
        self._writes = writes
        self._told = told
        self._said: list[Wrong] = []  # of what is taken all the same
        self._without: dict[int, set[str]] = {}  # fields that a record goes without, as another has the same

    def keep(self, sheaf: Sheaf, cursor: dict[str, Any]) -> set[int]:
        """Writes what can be; Odoo's numbers of what could not. The cursor goes with the last of it."""
        name = self._arrival.name
        wrong = [(draft, problem) for draft, _ident, problem in sheaf.refused]
        wrong += each(sheaf.retire, lambda one: Retire(entity=name, id=one.ident), self._run)
        wrong += each([one for one in sheaf.keep if one.retired], lambda one: Reinstate(entity=name, id=one.ident), self._run)
        if self._told:
            self._say_what_is_put_back(sheaf.keep)
        wrong += self._records(_but(sheaf.keep, wrong))
        kept = _but(sheaf.keep, wrong)
        if self._writes:
            with self._inward.session() as session:
                wrong += besides.keep(session, self._inward.org_id, kept, self._run)
        self._marks(kept + _but(sheaf.retire, wrong), cursor)
        fine = [one.draft for one in _but([*sheaf.keep, *sheaf.retire], wrong)]
        stuck.settle(self._inward, self._arrival, wrong, fine, self._said)
        return numbers(wrong)

    def _run(self, command: Command) -> Answer:
        return self._inward.app.run(command, self._inward.actor)

    # ---------------------------------------------------------------------------------------------------- the records

    def _records(self, batch: list[Sorted]) -> list[Wrong]:
        """The records themselves; their marks come last, so that what they bring besides is never forgotten."""
        rows = [one for one in batch if (self._writes or not one.there) and self._values(one)]
        open_to_both = [one for one in rows if both.contested(one, self._values(one))]
        apart = {one.ident for one in open_to_both}
        plain = [one for one in rows if one.ident not in apart]
        wrong = through(plain, self._take, self._run)
        wrong = self._less(plain, wrong)
        return wrong + each(open_to_both, lambda one: both.merge(self._arrival.name, one, self._values(one)), self._run)

    def _less(self, batch: Sequence[Sorted], wrong: list[Wrong]) -> list[Wrong]:
        """A field that gives way is left out where another record has the same: then the rest of it comes."""
        yielding = [(draft, problem) for draft, problem in wrong if place_of(problem.field)[1] in self._arrival.gives_way]
        for draft, problem in yielding:
            self._without.setdefault(draft.number, set()).add(place_of(problem.field)[1])
        again = [one for one in batch if one.draft.number in numbers(yielding)]
        still = through(again, self._take, self._run)
        self._said += [one for one in yielding if one[0].number not in numbers(still)]
        return [one for one in wrong if one not in yielding] + still

    def _take(self, some: Sequence[Sorted]) -> Command:
        rows = [{"id": one.ident.hex, **self._values(one)} for one in some]
        known = [list(Known(one.ident.hex, one.draft.number, one.draft.name, "")) for one in some if not one.there]
        return TakeFromOdoo(entity=self._arrival.name, rows=rows, model=self._arrival.model, known=known)

    def _values(self, one: Sorted) -> dict[str, Any]:
        told = both.news(one) if self._arrival.out is not None else one.draft.values
        without = self._without.get(one.draft.number, ())
        return {name: value for name, value in told.items() if name not in without}

    def _say_what_is_put_back(self, keep: Sequence[Sorted]) -> None:
        """What was changed here of what Odoo masters, and stands as it is there again."""
        found = [(one.draft, against(self._arrival, one.row, one.draft)) for one in keep if one.there]
        self._said += [(draft, problem) for draft, problem in found if problem is not None]

    # --------------------------------------------------------------------------------------------------------- marks

    def _marks(self, done: Sequence[Sorted], cursor: dict[str, Any]) -> None:
        """Only now it counts as taken; and only with it, how far was read."""
        if not (done or cursor):
            return
        known = [list(one) for one in (self._shared(done) if self._arrival.out is not None else map(self._own, done))]
        take = TakeFromOdoo(entity=self._arrival.name, model=self._arrival.model, known=known, cursor=cursor)
        self._run(take).or_refused()

    def _own(self, one: Sorted) -> Known:
        """What was but found, while it is mastered here, is taken whole once that is Odoo's."""
        found_only = not self._writes and self._arrival.setting and one.there
        return _known(one)._replace(taken="") if found_only else _known(one)

    def _shared(self, done: Sequence[Sorted]) -> list[Known]:
        """Of what both sides write also how it stands there, and the mark that keeps it from going back."""
        out = self._arrival.out
        assert out is not None  # noqa: S101 (whoever calls it has looked)
        with self._inward.session() as session:
            rows = by_id(session, self._arrival.entity, [one.ident for one in done])
            marks = {ident: both.sent(out, rows[ident], one.draft.values) for one in done if (ident := one.ident) in rows}
        return [_known(one)._replace(mark=marks.get(one.ident, ""), base=one.draft.values) for one in done]


def _known(one: Sorted) -> Known:
    return Known(one.ident.hex, one.draft.number, one.draft.name, one.draft.mark)


def _but(some: Sequence[Sorted], wrong: Sequence[Wrong]) -> list[Sorted]:
    bad = numbers(wrong)
    return [one for one in some if one.draft.number not in bad]
