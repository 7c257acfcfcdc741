"""`fettle do`: runs one command, or one per line of a file, each answered after it is on the disk for good."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

from app.kernel.words import _, say
from ui.cli import out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from app.kernel.commands import Answer
    from ui.cli.opening import Opened

MOST = 4 * 1024 * 1024  # bytes in one line: the largest command, 2,000 records, with room to spare
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def add(verbs: Any) -> None:
    parser = verbs.add_parser("do", help="run one command, or one per line of a file")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the command, as `fettle commands` lists them")
    parser.add_argument("fields", nargs="?", metavar="JSON", default="{}", help='its fields, such as {"part": "…"}')
    parser.add_argument("--batch", metavar="FILE", help='one {"do": NAME, "id": optional, …fields} a line; - is stdin')


def run(args: argparse.Namespace) -> int:
    from ui.cli.opening import opened

    if bool(args.name) == bool(args.batch):
        raise WrongUsage(_("Give a command's NAME and its fields as JSON, or --batch FILE."))
    if args.batch:
        with _source(args.batch) as source, opened(args) as here:
            return batch(here, source)
    given = _read(args.fields.encode("utf-8", "surrogatepass"), say(_("The fields are")))
    with opened(args) as here:
        return _answered(here, {**given, "do": args.name})


@contextmanager
def _source(name: str) -> Iterator[BinaryIO]:
    """The lines to come, as bytes."""
    if name == "-":
        yield sys.stdin.buffer
        return
    from app.kernel.exchange.sheets import readable

    with ExitStack() as whole:
        with readable(Path(name)):
            file = whole.enter_context(Path(name).open("rb"))
        yield file


def batch(here: Opened, source: BinaryIO) -> int:
    """Runs line after line; a refused or broken one does not stop those after it."""
    worst = DONE
    for number, content in lines(source):
        worst = max(worst, _one(here, number, content))
    return worst


def _one(here: Opened, number: int, content: bytes | None) -> int:
    from app.kernel.problems import Refused

    try:
        if content is None:
            raise Refused(_endless(number))
        return _answered(here, _read(content, say(_("Line {number} is"), number=number)))
    except Refused as refused:
        out.line(_refusal({}, refused))
        return FAILED


def lines(source: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that say something, by their number from 1; None for one that is longer than any command, never held whole."""
    number = 0
    while content := source.readline(MOST + 1):
        number += 1
        if len(content) > MOST:
            while content and not content.endswith(b"\n"):
                content = source.readline(MOST + 1)
            yield number, None
            continue
        if number == 1:
            content = content.removeprefix(codecs.BOM_UTF8)
        if content.strip():
            yield number, content


def _answered(here: Opened, given: dict[str, Any]) -> int:
    from app.kernel.problems import Refused

    try:
        answer = _run(here, given)
    except Refused as refused:
        out.line(_refusal(given, refused))
        return FAILED
    out.line(answer.as_json())
    return DONE if answer.done else FAILED


def _run(here: Opened, given: dict[str, Any]) -> Answer:
    """Runs what a line says. `id` is the command's own; a record that the command is about goes by the name of `row`."""
    from app.kernel.catalogue import inward, outward_problem
    from app.kernel.commands import decode
    from app.kernel.problems import Refused

    name = given.get("do")
    kind = here.app.registry.command(name if isinstance(name, str) else "")
    fields = {key: value for key, value in given.items() if key not in ("do", "id")}
    ident = _id(given.get("id"))
    try:
        command = decode(kind, inward(kind, fields))
    except Refused as refused:
        raise Refused(*(outward_problem(kind, problem) for problem in refused.problems)) from None
    return here.app.run(command, here.actor, ident)


def _id(value: Any) -> UUID | None:
    from app.kernel.shapes import PLAIN

    return None if value is None else PLAIN[UUID][0](value, "id")


def _refusal(given: dict[str, Any], refused: Any) -> dict[str, Any]:
    """The answer to what never became a command."""
    name, ident = given.get("do"), given.get("id")
    return {
        "id": ident if isinstance(ident, str) else None,
        "do": name if isinstance(name, str) else None,
        "status": "refused",
        "problems": [problem.as_json() for problem in refused.problems],
        "rows": [],
    }


# ------------------------------------------------------------------------------------------------------- reading a line


def _read(content: bytes, where: str) -> dict[str, Any]:
    """One JSON object, read strictly: nothing in it may mean two things."""
    from app.kernel import strict
    from app.kernel.problems import Refused

    try:
        value = strict.read(content)
    except (ValueError, RecursionError) as error:
        raise Refused(_broken(where, content, error)) from error
    if not isinstance(value, dict):
        raise Refused(_broken(where, content, None))
    return value


_REASONS: dict[type[Exception], str] = {
    UnicodeDecodeError: _("its bytes are not UTF-8"),
    RecursionError: _("it is nested too deep"),
}


def _broken(where: str, content: bytes, error: Exception | None) -> Any:
    from app.kernel.problems import Problem

    reason = say(_("it is not in { }")) if error is None else _reason(error)
    if content.startswith(_BOMS):
        reason = say(_("the file is saved as UTF-16; save it as UTF-8"))
    return Problem(
        "cli.broken_line",
        _("{where} not a JSON object that can be read: {reason}."),
        hint=_("Write one object, such as {example}, on one line."),
        values={"where": where, "reason": reason, "example": '{"do": "IssuePart", "order": "…"}'},
    )


def _reason(error: Exception) -> str:
    known = _REASONS.get(type(error))
    return say(known) if known else str(error)


def _endless(number: int) -> Any:
    from app.kernel.problems import Problem

    return Problem(
        "cli.long_line",
        _("Line {number} is longer than any command: nothing of it was done."),
        hint=_("Write one command on one line of at most {most} MB; files of records go through an import."),
        values={"number": number, "most": MOST // (1024 * 1024)},
    )
