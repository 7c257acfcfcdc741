"""The scan log: every scan that came in, whose it was, where it was read and what became of it. It never leaves this database."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.entity import LocalRow
from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.rows import table_of
from app.kernel.scanning import MOST
from app.kernel.upsert import upsert
from app.kernel.words import _

SHOWN = 255


class Outcome(enum.StrEnum):
    """What became of a scan, as the person at the scanner heard it."""

    SUCCESS = "success"
    ASK = "ask"
    ERROR = "error"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Scanned:
    """One scan as it is kept: `context` is the screen or flow it reached, `command_id` the command that it ran, if any."""

    org_id: UUID
    at: datetime
    text: str
    source: str
    outcome: Outcome
    said: str = ""
    symbology: str = ""
    context: str = ""
    actor_id: UUID | None = None
    command_id: UUID | None = None


class ScanRow(LocalRow):
    """A scan that came in at this terminal."""

    __tablename__ = "scan_log"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(MOST))
    symbology: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    context: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    said: Mapped[str] = mapped_column(String(SHOWN))
    command_id: Mapped[UUID | None]


Index("ix_scan_log_org", ScanRow.org_id, ScanRow.at)


def keep(session: Session, scan: Scanned, ident: UUID) -> None:
    """Writes a scan into the log under its id and commits; once more under the same id corrects it.

    A text longer than any barcode is cut.
    """
    row = {**scan.__dict__, "id": ident, "text": scan.text[:MOST], "said": scan.said[:SHOWN], "outcome": scan.outcome.value,
           "source": scan.source[:16], "symbology": scan.symbology[:8], "context": scan.context[:64]}  # fmt: skip
    upsert(session, table_of(ScanRow), [row], ("id",))
    session.commit()


def scans(asking: Asking) -> Ask:
    """The scans of this terminal, latest first."""
    names = ("id", "at", "text", "source", "context", "outcome", "said", "actor_id", "command_id")
    chosen = select(*(getattr(ScanRow, name).label(name) for name in names)).where(ScanRow.org_id == asking.actor.org_id)
    columns = (
        Column("at", _("Time"), "moment"),
        Column("text", _("Scan")),
        Column("source", _("Read by")),
        Column("context", _("Where")),
        Column("outcome", _("Outcome"), "choice"),
        Column("said", _("Answer")),
    )
    return Ask(chosen, columns, order="-at", reads=frozenset({"scan_log"}))


SCANS = Query("scans", scans, "kernel.scans", _("Scans at this terminal, latest first, with what became of each."))
