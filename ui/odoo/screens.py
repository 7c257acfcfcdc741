"""Odoo's screens: what is stuck, what is matched, where stock differs, and which records stand there."""

from __future__ import annotations

from app.kernel.words import _
from app.odoo.commands import MatchInOdoo, TryAgainInOdoo
from app.odoo.model import AGAIN, COUNTING, LET_GO, OPEN, OdooDifference, OdooLetter, OdooLink, OdooMatch
from app.odoo.queries import SEES
from app.odoo.states import LETTERS, SETTLES
from ui.kit.declared import Action, Chip, ListScreen, PageScreen, Place
from ui.odoo.deciding import let_go, open_in_odoo, open_record, settle
from ui.odoo.why import NUMBERS, WHY

STUCK = ListScreen(
    OdooLetter,
    "warn",
    query="odoo_letters",
    columns=("subject", "said", "age", "owner", "verdict", "state"),
    chips=(Chip(_("Open"), {"open": True}),),
    adds=False,
    empty=_("Odoo has taken everything so far. What it would not take stands here, with the reason."),
)
LETTER = PageScreen(
    OdooLetter,
    "warn",
    facts=("verdict", "since", "owner_id", "tries", "reason"),
    panels=(WHY, "notes", "history"),
    edits=False,
    instead={"again": "odoo.again", "let_go": "odoo.let_go", "clear": "", "stick": ""},
)
MATCHES = ListScreen(
    OdooMatch,
    "edit",
    query="odoo_matches",
    columns=("ours_title", "kind", "theirs_name", "state"),
    chips=(Chip(_("To be chosen"), {"open": True}),),
    adds=False,
    opens="odoo_match",
    empty=_("Nothing is to be matched with Odoo yet. What is, such as taxes, stands here once an Odoo is connected."),
)
DIFFERENCES = ListScreen(
    OdooDifference,
    "stock",
    query="odoo_differences",
    columns=("part", "bin", "ours", "theirs", "as_of", "state", "lot"),
    chips=(Chip(_("Open"), {"open": True}),),
    adds=False,
    empty=_("Our stock and Odoo's agree, or were not compared yet. They are compared every night."),
)
DIFFERENCE = PageScreen(
    OdooDifference,
    "stock",
    facts=("part_id", "bin_id", "lot", "ours", "theirs", "as_of", "settled_how", "reason"),
    panels=(NUMBERS, "notes", "history"),
    edits=False,
    jumps={"settled_how": "odoo.settle"},
    instead={"settle": "odoo.settle", "count": "", "differ": ""},
)
LINKS = ListScreen(
    OdooLink,
    "export",
    query="odoo_links",
    columns=("name", "kind", "state", "at"),
    chips=(Chip(_("Stuck"), {"state": "stuck"}), Chip(_("Waits for Odoo"), {"state": "waiting"})),
    adds=False,
    empty=_("No record stands in Odoo yet."),
)

LINK = PageScreen(
    OdooLink,
    "export",
    facts=("name", "state", "at", "model", "number", "address"),
    panels=("history",),
    edits=False,
)

SCREENS = (STUCK, LETTER, MATCHES, DIFFERENCES, DIFFERENCE, LINKS, LINK)
ACTIONS = (
    Action("odoo", _("In Odoo"), "sync", opens=Place("odoo"), needs=SEES,
           note=_("{count} stuck"), count=("odoo_letters", {"open": True})),
    Action("odoo.letters", _("Stuck on the way to Odoo"), "warn", word=_("Stuck"), needs=LETTERS, rare=True,
           opens=Place("list", "odoo_letter", given={"open": True}),
           note=_("{count} stuck"), count=("odoo_letters", {"open": True})),
    Action("odoo.matches", _("Match with Odoo"), "edit", opens=Place("list", "odoo_match", given={"open": True}),
           needs=MatchInOdoo.needs, note=_("{count} to be chosen"), count=("odoo_matches", {"open": True})),
    Action("odoo.differences", _("Differences with Odoo"), "stock", word=_("Differences"), needs=SETTLES, rare=True,
           opens=Place("list", "odoo_difference", given={"open": True}),
           note=_("{count} open"), count=("odoo_differences", {"open": True})),
    Action("odoo.again", _("Try again"), "undo", on=OdooLetter, when=(OPEN, LET_GO), needs=LETTERS,
           runs=lambda letter: TryAgainInOdoo(letter=letter.id)),
    Action("odoo.alike", _("Try all alike again"), "undo", on=OdooLetter, when=(OPEN,), needs=LETTERS,
           runs=lambda letter: TryAgainInOdoo(letter=letter.id, alike=True)),
    Action("odoo.let_go", _("Let go"), "cross", on=OdooLetter, when=(OPEN, AGAIN), needs=LETTERS, begins=let_go),
    Action("odoo.record", _("Open what it is about"), "jobs", on=OdooLetter, needs=SEES, begins=open_record),
    Action("odoo.linked", _("Open what it is about"), "jobs", on=OdooLink, needs=SEES, begins=open_record),
    Action("odoo.open", _("Open in Odoo"), "export", on=OdooLink, needs=SEES, begins=open_in_odoo),
    Action("odoo.settle", _("Say which holds"), "check", on=OdooDifference, when=(OPEN, COUNTING), needs=SETTLES, begins=settle),
)  # fmt: skip
