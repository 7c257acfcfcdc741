"""What a person can do that belongs to no capability, and what each role has at home, in its own order."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.words import _
from ui.attention.screens import ACTIONS as ATTENTION
from ui.first.screens import ACTIONS as FIRST
from ui.health.screens import ACTIONS as HEALTH
from ui.kit.declared import Action, Place
from ui.settings.screens import ACTIONS as SETTINGS

HUB = Action("hub", _("Hub"), "sync", opens=Place("sync"), needs="kernel.read", note=_("What waits, and since when"))
EVERYWHERE: tuple[Action, ...] = (*ATTENTION, HUB, *SETTINGS, *HEALTH, *FIRST)

HOMES: Mapping[str, tuple[str, ...]] = {
    "MEC": ("mine", "jobs", "board", "order.new", "parts", "stock", "look"),
    "ADV": ("check_in", "jobs", "board", "quotes", "customers", "vehicles", "parts", "look"),
    "KEE": ("issue", "return", "jobs", "low", "stock", "cores", "parts", "bins", "count", "odoo.differences"),
    "WHS": ("issue", "return", "stock", "low", "bins", "parts", "jobs", "count"),
    "QCI": ("parts", "stock", "jobs", "look"),
    "SUP": ("attention", "crew", "jobs", "issue", "return", "low", "stock", "people", "attendance", "odoo.letters"),
    "PLN": ("jobs", "board", "parts", "stock", "people", "look"),
    "CAS": ("to_pay", "drawers", "payments", "jobs", "customers", "vehicles", "look"),
    "FIN": ("payments", "jobs", "cores", "taxes", "stock", "parts", "look"),
    "MGR": ("attention", "jobs", "payments", "people", "low", "stock", "parts", "customers"),
    "ADM": ("people", "terminals", "jobs", "stock", "parts", "bins", "customers", "count", "setup", "data", "odoo"),
    "VIE": ("jobs", "parts", "stock", "bins", "look"),
}
CARDS: Mapping[str, Place] = {
    "ISSUE": Place("flow", "parts_issue.issue"),
    "RETURN": Place("flow", "parts_issue.return"),
    "CORE": Place("flow", "cores.receive"),
    "CARDS": Place("attention"),
}
