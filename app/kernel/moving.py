"""Moves that meet: what becomes of a step that somebody took at one terminal while others took theirs elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from app.kernel.cards import side, side_of
from app.kernel.entity import Entity
from app.kernel.problems import Contest, Problem
from app.kernel.states import Machine, Met, Move
from app.kernel.trail import Trace, last, traces
from app.kernel.work import Work

DECISIONS = ("Settle", "SettleOwn")


def meeting(work: Work, row: Entity, machine: Machine, move: Move) -> Met | None:
    """Where a move leads; None where it leads nowhere from here. On its first run it starts from what is seen; what comes in
    late takes its place among the moves that were made after it, but turns nothing over that somebody decided since."""
    now = getattr(row, machine.field)
    if not work.questions_only:
        return Met(move.target) if now == move.target or move.leaves(now) else None
    stamp = work.envelope.stamp
    trail = traces(work, row, machine.field)  # always: what came in late since has given the row an earlier stamp
    met = machine.meet(now, move, later_than(stamp, trail))
    decided = [one for one in trail if one.command in DECISIONS and one.stamp > stamp]
    return _beside(machine, now, move, met, decided) if decided else met


def _beside(machine: Machine, now: str, move: Move, met: Met, decided: Sequence[Trace]) -> Met:
    """A step beside what somebody decided since, without knowing of it: nothing changes, and where it leads elsewhere they are
    asked again."""
    if now == move.target:
        return Met(now)
    if met.state != now or any(_turned_down(machine, move, one) for one in decided):
        return Met(now, move.target)
    return met


def _turned_down(machine: Machine, move: Move, decision: Trace) -> bool:
    """Whether where the step leads was decided against: in favour of what no step leads to from there."""
    onto = machine.onward(move.target) | {one.target for one in machine.open_moves(move.target)}
    return decision.before == move.target and decision.after not in onto


def later_than(stamp: int, trail: Sequence[Trace]) -> list[tuple[str, str]]:
    """The changes of state (before, after) that stand and were made later, the earliest first; a trail in the order in which
    its changes came in."""
    standing = _standing(trail)
    earlier = [one.after for one in standing if one.stamp <= stamp]
    begun = earlier[-1:] or [one.before for one in trail if one.before is not None][:1]
    return list(pairwise(begun + [one.after for one in standing if one.stamp > stamp]))


def _standing(trail: Sequence[Trace]) -> list[Trace]:
    """What was here already when a change came in that was made earlier was weighed against it then; as that one was written
    down, the others were lost."""
    found = list[Trace]()
    for one in trail:
        while found and found[-1].stamp > one.stamp:
            found.pop()
        found.append(one)
    return found


def parted(work: Work, row: Entity, machine: Machine, move: Move, before: str, seen: Any, met: Met) -> Problem:
    """Two moves that cannot stand together: who took which, and from where."""
    other = last(work, row, machine.field)
    theirs = other.side(before) if other.command or other.stamp != work.envelope.stamp else side(before, None, None, None)
    contest = Contest(
        row.__tablename__, row.id, machine.field, side_of(work.envelope, move.target), theirs, seen if seen != before else None
    )
    return machine.illegal(row, met.lost, contest)
