"""Keeping papers: the PDF as it was handed out hangs on its record under its hash; it is never made anew behind anyone's back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel import blobs
from app.kernel.access import Actor, denied
from app.kernel.attached import AttachFile
from app.kernel.commands import Answer
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from app.papers.desk import Desk
from app.papers.makers import KINDS, written
from app.papers.paper import Paper

if TYPE_CHECKING:
    from app.assemble import App


@dataclass(frozen=True)
class Kept:
    """A paper that hangs on its record: the name of its file, its bytes, and their hash."""

    name: str
    sha256: str
    content: bytes
    answer: Answer


def entity_of(kind: str) -> str:
    """What a kind of paper is of; Refused with the kinds that there are."""
    if kind not in KINDS:
        raise Refused(_unknown(kind))
    return str(KINDS[kind].entity.__tablename__)


def paper_of(app: App, actor: Actor, kind: str, ident: UUID) -> Paper:
    """A paper in words; Refused for one that there is not, or a record that this person may not see."""
    entity = app.registry.entities[entity_of(kind)]
    grant = app.registry.grant_of(entity, "read")
    if not app.can(actor, grant):
        raise Refused(denied(actor, grant))
    with app.read(actor) as session:
        row = session.get(entity, ident)
        if row is None:
            raise Refused(Problem("papers.gone", _("There is no such record."), hint=_("Scan it again.")))
        return written(Desk(session, app.registry, actor.org_id), kind, row)


def keep(app: App, actor: Actor, kind: str, ident: UUID, draw: Callable[[Paper], bytes]) -> Kept:
    """Draws a paper and hangs it on its record. Blocks while it is drawn: never on the screens' thread."""
    if (problem := app.against_files()) is not None:
        raise Refused(problem)
    paper = paper_of(app, actor, kind, ident)
    content = draw(paper)
    sha256, size = blobs.take_in(app.writer, actor.org_id, content)
    entity, name = entity_of(kind), f"{paper.title}.pdf".replace("/", "-")
    answer = app.run(AttachFile(entity=entity, id=ident, name=name, sha256=sha256, size=size), actor).or_refused()
    return Kept(name, sha256, content, answer)


def _unknown(kind: str) -> Problem:
    return Problem(
        "papers.unknown",
        _("There is no paper “{kind}”."),
        field="kind",
        hint=_("There are: {kinds}."),
        values={"kind": kind[:40], "kinds": ", ".join(KINDS)},
    )
