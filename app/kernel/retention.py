"""Retention: what this machine alone keeps of people's doings goes after a while, as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.kernel.attached import Attachment, BlobRow
from app.kernel.blobs import BlobWay
from app.kernel.registry import Registry
from app.kernel.scan_log import ScanRow
from app.kernel.settings import Setting, read_setting
from app.kernel.words import _

AT_ONCE = 2000  # scans in one transaction
SCAN_DAYS = Setting(
    "kernel.scan_days",
    90,
    _("Days that scans are kept"),
    _("The log of scans at each terminal goes after so many days. 0 keeps it for ever."),
    least=0,
    most=3650,
    group=_("Privacy"),
)
PHOTO_DAYS = Setting(
    "kernel.photo_days",
    0,
    _("Days that whole photos stay at a terminal"),
    _("The hub keeps every photo; a terminal fetches one again when somebody looks at it. 0 keeps them here too."),
    least=0,
    most=3650,
    group=_("Privacy"),
)
SETTINGS = (SCAN_DAYS, PHOTO_DAYS)


def tidy(session: Session, registry: Registry, org_id: UUID, now: datetime, *, enrolled: bool) -> dict[str, int]:
    """Removes what is too old by now; how much of each. The caller commits. A photo goes only where the hub has it."""
    told = {"scans": 0, "photos": 0}
    scan_days = int(read_setting(session, registry, org_id, SCAN_DAYS.key))
    if scan_days:
        told["scans"] = _drop_scans(session, org_id, now - timedelta(days=scan_days))
    photo_days = int(read_setting(session, registry, org_id, PHOTO_DAYS.key))
    if photo_days and enrolled:
        told["photos"] = sum(_drop_photos(session, org_id, now - timedelta(days=photo_days)))
    return told


def _drop_scans(session: Session, org_id: UUID, before: datetime) -> int:
    old = select(ScanRow.id).where(ScanRow.org_id == org_id, ScanRow.at < before).order_by(ScanRow.at).limit(AT_ONCE)
    idents = list(session.scalars(old))
    session.execute(delete(ScanRow).where(ScanRow.id.in_(idents)))
    return len(idents)


def _drop_photos(session: Session, org_id: UUID, before: datetime) -> Iterator[int]:
    """Those that hang on old records alone and were sent."""
    sent = select(BlobWay.sha256).where(BlobWay.org_id == org_id, BlobWay.state == "sent")
    last = select(Attachment.sha256).where(Attachment.org_id == org_id).group_by(Attachment.sha256)
    old = last.having(func.max(Attachment.made_at) < before)
    here = select(BlobRow.sha256).where(BlobRow.org_id == org_id, BlobRow.sha256.in_(sent), BlobRow.sha256.in_(old))
    for name in list(session.scalars(here)):
        session.execute(delete(BlobRow).where(BlobRow.org_id == org_id, BlobRow.sha256 == name))
        yield 1
