"""The bytes of attached files: kept under their hash, taken in piece by piece, with a small picture that travels first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.attached import Attachment, BlobRow
from app.kernel.entity import LocalRow
from app.kernel.problems import Problem, Refused
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from app.kernel.words import _
from app.kernel.writer import Writer

MOST = 10 << 20  # bytes of a file
MOST_OF_A_THUMB = 64 << 10
EDGE = 256  # pixels of a small picture's longer side
PIXELS = 50_000_000  # of a picture that we open
KEY = ("org_id", "sha256")


class ThumbRow(LocalRow):
    """A small picture of a file, where it is one."""

    __tablename__ = "blob_thumb"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # empty where the file is no picture, so that nobody asks again


class BlobPart(LocalRow):
    """A piece of a file that is still coming in."""

    __tablename__ = "blob_part"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class BlobWay(LocalRow):
    """How a file stands between a terminal and its hub: `sent` when the hub has it, `wanted` when somebody here waits for it."""

    __tablename__ = "blob_way"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))


def keep_file(session: Session, org_id: UUID, content: bytes) -> tuple[str, int]:
    """Takes a file in, whole; its hash and size, as `AttachFile` wants them. Refused when it is too large. The caller commits."""
    if len(content) > MOST:
        raise Refused(too_large())
    name = sha256(content).hexdigest()
    _put(session, BlobRow, org_id, name, content)
    keep_thumb(session, org_id, name, small_picture(content))
    return name, len(content)


def take_in(writer: Writer, org_id: UUID, content: bytes) -> tuple[str, int]:
    """The same in a transaction of its own, on the writer's thread."""
    return writer.run(_taken_in, writer, org_id, content)


def _taken_in(writer: Writer, org_id: UUID, content: bytes) -> tuple[str, int]:
    with writer.sessions() as session:
        kept = keep_file(session, org_id, content)
        session.commit()
        return kept


def keep_thumb(session: Session, org_id: UUID, name: str, content: bytes) -> None:
    _put(session, ThumbRow, org_id, name, content[:MOST_OF_A_THUMB])


def _put(session: Session, kind: type[LocalRow], org_id: UUID, name: str, content: bytes) -> None:
    upsert(session, table_of(kind), [{"org_id": org_id, "sha256": name, "content": content}], KEY)


def small_picture(content: bytes, edge: int = EDGE) -> bytes:
    """A JPEG no larger than 256 × 256, or as large as its `edge` says; empty for what is no picture, or one too large to open."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > PIXELS:
                return b""
            picture.draft("RGB", (edge * 2, edge * 2))
            small = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError):  # Pillow says so in each of these ways that it is no whole picture
        return b""
    small.thumbnail((edge, edge))
    out = BytesIO()
    small.save(out, "JPEG", quality=70)
    return out.getvalue()


# ------------------------------------------------------------------------------------------------------- piece by piece


def content_of(session: Session, org_id: UUID, name: str) -> bytes | None:
    """A file's bytes, None while they are not here."""
    return session.scalar(select(BlobRow.content).where(BlobRow.org_id == org_id, BlobRow.sha256 == name))


def thumb_of(session: Session, org_id: UUID, name: str) -> bytes | None:
    """The small picture of a file: empty where it is no picture, None while that is not known here."""
    return session.scalar(select(ThumbRow.content).where(ThumbRow.org_id == org_id, ThumbRow.sha256 == name))


def whole(session: Session, org_id: UUID, names: Iterable[str]) -> set[str]:
    """Those of these files that are here with all their bytes."""
    return set(session.scalars(select(BlobRow.sha256).where(BlobRow.org_id == org_id, BlobRow.sha256.in_(list(names)))))


def sizes_of(session: Session, org_id: UUID, name: str) -> list[int]:
    """How large a file may be, as the records say that it hangs on, the smallest first; none for one that hangs on nothing.
    Where they differ, its hash decides."""
    wanted = select(Attachment.size).distinct().where(Attachment.org_id == org_id, Attachment.sha256 == name)
    return sorted(size for size in session.scalars(wanted) if size <= MOST)


def so_far(session: Session, org_id: UUID, name: str) -> int:
    """How many bytes of a file that is coming in are here, from its start without a gap."""
    wanted = select(BlobPart.start, func.length(BlobPart.content)).where(BlobPart.org_id == org_id, BlobPart.sha256 == name)
    reached = 0
    for start, length in session.execute(wanted.order_by(BlobPart.start)):
        if start > reached:
            break
        reached = max(reached, start + length)
    return reached


