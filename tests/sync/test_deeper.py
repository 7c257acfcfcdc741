"""What rows hold is compared with the hub now and then, where there is nothing else to do; or when somebody asks."""

from __future__ import annotations

from replay_world import Trio, Wire, named
from sqlalchemy import text

from app.kernel.standard import AddNote
from app.parts.model import Part
from sync.protocol import Compare, Compared
from sync.terminal.exchange import DEEPER_MS, exchange


class Looking(Wire):
    """A line that knows which kinds of rows were compared cell by cell."""

    def __init__(self, trio: Trio) -> None:
        super().__init__(trio.peer)
        self.looked: list[str] = []

    def compare(self, compare: Compare) -> Compared:
        if compare.deep and compare.entity not in self.looked:
            self.looked.append(compare.entity)
        return super().compare(compare)


def idle(trio: Trio, line: Looking) -> list[str]:
    """Half an hour in which nobody does anything; what was mended."""
    trio.wall.ms += DEEPER_MS
    return [problem.code for problem in exchange(trio.left.app, line).mended]


def test_when_idle_one_kind_of_rows_after_the_other_is_looked_at(trio: Trio) -> None:
    line = Looking(trio)
    for _time in range(5):
        exchange(trio.left.app, line)
    assert line.looked == [], "not at once"
    assert idle(trio, line) == []
    assert len(line.looked) == 1
    exchange(trio.left.app, line)
    assert len(line.looked) == 1, "not at every exchange"
    for _time in range(20):
        idle(trio, line)
    assert {"part", "bin", "work_order", "stock_line", "person"} <= set(line.looked)


def test_a_cell_that_somebody_changed_in_the_file_is_found_by_itself(trio: Trio) -> None:
    line = Looking(trio)
    exchange(trio.left.app, line)
    with trio.left.engine.begin() as connection:
        connection.execute(text("UPDATE part SET price = 1 WHERE id = :id"), {"id": named("part", "P-2").bytes})
    told = [code for _time in range(20) for code in idle(trio, line)]
    assert told == ["sync.checked"]
    assert trio.left.get(Part, named("part", "P-2")).price == trio.hub.get(Part, named("part", "P-2")).price


def test_nobody_looks_deeper_while_work_waits(trio: Trio) -> None:
    line = Looking(trio)
    exchange(trio.left.app, line)
    for place in range(3):
        trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=str(place)), trio.person("Ann"))
        trio.wall.ms += DEEPER_MS
        exchange(trio.left.app, line)
    assert line.looked == []
