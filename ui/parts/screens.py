"""Parts: the catalogue, a part's page, and what happens to a code that nobody knows."""

from __future__ import annotations

from app.kernel.words import _
from app.parts.model import Part
from app.stock.pictures import stock_over_time
from ui.kit.declared import Action, FormScreen, Lines, ListScreen, PageScreen, Picture, Place
from ui.kit.paper import print_it

PARTS = ListScreen(Part, "part", query="parts", columns=("code", "name", "category", "unit", "price"))
PART = PageScreen(
    Part,
    "part",
    facts=("code", "category", "mpn", "unit", "price", "cost", "least", "reorder", "most", "tracking"),
    panels=(
        Lines(_("In bins"), "stock", "part", ("bin", "warehouse", "on_hand", "unit"), opens="bin", row="bin_id"),
        Picture(_("Over time"), stock_over_time, frozenset({"stock_line", "part"}), _("Nothing of this part was ever booked.")),
        Lines(_("Lots"), "lots", "part", ("lot", "booked", "expires"), opens="lot"),
        Lines(_("Codes"), "barcodes_of", "part", ("code", "quantity")),
        Lines(_("Movements"), "movements", "part", ("at", "kind", "quantity", "bin", "reason")),
        "notes",
        "history",
    ),
)
SCREENS: tuple[ListScreen | PageScreen | FormScreen, ...] = (PARTS, PART)
ACTIONS = (
    Action("parts", _("Parts"), "part", "F7", opens=Place("list", "part"), needs="parts.read"),
    Action("part.print", _("Print a label"), "print", on=Part, needs="labels.print", begins=print_it),
)
