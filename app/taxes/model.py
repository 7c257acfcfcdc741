"""Tax codes: a name, a rate, and the day from which it holds."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from app.kernel.entity import About, Entity, Sync, day, quantity, text
from app.kernel.types import Quantity
from app.kernel.words import _


class TaxCode(Entity):
    """A rate of tax under a code. A new rate is a new row of the same code with a later day; lines keep the row they had."""

    __tablename__ = "tax_code"
    __about__ = About(
        _("Tax code"),
        _("Tax codes"),
        sync=Sync.REFERENCE,
        title=("code", "name"),
        search=("code", "name"),
        natural=("code", "valid_from"),
    )
    code: Mapped[str] = text(_("Code"), size=16)
    name: Mapped[str] = text(_("Name"), size=80)
    percent: Mapped[Quantity] = quantity(_("Rate, %"))
    valid_from: Mapped[date | None] = day(_("Valid from"), required=False)
