"""Odoo: what the company's Odoo knows of our records, what must be matched there, and what somebody must settle.

The hub's bridge speaks to it (`sync/odoo`); here is what it keeps, and what people see and decide of it.
"""

from app.kernel.registry import Capability
from app.kernel.standard import Moved
from app.odoo.commands import (
    LetGoOfOdoo,
    MatchInOdoo,
    SettleDifference,
    TryAgainInOdoo,
    let_go_of_odoo,
    match_in_odoo,
    settle_difference,
    try_again_in_odoo,
)
from app.odoo.finders import FINDERS
from app.odoo.model import OdooDifference, OdooHealth, OdooLetter, OdooLink, OdooMatch, OdooThing
from app.odoo.notes import NoteInOdoo, note_in_odoo
from app.odoo.queries import QUERIES
from app.odoo.reactions import CARDS, close_its_card, erase_from_odoo, settle_what_was_counted
from app.odoo.records import LOCAL
from app.odoo.states import DIFFERENCE, LETTER
from app.odoo.taking import TakeFromOdoo, take_from_odoo
from app.parties.erasing import CustomerErased
from app.stock.commands import StockMoved

capability = Capability(
    name="odoo",
    entities=(OdooHealth, OdooLink, OdooMatch, OdooThing, OdooLetter, OdooDifference),
    local=LOCAL,
    anywhere=(OdooLetter, OdooMatch),  # they lie in no place; what they are about may be anywhere
    handlers={
        NoteInOdoo: note_in_odoo,
        TryAgainInOdoo: try_again_in_odoo,
        LetGoOfOdoo: let_go_of_odoo,
        MatchInOdoo: match_in_odoo,
        SettleDifference: settle_difference,
        TakeFromOdoo: take_from_odoo,
    },
    machines=(LETTER, DIFFERENCE),
    queries=QUERIES,
    finders=FINDERS,
    reactions={StockMoved: (settle_what_was_counted,), Moved: (close_its_card,), CustomerErased: (erase_from_odoo,)},
    cards=CARDS,
)
