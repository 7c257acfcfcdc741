"""Filling: a new step, or a procedure in a package, comes after those that are there; nobody counts places."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app.kernel.meanings import Match
from app.services.model import PackageItem, ProcedureStep
from ui.kit.bench import Bench
from ui.kit.declared import Place

STEP = 10  # places between two lines, so that one can be put between them later


def add_step(bench: Bench, procedure: Match) -> None:
    """The form of a step, at the next free place of the procedure."""
    _add(bench, ProcedureStep, "procedure_id", procedure.id)


def add_procedure(bench: Bench, package: Match) -> None:
    """The form of a line, at the next free place of the package."""
    _add(bench, PackageItem, "package_id", package.id)


def _add(bench: Bench, entity: type[ProcedureStep | PackageItem], owner: str, ident: UUID) -> None:
    def look() -> int:
        last = select(func.max(entity.place)).where(getattr(entity, owner) == ident, entity.retired.is_(False))
        with bench.app.read(bench.actor) as session:
            return (session.scalar(last) or 0) // STEP * STEP + STEP

    def go(place: int) -> None:
        bench.ways.go(Place("form", entity.__tablename__, given={owner: ident, "place": place}))

    bench.read(bench, look, go)
