"""What a person can do: every action, and what each role has at home, in its own order."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.words import _
from ui.access.screens import ACTIONS as PEOPLE
from ui.attention.screens import ACTIONS as ATTENTION
from ui.first.screens import ACTIONS as FIRST
from ui.kit.declared import Action, Place
from ui.parties.screens import ACTIONS as PARTIES
from ui.parts.screens import ACTIONS as PARTS
from ui.parts_issue.screens import ACTIONS as ISSUE
from ui.places.screens import ACTIONS as PLACES
from ui.settings.screens import ACTIONS as SETTINGS
from ui.stock.screens import ACTIONS as STOCK
from ui.terminals.screens import ACTIONS as TERMINALS
from ui.work_orders.screens import ACTIONS as ORDERS

HUB = Action("hub", _("Hub"), "sync", opens=Place("sync"), needs="kernel.read", note=_("What waits, and since when"))
ACTIONS: tuple[Action, ...] = (
    *ISSUE, *ORDERS, *STOCK, *PARTS, *PLACES, *PARTIES, *PEOPLE, *TERMINALS, *ATTENTION, HUB, *SETTINGS, *FIRST,
)  # fmt: skip

HOMES: Mapping[str, tuple[str, ...]] = {
    "MEC": ("jobs", "board", "order.new", "parts", "stock", "look"),
    "ADV": ("order.new", "jobs", "board", "customers", "vehicles", "parts", "look"),
    "KEE": ("issue", "return", "jobs", "low", "stock", "parts", "bins", "count"),
    "WHS": ("issue", "return", "stock", "low", "bins", "parts", "jobs", "count"),
    "QCI": ("parts", "stock", "jobs", "look"),
    "SUP": ("attention", "jobs", "issue", "return", "low", "stock", "people"),
    "PLN": ("jobs", "board", "parts", "stock", "people", "look"),
    "CAS": ("jobs", "customers", "vehicles", "look"),
    "FIN": ("jobs", "stock", "parts", "look"),
    "MGR": ("attention", "jobs", "people", "low", "stock", "parts", "customers"),
    "ADM": ("people", "terminals", "jobs", "stock", "parts", "bins", "customers", "count", "setup", "data"),
    "VIE": ("jobs", "parts", "stock", "bins", "look"),
}
CARDS: Mapping[str, Place] = {
    "ISSUE": Place("flow", "parts_issue.issue"),
    "RETURN": Place("flow", "parts_issue.return"),
    "CARDS": Place("attention"),
}
