"""Labor: one running clock per person, on a job, between jobs or in a break; shifts and attendance.

Every scan of a job starts the clock on it and ends what ran before; what was forgotten is proposed and confirmed.
"""

from app.access.commands import SignedIn
from app.kernel.registry import Capability
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, ConfirmEnd, TakeBreak, UndoClock, UndoOut
from app.labor.mending import OVERLAP, confirm_end, undo_clock, undo_out
from app.labor.model import Shift, Stint
from app.labor.queries import QUERIES
from app.labor.reactions import SETTINGS, badge_in
from app.labor.shifts import shift_has_hours
from app.labor.steps import back_to_work, clock_in, clock_off, clock_on, clock_out, take_break

capability = Capability(
    name="labor",
    entities=(Shift, Stint),
    anywhere=(Stint,),  # somebody's time is theirs, wherever they work
    handlers={
        ClockIn: clock_in,
        ClockOn: clock_on,
        ClockOff: clock_off,
        TakeBreak: take_break,
        BackToWork: back_to_work,
        ClockOut: clock_out,
        UndoClock: undo_clock,
        UndoOut: undo_out,
        ConfirmEnd: confirm_end,
    },
    reactions={SignedIn: (badge_in,)},
    queries=QUERIES,
    settings=SETTINGS,
    rules={Shift: (shift_has_hours,)},
    cards={"labor.overlap": OVERLAP},
)
