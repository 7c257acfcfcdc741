"""The states of a version: looked at first or published at once; then the customer decides, or a newer one takes its place."""

from app.kernel.states import Machine, Move
from app.kernel.words import _
from app.quotes.model import Quote
from app.quotes.rules import has_lines, is_signed, newer_is_out

PUBLISH = Move("publish", "draft", "published", "quotes.publish", _("Publish quote"), gates=(has_lines,))
SUPERSEDE = Move(
    "supersede", ("published", "confirmed"), "superseded", "quotes.publish", _("Supersede quote"), gates=(newer_is_out,)
)
QUOTE = Machine(
    Quote,
    start="draft",
    moves=(
        PUBLISH,
        Move("confirm", "published", "confirmed", "quotes.decide", _("Confirm quote"), gates=(is_signed,)),
        Move("reject", ("draft", "published"), "rejected", "quotes.decide", _("Reject quote"), reason=True),
        SUPERSEDE,
    ),
)
