"""Inviting, enrolling and revoking terminals, and putting work that came from a revoked one before people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.kernel.clock import stamp_time
from app.kernel.codes import hold
from app.kernel.commands import Command, Envelope, encode
from app.kernel.ids import derived_id
from app.kernel.problems import Problem, Refused
from app.kernel.records import EnvelopeRow, LifeRow
from app.kernel.registry import Registry
from app.kernel.words import _
from app.kernel.work import Work, discrepancy
from app.places.model import Site
from app.terminals.copies import came_out_of, may_be_copied
from app.terminals.model import ACTIVE, REVOKED, WIPED, Invitation, Terminal
from app.terminals.rules import (
    GOOD_FOR,
    can_come_back,
    is_good,
    is_hex,
    lies_at,
    may_at,
    next_place,
    only_the_hub,
    still_counts,
    unknown_code,
)
from app.terminals.seen import UNHEARD, heard

SERIES = "terminal"


@dataclass(frozen=True, kw_only=True)
class InviteTerminal(Command):
    """Lets one machine become a terminal within ten minutes. It carries the hash of the code that is read out, never the code."""

    label = _("Code for a terminal made")
    about = {"name": "", "site": "site"}
    needs = "terminals.invite"
    code_hash: str
    name: str = ""
    site: UUID | None = None
    warehouse: UUID | None = None
    profile: str = ""

    def told(self, registry: Registry) -> dict[str, Any]:
        return {**encode(self), "code_hash": "…"}


@dataclass(frozen=True, kw_only=True)
class EnrolTerminal(Command):
    """The hub takes a machine in that brought a code, under the public key that it signs with.

    `terminal` is the id of a machine that worked before under one of its own, or comes back after it was revoked; `adopts` the
    number up to which an empty hub takes over what that machine's program set up by itself; `origin` the terminal whose store
    was copied, where a machine works with a copy.
    """

    label = _("Terminal let in")
    about = {"name": ""}
    needs = "terminals.enrol"
    invitation: UUID
    public_key: str
    name: str
    site: UUID | None = None
    warehouse: UUID | None = None
    profile: str = ""
    terminal: UUID | None = None
    program: str = ""
    adopts: int = 0
    origin: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RevokeTerminal(Command):
    """Shuts a terminal out, and all copies of its store that got an identity of their own; with `wipe` they are also ordered to
    hand over what waits there, sealed, and to remove their stores."""

    label = _("Terminal shut out")
    about = {"terminal": "terminal"}
    needs = "terminals.revoke"
    terminal: UUID
    wipe: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionWork(Command):
    """Puts a command before people that was done at a terminal after it had been revoked, and came to the hub all the same."""

    label = _("Late work put before people")
    about = {"terminal": "terminal"}
    needs = "terminals.revoke"
    terminal: UUID
    command: UUID


def invite_terminal(do: InviteTerminal, work: Work) -> None:
    site = work.get(Site, do.site).id if do.site else None
    work.check(is_hex(do.code_hash, "code_hash"), may_at(work, site), lies_at(work, do.warehouse, site))
    now = min(work.now, stamp_time(work.envelope.stamp))  # what the hub believes of a clock that runs ahead
    ident, until = invitation_of(work.envelope.id), now + GOOD_FOR
    if work.session.get(Invitation, ident) is None:  # done again on a terminal after a pull
        work.session.add(
            Invitation(
                id=ident,
                org_id=work.envelope.org_id,
                code_hash=do.code_hash,
                name=do.name.strip()[:60],
                site_id=site,
                warehouse_id=do.warehouse,
                profile=do.profile,
                until=until,
            ),
        )


def invitation_of(command_id: UUID) -> UUID:
    """The id of the invitation that a command makes."""
    return derived_id(command_id, Invitation.__tablename__)


def enrol_terminal(do: EnrolTerminal, work: Work) -> None:
    work.check(only_the_hub(work), is_hex(do.public_key, "public_key"))
    invitation = work.session.get(Invitation, do.invitation, with_for_update=True, populate_existing=True)
    before = work.find(Terminal, do.terminal) if do.terminal else None
    if invitation is None:
        raise Refused(unknown_code())
    work.check(is_good(invitation, work.now), can_come_back(before), _may_be_copied(do, work))
    row = before or Terminal(id=do.terminal or work.new_id(Terminal), origin_id=do.origin)
    if before is None or not still_counts(before, stamp_time(before.stamp), work.now):
        row.place_no = _place(work)
    row.name, row.site_id, row.warehouse_id, row.profile = do.name, do.site, do.warehouse, do.profile
    row.public_key, row.state, row.retired = do.public_key, ACTIVE, False
    if before is None:
        work.add(row)
    else:
        work.session.execute(delete(LifeRow).where(LifeRow.terminal_id == row.id))  # another machine may come back for it
    invitation.used, invitation.terminal_id = work.now, row.id
    told = {"org_id": row.org_id, "at": work.now, "version": do.program[:40], "adopts": do.adopts}
    heard(work.session, row.id, {**UNHEARD, **told})


def _may_be_copied(do: EnrolTerminal, work: Work) -> Problem | None:
    return None if do.origin is None else may_be_copied(work.session, work.get(Terminal, do.origin), work.now)


def _place(work: Work) -> int:
    """The terminal's place in static number ranges. Two that enrol at once take turns."""

    def fresh() -> int:
        hold(work.session, work.envelope.org_id, SERIES)
        there = work.session.scalars(select(Terminal).where(Terminal.org_id == work.envelope.org_id))
        return next_place({one.place_no for one in there if still_counts(one, stamp_time(one.stamp), work.now)})

    return int(work.draw("place_no", fresh))


def revoke_terminal(do: RevokeTerminal, work: Work) -> None:
    terminal = work.get(Terminal, do.terminal, even_retired=True)
    work.check(may_at(work, terminal.site_id), _says_why(do))
    for one in (terminal, *came_out_of(work.session, terminal.id)):
        work.reads.add(one.id)
        if one.state != WIPED:
            one.state = WIPED if do.wipe else REVOKED


def _says_why(do: RevokeTerminal) -> Problem | None:
    if do.reason.strip():
        return None
    return Problem("terminal.why", _("It is not said why."), field="reason", hint=_("Write a few words: lost, stolen, replaced."))


def question_work(do: QuestionWork, work: Work) -> None:
    terminal = work.get(Terminal, do.terminal, even_retired=True)
    work.check(may_at(work, terminal.site_id))
    envelope = _sent_by(terminal, do.command, work)
    work.add(discrepancy(envelope, after_revocation(terminal.name)), do.command.hex)


def _sent_by(terminal: Terminal, command: UUID, work: Work) -> Envelope:
    """A command that came from a terminal; Refused when there is none."""
    found = work.session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == command)).first()
    if found is not None and (found.terminal_id, found.org_id) == (terminal.id, work.envelope.org_id):
        return Envelope.from_json(json.loads(found.content))
    raise Refused(
        Problem(
            "terminal.not_its_own",
            _("“{name}” has sent no such command."),
            field="command",
            hint=_("Give the id of one that came from this terminal."),
            values={"name": terminal.name},
        )
    )


def after_revocation(name: str) -> Problem:
    return Problem(
        "terminal.after",
        _("This was done at “{name}” after it had been revoked."),
        hint=_("Look whether it happened so, and settle it."),
        values={"name": name},
    )
