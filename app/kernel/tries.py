"""Tries that somebody must hear of: a change to what is locked is refused, and that it was tried comes to the hub as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.cards import NOBODY, side_of
from app.kernel.commands import Authority, Command, brief
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.records import Discrepancy
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from app.kernel.words import _, say
from app.kernel.work import Work, discrepancy

KIND, STATE = "refused", "settled"
ILLEGAL = "state.illegal"  # what a step is refused with that does not lead on


@dataclass(frozen=True, kw_only=True)
class ReportTry(Command):
    """Keeps that somebody tried what is refused for good. The program gives it by itself, in the name of whoever tried."""

    label = _("Refused try kept")
    about = {"tried": ""}
    needs = "kernel.read"
    authority = Authority.FACT
    tried: str
    code: str
    message: str
    hint: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    entity: str = ""
    row: UUID | None = None
    body: dict[str, Any] = field(default_factory=dict)


def report_try(do: ReportTry, work: Work) -> None:
    """Nothing is to be settled about it: it stands there to be looked at."""
    if do.code not in work.registry.audits:
        work.check(not_told(do.code))
        return
    problem = Problem(do.code, do.message, hint=do.hint, values=do.values)
    row = discrepancy(work.envelope, problem)
    row.command, row.kind, row.decides, row.state = do.tried[:64], KIND, NOBODY, STATE
    row.entity, row.row_id, row.mine = do.entity, do.row, side_of(work.envelope, do.body)
    if do.row is not None:
        work.reads.add(do.row)
    work.add(row)


def not_told(code: str) -> Problem:
    return Problem("denied.not_told", _("Tries that end with {code} are not kept."), field="code", values={"code": code[:60]})


def report_of(registry: Registry, command: Command, problems: Sequence[Problem]) -> ReportTry | None:
    """What is told of a refused command; None where nobody asked to hear of such refusals."""
    problem = next((one for one in problems if _is_told(registry, one)), None)
    if problem is None:
        return None
    entity, told = registry.audits[problem.code], brief(command.told(registry))
    return ReportTry(
        tried=type(command).__name__,
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        values={name: str(value) for name, value in problem.values.items()},
        entity=entity,
        row=_row(command, entity, told),
        body=told,
    )


def _is_told(registry: Registry, problem: Problem) -> bool:
    """Steps that do not lead on are refused all day; one from where no step leads on any more is a try on what is locked."""
    entity = registry.audits.get(problem.code)
    if entity is None or problem.code != ILLEGAL:
        return entity is not None
    return problem.values.get("state") in registry.machines[registry.entity(entity)].ends


def report_id(ident: UUID) -> UUID:
    """A command that is tried again under its id is told of once."""
    return derived_id(ident, Discrepancy.__tablename__, KIND)


def _row(command: Command, entity: str, told: dict[str, Any]) -> UUID | None:
    """The record that was tried on, where the command names it itself."""
    for name, kind in type(command).about.items():
        value = getattr(command, name, None)
        if isinstance(value, UUID) and (kind == entity or (kind == "record" and told.get("entity") == entity)):
            return value
    return None


# -------------------------------------------------------------------------------------------------------------- questions


def refused_tries(asking: Asking) -> Ask:
    """Every one that is known here, the latest first."""
    person = table_of(asking.registry.entities["person"])
    statement = (
        select(
            Discrepancy.id.label("id"),
            Discrepancy.made_at.label("at"),
            person.c.name.label("who"),
            Discrepancy.command.label("command"),
            Discrepancy.message.label("message"),
            Discrepancy.detail.label("detail"),
            Discrepancy.code.label("code"),
            Discrepancy.mine.label("mine"),
        )
        .outerjoin(person, person.c.id == Discrepancy.made_by)
        .where(Discrepancy.kind == KIND, Discrepancy.retired.is_(False))
    )
    columns = (
        Column("at", _("When"), "moment"),
        Column("who", _("Who"), empty=True),
        Column("command", _("Command")),
        Column("message", _("What is so")),
        Column("code", _("Finding")),
        Column("mine", _("What was tried"), "data", empty=True),
    )
    return Ask(statement, columns, order="-at", reads=frozenset({"discrepancy"}), told=_told)


def _told(rows: list[Row]) -> list[Row]:
    return [{**row, "message": say(row["message"], row["detail"] or {})} for row in rows]


QUERY = Query(
    "refused_tries", refused_tries, "kernel.settle", _("Who tried to change what is locked, when and what, the latest first.")
)
