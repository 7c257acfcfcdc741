"""Why a command is turned away or questioned, whatever it does: by whom, when and in what shape it comes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from app.kernel.access import Actor, denied
from app.kernel.clock import stamp_time
from app.kernel.commands import Envelope
from app.kernel.problems import Problem
from app.kernel.shapes import is_plain
from app.kernel.types import canonical
from app.kernel.words import _

_FAR = re.compile(rb"e\+|-0\.0")  # where it may hold a number that would come back as another
LARGEST = 800_000  # bytes of a command's body: with all else in its envelope, a push of the one holds it however it packs


def no_longer(actor: Actor, wanted: str) -> Problem:
    return replace(
        denied(actor, wanted), code="access.no_longer", hint=_("Someone who may do this should look at it and confirm it.")
    )


def from_the_future(envelope: Envelope) -> Problem:
    return Problem(
        "clock.ahead",
        _("This was dated {when}, ahead of the hub's clock."),
        blocks=False,
        hint=_("Set the terminal's clock right, and look at what was counted there."),
        values={"when": stamp_time(envelope.stamp).isoformat(timespec="minutes")},
    )


def too_new(envelope: Envelope) -> Problem:
    return Problem(
        "command.too_new",
        _("{command} comes from a newer program than this one."),
        hint=_("Update this program; the command is kept until then."),
        values={"command": envelope.command},
    )


def id_taken() -> Problem:
    return Problem(
        "command.id_taken",
        _("Under this id something else was done already."),
        field="id",
        hint=_("Give each command its own id; send an id again only with the very same command."),
    )


def can_be_kept(body: dict[str, Any]) -> bool:
    """Whether both databases can keep it: no NUL, no half of a character, no number that is none or would be another."""
    return _written(body) is not None


def unfit(body: dict[str, Any]) -> Problem | None:
    """Why a command's body can be kept nowhere, or could not travel: what the hub never takes would hold up all behind it."""
    written = _written(body)
    if written is None:
        return unkeepable()
    return too_large() if len(written) > LARGEST else None


def _written(body: dict[str, Any]) -> bytes | None:
    try:
        written = canonical(body).encode()
    except ValueError:
        return None
    return None if b"\\u0000" in written or (_FAR.search(written) and not is_plain(body)) else written


def unkeepable() -> Problem:
    return Problem(
        "command.unkeepable",
        _("Something in it is not text that can be kept."),
        hint=_("Type it again; pasted text may hold characters that cannot be seen."),
    )


def too_large() -> Problem:
    return Problem(
        "command.too_large",
        _("This is more than one command may hold ({most} KB)."),
        hint=_("Do it in several steps."),
        values={"most": LARGEST // 1000},
    )
