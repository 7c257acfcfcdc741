"""What the hub last heard of its terminals: its own notes, which no command makes and nobody else gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.terminals.model import TerminalSeen

UNHEARD: Mapping[str, Any] = {"cursor": 0, "number": 0, "waiting": 0, "version": "", "heartbeat": None, "adopts": 0}


def heard(session: Session, terminal: UUID, told: Mapping[str, Any]) -> None:
    """Notes what a terminal told of itself, by the columns of `TerminalSeen`; the caller commits."""
    row = session.get(TerminalSeen, terminal)
    if row is None:
        row = TerminalSeen(terminal_id=terminal, **UNHEARD)
        session.add(row)
    for name, value in told.items():
        setattr(row, name, value)
