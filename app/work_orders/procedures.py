"""Choosing a procedure or a package for a job: its service, parts and steps are copied as they were at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Authority, Command
from app.kernel.entity import Entity
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.standard import Transition, transition
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.work import Work
from app.parts.model import Part
from app.services.model import Package, PackageItem, Procedure, ProcedurePart, ProcedureStep
from app.taxes.rules import tax_of
from app.work_orders.model import OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.rates import rate_of
from app.work_orders.rules import after_agreement, is_open
from app.work_orders.worth import sum_changes

APART = 1000  # places between the steps of two procedures in one package
Plain = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChooseProcedure(Command):
    """Puts the work of a procedure on a job: its service, its parts and its steps, as they are now."""

    label = _("Procedure chosen")
    about = {"procedure": "procedure", "order": "work_order"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    order: UUID
    procedure: UUID

    def undone_by(self, command_id: UUID) -> Command:
        return RemoveChoice(order=self.order, choice=command_id, reason=say(_("Taken back")))


@dataclass(frozen=True, kw_only=True)
class ChoosePackage(Command):
    """Puts the work of every procedure in a package on a job, in their order."""

    label = _("Package chosen")
    about = {"package": "package", "order": "work_order"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    order: UUID
    package: UUID

    def undone_by(self, command_id: UUID) -> Command:
        return RemoveChoice(order=self.order, choice=command_id, reason=say(_("Taken back")))


@dataclass(frozen=True, kw_only=True)
class RemoveChoice(Command):
    """Takes off a job what choosing a procedure or package put on it; `choice` is the id under which that ran."""

    label = _("Procedure taken off")
    about = {"order": "work_order"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    order: UUID
    choice: UUID
    reason: str = ""


def choose_procedure(do: ChooseProcedure, work: Work) -> None:
    order = _open_job(work, do.order)
    _copy(work, order, 0, do.procedure)
    _begin(work, order)


def choose_package(do: ChoosePackage, work: Work) -> None:
    order = _open_job(work, do.order)
    held = work.draw("procedures", lambda: _held(work, work.get(Package, do.package)))
    for turn, procedure in enumerate(held):
        _copy(work, order, turn, UUID(procedure))
    _begin(work, order)


def _open_job(work: Work, ident: UUID) -> WorkOrder:
    order = work.get(WorkOrder, ident)
    work.check(is_open(order))
    work.check(after_agreement(order))
    return order


def _held(work: Work, package: Package) -> list[str]:
    """The procedures of a package that are in use, in their order."""
    wanted = (
        select(Procedure.id)
        .join(PackageItem, PackageItem.procedure_id == Procedure.id)
        .where(PackageItem.package_id == package.id, PackageItem.retired.is_(False), Procedure.retired.is_(False))
        .order_by(PackageItem.place, PackageItem.id)
    )
    found = [ident.hex for ident in work.session.scalars(wanted)]
    if not found:
        raise Refused(
            Problem(
                "work_orders.empty_package",
                _("“{package}” holds no procedure."),
                field="package",
                hint=_("Choose its procedures one by one, or fill the package first."),
                values={"package": package.title},
            )
        )
    return found


def _begin(work: Work, order: WorkOrder) -> None:
    """A job that was only checked in is being diagnosed from here on."""
    if work.draw("begins", lambda: order.state == "CHECKIN") and work.may("work_orders.move"):
        transition(Transition(entity="work_order", id=order.id, move="diagnose"), work)


# -------------------------------------------------------------------------------------------------------------- copying


def _copy(work: Work, order: WorkOrder, turn: int, procedure: UUID) -> None:
    """What is copied is drawn: the procedure may be another by the time that the job's lines are made elsewhere."""
    copied = work.draw(f"copied:{turn}", lambda: _copied(work, work.get(Procedure, procedure)))
    service = work.add(
        ServiceLine(
            order_id=order.id,
            what=copied["what"],
            hours=Quantity.of_thousandths(copied["hours"]),
            rate=rate_of(work),
            price=_money(copied["price"]),
            tax_id=tax_of(work, copied["tax"], procedure.hex),
            procedure_id=procedure,
        ),
        str(turn),
    )
    for line, plain in enumerate(copied["parts"]):
        work.add(_part_line(work, order, procedure, plain), f"{turn}.{line}")
    for line, plain in enumerate(copied["steps"]):
        work.add(_step(order, service, turn, plain), f"{turn}.{line}")


