"""Payments are only added: a refund is a payment of its own with a minus. A drawer is one shift's cash."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.kernel.codes import Series
from app.kernel.entity import ABOUT, About, Entity, Has, Scope, choice, link, money, text, time
from app.kernel.money import Money
from app.kernel.words import _
from app.places.model import Site
from app.work_orders.model import METHODS, WorkOrder

DRAWERS = Series("drawer", "CD-{day}-{n:04d}")
STATES = (("pending", _("Not confirmed yet")), ("success", _("Paid")), ("failed", _("Failed")))
DRAWER_STATES = (("open", _("Open")), ("counted", _("Counted")))


class Drawer(Entity):
    """The cash of one shift at one desk: what it began with, and what was counted at its end."""

    __tablename__ = "drawer"
    __about__ = About(_("Cash drawer"), _("Cash drawers"), scope=Scope.SITE, title=("number",), natural=("number",), form=False)
    site_id: Mapped[UUID] = link(Site, _("Site"))
    desk_id: Mapped[UUID | None] = link("terminal", _("Desk"), required=False)
    number: Mapped[str] = text(_("Number"), size=40, unique=True)
    state: Mapped[str] = choice(_("State"), DRAWER_STATES, default="open")
    began_with: Mapped[Money] = money(_("Began with"))
    expected: Mapped[Money | None] = money(_("Should hold"), required=False)
    counted: Mapped[Money | None] = money(_("Counted"), required=False)
    counted_at: Mapped[datetime | None] = time(_("Counted at"), required=False)
    reason: Mapped[str] = text(_("Why it differs"), size=300, required=False)


class Payment(Entity):
    """Money for a job. Its amount never changes; `provider_ref` is the provider's own word for it, once only."""

    __tablename__ = "payment"
    __about__ = About(
        _("Payment"),
        _("Payments"),
        scan="PY",
        scope=Scope.SITE,
        title=("number",),
        search=("number",),
        natural=("number",),
        has=Has.AUDIT | Has.EXPORT | Has.FILES | Has.NOTES,
        form=False,
    )
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"), index=False)
    site_id: Mapped[UUID] = link(Site, _("Site"))
    number: Mapped[str] = text(_("Number"), size=20, unique=True)
    channel: Mapped[str] = choice(_("Paid by"), METHODS)
    amount: Mapped[Money] = money(_("Amount"))
    state: Mapped[str] = choice(_("State"), STATES, default="pending")
    drawer_id: Mapped[UUID | None] = link(Drawer, _("Cash drawer"), required=False)
    refund_of_id: Mapped[UUID | None] = link("payment", _("Refund of"), required=False)
    quote_id: Mapped[UUID | None] = link("quote", _("Quote"), required=False, index=False)
    provider: Mapped[str] = text(_("Provider"), size=40, required=False)
    provider_ref: Mapped[str] = text(_("Provider's reference"), size=120, required=False, unique=True)
    settled_at: Mapped[datetime | None] = time(_("Confirmed at"), required=False)
    reason: Mapped[str] = text(_("Reason"), size=300, required=False, personal=ABOUT)


Index("ix_payment_order", Payment.order_id, Payment.org_id)  # both: else a planner that knows no sizes takes the organisation's
