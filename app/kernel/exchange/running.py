"""An import from beginning to end: the file is looked at first, and nothing is touched before it is known to fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.dispatch import Dispatcher
from app.kernel.exchange.door import Door, FrontDoor, Office, RehearsalDoor
from app.kernel.exchange.imports import Importer
from app.kernel.exchange.intake import Intake, intake_of, may_take
from app.kernel.exchange.mapping import Plan, check_columns, expected, looks_like, plain_plan, planned, recipe
from app.kernel.exchange.others import open_sheet
from app.kernel.exchange.report import Finding, Summary
from app.kernel.exchange.sheets import Sheet
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.roomy import roomy
from app.kernel.words import _
from app.kernel.writer import Writer


class Shop(Office, Protocol):
    """What an App offers to an import that may be a rehearsal."""

    writer: Writer
    dispatcher: Dispatcher


def import_file(
    shop: Shop,
    actor: Actor,
    entity: str,
    path: Path,
    *,
    map: str = "",
    dry_run: bool = False,
    tell: Callable[[Finding], None] = lambda _finding: None,
    progress: Callable[[Summary], None] = lambda _summary: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Summary:
    """Imports the rows of a file into `entity`, in the name of `actor`; `map` is a mapping file, or the name of one of ours.

    Refused or Trouble before anything is touched where the file as a whole does not fit. A dry run does everything, tells
    everything, and keeps nothing; the store is busy for that long.
    """
    actor = shop.current(actor)
    sheet, plan, unread = _fitted(shop.registry, entity, path, map)
    for part in (plan.main, *plan.extras):
        may_take(actor.can(part.intake.grant), part.intake.grant)

    def through(door: Door) -> Summary:
        with door.looking() as session:
            currency = currency_of(session, shop.registry, actor)
        importer = Importer(door, plan, currency=currency, tell=tell, progress=progress, cancelled=cancelled, dry_run=dry_run)
        importer.summary.unread = unread
        return importer.run(sheet)

    if not dry_run:
        with roomy(shop.dispatcher.engine, shop.writer.submit):
            return through(FrontDoor(shop, actor))
    return shop.writer.submit(_rehearsed, shop, actor, through).result()


def _rehearsed(shop: Shop, actor: Actor, through: Callable[[Door], Summary]) -> Summary:
    with shop.dispatcher.rehearsal(actor) as rehearsal:
        return through(RehearsalDoor(rehearsal, shop.registry, actor, shop.station))


def _fitted(registry: Registry, entity: str, path: Path, map: str) -> tuple[Sheet, Plan, list[str]]:
    """The file and what to do with its lines; and the columns that nothing reads."""
    intake = intake_of(registry, entity)
    if not map:
        sheet = open_sheet(path, expected(intake))
        return sheet, _by_names(intake, sheet), []
    read = recipe(map)
    if intake_of(registry, read.entity).entity != intake.entity:
        raise Refused(_other_entity(map, read.entity, intake.entity))
    names = {read.entity, *(str(one.get("entity")) for one in read.tables.get("also", ()))}
    plan = planned(read, {name: intake_of(registry, name) for name in names})
    sheet = open_sheet(path, {name.casefold() for name in plan.columns()})
    return sheet, plan, check_columns(plan, sheet.columns)


def _by_names(intake: Intake, sheet: Sheet) -> Plan:
    try:
        return plain_plan(intake, sheet.columns)
    except Refused as refused:
        name = looks_like(sheet.columns)
        if not name:
            raise
        hint = Problem(
            "import.looks_like",
            _("The columns are those of the mapping {name}."),
            hint=_("Add: --map {name}"),
            values={"name": name},
        )
        raise Refused(hint, *refused.problems) from None


def currency_of(session: Session, registry: Registry, actor: Actor) -> str:
    """The currency of the actor's organisation; EUR while there is none."""
    row = session.get(registry.entities["organisation"], actor.org_id)
    return str(getattr(row, "currency", "") or "EUR")


def _other_entity(map: str, filled: str, asked: str) -> Problem:
    return Problem(
        "import.other_entity",
        _("The mapping {map} fills {filled}, not {asked}."),
        hint=_("Write: fettle import {filled} FILE --map {map}"),
        values={"map": Path(map).stem, "filled": filled, "asked": asked},
    )
