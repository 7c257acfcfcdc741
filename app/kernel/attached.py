"""Notes and files that hang on a record: who may see the record may see them, and who reads it may add to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.capture import Change
from app.kernel.commands import A_RECORD, Authority, Command
from app.kernel.entity import About, Entity, Has, LocalRow, link, text, whole
from app.kernel.problems import Problem
from app.kernel.registry import Registry
from app.kernel.words import _
from app.kernel.work import Mode, Work

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Note(Entity):
    """What someone wrote on a record."""

    __tablename__ = "note"
    __about__ = About(_("Note"), _("Notes"), title=("text",))
    entity: Mapped[str] = text(_("Kind of record"), size=64)
    row_id: Mapped[UUID] = link("", _("About"))
    text: Mapped[str] = text(_("Note"), size=4000)


class Attachment(Entity):
    """A file on a record; its bytes lie apart, under their hash."""

    __tablename__ = "attachment"
    __about__ = About(_("File"), _("Files"), title=("name",))
    entity: Mapped[str] = text(_("Kind of record"), size=64)
    row_id: Mapped[UUID] = link("", _("About"))
    name: Mapped[str] = text(_("Name"))
    sha256: Mapped[str] = text(_("Hash"), size=64)
    size: Mapped[int] = whole(_("Bytes"))


HANGING: tuple[type[Note] | type[Attachment], ...] = (Note, Attachment)


class BlobRow(LocalRow):
    """A file's bytes in this database."""

    __tablename__ = "blob"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)  # who knows a hash has not the file that another organisation keeps
    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, kw_only=True)
class AddNote(Command):
    """Writes a note on a record."""

    label = _("Note written")
    about = A_RECORD
    authority = Authority.FACT
    entity: str
    id: UUID
    text: str

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "read")


@dataclass(frozen=True, kw_only=True)
class AttachFile(Command):
    """Puts a file, whose bytes are already in this database, on a record."""

    label = _("File attached")
    about = A_RECORD
    authority = Authority.FACT
    entity: str
    id: UUID
    name: str
    sha256: str
    size: int

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "read")


def add_note(do: AddNote, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    work.check(takes_none(entity, Has.NOTES))
    row = work.get(entity, do.id, even_retired=True)
    work.check(_lies_elsewhere(row, work))
    if not do.text.strip():
        work.check(Problem("note.empty", _("The note is empty."), field="text", hint=_("Write something, or close it.")))
    work.add(Note(entity=do.entity, row_id=row.id, text=do.text.strip()))


def attach_file(do: AttachFile, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    work.check(takes_none(entity, Has.FILES), is_a_file(do, work))
    row = work.get(entity, do.id, even_retired=True)
    work.check(_lies_elsewhere(row, work))
    work.add(Attachment(entity=do.entity, row_id=row.id, name=do.name, sha256=do.sha256, size=do.size))


def _lies_elsewhere(row: Entity, work: Work) -> Problem | None:
    change = Change(row, None)
    return work.beyond(change) if change.places() else None


def takes_none(entity: type[Entity], what: Has) -> Problem | None:
    """A record takes notes or files where its kind declares it."""
    if what in entity.__about__.has:
        return None
    return Problem(
        "note.not_here",
        _("{entity} take no notes or files."),
        field="entity",
        hint=_("Write it on the job or the part that it concerns."),
        values={"entity": entity.__about__.plural},
    )


def is_a_file(do: AttachFile, work: Work) -> Problem | None:
    """A file has a plain name, and whoever attaches it has its bytes; elsewhere they may come later."""
    plain = do.name.strip(". ") and not set(do.name) & {"/", "\\"}
    if plain and do.size >= 0 and _HASH.fullmatch(do.sha256) and (work.mode is not Mode.FIRST or _is_here(do.sha256, work)):
        return None
    return Problem(
        "file.unknown",
        _("“{name}” is not a file that was taken in."),
        field="name",
        hint=_("Choose the file again."),
        values={"name": do.name[:60]},
    )


def _is_here(of: str, work: Work) -> bool:
    wanted = select(BlobRow.sha256).where(BlobRow.org_id == work.actor.org_id, BlobRow.sha256 == of)
    return work.session.scalar(wanted) is not None


def blob(content: bytes) -> tuple[str, int]:
    """The hash and size under which a file's bytes are kept."""
    return sha256(content).hexdigest(), len(content)
