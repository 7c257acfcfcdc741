"""What a badge means for the clock: a forgotten one is ended, and who comes for the first time of a day is in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from app.access.commands import SignedIn
from app.access.model import Person
from app.kernel.access import Actor
from app.kernel.settings import Setting
from app.kernel.words import _
from app.kernel.work import Mode, Work
from app.labor import finding
from app.labor.model import Stint
from app.labor.states import IDLE
from app.labor.steps import begin, settle_forgotten

MECHANICS, EVERYBODY, NOBODY = "mechanics", "everybody", "nobody"
WORKS_ON_JOBS = ("MEC",)  # the home screens of those whose clock runs on jobs
WHO = {MECHANICS: _("Mechanics"), EVERYBODY: _("Everybody with a clock"), NOBODY: _("Nobody")}
WHERE = ("terminal", "person")
REST = timedelta(hours=6)  # who went home over midnight and shows their badge sooner does not come for the next shift

BADGE_IN = Setting(
    "labor.badge_in",
    MECHANICS,
    _("First badge of the day clocks in"),
    _("Whose clock begins when they sign in for the first time of a day. Others clock in by hand, or with their first job."),
    choices=(MECHANICS, EVERYBODY, NOBODY),
    words=WHO,
    own=WHERE,
    group=_("Clock"),
)
JOB_SCAN = Setting(
    "labor.job_scan",
    MECHANICS,
    _("Scan of a job clocks on"),
    _("For whom the scan of a job begins work on it, where nothing else waits for the scan. For others it opens the job's page."),
    choices=(MECHANICS, EVERYBODY, NOBODY),
    words=WHO,
    own=WHERE,
    group=_("Clock"),
)
GRACE = Setting(
    "labor.grace",
    60,
    _("Minutes after the shift"),
    _("A clock that still runs so long after its shift's end was forgotten: its end is proposed at the next badge."),
    least=0,
    most=720,
    group=_("Clock"),
)
LONGEST = Setting(
    "labor.longest",
    12,
    _("Longest time on the clock, hours"),
    _("A clock that runs longer in one go was forgotten, whatever the shift."),
    least=1,
    most=24,
    group=_("Clock"),
)
SETTINGS = (BADGE_IN, JOB_SCAN, GRACE, LONGEST)


def is_meant(actor: Actor, whom: str) -> bool:
    """Whether a setting speaks of somebody who has a clock."""
    if not actor.can("labor.clock"):
        return False
    return whom == EVERYBODY or (whom == MECHANICS and actor.home in WORKS_ON_JOBS)


def badge_in(event: SignedIn, work: Work) -> None:
    """Somebody showed their badge, or typed their PIN."""
    closed = settle_forgotten(work, event.person.id, work.now)
    comes = work.draw("clocks_in", lambda: _comes(work, event.person, again=closed is not None))
    if comes and finding.standing(work.session, event.person.id, work.now) is None:
        begin(work, event.person, IDLE, work.now)


def _comes(work: Work, person: Person, *, again: bool) -> bool:
    """Decided once, where the badge was shown."""
    whom = str(work.setting(BADGE_IN.key, work.envelope.actor_id, work.envelope.terminal_id))
    if work.mode is not Mode.FIRST or not is_meant(work.actor, whom):
        return False
    here = or_(Stint.day == work.today, Stint.ended > work.now - REST)
    today = select(Stint.id).where(Stint.person_id == person.id, here, Stint.retired.is_(False))
    return again or work.session.scalar(today.limit(1)) is None