def add_part(session: Session, org_id: UUID, name: str, start: int, content: bytes, sizes: Sequence[int]) -> int:
    """Takes the next piece in; how many bytes are here now. With the last one of any of the `sizes` the file is put together.
    A piece that begins elsewhere is left: so no more of a file is kept than it has bytes.

    Refused, and all its pieces dropped, when not even the largest is what its hash says. The caller commits.
    """
    reached = so_far(session, org_id, name)
    if start != reached:
        return reached
    if content:
        row: dict[str, Any] = {"org_id": org_id, "sha256": name, "start": start, "content": content}
        upsert(session, table_of(BlobPart), [row], (*KEY, "start"))
        reached += len(content)
    for size in (size for size in sizes if size <= reached):
        if _put_together(session, org_id, name, size):
            return size
    if reached >= sizes[-1]:
        drop_parts(session, org_id, name)
        session.commit()  # the next try begins anew
        raise Refused(not_the_file())
    return reached


def _put_together(session: Session, org_id: UUID, name: str, size: int) -> bool:
    """Makes the file of its first `size` bytes, if its hash says so."""
    pieces = select(BlobPart.start, BlobPart.content).where(BlobPart.org_id == org_id, BlobPart.sha256 == name)
    whole = bytearray()
    for start, content in session.execute(pieces.order_by(BlobPart.start)):
        whole[start : start + len(content)] = content
    content = bytes(whole[:size])
    if sha256(content).hexdigest() != name:
        return False
    drop_parts(session, org_id, name)
    _put(session, BlobRow, org_id, name, content)
    return True


def drop_parts(session: Session, org_id: UUID, name: str) -> None:
    session.execute(delete(BlobPart).where(BlobPart.org_id == org_id, BlobPart.sha256 == name))


# ----------------------------------------------------------------------------------------------------- a terminal's way


def mark(session: Session, org_id: UUID, name: str, state: str) -> None:
    """Notes how a file stands: `sent` or `wanted`. The caller commits."""
    upsert(session, table_of(BlobWay), [{"org_id": org_id, "sha256": name, "state": state}], KEY)


def to_send(session: Session, org_id: UUID, most: int) -> list[str]:
    """Files that hang on a record and that the hub is not known to have, in the order in which they were attached."""
    same = BlobWay.org_id == Attachment.org_id, BlobWay.sha256 == Attachment.sha256
    sent = select(BlobWay.sha256).where(*same, BlobWay.state == "sent")
    here = select(BlobRow.sha256).where(BlobRow.org_id == Attachment.org_id, BlobRow.sha256 == Attachment.sha256)
    wanted = select(Attachment.sha256).where(Attachment.org_id == org_id, ~sent.exists(), here.exists())
    return list(dict.fromkeys(session.scalars(wanted.order_by(Attachment.id).limit(most))))


def without_thumb(session: Session, org_id: UUID, most: int) -> list[str]:
    """Files of which not even the small picture is here, the newest first."""
    known = select(ThumbRow.sha256).where(ThumbRow.org_id == Attachment.org_id, ThumbRow.sha256 == Attachment.sha256)
    wanted = select(Attachment.sha256).where(Attachment.org_id == org_id, ~known.exists())
    return list(dict.fromkeys(session.scalars(wanted.order_by(Attachment.id.desc()).limit(most))))


def wanted(session: Session, org_id: UUID) -> list[str]:
    """Files whose bytes somebody here waits for."""
    here = select(BlobRow.sha256).where(BlobRow.org_id == BlobWay.org_id, BlobRow.sha256 == BlobWay.sha256)
    waits = BlobWay.org_id == org_id, BlobWay.state == "wanted", ~here.exists()
    return list(session.scalars(select(BlobWay.sha256).where(*waits)))


def ways(session: Session, org_id: UUID, names: Iterable[str]) -> dict[str, str]:
    """What is noted of these files: `sent` or `wanted`."""
    noted = select(BlobWay.sha256, BlobWay.state).where(BlobWay.org_id == org_id, BlobWay.sha256.in_(list(names)))
    return {name: state for name, state in session.execute(noted)}


def too_large() -> Problem:
    return Problem("file.too_large", _("A file may have 10 MB, and this one has more."), hint=_("Attach a smaller picture."))


def not_the_file() -> Problem:
    message = _("The bytes that came are not the file that was attached.")
    return Problem("file.damaged", message, hint=_("It is sent again by itself; nothing else is lost."))
