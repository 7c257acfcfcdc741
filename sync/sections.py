"""Many rows side by side: they go from the hub's database to the terminal's as columns, and are single lines only where asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, repeat
from typing import Any, overload

from sync.protocol import Line


@dataclass(frozen=True)
class Section:
    """Rows of one entity that name the same columns, as plain data; without names they are gone. `columns` has one for each
    name, all as long as `ids`."""

    entity: str
    ids: Sequence[str]
    names: tuple[str, ...] | None
    columns: Sequence[Sequence[Any]] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def lines(self) -> Iterator[Line]:
        if self.names is None:
            return (Line(self.entity, ident, None) for ident in self.ids)
        names, rows = self.names, zip(*self.columns, strict=True) if self.columns else repeat((), len(self.ids))
        return (Line(self.entity, ident, dict(zip(names, row, strict=True))) for ident, row in zip(self.ids, rows, strict=True))

    def cut(self, start: int, stop: int) -> Section:
        """Only these of the rows."""
        if start <= 0 and stop >= len(self.ids):
            return self
        return Section(self.entity, self.ids[start:stop], self.names, [column[start:stop] for column in self.columns])


@dataclass(frozen=True, eq=False)
class Lines(Sequence[Line]):
    """Sections as the lines that they stand for."""

    sections: tuple[Section, ...]
    _ends: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ends", tuple(accumulate(map(len, self.sections))))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Line]:
        for section in self.sections:
            yield from section.lines()

    @overload
    def __getitem__(self, at: int) -> Line: ...

    @overload
    def __getitem__(self, at: slice) -> Lines: ...

    def __getitem__(self, at: int | slice) -> Line | Lines:
        if isinstance(at, int):
            place = range(len(self))[at]
            return next(iter(self[place : place + 1]))
        start, stop, step = at.indices(len(self))
        if step != 1:
            raise ValueError("rows are cut out in one piece")
        begins = (0, *self._ends)
        cut = (
            one.cut(max(start - begin, 0), stop - begin)
            for one, begin in zip(self.sections, begins, strict=False)
            if stop > begin
        )
        return Lines(tuple(one for one in cut if len(one)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a tuple of the same lines, and too large to be a key


def sections_of(lines: Iterable[Line]) -> Sequence[Section]:
    """Lines side by side: those in a row that are of one entity and name the same columns."""
    if isinstance(lines, Lines):
        return lines.sections
    return [_section(entity, names, list(some)) for (entity, names), some in groupby(lines, _alike)]


def _section(entity: str, names: tuple[str, ...] | None, lines: Sequence[Line]) -> Section:
    images = [line.image or {} for line in lines]
    return Section(entity, [line.id for line in lines], names, [[image[name] for image in images] for name in names or ()])


def _alike(line: Line) -> tuple[str, tuple[str, ...] | None]:
    return line.entity, None if line.image is None else tuple(line.image)
