"""How far a dead letter is, and how far a difference between our stock and Odoo's."""

from app.kernel.states import Machine, Move
from app.kernel.words import _
from app.odoo.model import (
    AGAIN,
    COUNTING,
    DONE,
    LET_GO,
    OPEN,
    SETTLED,
    OdooDifference,
    OdooLetter,
)
from app.odoo.rules import is_said_how

LETTERS, SETTLES, TELLS = "odoo.letters", "odoo.settle", "odoo.note"

LETTER = Machine(
    OdooLetter,
    start=OPEN,
    moves=(
        Move("again", (OPEN, LET_GO), AGAIN, LETTERS, _("Try again")),
        Move("let_go", (OPEN, AGAIN), LET_GO, LETTERS, _("Let go"), reason=True),
        Move("clear", (OPEN, AGAIN, LET_GO), DONE, TELLS, _("It is in Odoo")),
        Move("stick", (AGAIN, LET_GO, DONE), OPEN, TELLS, _("Odoo would not take it"), reason=True),
    ),
)
DIFFERENCE = Machine(
    OdooDifference,
    start=OPEN,
    moves=(
        Move("settle", (OPEN, COUNTING), SETTLED, SETTLES, _("Settle it"), gates=(is_said_how,)),
        Move("count", OPEN, COUNTING, SETTLES, _("Have it counted")),
        Move("differ", (COUNTING, SETTLED), OPEN, TELLS, _("It differs again"), reason=True),
    ),
)
