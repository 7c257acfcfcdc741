"""What people ask about procedures and packages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, null, select
from sqlalchemy.orm import Session

from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.words import _
from app.parties.model import Vehicle
from app.parts.model import Part
from app.services.model import Package, PackageItem, Procedure, ProcedurePart, ProcedureStep
from app.services.rules import Kind, closeness
from app.services.torque import in_words

named_make, named_model = func.coalesce(Procedure.make, ""), func.coalesce(Procedure.model, "")
_LISTED = (
    Procedure.id.label("id"),
    Procedure.code.label("code"),
    Procedure.name.label("name"),
    named_make.label("make"),
    named_model.label("model"),
    Procedure.hours.label("hours"),
    Procedure.price.label("price"),
)
COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name")),
    Column("make", _("Make")),
    Column("model", _("Model")),
    Column("hours", _("Hours"), "quantity"),
    Column("price", _("Fixed price"), "money", empty=True),
)


def procedures(_asking: Asking) -> Ask:
    """All that are in use, by their codes."""
    statement = select(*_LISTED).where(Procedure.retired.is_(False))
    return Ask(statement, COLUMNS, order="code", reads=frozenset({"procedure"}))


def procedures_for(asking: Asking, *, vehicle: UUID) -> Ask:
    """Those that fit a vehicle: for its model first, then for its make, then for every one."""
    turn = _turn(fitting(asking.session, kind_of(asking.session, vehicle)))
    statement = select(*_LISTED, turn.concat(Procedure.code).label("turn"))
    fits = Procedure.retired.is_(False), turn.is_not(None)
    return Ask(statement.where(*fits), COLUMNS, key=("turn", "id"), order="turn", reads=frozenset({"procedure", "vehicle"}))


def kind_of(session: Session, vehicle: UUID | None) -> Kind:
    """The make and model of a vehicle; nothing of one that is not known."""
    found = session.get(Vehicle, vehicle) if vehicle is not None else None
    return Kind(found.make or "", found.model) if found is not None else Kind()


def fitting(session: Session, kind: Kind) -> dict[Kind, int]:
    """The makes and models of procedures that fit, each with how well."""
    there = select(named_make, named_model).where(Procedure.retired.is_(False)).distinct()
    found = ((Kind(make, model), closeness(Kind(make, model), kind)) for make, model in session.execute(there))
    return {one: rank for one, rank in found if rank is not None}


def _turn(fits: dict[Kind, int]) -> ColumnElement[Any]:
    """What puts the best fit first; empty for what does not fit."""
    ways = [(and_(named_make == one.make, named_model == one.model), str(2 - rank)) for one, rank in fits.items()]
    return case(*ways) if ways else cast(null(), String)


# ------------------------------------------------------------------------------------------------------------- packages

_WORK = (
    select(func.count(PackageItem.id))
    .where(PackageItem.package_id == Package.id, PackageItem.retired.is_(False))
    .correlate(Package)
    .scalar_subquery()
)
PACKAGE_COLUMNS = (
    Column("code", _("Code")),
    Column("name", _("Name")),
    Column("work", _("Procedures"), "number"),
)


def packages(_asking: Asking) -> Ask:
    """All that are in use, by their codes, each with how many procedures it has."""
    return _packages_that(Package.retired.is_(False))


def packages_for(asking: Asking, *, vehicle: UUID) -> Ask:
    """The packages of which every procedure fits a vehicle."""
    fits = fitting(asking.session, kind_of(asking.session, vehicle))
    return _packages_that(Package.retired.is_(False), Package.id.in_(_wholly(asking.session, fits)))


def _wholly(session: Session, fits: Iterable[Kind]) -> list[UUID]:
    """The packages that hold something, and nothing that does not fit."""
    held = (
        select(PackageItem.package_id, named_make, named_model)
        .join(Procedure, Procedure.id == PackageItem.procedure_id)
        .where(PackageItem.retired.is_(False), Procedure.retired.is_(False))
        .distinct()
    )
    kinds: dict[UUID, set[Kind]] = {}
    for package, make, model in session.execute(held):
        kinds.setdefault(package, set()).add(Kind(make, model))
    known = set(fits)
    return [package for package, wanted in kinds.items() if wanted <= known]


def _packages_that(*where: ColumnElement[bool]) -> Ask:
    statement = select(Package.id.label("id"), Package.code.label("code"), Package.name.label("name"), _WORK.label("work"))
    return Ask(statement.where(*where), PACKAGE_COLUMNS, order="code", reads=frozenset({"package", "package_item", "procedure"}))


def in_package(_asking: Asking, *, package: UUID) -> Ask:
    """The procedures of a package in their order; `id` is the line's."""
    statement = (
        select(
            PackageItem.id.label("id"),
            PackageItem.place.label("place"),
            Procedure.id.label("procedure"),
            Procedure.code.label("code"),
            Procedure.name.label("name"),
            Procedure.hours.label("hours"),
        )
        .join(Procedure, Procedure.id == PackageItem.procedure_id)
        .where(PackageItem.package_id == package, PackageItem.retired.is_(False))
    )
    columns = (
        Column("place", _("Place"), "number"),
        Column("code", _("Code")),
        Column("name", _("Procedure")),
        Column("hours", _("Hours"), "quantity"),
    )
    return Ask(statement, columns, order="place", reads=frozenset({"package_item", "procedure"}))


