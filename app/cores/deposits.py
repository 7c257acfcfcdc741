"""The deposit on an old part as lines of the job's bill: put on it, given back with a minus, or taken off again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.cores.model import Core
from app.cores.rules import BILLED, deposit_was_paid
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.work import Work
from app.parts.model import Part
from app.places.model import Warehouse
from app.taxes.rules import tax_of
from app.work_orders.model import ChargeLine, WorkOrder


def line_of(core: Core, which: str) -> UUID:
    """The id of the one line that charges a core's deposit (`charged`), or gives it back (`back`), wherever it is made."""
    return derived_id(core.id, ChargeLine.__tablename__, which)


def keep_site(work: Work, core: Core) -> None:
    """Whoever keeps one store room of a workshop deals with the old parts of all of it, and with their deposits."""
    wanted = work.command.grant(work.registry)
    rooms = {place for one in (work.actor, work.cosigner) if one is not None for place in one.places(wanted) or ()}
    of_site = select(Warehouse.id).where(Warehouse.id.in_(rooms), Warehouse.site_id == core.site_id).limit(1)
    if rooms and work.session.scalar(of_site) is not None:
        work.own.update((core.id, line_of(core, "charged"), line_of(core, "back")))


def charge(work: Work, core: Core) -> None:
    """The deposit goes on the bill, with the tax of the part."""
    part = work.get(Part, core.part_id, even_retired=True)
    if core.deposit is None:
        worth = work.draw(f"worth:{part.id.hex}", lambda: part.deposit.minor if part.deposit else None)
        core.deposit = None if worth is None else Money(worth)
    line = work.session.get(ChargeLine, line_of(core, "charged"))
    if line is None:
        words = work.draw(
            f"deposit:{core.id.hex}", lambda: say(_("Deposit on the old {part}, {core}"), part=part.title, core=core.number)
        )
        made = ChargeLine(
            id=line_of(core, "charged"),
            order_id=core.order_id,
            what=words[:255],
            amount=(core.deposit or Money(0)).times(core.quantity),
            tax_id=tax_of(work, part.tax_code or "", part.id.hex),
        )
        work.add(made)
    else:
        line.retired, line.amount = False, (core.deposit or Money(0)).times(core.quantity)


def divide(work: Work, core: Core, part: Core) -> None:
    """Of several that were charged in one line some go on alone: their share gets a line of its own, and the sum stays."""
    whole = work.session.get(ChargeLine, line_of(core, "charged"))
    order = work.get(WorkOrder, core.order_id, even_retired=True)
    if whole is not None and order.state in BILLED:
        charge(work, part)
        whole.amount -= (core.deposit or Money(0)).times(part.quantity)


def give_back(work: Work, core: Core) -> None:
    """The deposit comes off the bill by a line with a minus; a bill that is closed does not change, and somebody pays it back."""
    order = work.get(WorkOrder, core.order_id, even_retired=True)
    charged = work.session.get(ChargeLine, line_of(core, "charged"))
    if order.state not in BILLED:
        work.check(deposit_was_paid(core, order, core.quantity))
    elif charged is not None and not charged.retired:
        _minus(work, core, charged, -charged.amount)


def take_off(work: Work, core: Core, taken: Quantity, order: WorkOrder) -> None:
    """The new part came back: so much of the deposit is not owed any more."""
    charged = work.session.get(ChargeLine, line_of(core, "charged"))
    if order.state not in BILLED:
        work.check(deposit_was_paid(core, order, taken))
    elif charged is not None:
        work.own.add(charged.id)
        charged.amount -= (core.deposit or Money(0)).times(taken)
        charged.retired = not charged.amount


def _minus(work: Work, core: Core, charged: ChargeLine, amount: Money) -> None:
    line = work.session.get(ChargeLine, line_of(core, "back"))
    if line is None:
        words = work.draw(f"back:{core.id.hex}", lambda: say(_("Given back: {what}"), what=charged.what))
        line = work.add(
            ChargeLine(id=line_of(core, "back"), order_id=core.order_id, what=words[:255], amount=amount, tax_id=charged.tax_id)
        )
    line.retired, line.amount = False, amount
