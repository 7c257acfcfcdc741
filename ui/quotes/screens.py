"""Quotes: the list, the page of a version, and what is done with quotes and prices on a job's page."""

from __future__ import annotations

from app.kernel.words import _
from app.quotes.commands import ConfirmQuote, PublishQuote, RejectQuote
from app.quotes.model import Quote
from app.work_orders.charges import AddCharge
from app.work_orders.model import WorkOrder
from app.work_orders.prices import SetPrice
from app.work_orders.rules import OPEN
from ui.kit.declared import Action, Chip, Drawn, Lines, ListScreen, PageScreen, Place
from ui.quotes.charging import charge
from ui.quotes.deciding import draft, publish, reject, sign
from ui.quotes.pricing import reprice
from ui.quotes.signature import SignaturePanel

QUOTES = ListScreen(
    Quote,
    "quote",
    query="quotes",
    columns=("number", "state", "gross", "customer", "what", "supplement", "published_at", "decided_at"),
    chips=(Chip(_("Waiting for a yes"), {"waiting": True}),),
    adds=False,
    empty=_("No quote has been made yet. Quotes are published on the page of a job."),
)
QUOTE = PageScreen(
    Quote,
    "quote",
    facts=("order_id", "version", "supplement", "net", "tax", "gross", "inclusive", "published_at", "decided_at", "signer",
           "reason"),
    panels=(
        Lines(_("Lines"), "quote_lines", "quote", ("what", "quantity", "amount", "price", "net", "tax", "gross", "code")),
        Lines(_("Added"), "quote_added", "quote", ("how", "what", "quantity", "unit", "gross")),
        Drawn(_("Signature"), SignaturePanel),
        "notes",
        "history",
    ),
    edits=False,
    jumps={"sign": "quote.sign"},
    instead={"confirm": "quote.sign", "reject": "quote.reject", "supersede": ""},
    reads=("work_order",),
    drawn="picture",
)  # fmt: skip

SCREENS = (QUOTES, QUOTE)

ACTIONS = (
    Action("quotes", _("Quotes"), "quote", opens=Place("list", "quote"), needs="quotes.read", note=_("{count} wait for a yes"),
           count=("quotes", {"waiting": True})),
    Action("quote.sign", _("Customer signs"), "sign", on=Quote, when=("published",), needs=ConfirmQuote.needs,
           leads=lambda quote: Place("sign", id=quote.id)),
    Action("quote.reject", _("Customer rejects it"), "cross", on=Quote, when=("draft", "published"), needs=RejectQuote.needs,
           begins=reject),
    Action("order.quote", _("Publish the quote"), "quote", on=WorkOrder, when=OPEN, needs=PublishQuote.needs, begins=publish),
    Action("order.draft", _("Draft a quote"), "edit", on=WorkOrder, when=OPEN, needs=PublishQuote.needs, begins=draft),
    Action("order.sign", _("Customer signs"), "sign", on=WorkOrder, when=OPEN, needs=ConfirmQuote.needs, begins=sign),
    Action("order.price", _("Change a price"), "pay", on=WorkOrder, when=OPEN, needs=SetPrice.needs, begins=reprice),
    Action("order.charge", _("Charge or discount"), "plus", on=WorkOrder, when=OPEN, needs=AddCharge.needs, begins=charge),
)  # fmt: skip
