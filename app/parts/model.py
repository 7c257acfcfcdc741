"""Parts and the codes that name them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped

from app.kernel.entity import About, Entity, Has, Sync, choice, data, extras, flag, link, money, quantity, text
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.places.model import Bin

UNITS = (
    ("pcs", _("Pieces")),
    ("set", _("Sets")),
    ("pair", _("Pairs")),
    ("box", _("Boxes")),
    ("m", _("Metres")),
    ("kg", _("Kilograms")),
    ("l", _("Litres")),
    ("h", _("Hours")),
    ("day", _("Days")),
)
WHOLE_UNITS = ("pcs", "set", "pair", "box")
TRACKING = (("none", _("By quantity")), ("lot", _("By lot")), ("serial", _("By serial number")))


class Part(Entity):
    """Something that is kept in bins, issued and counted."""

    __tablename__ = "part"
    __about__ = About(
        _("Part"),
        _("Parts"),
        sync=Sync.REFERENCE,
        scan="PT",
        title=("name",),
        search=("code", "name", "names", "mpn", "category"),
        natural=("code",),
        has=Has.AUDIT | Has.CUSTOM_FIELDS | Has.EXPORT | Has.FILES | Has.NOTES,
    )
    code: Mapped[str] = text(_("Code"), size=50, unique=True)
    name: Mapped[str] = text(_("Name"))
    names: Mapped[Any] = data(_("Names in other languages"))
    description: Mapped[str] = text(_("Description"), size=5000, required=False)
    category: Mapped[str] = text(_("Category"), size=120, required=False)
    unit: Mapped[str] = choice(_("Unit"), UNITS, default="pcs")
    mpn: Mapped[str] = text(_("Manufacturer's number"), size=80, required=False)
    cost: Mapped[Money | None] = money(_("Cost"), required=False)
    price: Mapped[Money | None] = money(_("Sale price"), required=False)
    least: Mapped[Quantity | None] = quantity(_("Minimum"), required=False)
    reorder: Mapped[Quantity | None] = quantity(_("Reorder at"), required=False)
    most: Mapped[Quantity | None] = quantity(_("Maximum"), required=False)
    tracking: Mapped[str] = choice(_("Tracking"), TRACKING, default="none")
    tax_code: Mapped[str] = text(_("Tax code"), size=16, required=False)
    core: Mapped[bool] = flag(_("Old part comes back"))
    deposit: Mapped[Money | None] = money(_("Deposit on the old part"), required=False)
    extra: Mapped[Any] = extras()


Index("ix_part_code_any_case", Part.org_id, func.upper(Part.code))  # scanners with caps lock on flip the case
Index("ix_part_name", Part.org_id, Part.name)
Index("ix_part_mpn", Part.org_id, Part.mpn)
_WITH_A_MINIMUM = Part.least.is_not(None)
Index("ix_part_least", Part.org_id, Part.least, sqlite_where=_WITH_A_MINIMUM, postgresql_where=_WITH_A_MINIMUM)


class Barcode(Entity):
    """A code printed on a part or its pack, with how many one scan stands for."""

    __tablename__ = "barcode"
    __about__ = About(_("Barcode"), _("Barcodes"), sync=Sync.REFERENCE, title=("code",), natural=("code",))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    code: Mapped[str] = text(_("Code"), size=120, unique=True)
    quantity: Mapped[Quantity] = quantity(_("Quantity per scan"), default=Quantity(1))


class PartBin(Entity):
    """A bin where a part is kept; the fixed one is proposed first."""

    __tablename__ = "part_bin"
    __about__ = About(_("Part's bin"), _("Parts' bins"), sync=Sync.REFERENCE, title=("id",), natural=("part_id", "bin_id"))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    bin_id: Mapped[UUID] = link(Bin, _("Bin"))
    fixed: Mapped[bool] = flag(_("Fixed"), default=True)
