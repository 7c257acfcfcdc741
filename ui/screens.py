"""The screens there are, in menu order. One that is not named here does not exist."""

from __future__ import annotations

from ui.access.screens import SCREENS as PEOPLE
from ui.actions import ACTIONS, CARDS, HOMES
from ui.kit.declared import Declared
from ui.parties.screens import SCREENS as PARTIES
from ui.parts.screens import SCREENS as PARTS
from ui.parts.teach import teach
from ui.parts_issue.screens import SCREENS as ISSUE
from ui.places.screens import SCREENS as PLACES
from ui.stock.screens import SCREENS as STOCK
from ui.terminals.screens import SCREENS as TERMINALS
from ui.work_orders.screens import SCREENS as ORDERS

DECLARED = Declared(
    screens=(*ISSUE, *ORDERS, *STOCK, *PARTS, *PLACES, *PARTIES, *PEOPLE, *TERMINALS),
    actions=ACTIONS,
    homes=HOMES,
    cards=CARDS,
    learn=teach,
)
