"""The twelve roles of a workshop as data, with what each may do. An organisation changes them, or adds its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.kernel.standard import SaveMany
from app.kernel.words import _, say

ANYBODY = (
    "access.sign_in",
    "kernel.read",
    "organisations.read",
    "places.read",
    "parts.read",
    "parties.read",
    "stock.read",
    "work_orders.read",
    "services.read",
    "taxes.read",
    "cores.read",
    "odoo.read",
)
JOBS = (
    "work_orders.create",
    "work_orders.edit",
    "work_orders.move",
    "work_orders.plan",
    "work_orders.health",
    "work_orders.steps",
)
HANDING_OUT = ("parts_issue.issue", "parts_issue.return", "cores.receive", "cores.send")
STORE = ("stock.receive", "stock.transfer", "stock.reserve", "stock.reverse", "stock.count")
CHARGES = (
    "access.read",
    "parties.edit",
    "work_orders.check_in",
    "work_orders.assign",
    "work_orders.agree",
    "work_orders.price",
    "work_orders.charge",
    "cores.receive",
    "cores.charge",
    "quotes.read",
    "quotes.publish",
    "quotes.decide",
    "work_orders.deliver",
    "work_orders.cancel",
)
TILL = ("payments.read", "payments.take", "payments.ask", "payments.drawer")
PRINTS = ("labels.print",)
CLOCK = ("labor.clock",)
CLOCKS = ("labor.clock", "labor.others", "labor.read", "labor.edit")


@dataclass(frozen=True)
class StandardRole:
    """A role every organisation starts with. `code` also names its home screen."""

    code: str
    name: str
    grants: tuple[str, ...]
    needs_pin: bool = False

    def values(self) -> dict[str, Any]:
        """The fields of its record, its name in the reader's language."""
        return {
            "code": self.code,
            "name": say(self.name),
            "grants": list(self.grants),
            "needs_pin": self.needs_pin,
            "home": self.code,
        }


ROLES = (
    StandardRole("MEC", _("Mechanic"), (*ANYBODY, *JOBS, *CLOCK, "quotes.read", *PRINTS)),
    StandardRole("ADV", _("Service advisor"), (*ANYBODY, *CLOCK, *JOBS, *CHARGES, "payments.read", "payments.ask", *PRINTS)),
    StandardRole(
        "KEE", _("Storekeeper"), (*ANYBODY, *CLOCK, *HANDING_OUT, *STORE, "places.edit", "parts.teach", "odoo.settle", *PRINTS)
    ),
    StandardRole("WHS", _("Warehouse worker"), (*ANYBODY, *CLOCK, *HANDING_OUT, *STORE, "places.edit", *PRINTS)),
    StandardRole("QCI", _("Quality inspector"), (*ANYBODY, *CLOCK, *PRINTS)),
    StandardRole(
        "SUP",
        _("Supervisor"),
        (
            *ANYBODY,
            *JOBS,
            *CHARGES,
            *HANDING_OUT,
            *CLOCKS,
            "parts_issue.over",
            "work_orders.cost",
            "cores.credit",
            "services.edit",
            *STORE,
            "stock.adjust",
            "access.reset_pin",
            "terminals.read",
            "terminals.invite",
            "odoo.settle",
            "odoo.letters",
            "kernel.settle",
            "kernel.scans",
            *PRINTS,
        ),
        needs_pin=True,
    ),
    StandardRole("PLN", _("Planner"), (*ANYBODY, "access.read", *PRINTS)),
    StandardRole("CAS", _("Cashier"), (*ANYBODY, "work_orders.close", "quotes.read", *TILL), needs_pin=True),
    StandardRole(
        "FIN",
        _("Finance officer"),
        (*ANYBODY, "payments.read", "quotes.read", "work_orders.cost", "taxes.edit", "cores.credit"),
        needs_pin=True,
    ),
    StandardRole(
        "MGR",
        _("Manager"),
        (
            *ANYBODY,
            "access.*",
            "parts.*",
            "places.*",
            "parties.*",
            "stock.*",
            "work_orders.*",
            "quotes.*",
            "services.*",
            "payments.*",
            *CLOCKS,
            "parts_issue.*",
            "labels.*",
            "taxes.*",
            "cores.*",
            "terminals.*",
            "odoo.*",
            "kernel.settle",
            "kernel.scans",
        ),
        needs_pin=True,
    ),
    StandardRole("ADM", _("Administrator"), ("*",), needs_pin=True),
    StandardRole("VIE", _("Viewer"), (*ANYBODY, "quotes.read")),
)


EVERYDAY = frozenset(grant for role in ROLES if not role.needs_pin for grant in role.grants)  # what a badge alone opens


def standard_roles() -> SaveMany:
    """The command that gives an organisation its roles; those it has already are set back to what stands here."""
    return SaveMany(entity="role", rows=[role.values() for role in ROLES])
