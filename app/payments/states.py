"""How far a payment is: only what is asked for online waits; what was paid stays paid, and is given back by another payment."""

from app.kernel.states import Machine, Move
from app.kernel.words import _
from app.payments.model import Payment

PAYMENT = Machine(
    Payment,
    start="pending",
    moves=(
        Move("confirm", "pending", "success", "payments.confirm", _("Confirm payment"), reason=True),
        Move("fail", "pending", "failed", "payments.take", _("It was not paid"), reason=True),
    ),
)
