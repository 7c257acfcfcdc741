"""How far an old part is: from the customer to the shelf, back to the supplier and credited; or charged; or too late."""

from app.cores.model import Core
from app.cores.rules import bill_is_open, has_a_credit_note, has_a_deposit, has_a_shelf
from app.kernel.states import Machine, Move
from app.kernel.words import _

CORE = Machine(
    Core,
    start="expected",
    moves=(
        Move("receive", ("expected", "charged"), "received", "cores.receive", _("It is here")),
        Move("shelve", "received", "shelved", "cores.receive", _("Put on the shelf"), gates=(has_a_shelf,)),
        Move("send", "shelved", "returned", "cores.send", _("Send back")),
        Move("credit", "returned", "credited", "cores.credit", _("Credited"), gates=(has_a_credit_note,)),
        Move("charge", "expected", "charged", "cores.charge", _("Charge the deposit"), gates=(has_a_deposit, bill_is_open)),
        Move("expire", "shelved", "expired", "cores.send", _("Too late to send"), reason=True),
    ),
)
