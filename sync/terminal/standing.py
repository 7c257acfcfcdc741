"""How a terminal stands to its hub, read from its store: what waits, what is stuck, since when, and the last exchanges."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.cards import NOBODY
from app.kernel.clock import stamp_ms
from app.kernel.problems import Problem
from app.kernel.records import PARKED, WAITING, Discrepancy, EnvelopeRow
from app.kernel.settling import OPEN
from sync.terminal import pull

LAST = "exchanged"  # in the store's own facts


@dataclass(frozen=True)
class Last:
    """The last exchanges, in milliseconds since 1970 (0: never). `whole_ms` is when everything up to then was here."""

    tried_ms: int = 0
    done_ms: int = 0
    whole_ms: int = 0
    code: str = ""  # why the last one came to nothing, and in words
    message: str = ""
    hint: str = ""

    def failing(self, problem: Problem, now_ms: int) -> Last:
        return replace(self, tried_ms=now_ms, code=problem.code, message=problem.sentence, hint=problem.advice)

    def went(self, now_ms: int, *, whole: bool) -> Last:
        return Last(now_ms, now_ms, now_ms if whole else self.whole_ms)

    def problem(self) -> Problem | None:
        if not self.code:
            return None
        return Problem(self.code, "{message}", hint="{hint}", values={"message": self.message, "hint": self.hint})


@dataclass(frozen=True)
class Standing:
    """What waits for the hub, what it parked, how old the oldest of them is (milliseconds since 1970, 0: nothing waits), what
    somebody must settle, and up to which number the feed is laid down."""

    waiting: int = 0
    parked: int = 0
    oldest_ms: int = 0
    asked: int = 0
    cursor: int = 0


def standing(session: Session) -> Standing:
    counted = select(EnvelopeRow.state, func.count()).where(EnvelopeRow.state.in_((WAITING, PARKED))).group_by(EnvelopeRow.state)
    counts = {state: count for state, count in session.execute(counted)}
    first = select(EnvelopeRow.stamp).where(EnvelopeRow.state == WAITING).order_by(EnvelopeRow.seq).limit(1)
    return Standing(
        counts.get(WAITING, 0),
        counts.get(PARKED, 0),
        stamp_ms(session.scalar(first) or 0),
        open_cards(session) + counts.get(PARKED, 0),
        pull.cursor(session),
    )


def open_cards(session: Session) -> int:
    """What somebody must decide; findings of one topic are one card."""
    decided = Discrepancy.decides.is_not(None), Discrepancy.decides != NOBODY
    wanted = select(func.count(Discrepancy.topic.distinct())).where(Discrepancy.state == OPEN, Discrepancy.retired.is_(False))
    return session.scalar(wanted.where(*decided)) or 0


def last(session: Session) -> Last:
    told: dict[str, Any] = meta.read(session, LAST) or {}
    return Last(**{name: value for name, value in told.items() if name in asdict(Last())})


def keep_last(session: Session, told: Last) -> None:
    """Writes the last exchanges down; the caller commits."""
    meta.keep(session, LAST, asdict(told))
