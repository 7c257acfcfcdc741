"""A quote: the lines and sums of a job as they were when it was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from app.kernel.entity import ABOUT, WHO, About, Entity, Has, Scope, choice, data, flag, link, money, text, time, whole
from app.kernel.money import Money
from app.kernel.words import _
from app.places.model import Site
from app.work_orders.model import WorkOrder

STATES = (
    ("draft", _("Draft")),
    ("published", _("Published")),
    ("confirmed", _("Confirmed")),
    ("rejected", _("Rejected")),
    ("superseded", _("Superseded")),
)


class Quote(Entity):
    """One version of a quote. `lines` and `taxes` are the copies it was made of, and the sums agree with them to the cent."""

    __tablename__ = "quote"
    __about__ = About(
        _("Quote"),
        _("Quotes"),
        scan="QU",
        scope=Scope.SITE,
        title=("number",),
        search=("number",),
        natural=("number",),
        has=Has.AUDIT | Has.EXPORT | Has.FILES | Has.NOTES,
        form=False,
    )
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    site_id: Mapped[UUID] = link(Site, _("Site"))
    number: Mapped[str] = text(_("Number"), size=48, unique=True)
    version: Mapped[int] = whole(_("Version"))
    state: Mapped[str] = choice(_("State"), STATES, default="draft")
    supplement: Mapped[bool] = flag(_("Supplement"))
    inclusive: Mapped[bool] = flag(_("Prices include tax"))
    lines: Mapped[Any] = data(_("Lines"))
    taxes: Mapped[Any] = data(_("Tax by code"))
    net: Mapped[Money] = money(_("Net"))
    tax: Mapped[Money] = money(_("Tax"))
    gross: Mapped[Money] = money(_("Gross"))
    published_at: Mapped[datetime | None] = time(_("Published at"), required=False)
    decided_at: Mapped[datetime | None] = time(_("Decided at"), required=False)
    signer: Mapped[str] = text(_("Signed by"), size=120, required=False, personal=WHO)
    strokes: Mapped[Any] = data(_("Signature"), personal=ABOUT)
    picture: Mapped[str] = text(_("Hash of the signature's picture"), size=64, required=False)
    reason: Mapped[str] = text(_("Reason"), size=500, required=False, personal=ABOUT)