# ------------------------------------------------------------------------------------------------------ of a procedure


def procedure_steps(_asking: Asking, *, procedure: UUID) -> Ask:
    """The steps of a procedure in their order, the torque as a range."""
    statement = select(
        ProcedureStep.id.label("id"),
        ProcedureStep.place.label("place"),
        ProcedureStep.what.label("what"),
        func.coalesce(ProcedureStep.tools, "").label("tools"),
        func.coalesce(ProcedureStep.hazard, "").label("hazard"),
        ProcedureStep.torque.label("torque"),
        ProcedureStep.tolerance.label("tolerance"),
        literal("").label("range"),
    ).where(ProcedureStep.procedure_id == procedure, ProcedureStep.retired.is_(False))
    columns = (
        Column("place", _("Place"), "number"),
        Column("what", _("Step")),
        Column("range", _("Torque")),
        Column("tools", _("Tools")),
        Column("hazard", _("Danger")),
        Column("torque", _("Torque, Nm"), "quantity", empty=True),
        Column("tolerance", _("Tolerance, %"), "quantity", empty=True),
    )
    return Ask(statement, columns, order="place", reads=frozenset({"procedure_step"}), told=with_range)


def with_range(rows: list[Row]) -> list[Row]:
    """Puts the range of the torque into words."""
    return [{**row, "range": in_words(row["torque"], row["tolerance"])} for row in rows]


def procedure_parts(_asking: Asking, *, procedure: UUID) -> Ask:
    """The parts of a procedure, those that it always takes first; `id` is the line's."""
    statement = (
        select(
            ProcedurePart.id.label("id"),
            Part.id.label("part"),
            Part.code.label("code"),
            Part.name.label("name"),
            ProcedurePart.quantity.label("quantity"),
            Part.unit.label("unit"),
            ProcedurePart.optional.label("optional"),
            case((ProcedurePart.optional, "1"), else_="0").concat(Part.code).label("turn"),
        )
        .join(Part, Part.id == ProcedurePart.part_id)
        .where(ProcedurePart.procedure_id == procedure, ProcedurePart.retired.is_(False))
    )
    columns = (
        Column("code", _("Code")),
        Column("name", _("Part")),
        Column("quantity", _("Quantity"), "quantity"),
        Column("unit", _("Unit")),
        Column("optional", _("Only if needed"), "flag"),
    )
    return Ask(statement, columns, key=("turn", "id"), order="turn", reads=frozenset({"procedure_part", "part"}))


QUERIES = (
    Query("procedures", procedures, "services.read", _("All procedures that are in use, by their code.")),
    Query("procedures_for", procedures_for, "services.read", _("The procedures that fit a vehicle, the best fit first.")),
    Query("procedure_steps", procedure_steps, "services.read", _("The steps of a procedure, with tools, danger and torque.")),
    Query("procedure_parts", procedure_parts, "services.read", _("The parts that a procedure takes.")),
    Query("packages", packages, "services.read", _("All packages that are in use, with how many procedures each has.")),
    Query("packages_for", packages_for, "services.read", _("The packages of which every procedure fits a vehicle.")),
    Query("in_package", in_package, "services.read", _("The procedures of a package, in their order.")),
)
