"""Terminals: the list of them, and a page on which one is renamed, moved, or shut out. When each was heard of, the hub knows."""

from __future__ import annotations

from app.kernel.words import _
from app.terminals.commands import InviteTerminal, RevokeTerminal
from app.terminals.model import Terminal
from ui.kit.declared import Action, Lines, ListScreen, PageScreen, Place
from ui.terminals.letting import invite_beside, shut_out

TERMINALS = ListScreen(
    Terminal,
    "online",
    query="terminals",
    columns=("name", "site", "warehouse", "state", "words"),
    adds=False,
    empty=_("No terminal has joined a hub yet. At the hub, run fettle hub enrol-code; it says what to do at the machine."),
)
TERMINAL = PageScreen(
    Terminal,
    "online",
    facts=("state", "site_id", "warehouse_id", "profile", "place_no"),
    panels=(Lines(_("Its key"), "terminals", "terminal", ("words",)), "notes", "history"),
    changes=("name", "site_id", "warehouse_id", "profile"),
)
SCREENS = (TERMINALS, TERMINAL)
ACTIONS = (
    Action("terminals", _("Terminals"), "online", opens=Place("list", "terminal"), needs="terminals.read",
           note=_("Who belongs to the hub")),
    Action("terminal.code", _("Make a code"), "plus", on=Terminal, needs=InviteTerminal.needs, begins=invite_beside),
    Action("terminal.revoke", _("Shut out"), "lock", on=Terminal, needs=RevokeTerminal.needs, begins=shut_out),
)  # fmt: skip
