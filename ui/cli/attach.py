"""`fettle attach` and `fettle file`: puts files on a record, and gets one back, from the hub where it is not here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import files, out
from ui.cli.out import DONE, FAILED

if TYPE_CHECKING:
    from app.kernel.meanings import Match
    from ui.cli.opening import Opened


def add(verbs: Any) -> None:
    parser = verbs.add_parser("attach", help="put files on a record, such as photos on a job")
    parser.add_argument("entity", metavar="ENTITY", help="the kind of record, such as work_order or part")
    parser.add_argument("code", metavar="CODE", help="what a scan of the record would say: its number or code")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser = verbs.add_parser("file", help="get an attached file; where it is not here, it is asked of the hub")
    parser.add_argument("sha256", metavar="HASH", help="its hash, as “fettle ask attachment” tells it")
    parser.add_argument("--to", required=True, metavar="FILE", help="where to write it")
    parser.set_defaults(run=run_file)


def run(args: argparse.Namespace) -> int:
    """One answer per file, after its record is durably committed."""
    from ui.cli.opening import opened

    code = DONE
    with opened(args) as here:
        match = meant(here, args.entity, args.code)
        for name in args.files:
            answer = _attached(here, match, Path(name).expanduser())
            out.line(answer)
            code = FAILED if answer["status"] == "refused" else code
    return code


def meant(here: Opened, entity: str, code: str) -> Match:
    """The record that a code means, of one kind; Refused where there is none."""
    from app.kernel.problems import Problem, Refused

    found = here.app.meaning(code, here.actor, (entity,))
    if found.match is None or found.match.entity != entity:
        raise Refused(found.problem or Problem("scan.unknown", _("There is no such record."), hint=_("Scan it again.")))
    return found.match


def _attached(here: Opened, match: Match, path: Path) -> dict[str, Any]:
    from app.kernel import blobs
    from app.kernel.problems import Refused
    from app.kernel.standard import AttachFile

    if (problem := here.app.against_files()) is not None:
        raise Refused(problem)
    sha256, size = blobs.take_in(here.app.writer, here.actor.org_id, files.content(path))
    command = AttachFile(entity=match.entity, id=match.id, name=path.name, sha256=sha256, size=size)
    answer = here.app.run(command, here.actor)
    if not answer.done:
        here.app.writer.run(_let_go, here, sha256)
    return {"file": str(path), "sha256": sha256, "bytes": size, **answer.as_json()}


def _let_go(here: Opened, sha256: str) -> None:
    """It hangs on no record: its bytes need not stay."""
    from app.kernel import handing

    with here.app.writer.sessions() as session:
        handing.let_go(session, here.actor.org_id, sha256)
        session.commit()


def run_file(args: argparse.Namespace) -> int:
    """Done when it was written; where it is not here yet it is marked as wanted, and comes with the next exchanges."""
    from app.kernel import blobs
    from app.kernel.attached import Attachment
    from ui.cli.opening import opened

    with opened(args) as here:
        with here.app.read(here.actor) as session:
            named = session.query(Attachment).where(Attachment.sha256 == args.sha256).first()
            content = blobs.content_of(session, here.actor.org_id, args.sha256) if named else None
        if content is None:
            return _wanted(here, args.sha256, known=named is not None)
        with files.written(args.to) as path:
            path.write_bytes(content)
    out.line({"sha256": args.sha256, "file": args.to, "bytes": len(content)})
    return DONE


def _wanted(here: Opened, sha256: str, *, known: bool) -> int:
    from app.kernel import blobs

    if not known:
        out.word(_("No record that you may see has this file."))
        return FAILED

    def want() -> None:
        with here.app.writer.sessions() as session:
            blobs.mark(session, here.actor.org_id, sha256, "wanted")
            session.commit()

    here.app.writer.run(want)
    out.word(_("The file is not here yet. It comes with the next exchanges: run fettle sync --once, then this again."))
    return FAILED
