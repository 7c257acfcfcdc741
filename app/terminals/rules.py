"""What must hold for terminals and invitations."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel.access import SYSTEM, Actor, out_of_scope
from app.kernel.codes import TERMINALS
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.places.model import Warehouse
from app.terminals.model import ACTIVE, Invitation, Terminal

GOOD_FOR = timedelta(minutes=10)
REST = timedelta(days=366)  # before a place in number ranges is given again: numbers that count through a year use it too
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


def next_place(taken: Collection[int]) -> int:
    """The lowest place in static number ranges that nobody has: 0 to 49, and when these are gone 51 and on; 50 is the hub."""
    place = 0
    while place in taken or place == TERMINALS:
        place += 1
    return place


def still_counts(terminal: Terminal, changed: datetime, now: datetime) -> bool:
    """Whether a terminal's place may not be given again: it is in use, or was a year ago, and may yet send numbers from it."""
    return terminal.state == ACTIVE or changed > now - REST


def is_hex(value: str, field: str) -> Problem | None:
    """The hash of a code, or a public key: 64 hex digits."""
    if _HEX.fullmatch(value):
        return None
    return Problem(
        "terminal.hex",
        _("This is not what stands for a code or a key."),
        field=field,
        hint=_("Make invitations with fettle hub enrol-code; codes and keys themselves are never sent."),
    )


def may_at(work: Work, site: UUID | None) -> Problem | None:
    """Who looks after terminals at one site does so there alone; a terminal of no site takes a grant that holds everywhere.

    Asked of the person's grants here and now: a terminal cannot say of itself that somebody may.
    """
    wanted = work.command.grant(work.registry)
    signers = [one for one in (work.actor, work.cosigner) if one is not None]
    return None if any(_holds(one, wanted, site) for one in signers) else out_of_scope()


def _holds(one: Actor, wanted: str, site: UUID | None) -> bool:
    return one.can(wanted) and one.places(wanted) is None if site is None else one.can(wanted, site)


def warehouse_is_there(terminal: Terminal, work: Work) -> Problem | None:
    return lies_at(work, terminal.warehouse_id, terminal.site_id)


def lies_at(work: Work, warehouse: UUID | None, site: UUID | None) -> Problem | None:
    """A terminal's store room is one of its site."""
    if warehouse is None or work.get(Warehouse, warehouse).site_id == site:
        return None
    return Problem(
        "terminal.warehouse",
        _("This store room is not at the terminal's site."),
        field="warehouse_id",
        hint=_("Choose a store room of the site, or none for all of them."),
    )


def only_the_hub(work: Work) -> Problem | None:
    """Nobody enrols a terminal by hand: the hub does, when a machine brings a code."""
    if work.envelope.actor_id == SYSTEM:
        return None
    return Problem(
        "terminal.by_hub",
        _("A terminal is enrolled by the hub, when it brings its code."),
        hint=_("Invite it, and run fettle enrol on the machine."),
    )


def unknown_code() -> Problem:
    message = _("This code is not known here.")
    return Problem("terminal.code", message, field="code", hint=_("Check what was typed. A code is good for ten minutes."))


def is_good(invitation: Invitation, now: datetime) -> Problem | None:
    """An invitation lets one machine in, within its ten minutes."""
    hint = _("Make a new one with fettle hub enrol-code.")
    if invitation.used is not None:
        return Problem("terminal.code_used", _("This code has been used already."), field="code", hint=hint)
    if now >= invitation.until:
        return Problem("terminal.code_expired", _("This code has run out."), field="code", hint=hint)
    return None


def can_come_back(terminal: Terminal | None) -> Problem | None:
    """A machine that is enrolled is not enrolled a second time: that would shut out whoever works with it."""
    if terminal is None or terminal.state != ACTIVE:
        return None
    return Problem(
        "terminal.enrolled",
        _("“{name}” is enrolled already."),
        hint=_("If it has lost its key, or this is another machine, revoke it first; then enrol again."),
        values={"name": terminal.name},
    )
