"""Taxes: the codes with their rates, and a page of each; a new rate is a new row with the day from which it holds."""

from __future__ import annotations

from app.kernel.words import _
from app.taxes.model import TaxCode
from ui.kit.declared import Action, ListScreen, PageScreen, Place

TAXES = ListScreen(
    TaxCode,
    "count",
    query="taxes",
    columns=("code", "name", "percent", "valid_from"),
    empty=_("No tax code is here yet: nothing is taxed. Make the usual one, then name it in the settings under Taxes."),
)
TAX = PageScreen(TaxCode, "count", facts=("code", "name", "percent", "valid_from"), panels=("history",))
SCREENS = (TAXES, TAX)
ACTIONS = (
    Action("taxes", _("Tax codes"), "count", opens=Place("list", "tax_code"), needs="taxes.read", word=_("Taxes"),
           note=_("What is taxed, and how high")),
)  # fmt: skip
