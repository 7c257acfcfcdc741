"""Procedures and packages: the lists, their pages with steps, parts and what is in them, and how these are filled."""

from __future__ import annotations

from app.kernel.words import _
from app.services.model import Package, Procedure
from ui.kit.declared import Action, Lines, ListScreen, PageScreen, Place
from ui.kit.paper import print_it
from ui.services.filling import add_procedure, add_step

PROCEDURES = ListScreen(
    Procedure,
    "count",
    query="procedures",
    columns=("code", "name", "make", "model", "hours", "price"),
    empty=_("There is no procedure yet. Add one, or take in a list of them by fettle import."),
)
PROCEDURE = PageScreen(
    Procedure,
    "count",
    facts=("code", "make", "model", "hours", "price", "tax_code", "method"),
    panels=(
        Lines(
            _("Steps"), "procedure_steps", "procedure", ("place", "what", "range", "tools", "hazard"), opens="procedure_step",
            leads="form",
        ),
        Lines(
            _("Parts"), "procedure_parts", "procedure", ("code", "name", "quantity", "unit", "optional"), opens="procedure_part",
            leads="form",
        ),
        "notes",
        "history",
    ),
)  # fmt: skip
PACKAGES = ListScreen(
    Package,
    "jobs",
    query="packages",
    columns=("code", "name", "work"),
    empty=_("There is no package yet. Add one, and put procedures into it."),
)
PACKAGE = PageScreen(
    Package,
    "jobs",
    facts=("code",),
    panels=(
        Lines(
            _("Procedures"), "in_package", "package", ("place", "code", "name", "hours"), opens="package_item", leads="form"
        ),
        "history",
    ),
)  # fmt: skip
SCREENS: tuple[ListScreen | PageScreen, ...] = (PROCEDURES, PROCEDURE, PACKAGES, PACKAGE)
ACTIONS = (
    Action("procedures", _("Procedures"), "count", opens=Place("list", "procedure"), needs="services.read",
           note=_("How work is done, on which model")),
    Action("packages", _("Packages"), "jobs", opens=Place("list", "package"), needs="services.read",
           note=_("Several procedures as one")),
    Action("procedure.step", _("Add a step"), "plus", on=Procedure, needs="services.edit", begins=add_step),
    Action("procedure.part", _("Add a part"), "part", on=Procedure, needs="services.edit",
           leads=lambda procedure: Place("form", "procedure_part", given={"procedure_id": procedure.id})),
    Action("procedure.print", _("Print a label"), "print", on=Procedure, needs="labels.print", begins=print_it),
    Action("package.item", _("Add a procedure"), "plus", on=Package, needs="services.edit", begins=add_procedure),
    Action("package.print", _("Print a label"), "print", on=Package, needs="labels.print", begins=print_it),
)  # fmt: skip
