"""`fettle odoo status|map|dead|sync`: how the bridge stands, what goes which way, what is stuck, and a pass at once."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.words import _, say
from ui.cli import out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.kernel.commands import Command
    from app.odoo.records import OdooInstance
    from sync.hub.main import Hub

LATEST = 5  # passes that are shown
LETTERS = ("id", "subject", "verdict", "since", "owner", "tries", "said", "hint")
OUT, IN = "out", "in"


def add(inner: Any) -> None:
    _plain(inner, "status", "how hub and Odoo stand to each other, what waits and what the last passes did", run_status)
    _plain(inner, "map", "what goes to Odoo and what comes from it, and what is still to be matched", run_map)
    dead = _plain(inner, "dead", "what Odoo would not take, since when and why", run_dead)
    dead.add_argument("--again", default="", metavar="ID", help="try this one again now, or all of them: all")
    dead.add_argument("--let-go", default="", metavar="ID", help="Odoo shall do without this one")
    dead.add_argument("--reason", default="", help="why it is let go")
    sync = _plain(inner, "sync", "run the bridge here until told to end", run_sync)
    sync.add_argument("--once", action="store_true", help="send what waits, fetch what is new, and end")
    sync.add_argument("--compare", action="store_true", help="compare all stock with Odoo's, too, without waiting for the night")


def _plain(inner: Any, name: str, about: str, act: Any) -> Any:
    parser = inner.add_parser(name, help=about)
    add_organisation(parser)
    parser.set_defaults(run=act)
    return parser


def add_organisation(parser: Any) -> None:
    parser.add_argument("--organisation", default="", metavar="NAME", help="whose it is, where the hub serves several")


@contextmanager
def each(args: argparse.Namespace) -> Iterator[tuple[Hub, UUID, OdooInstance]]:
    """The hub, the organisation that is meant, and its Odoo."""
    from sync.odoo.instances import instance_of
    from ui.cli.hub_opening import opened, organisation

    with opened(args) as hub:
        org = organisation(hub, args.organisation)
        row = instance_of(hub.app, org)
        if row is None:
            raise WrongUsage(_("No Odoo is set up yet: fettle odoo setup --url … --db …"))
        yield hub, org, row


# -------------------------------------------------------------------------------------------------------------- status


def run_status(args: argparse.Namespace) -> int:
    with each(args) as (hub, org, row):
        told = _standing(hub, org, row)
    if args.json:
        out.line(told)
        return DONE
    runs = told.pop("runs")
    told["waiting"] = ", ".join(f"{name or 'new'}: {count}" for name, count in told["waiting"].items()) or 0
    out.table(("what", "how it stands"), [[name, out.cell(value)] for name, value in told.items()])
    if runs:
        print()
        out.table(
            ("pass", "began", "state", "counts"),
            [[out.cell(one[name]) for name in ("kind", "began", "state", "counts")] for one in runs],
        )
    return DONE


def _standing(hub: Hub, org: UUID, row: OdooInstance) -> dict[str, Any]:
    from sqlalchemy import func, select

    from app.odoo.model import AGAIN, OPEN, OdooDifference, OdooHealth, OdooLetter
    from app.odoo.records import OdooWaiting
    from sync.odoo import waiting

    told: dict[str, Any] = {
        "url": row.url,
        "database": row.db,
        "version": row.version,
        "company": row.company,
        "login": row.login,
    }
    with hub.session(org) as session:
        health = session.scalars(select(OdooHealth).where(OdooHealth.retired.is_(False))).first()
        told["state"] = "paused" if row.paused else health.state if health else "new"
        told["problem"] = say(health.message, health.detail or {}) if health else ""
        told["waiting"] = waiting.counted(session, org)
        told["oldest"] = out.plain(session.scalar(select(func.min(OdooWaiting.since)).where(OdooWaiting.org_id == org)))
        letters = select(func.count()).select_from(OdooLetter).where(OdooLetter.state.in_((OPEN, AGAIN)))
        differences = select(func.count()).select_from(OdooDifference).where(OdooDifference.state == OPEN)
        told |= {"dead": session.scalar(letters), "differences": session.scalar(differences)}
        told |= {"hooks": bool(row.secret_a), "set_up": out.plain(row.set_up_at), "runs": list(_runs(session, org))}
    return told


def _runs(session: Session, org: UUID) -> Iterator[dict[str, Any]]:
    from sqlalchemy import select

    from app.odoo.records import OdooRun

    for run in session.scalars(select(OdooRun).where(OdooRun.org_id == org).order_by(OdooRun.began.desc()).limit(LATEST)):
        began, ended = out.plain(run.began), out.plain(run.ended)
        yield {"kind": run.kind, "began": began, "ended": ended, "state": run.state, "counts": run.counts}


# ----------------------------------------------------------------------------------------------------------------- map


def run_map(args: argparse.Namespace) -> int:
    """Every map, and how many of ours each has placed; then what somebody must still match."""
    with each(args) as (hub, org, _row):
        maps, opened = list(_maps(hub, org)), list(_to_match(hub, org))
    if args.json:
        out.line({"maps": maps, "to_match": opened})
        return DONE
    out.table(("way", "here", "in Odoo", "placed"), [[one["way"], one["here"], one["odoo"], str(one["placed"])] for one in maps])
    for one in opened:
        out.word(_("To be matched: {kind} {ours}."), kind=one["kind"], ours=one["ours"])
    return DONE


def _maps(hub: Hub, org: UUID) -> Iterator[dict[str, Any]]:
    from sqlalchemy import func, select

    from app.odoo.records import OdooMapping
    from sync.odoo.arrivals import ARRIVALS
    from sync.odoo.maps.order import OUT as OUTWARD

    with hub.session(org) as session:
        counts = select(OdooMapping.entity, OdooMapping.model, func.count()).where(OdooMapping.org_id == org)
        placed = {
            (entity, model): many
            for entity, model, many in session.execute(counts.group_by(OdooMapping.entity, OdooMapping.model))
        }
    for way, some in ((OUT, OUTWARD), (IN, ARRIVALS)):
        for one in some:
            here = str(one.entity.__tablename__)
            yield {"way": way, "here": here, "odoo": one.model, "placed": placed.get((here, one.model), 0)}


def _to_match(hub: Hub, org: UUID) -> Iterator[dict[str, str]]:
    from sqlalchemy import select

    from app.odoo.model import OPEN, OdooMatch

    with hub.session(org) as session:
        wanted = (
            select(OdooMatch)
            .where(OdooMatch.state == OPEN, OdooMatch.retired.is_(False))
            .order_by(OdooMatch.kind, OdooMatch.ours)
        )
        for row in session.scalars(wanted):
            yield {"kind": row.kind, "ours": row.ours_title or row.ours}


# ---------------------------------------------------------------------------------------------------------------- dead


def run_dead(args: argparse.Namespace) -> int:
    """The letters, the oldest first; failed where some are left that nobody has decided on."""
    with each(args) as (hub, org, _row):
        if args.again or args.let_go:
            _decided(hub, org, args)
        found = list(_letters(hub, org))
    if args.json:
        for one in found:
            out.line(one)
    else:
        out.table(LETTERS, [[out.cell(one[name]) for name in LETTERS] for one in found])
    return FAILED if any(one["state"] == "open" for one in found) else DONE


def _letters(hub: Hub, org: UUID) -> Iterator[dict[str, Any]]:
    from sqlalchemy import select

    from app.access.model import Person
    from app.odoo.model import AGAIN, OPEN, OdooLetter

    with hub.session(org) as session:
        wanted = select(OdooLetter, Person.name).outerjoin(Person, Person.id == OdooLetter.owner_id)
        undecided = wanted.where(OdooLetter.state.in_((OPEN, AGAIN)), OdooLetter.retired.is_(False))
        for row, owner in session.execute(undecided.order_by(OdooLetter.since)):
            detail = row.detail or {}
            yield {
                "id": str(row.id), "kind": row.entity, "row": str(row.row_id), "subject": row.subject, "verdict": row.verdict,
                "code": row.code, "said": say(row.said, detail), "hint": say(row.hint, detail), "since": out.plain(row.since),
                "owner": owner or "", "tries": row.tries, "state": row.state,
            }  # fmt: skip


def _decided(hub: Hub, org: UUID, args: argparse.Namespace) -> None:
    from app.kernel.access import system
    from app.odoo.commands import LetGoOfOdoo, TryAgainInOdoo

    commands: list[Command]
    if args.let_go:
        commands = [LetGoOfOdoo(letter=_id(args.let_go), reason=args.reason)]
    elif args.again == "all":
        commands = [TryAgainInOdoo(letter=UUID(one["id"])) for one in _letters(hub, org) if one["state"] == "open"]
    else:
        commands = [TryAgainInOdoo(letter=_id(args.again))]
    for command in commands:
        hub.app.run(command, system(org)).or_refused()


def _id(named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        raise WrongUsage(_("“{id}” is no letter's id: fettle odoo dead lists them."), id=named[:40]) from None


# ---------------------------------------------------------------------------------------------------------------- sync


def run_sync(args: argparse.Namespace) -> int:
    """Once, or until it is told to end. What Odoo did not take is no failure of the pass: `fettle odoo dead` has it."""
    from sync.odoo.compare import ask

    with each(args) as (hub, org, _row):
        if args.compare:
            ask(hub.app, org)
        if not args.once:
            _until_told(hub)
            return DONE
        counts = hub.bridge.once()
        told = _standing(hub, org, _row)
    out.line({"counts": dict(counts), "state": told["state"], "waiting": told["waiting"], "dead": told["dead"]})
    if told["state"] == "away":
        out.word("{problem}", problem=told["problem"])
    return out.LACKING if told["state"] == "away" else DONE


def _until_told(hub: Hub) -> None:
    def told(_number: int, _frame: object) -> None:
        hub.stopping.set()

    before = {one: signal.signal(one, told) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        hub.bridge.start()
        hub.stopping.wait()
        hub.bridge.join()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
