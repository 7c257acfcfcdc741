"""Quotes: versions of what a job will cost, which never change once they are published, and how the customer decided."""

from app.kernel.cards import DECIDED, NOTED
from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.kernel.standard import Moved
from app.parties.erasing import CustomerErased
from app.quotes.agreed import hold_the_agreed_sum
from app.quotes.commands import (
    ConfirmQuote,
    DraftQuote,
    PublishQuote,
    RejectQuote,
    confirm_quote,
    draft_quote,
    publish_quote,
    reject_quote,
)
from app.quotes.finders import FINDERS
from app.quotes.model import Quote
from app.quotes.queries import QUERIES
from app.quotes.reactions import (
    confirm_otherwise,
    erase_signatures,
    follow,
    reject_what_is_open,
    unconfirm_otherwise,
    withdraw,
)
from app.quotes.rules import content_stays, has_quote, is_confirmed, is_within
from app.quotes.states import QUOTE
from app.work_orders.commands import AgreementUndone, OrderAgreed
from app.work_orders.model import WorkOrder
from app.work_orders.worth import SumChanges

capability = Capability(
    name="quotes",
    entities=(Quote,),
    handlers={
        DraftQuote: draft_quote,
        PublishQuote: publish_quote,
        ConfirmQuote: confirm_quote,
        RejectQuote: reject_quote,
    },
    machines=(QUOTE,),
    gates={(WorkOrder, "begin"): (has_quote,), (WorkOrder, "deliver"): (is_confirmed, is_within)},
    queries=QUERIES,
    finders=FINDERS,
    reactions={
        Moved: (follow, withdraw, reject_what_is_open),
        OrderAgreed: (confirm_otherwise,),
        AgreementUndone: (unconfirm_otherwise,),
        SumChanges: (hold_the_agreed_sum,),
        CustomerErased: (erase_signatures,),
    },
    leads=(Lead(Quote.number),),
    rules={Quote: (content_stays,)},
    cards={"quotes.two": DECIDED, "quotes.renumbered": NOTED},
)
