"""Why a command is turned away or questioned, whatever it does: by whom, when and in what shape it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.kernel.access import Actor, denied
from app.kernel.clock import stamp_time
from app.kernel.commands import Envelope
from app.kernel.problems import Problem
from app.kernel.types import canonical
from app.kernel.words import _


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
    """Whether both databases can keep it: no NUL, no half of a character, no number that is none."""
    try:
        return b"\\u0000" not in canonical(body).encode()
    except ValueError:
        return False


def unkeepable() -> Problem:
    return Problem(
        "command.unkeepable",
        _("Something in it is not text that can be kept."),
        hint=_("Type it again; pasted text may hold characters that cannot be seen."),
    )
