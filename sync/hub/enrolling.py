"""How a machine becomes a terminal of the hub: it brings a code that works once, and from then on signs with its own key."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import locks, rls
from app.kernel.access import system
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.records import EnvelopeRow, TenantRow
from app.kernel.upsert import upsert
from app.kernel.words import _
from app.organisations.model import Organisation
from app.places.model import Site
from app.terminals.codes import code_hash, fingerprint, new_code
from app.terminals.commands import EnrolTerminal, InviteTerminal, invitation_of
from app.terminals.copies import may_be_copied, next_copy, unused_copy
from app.terminals.model import NOBODY, Invitation, Terminal
from app.terminals.rules import GOOD_FOR, unknown_code
from sync.enrolment import Answered, Asked
from sync.hub.keys import HubKeys

SCHEME = "fettle:enrol"


@dataclass(frozen=True)
class Invited:
    """A code that is out. It is told once, here; the hub keeps only what recognises it."""

    code: str
    hub_words: str  # four words that stand for the hub's key, for the machine to compare

    def link(self, url: str) -> str:
        """All that a machine must know, for a QR code: where the hub is, the code, and by what to know it."""
        return f"{SCHEME}?{urlencode({'hub': url, 'code': self.code, 'key': self.hub_words})}"


# ------------------------------------------------------------------------------------------------------------ inviting


def invite(
    app: App, keys: HubKeys, org_id: UUID, *, name: str = "", site: UUID | None = None, warehouse: UUID | None = None
) -> Invited:
    """Invites a machine in an organisation's name; Refused where its places are not so."""
    code = new_code()
    command = InviteTerminal(code_hash=code_hash(code), name=name, site=site, warehouse=warehouse)
    app.run(command, system(org_id)).or_refused()
    return Invited(code, fingerprint(keys.public))


def invite_first(app: App, keys: HubKeys, name: str = "") -> Invited:
    """Invites the machine that brings the organisation to a hub that is still empty; Refused when it is not."""
    code = new_code()
    app.writer.run(_keep_first, app, code_hash(code), name)
    return Invited(code, fingerprint(keys.public))


def _keep_first(app: App, hashed: str, name: str) -> None:
    with app.writer.sessions(info={"orgs": {NOBODY}}) as session:
        if _tenants(session):
            raise Refused(_other_organisation())
        until = app.clock.now() + GOOD_FOR
        session.add(Invitation(id=new_id(), org_id=NOBODY, code_hash=hashed, name=name[:60], profile="", until=until))
        session.commit()


# ------------------------------------------------------------------------------------------------------------ letting in


def enrol(app: App, keys: HubKeys, asked: Asked) -> Answered:
    """Lets a machine in that brings a good code. Whoever asks again under the same key gets the same answer again, because the
    first one may have been lost on the way."""
    invitation = _invited(app, asked.code)
    if invitation is None:
        raise Refused(unknown_code())
    row = _let_in_before(app, invitation, asked)
    if row is None:
        org_id = _organisation(app, invitation, asked)
        row = _let_in(app, invitation, org_id, asked)
    return _answer(app, keys, row)


def _everyone(session: Session) -> None:
    """Lets a session see whose a code or a terminal is, before anybody is served."""
    rls.serve_all(session)
    rls.serve(session, {*session.info.get("orgs", ()), NOBODY})


def _tenants(session: Session) -> set[UUID]:
    return set(session.scalars(select(TenantRow.org_id)))


def _invited(app: App, code: str) -> Invitation | None:
    hashed = code_hash(code)
    with Session(app.read_engine, expire_on_commit=False) as session:
        _everyone(session)
        found = session.scalars(select(Invitation).where(Invitation.code_hash == hashed).limit(1)).first()
        return found if found is not None and hmac.compare_digest(found.code_hash, hashed) else None


def _let_in_before(app: App, invitation: Invitation, asked: Asked) -> Terminal | None:
    if invitation.terminal_id is None:
        return None
    with Session(app.read_engine, info={"orgs": {invitation.org_id}}) as session:
        row = session.get(Terminal, invitation.terminal_id)
        return row if row is not None and hmac.compare_digest(row.public_key, asked.public_key) else None


def _organisation(app: App, invitation: Invitation, asked: Asked) -> UUID:
    """Whose the machine will be: the inviter's, or at an empty hub its own. What was done for somebody else stays where it is."""
    brought = unhexed(asked.organisation)
    if invitation.org_id != NOBODY:
        if brought not in (None, invitation.org_id):
            raise Refused(_other_organisation())
        return invitation.org_id
    if brought is None:
        raise Refused(_brings_nobody())
    app.writer.run(_claim, app, invitation.id, brought)
    return brought


def _claim(app: App, invitation: UUID, brought: UUID) -> None:
    """The hub is from now on there for this organisation; Refused when somebody else was first."""
    with app.writer.sessions(info={"orgs": {NOBODY, brought}}) as session:
        locks.hold_ids(session, {NOBODY})  # another process may be letting in the first machine of somebody else
        if _tenants(session) - {brought}:
            raise Refused(_other_organisation())
        session.execute(update(Invitation).where(Invitation.id == invitation).values(org_id=brought))
        upsert(session, TenantRow.__table__, [{"org_id": brought}], ("org_id",))  # type: ignore[arg-type]
        session.commit()


