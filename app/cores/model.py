"""A core: the old part that is owed for a new one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped

from app.kernel.codes import Series
from app.kernel.entity import About, Entity, Has, Scope, choice, day, link, money, quantity, text
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin, Site
from app.work_orders.model import WorkOrder

NUMBERS = Series("core", "COR-{day}-{n:04d}")
STATES = (
    ("expected", _("Expected")),
    ("received", _("Received")),
    ("shelved", _("On the shelf")),
    ("returned", _("Sent back")),
    ("credited", _("Credited")),
    ("charged", _("Charged")),
    ("expired", _("Too late")),
)


class Core(Entity):
    """An old part that is owed: expected from the customer, then owed to the supplier until a day."""

    __tablename__ = "core"
    __about__ = About(
        _("Old part"),
        _("Old parts"),
        scan="CO",
        scope=Scope.SITE,
        title=("number",),
        search=("number", "supplier", "credit"),
        natural=("number",),
        has=Has.AUDIT | Has.EXPORT | Has.FILES | Has.NOTES,
        form=False,
    )
    number: Mapped[str] = text(_("Number"), size=40, unique=True)
    site_id: Mapped[UUID] = link(Site, _("Site"))
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    quantity: Mapped[Quantity] = quantity(_("Quantity"))
    state: Mapped[str] = choice(_("State"), STATES, default="expected")
    deposit: Mapped[Money | None] = money(_("Deposit"), required=False)
    due: Mapped[date | None] = day(_("Due"), required=False)
    bin_id: Mapped[UUID | None] = link(Bin, _("Shelf"), required=False, index=False)
    supplier: Mapped[str] = text(_("Supplier"), size=120, required=False)
    credit: Mapped[str] = text(_("Credit note"), size=80, required=False)
