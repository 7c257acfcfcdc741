"""Telling a terminal from a copy of it: each greeting gives a token that only whoever got the answer can show next time."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.kernel.records import LifeRow
from sync.protocol import Hello, Push


def greeted(session: Session, org_id: UUID, hello: Hello) -> str:
    """The token for the terminal's next greeting; none where another machine works under its id. The caller commits."""
    terminal = UUID(hello.terminal_id)
    row = session.get(LifeRow, terminal, with_for_update=True)
    if row is None:
        row = LifeRow(terminal_id=terminal, org_id=org_id, count=0, token="", before="", machine="")
        session.add(row)
    elif not _fits(row, hello.incarnation) or (row.machine and hello.machine and row.machine != hello.machine):
        return ""
    row.count = max(row.count, _count(hello.incarnation)) + 1
    row.before, row.token = hello.incarnation, f"{row.count}:{secrets.token_hex(12)}"
    row.machine = hello.machine or row.machine
    return row.token


def is_copied(session: Session, push: Push) -> bool:
    """Whether a push comes from a store that was copied or put back since its terminal was greeted."""
    if not push.incarnation:
        return False
    row = session.get(LifeRow, UUID(push.terminal_id))
    return row is not None and not _fits(row, push.incarnation)


def copies(session: Session, tokens: Mapping[UUID, str]) -> set[UUID]:
    """Those of these terminals whose token shows a copied store, as `is_copied` has it; all looked up together."""
    shown = [terminal for terminal, token in tokens.items() if token]
    rows = session.scalars(_SHOWN, {"shown": shown}) if shown else ()
    return {row.terminal_id for row in rows if not _fits(row, tokens[row.terminal_id])}


_SHOWN = select(LifeRow).where(LifeRow.terminal_id.in_(bindparam("shown", expanding=True)))


def _fits(row: LifeRow, token: str) -> bool:
    """The token given last, or the one before it, where that answer was lost. One that this hub has not given yet shows that
    the hub itself was put back."""
    return token in (row.token, row.before) or _count(token) > row.count


def _count(token: str) -> int:
    head = token.partition(":")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 16 else 0
