"""Clocks: my jobs, who works on what, attendance, times and shifts."""

from __future__ import annotations

from app.access.model import Person
from app.kernel.words import _
from app.labor.commands import ClockOn, ConfirmEnd
from app.labor.model import Shift, Stint
from app.labor.states import BREAK, IDLE, JOB, OUT
from app.labor.steps import OTHERS
from app.work_orders.model import WorkOrder
from app.work_orders.rules import OPEN, TAKES_PARTS
from ui.kit.declared import Action, Board, FormScreen, ListScreen, OnScan, PageScreen, Place
from ui.labor.clocking import leave, pause, scan_job
from ui.labor.crew import clock_on_here, move_clock

CREW = Board(
    "crew",
    _("Who works on what"),
    "people",
    Person,
    "people_now",
    groups=(("standing", _("By what they do")), ("number", _("By job"))),
    steps={"standing": (JOB, IDLE, BREAK, OUT)},
    name="name",
    said=("number", "what"),
    since="since",
    waits=(IDLE, BREAK),
    reads=("stint", "work_order"),
    aged=15,
    late=60,
    nowhere=_("On no job"),
    empty=_("Nobody has clocked in yet."),
)
BAYS = Board(
    "bays",
    _("Bays and queue"),
    "board",
    WorkOrder,
    "bays",
    groups=(("bay", _("By bay")), ("state", _("By state"))),
    steps={"state": TAKES_PARTS},
    name="plate",
    said=("state", "vehicle"),
    due="promised",
    reads=("vehicle",),
    nowhere=_("Queue"),
    empty=_("No vehicle is in the house."),
)
ATTENDANCE = ListScreen(
    Person,
    "clock",
    id="attendance",
    title=_("Attendance"),
    query="attendance",
    columns=("name", "day", "first_in", "last_out", "on_jobs", "between", "breaks", "proposed"),
    adds=False,
    empty=_("Nobody has clocked in yet."),
)
TIMES = ListScreen(
    Stint,
    "clock",
    query="times",
    columns=("name", "kind", "number", "started", "ended", "day", "source"),
    adds=False,
    empty=_("Nobody has clocked in yet."),
)
MY_TIMES = ListScreen(
    Stint,
    "clock",
    id="my_times",
    title=_("My times"),
    query="my_times",
    columns=("kind", "number", "started", "ended", "day", "source"),
    adds=False,
    empty=_("You have not clocked in yet. Scan a job to begin."),
)
STINT = PageScreen(
    Stint,
    "clock",
    facts=("person_id", "kind", "order_id", "shift_id", "started", "ended", "source"),
    edits=False,
)
SHIFTS = ListScreen(Shift, "clock", columns=("name", "site", "starts", "ends", "pause"))
SHIFT = PageScreen(Shift, "clock", facts=("name", "site_id", "starts", "ends", "pause"))
ENDED = FormScreen(Stint, ConfirmEnd, ("ended",), of="stint", id="stint.end", title=_("When it ended"))

SCREENS = (CREW, BAYS, ATTENDANCE, TIMES, MY_TIMES, STINT, SHIFTS, SHIFT, ENDED)
SCANS = (OnScan(WorkOrder, ClockOn.needs, scan_job),)
CARDS_AT_ONCE = {"BREAK": pause, "OUT": leave}

ACTIONS = (
    Action("mine", _("My jobs"), "clock", "F11", opens=Place("mine"), needs="work_orders.read", word=_("Mine"),
           note=_("{count} open, and my clock"), count=("my_jobs", {})),
    Action("crew", _("Who works on what"), "people", opens=Place("board", "crew"), needs="labor.read", word=_("Crew"),
           note=_("Live, with the jobs")),
    Action("bays", BAYS.title, "board", opens=Place("board", "bays"), needs="work_orders.read"),
    Action("attendance", _("Attendance"), "clock", opens=Place("list", "attendance"), needs="labor.read",
           note=_("Hours per person and day")),
    Action("times", _("Times on the clock"), "clock", opens=Place("list", "stint"), needs="labor.read"),
    Action("shifts", _("Shifts"), "clock", opens=Place("list", "shift"), needs="labor.read"),
    Action("order.clock", _("Clock on"), "clock", on=WorkOrder, when=OPEN, needs=ClockOn.needs, begins=clock_on_here),
    Action("person.clock", _("Move the clock"), "clock", on=Person, needs=OTHERS, begins=move_clock),
    Action("stint.end", _("Put the end right"), "edit", on=Stint, needs=ConfirmEnd.needs,
           leads=lambda stint: Place("form", "stint.end", given={"stint": stint.id})),
)  # fmt: skip
