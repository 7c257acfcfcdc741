"""Procedures: templates of work for a model, which a job copies; and packages that bundle them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from app.kernel.entity import About, Entity, Has, Sync, flag, link, money, quantity, text, whole
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parts.model import Part


class Procedure(Entity):
    """Work as it is done on a make and model; empty ones fit every vehicle."""

    __tablename__ = "procedure"
    __about__ = About(
        _("Procedure"),
        _("Procedures"),
        sync=Sync.REFERENCE,
        scan="PR",
        title=("name",),
        search=("code", "name", "make", "model"),
        natural=("code",),
        has=Has.AUDIT | Has.EXPORT | Has.FILES | Has.NOTES,
    )
    code: Mapped[str] = text(_("Code"), size=32, unique=True)
    name: Mapped[str] = text(_("Name"))
    make: Mapped[str] = text(_("Make"), size=60, required=False)
    model: Mapped[str] = text(_("Model"), size=80, required=False)
    method: Mapped[str] = text(_("Method"), size=1000, required=False)
    hours: Mapped[Quantity] = quantity(_("Hours"))
    price: Mapped[Money | None] = money(_("Fixed price"), required=False)
    tax_code: Mapped[str] = text(_("Tax code"), size=16, required=False)


class ProcedureStep(Entity):
    """One step of a procedure, with its tools and the torque it is tightened to."""

    __tablename__ = "procedure_step"
    __about__ = About(
        _("Step of a procedure"),
        _("Steps of procedures"),
        sync=Sync.REFERENCE,
        title=("what",),
        natural=("procedure_id", "place"),
    )
    procedure_id: Mapped[UUID] = link(Procedure, _("Procedure"))
    place: Mapped[int] = whole(_("Place"))
    what: Mapped[str] = text(_("Step"), size=500)
    tools: Mapped[str] = text(_("Tools"), size=200, required=False)
    hazard: Mapped[str] = text(_("Danger"), size=200, required=False)
    torque: Mapped[Quantity | None] = quantity(_("Torque, Nm"), required=False)
    tolerance: Mapped[Quantity | None] = quantity(_("Tolerance, %"), required=False)


class ProcedurePart(Entity):
    """A part that a procedure takes, always or only if needed."""

    __tablename__ = "procedure_part"
    __about__ = About(
        _("Part of a procedure"),
        _("Parts of procedures"),
        sync=Sync.REFERENCE,
        title=("part_id",),
        natural=("procedure_id", "part_id"),
    )
    procedure_id: Mapped[UUID] = link(Procedure, _("Procedure"))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    quantity: Mapped[Quantity] = quantity(_("Quantity"), default=Quantity(1))
    optional: Mapped[bool] = flag(_("Only if needed"))


class Package(Entity):
    """Several procedures that are sold as one, such as an inspection."""

    __tablename__ = "package"
    __about__ = About(_("Package"), _("Packages"), sync=Sync.REFERENCE, scan="PK", search=("code", "name"), natural=("code",))
    code: Mapped[str] = text(_("Code"), size=32, unique=True)
    name: Mapped[str] = text(_("Name"))


class PackageItem(Entity):
    """A procedure in a package."""

    __tablename__ = "package_item"
    __about__ = About(
        _("Procedure in a package"), _("Procedures in packages"), sync=Sync.REFERENCE, title=("procedure_id",),
        natural=("package_id", "procedure_id"),
    )  # fmt: skip
    package_id: Mapped[UUID] = link(Package, _("Package"))
    procedure_id: Mapped[UUID] = link(Procedure, _("Procedure"))
    place: Mapped[int] = whole(_("Place"))
