"""Who comes in: a user name and a PIN give an access token for a working day and a refresh token that is good once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from threading import BoundedSemaphore
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import families
from app.access.actors import is_active
from app.access.model import Person
from app.kernel import rls
from app.kernel.access import Actor
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import TenantRow
from app.kernel.shapes import PLAIN
from app.kernel.strict import shown
from app.kernel.words import _
from app.organisations.model import Organisation
from sync.hub import tokens
from sync.hub.api.operations import FLAG, ID, MOMENT, Call, Operation, Reply, Schema, each, shape
from sync.hub.tokens import Claims

T = TypeVar("T")
PATIENCE = 5.0  # seconds before somebody who waits for their PIN to be checked is sent away
_CHECKS = BoundedSemaphore(4)
FROM_AN_ADDRESS = 50  # wrong PINs in a quarter of an hour: a whole office may stand behind one address
WORD: Schema = {"type": "string", "maxLength": 200}


@dataclass(frozen=True)
class Known:
    """Somebody who has come in: their organisation is all that a session may look at."""

    actor: Actor
    login: UUID


def log_in(call: Call) -> Reply:
    """Lets somebody in by user name and PIN. Whoever is not let in is told no more than that."""
    username, pin, named = (_word(call, name) for name in ("username", "pin", "organisation"))
    person = _person(call, username.strip().casefold(), named.strip())
    orgs = {"orgs": {person.org_id}} if person is not None else {}
    desk = call.api.desk.at(_place(call.address), FROM_AN_ADDRESS, orgs)
    with _checking():
        outcome = desk.pin(person.id, pin, signs_in=False) if person is not None else desk.nobody(f"{named} {username}", pin)
    if outcome.refused is not None or person is None:
        locked = outcome.refused is not None and outcome.refused.code == "access.locked"
        raise Refused(outcome.refused if outcome.refused is not None and locked else _not_let_in())
    begun = _keeping(call, person.org_id, lambda session: families.begin(session, person, call.api.hub.app.clock.now()))
    return _tokens(call, Claims(person.id, person.org_id, begun.family), begun)


def refresh(call: Call) -> Reply:
    """The next pair of tokens. A refresh token that was used before ends the login, for whoever has copied it."""
    shown = families.Refresh.read(_word(call, "refresh_token"))
    if shown is None:
        raise Refused(not_good())
    now = call.api.hub.app.clock.now()
    found = _keeping(call, shown.org_id, lambda session: families.renewed(session, shown, now))
    if found is None:
        raise Refused(not_good())
    person, token = found
    return _tokens(call, Claims(person, shown.org_id, shown.family), token)


def log_out(call: Call) -> Reply:
    """Ends this login: its tokens are no longer good."""
    login = call.login
    if login is not None:
        _keeping(call, call.actor.org_id, lambda session: families.end(session, login))
    return Reply(status=204)


def logins(call: Call) -> Reply:
    """One's own logins that still hold."""
    with call.api.hub.session(call.actor.org_id) as session:
        found = families.of_person(session, call.actor.id, call.api.hub.app.clock.now())
        rows = [{"id": str(one.id), "started": shown(one.started), "until": shown(one.until)} for one in found]
    return Reply({"rows": [{**row, "this": row["id"] == str(call.login)} for row in rows]})


def end_login(call: Call) -> Reply:
    """Ends one of one's own logins, such as that of a machine that was lost."""
    try:
        ident = UUID(call.path["id"])
    except ValueError:
        raise Refused(_no_login()) from None
    now = call.api.hub.app.clock.now()
    if not _keeping(call, call.actor.org_id, lambda session: _ended(session, ident, call.actor.id, now)):
        raise Refused(_no_login())
    return Reply(status=204)


def _ended(session: Session, ident: UUID, person: UUID, now: datetime) -> bool:
    there = families.stands(session, ident, person, now)
    if there:
        families.end(session, ident)
    return there


def me(call: Call) -> Reply:
    """Who one is here, and what one may do where."""
    actor = call.actor
    with call.api.hub.app.read(actor) as session:
        organisation = session.scalars(select(Organisation).where(Organisation.id == actor.org_id)).first()
        name = organisation.name if organisation is not None else ""
    grants = sorted(actor.grants, key=lambda one: (one.name, str(one.place)))
    return Reply(
        {
            "id": str(actor.id),
            "name": actor.name,
            "language": actor.language,
            "home": actor.home,
            "organisation": {"id": str(actor.org_id), "name": name},
            "grants": [{"grant": one.name, "place": str(one.place) if one.place else None} for one in grants],
        }
    )


def change_pin(call: Call) -> Reply:
    """A new PIN for oneself. It ends every login, also this one."""
    old, new = _word(call, "old"), _word(call, "new")
    desk = call.api.desk.at(_place(call.address), FROM_AN_ADDRESS, {"orgs": {call.actor.org_id}})
    with _checking():
        problem = desk.change_pin(call.actor, old, new)
    if problem is not None:
        raise Refused(problem)
    return Reply(status=204)


def known(call: Call, token: str) -> Known:
    """Whoever an access token speaks for, as they are now; Refused where it does not, or their login has ended."""
    claims = call.api.tokens.read(token)
    if claims is None:
        raise Refused(not_good())
    call.api.hub.look_anew()
    app = call.api.hub.app
    with Session(call.api.hub.engine, info={"orgs": {claims.org_id}}) as session:
        if not families.stands(session, claims.login, claims.person, app.clock.now()):
            raise Refused(not_good())
    actor = app.current(Actor(claims.person, claims.org_id))
    if not actor.active or actor.org_id != claims.org_id or actor.system:
        raise Refused(not_good())
    return Known(actor, claims.login)


