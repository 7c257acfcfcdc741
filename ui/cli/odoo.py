"""`fettle odoo …`: the hub's bridge to Odoo: set up, checked, run once, and looked after."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TYPE_CHECKING, Any

from app.kernel.words import _, say
from ui.cli import odoo_state, out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from uuid import UUID

    from app.odoo.records import OdooInstance
    from sync.hub.main import Hub
    from sync.odoo.check import Found

ADMIN = "FETTLE_ODOO_ADMIN_KEY"


def add(verbs: Any) -> None:
    parser = verbs.add_parser("odoo", help="the bridge to Odoo, on the hub's side: set up, check, run, look after")
    inner = parser.add_subparsers(metavar="WHAT", required=True)
    for add_verb in (_add_setup, _add_check, odoo_state.add):
        add_verb(inner)


def run(_args: argparse.Namespace) -> int:
    raise AssertionError("every one of Odoo's verbs runs its own function")


# --------------------------------------------------------------------------------------------------------------- setup


def _add_setup(inner: Any) -> None:
    parser = inner.add_parser("setup", help="say which Odoo it is, and make in it what the bridge needs; again does no harm")
    parser.add_argument("--url", default="", help="where Odoo is, such as https://odoo.example.org")
    parser.add_argument("--db", default="", help="the name of its database")
    parser.add_argument("--login", default="", help="the login of the bridge's user; up to Odoo 18 it is needed to sign in")
    parser.add_argument(
        "--company", type=int, default=0, metavar="NUMBER", help="the company's number in Odoo, where it has several"
    )
    parser.add_argument(
        "--hub", default="", metavar="URL", help="where Odoo reaches this hub, so that it can tell of changes at once"
    )
    parser.add_argument("--make-user", action="store_true", help="make the bridge's own user, with the least rights")
    parser.add_argument(
        "--rotate", action="store_true", help="a new secret for the address that Odoo calls; the old one stays live"
    )
    parser.add_argument("--forget-old", action="store_true", help="the old secret is turned away from now on")
    parser.add_argument("--pause", action="store_true", help="let the bridge rest; what changes here waits")
    parser.add_argument("--resume", action="store_true", help="let it go on")
    odoo_state.add_organisation(parser)
    parser.set_defaults(run=run_setup)


def run_setup(args: argparse.Namespace) -> int:
    """Keys come from the environment, or are asked for: on the command line everybody on the machine could read them."""
    from ui.cli.hub_opening import opened, organisation

    with opened(args) as hub:
        org = organisation(hub, args.organisation)
        row = _kept(hub, org, args)
        if args.pause or args.resume:
            return DONE
        steps = _prepared(hub, org, row, args)
    for step in steps:
        if args.json:
            out.line(
                {"step": step.name, "there": step.there, "message": say(step.message, step.values), "about": dict(step.values)}
            )
        else:
            out.word(step.message, **step.values)
    return DONE if all(step.there for step in steps) else FAILED


def _kept(hub: Hub, org: UUID, args: argparse.Namespace) -> OdooInstance:
    """What was said of the Odoo; what was not, stays as it is."""
    from sync.odoo import instances
    from sync.odoo.keys import key_of
    from sync.odoo.transport import version_of

    told: dict[str, Any] = {name: value for name in ("url", "db", "login", "company") if (value := getattr(args, name))}
    if args.pause or args.resume:
        told["paused"] = bool(args.pause)
    before = instances.instance_of(hub.app, org)
    url = told.get("url") or (before.url if before else "")
    if not url or not (told.get("db") or (before and before.db)):
        raise WrongUsage(_("Say which Odoo it is: --url and --db."))
    if "url" in told:
        told["version"] = version_of(url, deadline=10.0).text
    rests = args.pause or args.resume
    if not rests and not key_of(hub.folder, org) and (key := _typed(_("The key of the bridge's user in Odoo (nothing shows): "))):
        instances.store_key(hub.folder, org, key)
    if args.forget_old:
        instances.forget_old_secret(hub.app, org)
    return instances.keep(hub.app, org, told)


def _typed(question: str) -> str:
    """A key that a person types or a program pipes in; nothing where neither is there."""
    if sys.stdin.isatty():
        return getpass.getpass(say(question)).strip()
    return sys.stdin.readline().strip()


def _prepared(hub: Hub, org: UUID, row: OdooInstance, args: argparse.Namespace) -> list[Any]:
    """With an administrator's key where one is given, else with the bridge's own, which can do less."""
    from sync.odoo import instances, setup
    from sync.odoo.places import company_of
    from sync.odoo.transport import connect

    key = os.environ.get(ADMIN, "").strip()
    odoo = connect(row, key or instances.needed_key(hub.folder, org))
    try:
        company = row.company or company_of(odoo)
        hook = _hook(hub, org, args)
        login = (args.login or row.login or "fettle-bridge") if args.make_user else ""
        steps = list(setup.prepare(odoo, company, login=login, hook=hook, bridge=_bridge(hub, org, row, odoo.user())))
    finally:
        odoo.close()
    facts = {step.name: dict(step.values) for step in steps if step.there}
    known = {"company": company, "places": {**(row.places or {}), **facts}, "set_up_at": hub.app.clock.now()}
    instances.keep(hub.app, org, known | ({"login": login} if login else {}))
    return steps


def _hook(hub: Hub, org: UUID, args: argparse.Namespace) -> str:
    from sync.odoo import instances

    if not args.hub:
        if args.rotate:
            raise WrongUsage(_("Say where Odoo reaches this hub, too: --hub."))
        return ""
    return f"{args.hub.rstrip('/')}/odoo/hook/{instances.hook_secret(hub.app, org, anew=args.rotate)}"


def _bridge(hub: Hub, org: UUID, row: OdooInstance, administrator: int) -> int:
    """The number of the bridge's own user; 0 where it has no key yet, nobody lets it in, or people work as that user, too."""
    from sync.odoo.errors import Said
    from sync.odoo.keys import key_of
    from sync.odoo.transport import connect

    key = key_of(hub.folder, org)
    if not key:
        return 0
    odoo = connect(row, key)
    try:
        return found if (found := odoo.user()) != administrator else 0
    except Said:
        return 0
    finally:
        odoo.close()


