"""Bins: where things lie, and what lies in one."""

from __future__ import annotations

from app.kernel.words import _
from app.places.model import Bin
from ui.kit.declared import Action, Lines, ListScreen, PageScreen, Place
from ui.kit.paper import print_it

BINS = ListScreen(Bin, "bin", columns=("code", "kind", "warehouse"))
BIN = PageScreen(
    Bin,
    "bin",
    facts=("code", "kind", "warehouse_id", "owner_id"),
    panels=(
        Lines(_("In this bin"), "stock", "bin", ("code", "name", "on_hand", "unit"), opens="part"),
        Lines(_("Movements"), "movements", "bin", ("at", "kind", "name", "quantity", "reason")),
        "history",
    ),
)
SCREENS = (BINS, BIN)
ACTIONS = (
    Action("bins", _("Bins"), "bin", opens=Place("list", "bin"), needs="places.read"),
    Action("bin.print", _("Print a label"), "print", on=Bin, needs="labels.print", begins=print_it),
)
