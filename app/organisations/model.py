"""Who owns rows: every row belongs to one organisation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from app.kernel.entity import About, Entity, Has, Sync, choice, flag, link, text
from app.kernel.words import _

KINDS = (
    ("owner", _("Own company")),
    ("customer", _("Customer")),
    ("supplier", _("Supplier")),
    ("manufacturer", _("Manufacturer")),
)


class Organisation(Entity):
    """A company. One currency, one way of showing prices; its own row's organisation is itself."""

    __tablename__ = "organisation"
    __about__ = About(
        _("Organisation"),
        _("Organisations"),
        sync=Sync.REFERENCE,
        search=("name",),
        natural=("name",),
        has=Has.AUDIT | Has.EXPORT | Has.FILES,
    )
    name: Mapped[str] = text(_("Name"), unique=True)
    kind: Mapped[str] = choice(_("Kind"), KINDS, default="owner")
    parent_id: Mapped[UUID | None] = link("organisation", _("Belongs to"), required=False)
    currency: Mapped[str] = text(_("Currency"), size=3, default="EUR")
    prices_with_tax: Mapped[bool] = flag(_("Prices include tax"), default=True)
