"""Work orders: jobs on vehicles, from check-in until they are ready, with what is planned on them."""

from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.kernel.standard import Moved
from app.kernel.tries import ILLEGAL
from app.labor.commands import ClockStarted
from app.parties.erasing import CustomerErased
from app.stock.commands import StockMoved, StockReserved
from app.taxes.model import TaxCode
from app.work_orders.boards import QUERIES as BOARDS
from app.work_orders.charges import AddCharge, RemoveCharge, add_charge, remove_charge
from app.work_orders.check_in import SYMPTOMS, CheckIn, UndoCheckIn, check_in, undo_check_in
from app.work_orders.clocking import work_on_an_open_job
from app.work_orders.commands import (
    AddService,
    AgreeOrder,
    AssignOrder,
    CreateOrder,
    HoldOrder,
    PlanPart,
    RemoveService,
    UndoAgreement,
    add_service,
    agree_order,
    assign_order,
    create_order,
    hold_order,
    plan_part,
    remove_service,
    undo_agreement,
)
from app.work_orders.delivery import CheckDelivery, UndoDelivery, check_delivery, undo_delivery
from app.work_orders.health import RecordHealth, UndoHealth, record_health, undo_health
from app.work_orders.model import NUMBERS, ChargeLine, Delivery, HealthRecord, OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.prices import SetPrice, set_price
from app.work_orders.procedures import (
    ChoosePackage,
    ChooseProcedure,
    RemoveChoice,
    choose_package,
    choose_procedure,
    remove_choice,
)
from app.work_orders.queries import FINDERS, QUERIES
from app.work_orders.rates import SETTINGS
from app.work_orders.reactions import (
    erase_from_jobs,
    forget_the_yes,
    keep_its_price,
    let_go_of_stock,
    reserve_for_an_open_job,
    stop_its_clocks,
)
from app.work_orders.readings import QUERIES as READINGS
from app.work_orders.rules import still_counts, still_open, still_says_what
from app.work_orders.states import WORK_ORDER
from app.work_orders.steps import RecordStep, ReopenStep, record_step, reopen_step
from app.work_orders.sums import QUERIES as SUMS
from app.work_orders.taxed import rate_stays

capability = Capability(
    name="work_orders",
    entities=(WorkOrder, PartLine, ServiceLine, ChargeLine, OrderStep, HealthRecord, Delivery),
    handlers={
        CreateOrder: create_order,
        CheckIn: check_in,
        UndoCheckIn: undo_check_in,
        PlanPart: plan_part,
        AddService: add_service,
        AssignOrder: assign_order,
        HoldOrder: hold_order,
        AgreeOrder: agree_order,
        UndoAgreement: undo_agreement,
        RecordHealth: record_health,
        UndoHealth: undo_health,
        CheckDelivery: check_delivery,
        UndoDelivery: undo_delivery,
        RemoveService: remove_service,
        AddCharge: add_charge,
        RemoveCharge: remove_charge,
        SetPrice: set_price,
        ChooseProcedure: choose_procedure,
        ChoosePackage: choose_package,
        RemoveChoice: remove_choice,
        RecordStep: record_step,
        ReopenStep: reopen_step,
    },
    machines=(WORK_ORDER,),
    reactions={
        Moved: (forget_the_yes, let_go_of_stock, stop_its_clocks),
        StockMoved: (keep_its_price,),
        StockReserved: (reserve_for_an_open_job,),
        ClockStarted: (work_on_an_open_job,),
        CustomerErased: (erase_from_jobs,),
    },
    queries=(*QUERIES, *SUMS, *READINGS, *BOARDS),
    finders=FINDERS,
    leads=(Lead(WorkOrder.number),),
    series=(NUMBERS,),
    settings=(*SETTINGS, SYMPTOMS),
    audits={"work_orders.locked": "work_order", ILLEGAL: "work_order"},
    rules={TaxCode: (rate_stays,), WorkOrder: (still_open, still_says_what, still_counts)},
)