def _part_line(work: Work, order: WorkOrder, procedure: UUID, plain: Plain) -> PartLine:
    """A line of its own: what is planned of a part is the sum of its lines, and this one can be taken off again."""
    return PartLine(
        order_id=order.id,
        part_id=UUID(plain["part"]),
        planned=Quantity.of_thousandths(plain["quantity"]),
        price=_money(plain["price"]),
        tax_id=tax_of(work, plain["tax"], plain["part"]),
        procedure_id=procedure,
        optional=plain["optional"],
    )


def _step(order: WorkOrder, service: ServiceLine, turn: int, plain: Plain) -> OrderStep:
    return OrderStep(
        order_id=order.id,
        service_id=service.id,
        place=turn * APART + plain["place"],
        what=plain["what"],
        tools=plain["tools"],
        hazard=plain["hazard"],
        torque=_quantity(plain["torque"]),
        tolerance=_quantity(plain["tolerance"]),
    )


def _money(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor)


def _quantity(thousandths: int | None) -> Quantity | None:
    return None if thousandths is None else Quantity.of_thousandths(thousandths)


def _copied(work: Work, procedure: Procedure) -> Plain:
    """A procedure as plain data, with the prices of the day."""
    return {
        "what": procedure.name,
        "hours": procedure.hours.thousandths,
        "price": procedure.price.minor if procedure.price is not None else None,
        "tax": procedure.tax_code or "",
        "parts": [_plain_part(line, part) for line, part in work.session.execute(_parts_of(procedure.id))],
        "steps": [_plain_step(step) for step in work.session.scalars(_steps_of(procedure.id))],
    }


def _parts_of(procedure: UUID) -> Any:
    wanted = select(ProcedurePart, Part).join(Part, Part.id == ProcedurePart.part_id)
    return wanted.where(ProcedurePart.procedure_id == procedure, ProcedurePart.retired.is_(False)).order_by(ProcedurePart.id)


def _steps_of(procedure: UUID) -> Any:
    wanted = select(ProcedureStep).where(ProcedureStep.procedure_id == procedure, ProcedureStep.retired.is_(False))
    return wanted.order_by(ProcedureStep.place, ProcedureStep.id)


def _plain_part(line: ProcedurePart, part: Part) -> Plain:
    return {
        "part": part.id.hex,
        "quantity": line.quantity.thousandths,
        "optional": line.optional,
        "price": part.price.minor if part.price is not None else None,
        "tax": part.tax_code or "",
    }


def _plain_step(step: ProcedureStep) -> Plain:
    return {
        "place": step.place,
        "what": step.what,
        "tools": step.tools or "",
        "hazard": step.hazard or "",
        "torque": step.torque.thousandths if step.torque is not None else None,
        "tolerance": step.tolerance.thousandths if step.tolerance is not None else None,
    }


# ----------------------------------------------------------------------------------------------------------- taking off


def remove_choice(do: RemoveChoice, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    first = work.get(ServiceLine, derived_id(do.choice, ServiceLine.__tablename__, "0"), even_retired=True)
    work.check(is_open(order), None if first.order_id == order.id else not_of_this_job(order))
    with sum_changes(work, order, do.reason):
        for row in chosen(work, do.choice):
            row.retired = True


def not_of_this_job(order: WorkOrder) -> Problem:
    return Problem(
        "work_orders.not_chosen",
        _("This was not chosen for {order}."),
        hint=_("Open the job that it was chosen for, and take it off there."),
        values={"order": order.number},
    )


def chosen(work: Work, choice: UUID) -> Iterator[Entity]:
    """The lines that a choice put on its job: each has an id of its own place in it."""
    for turn, service in enumerate(_counted(work, ServiceLine, choice, "")):
        yield service
        yield from _counted(work, PartLine, choice, f"{turn}.")
        yield from _counted(work, OrderStep, choice, f"{turn}.")


def _counted(work: Work, entity: type[Entity], choice: UUID, before: str) -> Iterator[Entity]:
    """The rows at the slots 0, 1, 2 and so on, as far as there are any."""
    for place in count():
        row = work.session.get(entity, derived_id(choice, entity.__tablename__, f"{before}{place}"))
        if row is None:
            return
        yield row
