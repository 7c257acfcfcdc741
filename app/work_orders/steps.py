"""Steps: the work on a job ticked off one by one, with the torque that was measured where something is tightened."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.commands import Authority, Command
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.services.torque import in_words, is_within, newton
from app.work_orders.model import OrderStep, WorkOrder
from app.work_orders.rules import is_open

NOTHING = Quantity(0)


@dataclass(frozen=True, kw_only=True)
class RecordStep(Command):
    """A step of the work is done; where something is tightened, with the torque that was measured."""

    label = _("Step done")
    about = {"step": "order_step"}
    needs = "work_orders.steps"
    authority = Authority.FACT
    step: UUID
    measured: Quantity | None = None
    reason: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return ReopenStep(step=self.step)


@dataclass(frozen=True, kw_only=True)
class ReopenStep(Command):
    """A step is not done after all, or is measured again."""

    label = _("Step taken back")
    about = {"step": "order_step"}
    needs = "work_orders.steps"
    authority = Authority.FACT
    step: UUID


def record_step(do: RecordStep, work: Work) -> None:
    step = work.get(OrderStep, do.step)
    if not work.check(is_open(work.get(WorkOrder, step.order_id)), done_already(step, work)):
        return  # somebody did it elsewhere, and theirs was here first
    work.check(measured_at_all(step, do.measured), counts(do.measured))
    work.check(within_tolerance(step, do.measured))
    step.measured, step.reason = do.measured, do.reason.strip()
    step.done_at, step.done_by = work.now, work.envelope.actor_id


def reopen_step(do: ReopenStep, work: Work) -> None:
    step = work.get(OrderStep, do.step)
    work.check(is_open(work.get(WorkOrder, step.order_id)))
    step.measured, step.reason, step.done_at, step.done_by = None, "", None, None


def done_already(step: OrderStep, work: Work) -> Problem | None:
    """It is done once. The very act that did it may come in again, after the hub's word."""
    if step.done_at is None or (step.done_at, step.done_by) == (work.now, work.envelope.actor_id):
        return None
    return Problem(
        "work_orders.step_done",
        _("“{step}” is done already."),
        field="step",
        hint=_("To measure it again, take it back first."),
        values={"step": step.what},
    )


def measured_at_all(step: OrderStep, measured: Quantity | None) -> Problem | None:
    if step.torque is None or measured is not None:
        return None
    return Problem(
        "work_orders.not_measured",
        _("“{step}” is tightened to {range}."),
        field="measured",
        blocks=False,
        asks="measured",
        hint=_("Measure the torque, and write what the wrench shows."),
        values={"step": step.what, "range": in_words(step.torque, step.tolerance)},
    )


def counts(measured: Quantity | None) -> Problem | None:
    if measured is None or measured > NOTHING:
        return None
    return Problem(
        "work_orders.torque",
        _("{measured} Nm is no torque."),
        field="measured",
        hint=_("Write what the wrench shows, above zero."),
        values={"measured": measured},
    )


def within_tolerance(step: OrderStep, measured: Quantity | None) -> Problem | None:
    """Whoever leaves it so says why, and somebody looks at it."""
    if step.torque is None or measured is None or is_within(measured, step.torque, step.tolerance):
        return None
    return Problem(
        "work_orders.torque_out",
        _("{measured} Nm is outside {range}: “{step}”."),
        field="reason",
        blocks=False,
        asks="reason",
        hint=_("Tighten and measure it again, or say why it stays so."),
        values={"measured": newton(measured), "range": in_words(step.torque, step.tolerance), "step": step.what},
    )
