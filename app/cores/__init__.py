"""Cores: old parts that come back, go to the supplier and are credited, or are charged where they do not."""

from app.access.commands import SignedIn
from app.cores.commands import (
    ChargeCores,
    CreditCore,
    ReceiveCore,
    ReturnCore,
    SendCore,
    ShelveCore,
    UnchargeCores,
    charge_cores,
    credit_core,
    receive_core,
    return_core,
    send_core,
    shelve_core,
    uncharge_cores,
)
from app.cores.model import NUMBERS, Core
from app.cores.queries import FINDERS, QUERIES
from app.cores.reactions import DAYS, erase_from_cores, follow_the_stock, remind_of_what_is_due, settle_the_deposit
from app.cores.rules import cores_are_back
from app.cores.states import CORE
from app.kernel.cards import DECIDED
from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.standard import Moved
from app.kernel.words import _
from app.parties.erasing import CustomerErased
from app.stock.commands import StockMoved
from app.work_orders.model import WorkOrder

WITHIN = Setting(
    DAYS,
    30,
    _("Old parts go back within, days"),
    _("From the day on which the new part was handed out. What is later than that is put before somebody."),
    least=1,
    most=365,
    group=_("Stock"),
)

capability = Capability(
    name="cores",
    entities=(Core,),
    handlers={
        ReceiveCore: receive_core,
        ReturnCore: return_core,
        ShelveCore: shelve_core,
        SendCore: send_core,
        CreditCore: credit_core,
        ChargeCores: charge_cores,
        UnchargeCores: uncharge_cores,
    },
    machines=(CORE,),
    gates={(WorkOrder, "deliver"): (cores_are_back,)},
    reactions={
        StockMoved: (follow_the_stock,),
        Moved: (settle_the_deposit,),
        SignedIn: (remind_of_what_is_due,),
        CustomerErased: (erase_from_cores,),
    },
    queries=QUERIES,
    finders=FINDERS,
    leads=(Lead(Core.number),),
    series=(NUMBERS,),
    settings=(WITHIN,),
    cards={"cores.overdue": DECIDED, "cores.pay_back": DECIDED},
)
