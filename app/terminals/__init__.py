"""Terminals: the machines that belong to a hub, how one becomes a member, and how it is shut out again.

Somebody invites a terminal and reads out a code that works once; the hub enrols the machine that brings it, by its own key.
"""

from app.kernel.registry import Capability
from app.kernel.saving import Saved
from app.terminals.commands import (
    EnrolTerminal,
    InviteTerminal,
    QuestionWork,
    RevokeTerminal,
    enrol_terminal,
    invite_terminal,
    question_work,
    revoke_terminal,
)
from app.terminals.desk import SETTINGS
from app.terminals.model import Invitation, RequestSeen, Terminal, TerminalSeen
from app.terminals.queries import QUERIES
from app.terminals.reactions import keep_sites
from app.terminals.rules import warehouse_is_there

capability = Capability(
    name="terminals",
    entities=(Terminal,),
    local=(Invitation, RequestSeen, TerminalSeen),
    anywhere=(Terminal,),  # its site is held against the grant by a reaction
    handlers={
        InviteTerminal: invite_terminal,
        EnrolTerminal: enrol_terminal,
        RevokeTerminal: revoke_terminal,
        QuestionWork: question_work,
    },
    queries=QUERIES,
    settings=SETTINGS,
    reactions={Saved: (keep_sites,)},
    rules={Terminal: (warehouse_is_there,)},
)
