"""What must hold before an old part goes a step on, and what a hand-over says of those that are still owed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.cores.model import Core
from app.kernel.money import Money
from app.kernel.problems import Contest, Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.places.model import Bin
from app.work_orders.model import WorkOrder
from app.work_orders.rules import OPEN, in_words, locked

BILLED = (*OPEN, "DELIVERED")  # the states of a job whose bill may still change
HERE = ("expected", "received", "shelved")  # states in which the day matters


def has_a_deposit(core: Core, work: Work) -> Problem | None:
    """What the part says now counts, where it said nothing when it was handed out."""
    part = work.find(Part, core.part_id)
    if core.deposit or (part is not None and part.deposit):
        return None
    return Problem(
        "cores.no_deposit",
        _("Nobody has written what deposit {core} is worth."),
        field="deposit",
        hint=_("Write the deposit on the part."),
        values={"core": core.number},
    )


def bill_is_open(core: Core, work: Work) -> Problem | None:
    order = work.get(WorkOrder, core.order_id, even_retired=True)
    if order.state in BILLED:
        return None
    return Problem(
        "cores.bill_closed",
        _("{order} is {state}: nothing more can be put on its bill."),
        field="order_id",
        hint=_("Wait for the old part, or open a new order for the deposit."),
        values={"order": order.number, "state": in_words(order.state)},
    )


def has_a_shelf(core: Core, _work: Work) -> Problem | None:
    if core.bin_id is not None:
        return None
    return Problem(
        "cores.no_shelf",
        _("{core} lies on no shelf yet."),
        field="bin_id",
        hint=_("Scan the shelf, then the old part."),
        values={"core": core.number},
    )


def has_a_credit_note(core: Core, _work: Work) -> Problem | None:
    if (core.credit or "").strip():
        return None
    return Problem(
        "cores.no_credit",
        _("{core} has no credit note."),
        field="credit",
        hint=_("Write the number of the supplier's credit note."),
        values={"core": core.number},
    )


def for_old_parts(bin: Bin) -> Problem | None:
    """Old parts lie apart from new ones."""
    if bin.kind == "core":
        return None
    return Problem(
        "cores.not_a_shelf",
        _("{bin} is no shelf for old parts."),
        field="bin",
        blocks=False,
        review=False,
        hint=_("Scan a bin for cores, so that nobody builds an old part in."),
        values={"bin": bin.title},
    )


def none_owed(order: WorkOrder) -> Problem:
    return Problem(
        "cores.none_owed",
        _("{order} owes no old part whose deposit could be charged."),
        hint=_("Its old parts and how far they are stand on its page."),
        values={"order": order.number},
    )


def enough_expected(part: Part, order: WorkOrder, wanted: Quantity, expected: Quantity) -> Problem | None:
    if wanted <= expected:
        return None
    return Problem(
        "cores.not_expected",
        _("{order} owes {expected} old {part}, and not {wanted}."),
        field="quantity",
        hint=_("Scan the job it came from, or fewer of them."),
        values={"order": order.number, "part": part.title, "wanted": wanted, "expected": expected},
    )


def names_nothing() -> Problem:
    return Problem(
        "cores.which",
        _("It is not said which old part this is."),
        field="core",
        hint=_("Scan its tag, or the job and then the part."),
    )


def none_there() -> Problem:
    """Of an undo: what could be taken back has gone on."""
    return Problem(
        "cores.gone_on",
        _("The old part has gone on already."),
        hint=_("Look at its page for what became of it."),
    )


def as_many(wanted: Quantity, held: Quantity) -> Problem | None:
    """What goes back is what was taken in, no more and no less."""
    if wanted == held:
        return None
    return Problem(
        "cores.not_as_many",
        _("{wanted} old parts are to go back, and {held} were taken in together."),
        field="quantity",
        hint=_("Say {held}, or scan the tag of the one that goes back."),
        values={"wanted": wanted, "held": held},
    )


def bill_stays(order: WorkOrder) -> Problem | None:
    """What a closed bill says of a deposit is not taken back."""
    return None if order.state in BILLED else locked(order)


def deposit_was_paid(core: Core, order: WorkOrder, count: Quantity) -> Problem:
    """A closed bill does not change; the money for so many goes back all the same."""
    paid = (core.deposit or Money(0)).times(count)
    return Problem(
        "cores.pay_back",
        _("{core} came back after its deposit was paid with {order}, which is {state}."),
        blocks=False,
        hint=_("Give {deposit} back to the customer as a refund."),
        values={"core": core.number, "order": order.number, "state": in_words(order.state), "deposit": paid},
        contest=Contest("core", core.id),
    )


def is_overdue(core: Core, part: Part | None, today: date) -> Problem | None:
    if core.due is None or core.due >= today or core.state not in HERE:
        return None
    return Problem(
        "cores.overdue",
        _("{core}, an old {part}, was due on {day}."),
        blocks=False,
        hint=_("Send it to the supplier; where it never came back, charge its deposit."),
        values={"core": core.number, "part": part.title if part is not None else "–", "day": core.due.isoformat()},
        contest=Contest("core", core.id),
    )


def cores_are_back(order: WorkOrder, work: Work) -> Problem | None:
    """Held against the hand-over: said, and never in the way."""
    owed = select(Part.name, Core.number).join(Core, Core.part_id == Part.id)
    owed = owed.where(Core.order_id == order.id, Core.state == "expected", Core.retired.is_(False))
    found = work.session.execute(owed.order_by(Core.number).limit(1)).first()
    if found is None:
        return None
    return Problem(
        "cores.not_back",
        _("The old {part} of {order} has not come back ({core})."),
        field="cores",
        blocks=False,
        review=False,
        hint=_("Ask for it, or charge its deposit."),
        values={"part": found[0], "order": order.number, "core": found[1]},
    )