# --------------------------------------------------------------------------------------------------------------- helpers


@contextmanager
def _checking() -> Iterator[None]:
    """Checks few PINs at once, since each takes 64 MB; Trouble when many wait before us."""
    if not _CHECKS.acquire(timeout=PATIENCE):
        message, hint = _("Too many people sign in at this moment."), _("Wait a moment, then try again.")
        raise Trouble("hub.crowded", message, hint)
    try:
        yield
    finally:
        _CHECKS.release()


def _person(call: Call, username: str, named: str) -> Person | None:
    """Who may sign in under this name in the organisation that is meant; nobody where that is not one person."""
    with Session(call.api.hub.engine) as session:
        rls.serve_all(session)
        if not named and (session.scalar(select(func.count()).select_from(TenantRow)) or 0) > 1:
            raise Refused(_which_organisation())
        found = families.people_called(session, username)
        wanted = _organisation(session, named) if named else None
        meant = [one for one in found if (not named or one.org_id == wanted) and is_active(one) and one.pin]
        return meant[0] if len(meant) == 1 else None


def _organisation(session: Session, named: str) -> UUID | None:
    own = select(Organisation).where(Organisation.id == Organisation.org_id)
    found = [
        one.id for one in session.scalars(own) if named in (str(one.id), one.id.hex) or named.casefold() == one.name.casefold()
    ]
    return found[0] if len(found) == 1 else None


def _keeping(call: Call, org_id: UUID, function: Callable[[Session], T]) -> T:
    """Runs in a transaction of its own, for one organisation; kept when this returns."""
    with Session(call.api.hub.engine, info={"orgs": {org_id}}) as session, session.begin():
        return function(session)


def _tokens(call: Call, claims: Claims, token: families.Refresh) -> Reply:
    return Reply(
        {
            "access_token": call.api.tokens.issue(claims),
            "token_type": "Bearer",
            "expires_in": int(tokens.LASTS.total_seconds()),
            "refresh_token": token.text(),
            "person": str(claims.person),
            "organisation": str(claims.org_id),
        }
    )


def _word(call: Call, name: str) -> str:
    found: str = PLAIN[str][0](call.body.get(name, ""), name)
    return found[:200]


def _place(address: str) -> str:
    """What failures are counted under: an IPv4 address, or the network of an IPv6 one, of which anybody has plenty."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _not_let_in() -> Problem:
    return Problem(
        "api.login", _("This user name and PIN let nobody in."), hint=_("Check both, and the organisation; then try once more.")
    )


def _which_organisation() -> Problem:
    message, hint = _("This hub serves several organisations."), _("Say which one you mean, by its name or its id.")
    return Problem("api.organisation", message, field="organisation", hint=hint)


def _no_login() -> Problem:
    message, hint = _("You have no such login."), _("See which you have at /api/v1/auth/logins.")
    return Problem("api.no_login", message, hint=hint)


def not_good() -> Problem:
    """Why somebody without a good token is turned away, whatever is wrong with it."""
    return Problem(
        "api.token", _("Nobody is signed in with this."), hint=_("Log in at /api/v1/auth/login, and send the access token.")
    )


# ------------------------------------------------------------------------------------------------------------ operations

TOKENS = shape(
    access_token={"type": "string", "description": "sent as `Authorization: Bearer …`"},
    token_type={"const": "Bearer"},
    expires_in={"type": "integer", "description": "seconds", "examples": [28800]},
    refresh_token={"type": "string", "description": "good once, and 30 days after the login at most"},
    person=ID,
    organisation=ID,
)
THIS: Schema = {**FLAG, "description": "whether it is the one that asks"}
LOGINS = shape(rows=each(shape(id=ID, started=MOMENT, until=MOMENT, this=THIS)))
PLACE: Schema = {"type": ["string", "null"], "description": "only at this site or store room"}
ME = shape(
    id=ID,
    name=WORD,
    language=WORD,
    home=WORD,
    organisation=shape(id=ID, name=WORD),
    grants=each(shape(grant=WORD, place=PLACE)),
)


def _body(*required: str, **more: Schema) -> Schema:
    fields = shape(**dict.fromkeys(required, WORD), **more)
    return {**fields, "additionalProperties": False, "required": list(required)}


_ORGANISATION: Schema = {**WORD, "description": "its name or id, where the hub serves several"}
OPERATIONS = (
    Operation(
        "POST",
        "/auth/login",
        "log_in",
        "Lets somebody in by user name and PIN.",
        "auth",
        log_in,
        public=True,
        body=_body("username", "pin", organisation=_ORGANISATION),
        gives=TOKENS,
    ),
    Operation(
        "POST",
        "/auth/refresh",
        "refresh",
        "The next pair of tokens; a used one ends the login.",
        "auth",
        refresh,
        public=True,
        body=_body("refresh_token"),
        gives=TOKENS,
    ),
    Operation("POST", "/auth/logout", "log_out", "Ends this login and all its tokens.", "auth", log_out, status=204),
    Operation("GET", "/auth/logins", "logins", "One's own logins that still hold.", "auth", logins, gives=LOGINS),
    Operation("DELETE", "/auth/logins/{id}", "end_login", "Ends one of one's own logins.", "auth", end_login, status=204),
    Operation("GET", "/auth/me", "me", "Who one is here, and what one may do where.", "auth", me, gives=ME),
    Operation(
        "POST",
        "/auth/pin",
        "change_pin",
        "A new PIN for oneself; it ends every login.",
        "auth",
        change_pin,
        body=_body("old", "new"),
        status=204,
    ),
)
