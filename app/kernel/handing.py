"""Handing in a file in two steps: made ready on any thread, which may take a while, then kept on the writer's, which is quick."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel.attached import Attachment, BlobRow
from app.kernel.blobs import KEY, MOST, ThumbRow, keep_thumb, small_picture, too_large
from app.kernel.problems import Refused
from app.kernel.rows import table_of
from app.kernel.upsert import upsert


@dataclass(frozen=True)
class Ready:
    """A file that was read: its hash, its bytes, and its small picture."""

    sha256: str
    content: bytes
    small: bytes


def ready(content: bytes) -> Ready:
    """Makes a file ready. Refused when it is too large."""
    if len(content) > MOST:
        raise Refused(too_large())
    return Ready(sha256(content).hexdigest(), content, small_picture(content))


def keep(session: Session, org_id: UUID, file: Ready) -> None:
    """Keeps it, whole, under the hash and size that `AttachFile` wants. The caller commits."""
    row = {"org_id": org_id, "sha256": file.sha256, "content": file.content}
    upsert(session, table_of(BlobRow), [row], KEY)
    keep_thumb(session, org_id, file.sha256, file.small)


def let_go(session: Session, org_id: UUID, name: str) -> None:
    """Forgets a file that hangs on nothing after all. The caller commits."""
    hangs = select(Attachment.id).where(Attachment.org_id == org_id, Attachment.sha256 == name)
    for kind in (BlobRow, ThumbRow):
        session.execute(delete(kind).where(kind.org_id == org_id, kind.sha256 == name, ~hangs.exists()))
