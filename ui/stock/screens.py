"""Stock: what lies in which bin, and what runs low."""

from __future__ import annotations

from app.kernel.words import _
from app.parts.model import Part
from app.stock.commands import CountStock
from app.stock.model import Lot, StockLine
from app.stock.pictures import small_curves
from ui.kit.declared import Action, Chip, FormScreen, Lines, ListScreen, PageScreen, Place

STOCK = ListScreen(
    Part,
    "stock",
    query="stock",
    columns=("code", "name", "bin", "on_hand", "unit", "warehouse", "least"),
    chips=(Chip(_("Low"), {"low": True}), Chip(_("Below zero"), {"negative": True})),
    adds=False,
    title=_("Stock"),
    id="stock",
    curves=small_curves,
)
LOTS = ListScreen(
    Lot,
    "part",
    query="lots",
    columns=("lot", "code", "name", "booked", "unit", "expires"),
    adds=False,
    empty=_("No lot or serial number is here yet. Each is entered with the goods, for parts that are kept by lots."),
)
LOT = PageScreen(
    Lot,
    "part",
    facts=("code", "part_id", "expires"),
    panels=(Lines(_("Movements"), "movements", "lot", ("at", "kind", "quantity", "bin", "reason")), "notes", "history"),
    changes=("expires",),
)
COUNT = FormScreen(
    StockLine,
    makes=CountStock,
    fields=("bin_id", "part_id", "quantity"),
    id="count",
    title=_("Count a bin"),
    arguments={"quantity": "counted"},
)
SCREENS: tuple[ListScreen | PageScreen | FormScreen, ...] = (STOCK, LOTS, LOT, COUNT)
ACTIONS = (
    Action("stock", _("Stock"), "stock", "F8", opens=Place("list", "stock"), needs="stock.read"),
    Action("count", _("Count a bin"), "count", opens=Place("form", "count"), needs="stock.count", word=_("Count"),
           note=_("What lies there, part by part")),
    Action("lots", _("Lots and serial numbers"), "part", opens=Place("list", "lot"), needs="stock.read", word=_("Lots")),
    Action("low", _("Low stock"), "warn", opens=Place("list", "stock", given={"low": True}), needs="stock.read",
           word=_("Low"), note=_("{count} below their minimum"), count=("stock", {"low": True})),
)  # fmt: skip
