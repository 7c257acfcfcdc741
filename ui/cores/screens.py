"""Old parts: the list, a page with its steps, and the flows: taking them in by job and part, and putting them on a shelf."""

from __future__ import annotations

from app.cores.commands import ChargeCores, CreditCore, ReceiveCore, ReturnCore, SendCore, ShelveCore
from app.cores.model import Core
from app.cores.queries import part_of
from app.kernel.commands import Command
from app.kernel.meanings import Match
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin
from app.work_orders.model import WorkOrder
from ui.kit.declared import Action, Chip, Flow, FormScreen, Lines, ListScreen, PageScreen, Place
from ui.kit.paper import print_it
from ui.kit.steps import Choices, Count, Scan, Within
from ui.parts_issue.looking import about, in_pieces


def on_shelf(core: Match, shelf: Match) -> Command:
    """What the scan of a shelf does on the page of an old part."""
    return ShelveCore(core=core.id, bin=shelf.id)


CORES = ListScreen(
    Core,
    "return",
    query="cores",
    columns=("number", "part", "quantity", "state", "due", "order", "deposit", "shelf", "supplier"),
    chips=(Chip(_("Open"), {"open": True}),),
    adds=False,
    empty=_("No old part is owed. One is opened by itself when a part that has one is handed out."),
)
CORE = PageScreen(
    Core,
    "return",
    facts=("part_id", "quantity", "order_id", "due", "deposit", "bin_id", "supplier", "credit"),
    panels=("notes", "history"),
    edits=False,
    jumps={"bin_id": "core.shelve", "credit": "core.credit"},
    instead={"shelve": "core.shelve", "send": "core.send", "credit": "core.credit"},
    scans={"bin": on_shelf},
    reads=("work_order", "part"),
)
OWED = Lines(_("Old parts"), "cores", "order", ("number", "part", "quantity", "state", "due"))
TAKE_IN = Flow(
    id="cores.receive",
    title=_("Take in old parts"),
    icon="return",
    keys="",
    runs=ReceiveCore,
    steps=(
        Scan("order", WorkOrder, ask=_("Scan the job tag"), sticky=True),
        Scan("part", Part, ask=_("Scan the old part"), within=Within("core", Core, part_of)),
    ),
    fills=(Count("quantity", in_pieces),),
    said=_("{quantity} × old {part}"),
    less=ReturnCore,
    lines=OWED,
    choices=Choices("work_orders", {"open": True}, ("number", "what", "plate", "state", "vehicle")),
    about=about,
    turns={"ISSUE": "parts_issue.issue", "RETURN": "parts_issue.return", "CORE": "cores.shelve"},
    finish=_("Finish"),
)
SHELVE = Flow(
    id="cores.shelve",
    title=_("Put old parts on a shelf"),
    icon="bin",
    keys="",
    runs=ShelveCore,
    steps=(
        Scan("bin", Bin, ask=_("Scan the shelf"), sticky=True),
        Scan("core", Core, ask=_("Scan the tag of the old part")),
    ),
    said=_("{part} is on its shelf"),
    choices=Choices("bin", {}, ("code", "kind", "warehouse")),
    turns={"CORE": "cores.receive"},
    finish=_("Finish"),
)
SHELF = FormScreen(Core, ShelveCore, ("bin_id",), of="core", id="core.shelve", title=_("Put it on a shelf"))
SENT = FormScreen(Core, SendCore, ("supplier",), of="core", id="core.send", title=_("Send it back"))
CREDIT = FormScreen(Core, CreditCore, ("credit",), of="core", id="core.credit", title=_("The supplier credited it"))

SCREENS = (CORES, CORE, TAKE_IN, SHELVE, SHELF, SENT, CREDIT)
ACTIONS = (
    Action("cores", _("Old parts"), "return", opens=Place("list", "core", given={"open": True}), needs="cores.read",
           note=_("{count} open"), count=("cores", {"open": True})),
    Action("cores.receive", TAKE_IN.title, "return", opens=Place("flow", TAKE_IN.id), needs=ReceiveCore.needs,
           note=_("Job tag, then the old parts")),
    Action("cores.shelve", SHELVE.title, "bin", opens=Place("flow", SHELVE.id), needs=ShelveCore.needs,
           note=_("Shelf, then the old parts")),
    Action("core.shelve", SHELF.title, "bin", on=Core, when=("expected", "received", "shelved"), needs=ShelveCore.needs,
           leads=lambda core: Place("form", "core.shelve", given={"core": core.id})),
    Action("core.send", SENT.title, "next", on=Core, when=("shelved",), needs=SendCore.needs,
           leads=lambda core: Place("form", "core.send", given={"core": core.id})),
    Action("core.credit", CREDIT.title, "check", on=Core, when=("returned",), needs=CreditCore.needs,
           leads=lambda core: Place("form", "core.credit", given={"core": core.id})),
    Action("core.print", _("Print a label"), "print", on=Core, needs="labels.print", begins=print_it),
    Action("order.charge_cores", _("Charge the old parts"), "return", on=WorkOrder, when=("READY",), needs=ChargeCores.needs,
           runs=lambda order: ChargeCores(order=order.id)),
)  # fmt: skip
