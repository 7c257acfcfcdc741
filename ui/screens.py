"""The screens there are, in menu order. A capability's are found by the one word that stands here."""

from __future__ import annotations

from ui.access import screens as people
from ui.actions import CARDS, EVERYWHERE, HOMES
from ui.cores import screens as cores
from ui.kit.declared import Declared
from ui.labor import screens as clocks
from ui.odoo import screens as odoo
from ui.odoo.head import IN_ODOO
from ui.papers import screens as papers
from ui.parties import screens as parties
from ui.parts import screens as parts
from ui.parts.teach import teach
from ui.parts_issue import screens as issue
from ui.payments import screens as payments
from ui.places import screens as places
from ui.quotes import screens as quotes
from ui.services import screens as services
from ui.stock import screens as stock
from ui.taxes import screens as taxes
from ui.terminals import screens as terminals
from ui.work_orders import screens as jobs

CAPABILITIES = (  # each has SCREENS and ACTIONS
    issue,
    jobs,
    quotes,
    people,
    clocks,
    payments,
    papers,
    services,
    stock,
    cores,
    parts,
    places,
    parties,
    taxes,
    terminals,
    odoo,
)  # each has SCREENS and ACTIONS
DECLARED = Declared(
    screens=tuple(screen for one in CAPABILITIES for screen in one.SCREENS),
    actions=(*(action for one in CAPABILITIES for action in one.ACTIONS), *EVERYWHERE),
    homes=HOMES,
    cards=CARDS,
    scans=clocks.SCANS,
    at_once=clocks.CARDS_AT_ONCE,
    learn=teach,
    markings=(IN_ODOO,),
)