def _let_in(app: App, invitation: Invitation, org_id: UUID, asked: Asked) -> Terminal:
    terminal = unhexed(asked.terminal) if unhexed(asked.organisation) == org_id else None
    with Session(app.read_engine) as session:
        _everyone(session)
        there = session.get(Terminal, terminal) if terminal else None
        if there is not None and there.org_id != org_id:
            raise Refused(_other_organisation())
        if there is None and terminal is not None and _works_here(app, session, terminal):
            raise Refused(_id_taken())
        fresh = session.get(Organisation, org_id) is None and _is_first(session, org_id, terminal)
    command = EnrolTerminal(
        invitation=invitation.id,
        public_key=asked.public_key,
        name=(invitation.name or asked.name).strip()[:60] or _("Terminal"),
        site=invitation.site_id,
        warehouse=invitation.warehouse_id,
        profile=invitation.profile,
        terminal=terminal,
        program=asked.version[:40],
        adopts=asked.number if fresh else 0,
    )
    return _enrolled(app, org_id, command)


def _enrolled(app: App, org_id: UUID, command: EnrolTerminal) -> Terminal:
    row = app.run(command, system(org_id)).or_refused().row("terminal")
    with Session(app.read_engine, info={"orgs": {org_id}}) as session:
        return session.get_one(Terminal, row)


def _works_here(app: App, session: Session, ident: UUID) -> bool:
    """Whether a process of the hub itself works under this id: whoever had it would be believed like the hub."""
    worked = select(EnvelopeRow.seq).where(EnvelopeRow.terminal_id == ident).limit(1)
    return ident == app.station.id or session.scalar(worked) is not None


def _is_first(session: Session, org_id: UUID, terminal: UUID | None) -> bool:
    """Whether an organisation has no terminal but perhaps this one: only what the first one set up is taken over."""
    others = select(Terminal.id).where(Terminal.org_id == org_id, Terminal.id != (terminal or NOBODY))
    return session.scalar(others.limit(1)) is None


def _answer(app: App, keys: HubKeys, row: Terminal) -> Answered:
    with Session(app.read_engine, info={"orgs": {row.org_id}}) as session:
        site = session.get(Site, row.site_id) if row.site_id else session.scalars(select(Site).order_by(Site.code)).first()
        organisation = session.get(Organisation, row.org_id)
        return Answered(
            terminal=row.id.hex,
            organisation=row.org_id.hex,
            name=row.name,
            zone=site.zone if site is not None else "",
            place_no=row.place_no,
            hub_key=keys.public.hex(),
            recovery_key=keys.recovery_public.hex(),
            site=row.site_id.hex if row.site_id else "",
            profile=row.profile,
            organisation_name=organisation.name if organisation is not None else "",
            adopts=organisation is None,
        )


def renew(app: App, terminal_id: UUID, org_id: UUID, public_key: str) -> Terminal:
    """A new identity, at the same places, for a machine that works with a copy of a terminal's store. Whoever asks again because
    the answer was lost gets the same one, also while the first question is still being worked at."""
    with Session(app.read_engine, info={"orgs": {org_id}}) as session:
        old = session.get_one(Terminal, terminal_id)
        there = unused_copy(session, terminal_id, public_key)
        problem = may_be_copied(session, old, app.clock.now())
        ident = next_copy(session, terminal_id, public_key)
    if there is not None:
        return there
    if problem is not None:
        raise Refused(problem)
    command = EnrolTerminal(
        invitation=_invitation_beside(app, old),
        public_key=public_key,
        name=f"{old.name[:56]} (2)",
        site=old.site_id,
        warehouse=old.warehouse_id,
        profile=old.profile,
        terminal=ident,
        origin=terminal_id,
    )
    try:
        return _enrolled(app, org_id, command)
    except Refused:
        with Session(app.read_engine, info={"orgs": {org_id}}) as session:
            twice = session.get(Terminal, ident)  # the same question was answered meanwhile
        if twice is None:
            raise
        return twice


def _invitation_beside(app: App, old: Terminal) -> UUID:
    invite = InviteTerminal(code_hash=code_hash(new_code()), site=old.site_id, warehouse=old.warehouse_id)
    return invitation_of(app.run(invite, system(old.org_id)).or_refused().id)


def unhexed(text: str) -> UUID | None:
    """The id that 32 hex digits stand for; None for any other text."""
    try:
        return UUID(text) if len(text) == 32 else None
    except ValueError:
        return None


# -------------------------------------------------------------------------------------------------------------- words


def _other_organisation() -> Problem:
    message = _("This hub serves another organisation than this store.")
    hint = _("Nothing was changed. Enrol at your own hub, or begin a new store: --store with an empty folder.")
    return Problem("terminal.other_organisation", message, hint=hint)


def _id_taken() -> Problem:
    message = _("This store goes by an id that somebody else at this hub has.")
    return Problem("terminal.id_taken", message, hint=_("Begin a new store: --store with an empty folder."))


def _brings_nobody() -> Problem:
    message = _("This hub is empty: its first terminal brings the organisation.")
    return Problem("terminal.brings_nobody", message, hint=_("Set up the workshop on a terminal first, then enrol that one."))
