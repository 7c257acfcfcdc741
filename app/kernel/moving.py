"""Moves that meet: what becomes of a step that somebody took at one terminal while others took theirs elsewhere."""

from __future__ import annotations

from typing import Any

from app.kernel.cards import side, side_of
from app.kernel.entity import Entity
from app.kernel.problems import Contest, Problem
from app.kernel.states import Machine, Met, Move
from app.kernel.trail import last, traces
from app.kernel.work import Work

DECISIONS = ("Settle", "SettleOwn")


def meeting(work: Work, row: Entity, machine: Machine, move: Move) -> Met | None:
    """Where a move leads; None where it leads nowhere from here. On its first run it starts from what is seen; what comes in
    late takes its place among the moves that were made after it, but turns nothing over that somebody decided since."""
    now = getattr(row, machine.field)
    if not work.questions_only:
        return Met(move.target) if now == move.target or move.leaves(now) else None
    stamp = work.envelope.stamp
    since = traces(work, row, machine.field, stamp) if row.stamp > stamp else []
    later = [one for one in since if one.before is not None]
    met = machine.meet(now, move, [(one.before, one.after) for one in later])
    if met.state != now and any(one.command in DECISIONS for one in later):
        return Met(now, move.target)
    return met


def parted(work: Work, row: Entity, machine: Machine, move: Move, before: str, seen: Any, met: Met) -> Problem:
    """Two moves that cannot stand together: who took which, and from where."""
    other = last(work, row, machine.field)
    theirs = other.side(before) if other.command or other.stamp != work.envelope.stamp else side(before, None, None, None)
    contest = Contest(
        row.__tablename__, row.id, machine.field, side_of(work.envelope, move.target), theirs, seen if seen != before else None
    )
    return machine.illegal(row, met.lost, contest)
