"""Stock: the ledger of every movement, and the balances folded from it. Nothing is ever overwritten, only reversed."""

from app.kernel.registry import Capability
from app.kernel.settings import PLACES, Setting
from app.kernel.standard import Saved
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin
from app.stock.balances import BALANCE, USAGE
from app.stock.commands import (
    AdjustStock,
    CountStock,
    MoveStock,
    ReceiveStock,
    ReserveStock,
    ReverseMovement,
    adjust_stock,
    count_stock,
    move_stock,
    receive_stock,
    reserve_stock,
    reverse_movement,
)
from app.stock.favourites import used_lately
from app.stock.lots import CARDS, FINDERS
from app.stock.model import Balance, Lot, Reservation, StockLine, Usage
from app.stock.opening import OpeningIntake, OpenStock, open_stock
from app.stock.queries import QUERIES
from app.stock.reactions import keep_what_lies_there, unit_stays, warehouse_stays

ADJUST_LIMIT = Setting(
    "stock.adjust_limit",
    50,
    _("Largest adjustment by one person"),
    _("More than this many units need someone who may book large adjustments."),
    least=0,
    most=1_000_000,
    own=PLACES,
    group=_("Stock"),
)

capability = Capability(
    name="stock",
    entities=(StockLine, Reservation, Lot),
    local=(Balance, Usage),
    handlers={
        ReceiveStock: receive_stock,
        MoveStock: move_stock,
        AdjustStock: adjust_stock,
        CountStock: count_stock,
        OpenStock: open_stock,
        ReserveStock: reserve_stock,
        ReverseMovement: reverse_movement,
    },
    queries=QUERIES,
    rules={Bin: (warehouse_stays,), Part: (unit_stays,)},
    reactions={Saved: (keep_what_lies_there,)},
    projections=(BALANCE, USAGE),
    settings=(ADJUST_LIMIT,),
    finders=FINDERS,
    favourites={Part: used_lately},
    intakes={StockLine: OpeningIntake()},
    anywhere=(Lot,),
    cards=CARDS,
)
