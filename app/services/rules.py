"""What must hold for procedures, their steps and parts, and packages; and how well a procedure suits a vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.kernel.entity import Entity
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.parts.rules import more_than_nothing, whole_pieces
from app.services.model import Package, PackageItem, Procedure, ProcedurePart, ProcedureStep
from app.taxes.rules import is_known

E = TypeVar("E", bound=Entity)
NOTHING, WHOLE = Quantity(0), Quantity(100)


@dataclass(frozen=True)
class Kind:
    """A make and model, as a procedure or a vehicle names it; empty where it does not."""

    make: str = ""
    model: str = ""

    @property
    def plain(self) -> Kind:
        return Kind(_plain(self.make), _plain(self.model))

    @property
    def whole(self) -> str:
        return f"{self.make} {self.model}".strip()


def _plain(words: str | None) -> str:
    return " ".join((words or "").casefold().split())


def closeness(procedure: Kind, vehicle: Kind) -> int | None:
    """How well a procedure suits a vehicle: 2 for its model, 1 for its make, 0 where it suits every one; None where it is for
    another. Capitals and blanks do not matter, nor whether the make stands with the model."""
    wanted, there = procedure.plain, vehicle.plain
    if not wanted.whole:
        return 0
    if not wanted.model:
        return 1 if wanted.make == there.make or there.whole.startswith(wanted.make + " ") else None
    if wanted.whole == there.whole:
        return 2
    same_make = not wanted.make or not there.make or wanted.make == there.make
    return 2 if wanted.model == there.model and same_make else None


# ----------------------------------------------------------------------------------------------------------- procedures


def is_named(row: Procedure | Package, _work: Work) -> Problem | None:
    """Both have a code, by which an import finds them again, and a name."""
    for field in ("code", "name"):
        if not (getattr(row, field) or "").strip():
            message = _("It has no code.") if field == "code" else _("It has no name.")
            return Problem("services.unnamed", message, field=field, hint=_("Write what people call it."))
    return None


def takes_time(procedure: Procedure, _work: Work) -> Problem | None:
    if procedure.hours is None or procedure.hours > NOTHING:
        return None
    return Problem(
        "services.hours",
        _("{hours} hours is no time to work in."),
        field="hours",
        hint=_("Write how long it takes, for example 1.5."),
        values={"hours": procedure.hours},
    )


def price_counts(procedure: Procedure, _work: Work) -> Problem | None:
    if procedure.price is None or procedure.price.minor >= 0:
        return None
    return Problem(
        "services.price",
        _("A procedure never costs less than nothing."),
        field="price",
        hint=_("Write its fixed price, or leave it empty: then its hours count."),
    )


def tax_is_known(procedure: Procedure, work: Work) -> Problem | None:
    return is_known(procedure.tax_code or "", work)


# ---------------------------------------------------------------------------------------------------------------- steps


def says_what_to_do(step: ProcedureStep, _work: Work) -> Problem | None:
    if (step.what or "").strip():
        return None
    return Problem("services.step", _("The step does not say what to do."), field="what", hint=_("Write it in a few words."))


def torque_counts(step: ProcedureStep, _work: Work) -> Problem | None:
    if step.torque is None or step.torque > NOTHING:
        return None
    return Problem(
        "services.torque",
        _("Nothing is tightened to {torque} Nm."),
        field="torque",
        hint=_("Write the torque above zero, or leave it empty."),
        values={"torque": step.torque},
    )


def tolerance_counts(step: ProcedureStep, _work: Work) -> Problem | None:
    if step.tolerance is None or NOTHING <= step.tolerance <= WHOLE:
        return None
    return Problem(
        "services.tolerance",
        _("{tolerance} % is not a tolerance."),
        field="tolerance",
        hint=_("Write per cent from 0 to 100, for example 4."),
        values={"tolerance": step.tolerance},
    )


def step_has_its_place(step: ProcedureStep, work: Work) -> Problem | None:
    other = _another(work, step, procedure_id=step.procedure_id, place=step.place)
    return place_is_taken(step.place, other.title) if other is not None else None


# ------------------------------------------------------------------------------------------------- parts and packages


def takes_some(line: ProcedurePart, work: Work) -> Problem | None:
    """More than nothing of a part, and no half pieces. A quantity that is left out is one."""
    if line.quantity is None:
        return None
    part = _found(work, Part, line.part_id)
    return more_than_nothing(line.quantity) or (whole_pieces(part, line.quantity) if part is not None else None)


def part_stands_once(line: ProcedurePart, work: Work) -> Problem | None:
    if _another(work, line, procedure_id=line.procedure_id, part_id=line.part_id) is None:
        return None
    part = _found(work, Part, line.part_id)
    return Problem(
        "services.part_twice",
        _("{part} is in this procedure already."),
        field="part_id",
        hint=_("Change the quantity there."),
        values={"part": part.title if part is not None else ""},
    )


def item_has_its_place(item: PackageItem, work: Work) -> Problem | None:
    other = _another(work, item, package_id=item.package_id, place=item.place)
    if other is None:
        return None
    procedure = _found(work, Procedure, other.procedure_id)
    return place_is_taken(item.place, procedure.title if procedure is not None else "")


def procedure_stands_once(item: PackageItem, work: Work) -> Problem | None:
    if _another(work, item, package_id=item.package_id, procedure_id=item.procedure_id) is None:
        return None
    procedure = _found(work, Procedure, item.procedure_id)
    return Problem(
        "services.procedure_twice",
        _("{procedure} is in this package already."),
        field="procedure_id",
        hint=_("Choose another procedure."),
        values={"procedure": procedure.title if procedure is not None else ""},
    )


def place_is_taken(place: int, other: str) -> Problem:
    return Problem(
        "services.place",
        _("“{other}” stands at place {place} already."),
        field="place",
        hint=_("Write a number that is free; they are done in the order of their numbers."),
        values={"place": place, "other": other},
    )


def _found(work: Work, entity: type[E], ident: UUID) -> E | None:
    with work.session.no_autoflush:  # the row that is judged is not kept yet
        return work.session.get(entity, ident)


def _another(work: Work, row: Entity, **same: Any) -> Any:
    """Another row in use with the same values."""
    entity: Any = type(row)
    wanted = select(entity).where(entity.org_id == work.envelope.org_id, entity.retired.is_(False), entity.id != row.id)
    with work.session.no_autoflush:
        return work.session.scalars(wanted.filter_by(**same).limit(1)).first()


RULES: dict[type[Entity], tuple[Any, ...]] = {
    Procedure: (is_named, takes_time, price_counts, tax_is_known),
    ProcedureStep: (says_what_to_do, torque_counts, tolerance_counts, step_has_its_place),
    ProcedurePart: (takes_some, part_stands_once),
    Package: (is_named,),
    PackageItem: (procedure_stands_once, item_has_its_place),
}
