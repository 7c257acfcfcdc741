"""Photos: those of a record, how far each is on its way to the hub, and how one is put on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import blobs, handing
from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.outgoing import CONFIRMED_THERE, HERE
from app.kernel.outgoing import WORDS as WAYS
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.standard import AttachFile, Attachment
from app.kernel.words import _, say
from ui.kit.bench import Bench, Shot, said_of, sentence_of
from ui.kit.choosing import dialog
from ui.kit.panels import person
from ui.kit.values import moment

AWAY, COMING = "away", "coming"
WORDS = {**WAYS, AWAY: _("At the hub"), COMING: _("On its way here")}
KINDS = "*.jpg *.jpeg *.png *.webp"
Kept = tuple[str, str, int]  # a photo whose bytes are kept here: its name, its hash and its size


@dataclass(frozen=True)
class Photo:
    """A file on a record. `small` is empty for one that is no picture, None while that is not known here; `way` where the
    terminal has a hub."""

    id: UUID
    name: str
    sha256: str
    small: bytes | None
    way: str
    told: str  # who put it there, and when


def photos_of(bench: Bench, entity: str, ident: UUID) -> list[Photo]:
    """The files on a record, the latest first, without what its page shows elsewhere, such as a signature. On a reader thread."""
    org = bench.actor.org_id
    wanted = select(Attachment).where(Attachment.row_id == ident, Attachment.retired.is_(False)).order_by(Attachment.id.desc())
    with bench.app.read(bench.actor) as session:
        drawn = _drawn(session, bench, entity, ident)
        rows = [row for row in session.scalars(wanted) if row.sha256 != drawn]
        names = {row.sha256 for row in rows}
        here, noted = blobs.whole(session, org, names), blobs.ways(session, org, names)
        return [_seen(session, bench, row, _way(bench, row.sha256 in here, noted.get(row.sha256, ""))) for row in rows]


def _drawn(session: Session, bench: Bench, entity: str, ident: UUID) -> str | None:
    """The hash of what its page shows elsewhere."""
    page = bench.declared.page_of(entity)
    row = session.get(page.entity, ident) if page is not None and page.drawn else None
    return getattr(row, page.drawn) if page is not None and row is not None else None


def _seen(session: Session, bench: Bench, row: Attachment, way: str) -> Photo:
    small = blobs.thumb_of(session, bench.actor.org_id, row.sha256)
    told = f"{person(session, bench, row.made_by)} · {moment(row.made_at)}"
    return Photo(row.id, row.name, row.sha256, small, way, told)


def _way(bench: Bench, here: bool, noted: str) -> str:
    if not bench.app.station.enrolled:
        return ""
    if here:
        return CONFIRMED_THERE if noted == "sent" else HERE
    return COMING if noted == "wanted" else AWAY


def told_of(photos: Sequence[Photo]) -> str:
    """How many there are, and how many of them the hub does not have yet."""
    waiting = sum(photo.way == HERE for photo in photos)
    told = [say(_("{count} here"), count=len(photos))] if photos else []
    return " · ".join([*told, *([say(_("{count} wait for the hub"), count=waiting)] if waiting else [])])


# ---------------------------------------------------------------------------------------------------------- putting one on


class Files:
    """Photos from files, chosen in a window of the system's own kind."""

    def __init__(self, over: QWidget) -> None:
        self._over = over

    def take(self, then: Callable[[Sequence[Shot]], None]) -> None:
        """As `PhotoSource` has it."""
        asks = dialog(self._over, say(_("Which photos?")), f"{say(_('Photos'))} ({KINDS})", f"{say(_('All files'))} (*)")
        asks.setFileMode(QFileDialog.FileMode.ExistingFiles)
        asks.setLabelText(QFileDialog.DialogLabel.Accept, say(_("Attach photo")))
        asks.filesSelected.connect(lambda names: then([Shot(Path(one).name, partial(_read, Path(one))) for one in names]))
        asks.finished.connect(asks.deleteLater)
        asks.open()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = _("Check its name and whose it is.")
        values = {"file": path.name, "reason": error.strerror or str(error)}
        raise Trouble("file.unreadable", _("The file {file} cannot be read: {reason}."), hint, values) from error


def attach(bench: Bench, match: Match) -> None:
    """Lets somebody choose photos, and puts each on the record."""

    def hung(answer: Answer) -> None:
        bench.ways.told(Outcome.SUCCESS, say(_("The photo is on {title}."), title=match.title), answer.id)

    take(bench, bench, lambda kept: hang(bench, match, kept, hung))


def take(bench: Bench, owner: QObject, then: Callable[[Kept], None]) -> None:
    """Lets somebody choose or take photos; `then` hears of each one that is kept, as long as the owner stands. What is too large
    or cannot be read is told; where the disk is short, before anybody chooses."""

    def each(shots: Sequence[Shot]) -> None:
        for shot in shots:
            _keep(bench, owner, shot, then)

    def choose(problem: Problem | None) -> None:
        if problem is not None:
            bench.ways.told(Outcome.ERROR, sentence_of(problem))
        elif bench.photos is not None:
            bench.photos.take(each)

    bench.read(owner, bench.app.against_files, choose)


def _keep(bench: Bench, owner: QObject, shot: Shot, then: Callable[[Kept], None]) -> None:
    """Read and made small beside; kept on the writer thread, so that a power cut does not take it."""
    org, writer = bench.actor.org_id, bench.app.writer

    def keep(file: handing.Ready) -> Kept:
        if (problem := bench.app.against_files()) is not None:
            raise Refused(problem)
        with writer.sessions() as session:
            handing.keep(session, org, file)
            session.commit()
        return shot.name, file.sha256, len(file.content)

    def ready(file: handing.Ready) -> None:
        bench.runner.submit(lambda: keep(file), then, bench.ways.failed, owner)

    bench.read(owner, lambda: handing.ready(shot.read()), ready)


def hang(bench: Bench, match: Match, kept: Kept, then: Callable[[Answer], None] = lambda _answer: None) -> None:
    """Says on which record a kept photo is. Where the record does not take it, that is told, and no bytes of it stay."""
    name, sha256, size = kept
    org = bench.actor.org_id

    def over(answer: Answer) -> None:
        if answer.done:
            then(answer)
        else:
            bench.write(lambda session: _let_go(session, org, sha256))
            bench.ways.told(Outcome.ERROR, said_of(answer))

    bench.run(bench, AttachFile(entity=match.entity, id=match.id, name=name, sha256=sha256, size=size), over)


def _let_go(session: Session, org: UUID, sha256: str) -> None:
    handing.let_go(session, org, sha256)
    session.commit()