# --------------------------------------------------------------------------------------------------------------- check


def _add_check(inner: Any) -> None:
    parser = inner.add_parser("check", help="what answers there, as whom the bridge comes in, and what that one lacks")
    odoo_state.add_organisation(parser)
    parser.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Done when nothing is lacking; Odoo out of reach is something that the environment lacks."""
    from sync.odoo import instances
    from sync.odoo.check import examine
    from sync.odoo.errors import Said, verdict_of
    from sync.odoo.transport import Account, connect

    with odoo_state.each(args) as (hub, org, row):
        account = Account(row.url, row.db, row.login, "", row.company)
        odoo = connect(account, instances.needed_key(hub.folder, org), patience=10.0)
        try:
            found = examine(odoo, account)
        except Said as error:
            out.explain(verdict_of(error).problem)
            return FAILED
        finally:
            odoo.close()
        instances.keep(hub.app, org, {"version": found.version})
    _show(row, found, as_json=args.json)
    return DONE if found.fits else FAILED


def _show(row: OdooInstance, found: Found, *, as_json: bool) -> None:
    where = {"url": row.url, "version": found.version, "database": row.db, "company": found.company, "login": found.login}
    if as_json:
        lacking, advice = ([one.as_json() for one in some] for some in (found.lacking, found.advice))
        out.line({**where, "fits": found.fits, "lacking": lacking, "advice": advice})
        return
    out.table(("what", "how it stands"), list(where.items()))
    out.explain(*found.lacking, *found.advice)
    if found.fits:
        out.word(_("The bridge may do all that it needs."))
