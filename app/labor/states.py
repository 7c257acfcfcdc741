"""The clock of a person as a table: every legal step from out, between jobs, on a job and in a break."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.words import _

OUT, IDLE, JOB, BREAK, BEFORE = "out", "idle", "job", "break", "before"
STANDINGS = ((IDLE, _("Between jobs")), (JOB, _("On a job")), (BREAK, _("In a break")), (OUT, _("Out")))


@dataclass(frozen=True)
class Step:
    """A legal step. Where it leads to BEFORE, it leads back to what was before the break."""

    name: str
    sources: tuple[str, ...]
    target: str
    label: str


STEPS = (
    Step("in", (OUT,), IDLE, _("Clock in")),
    Step("on", (IDLE, JOB), JOB, _("Clock on")),
    Step("off", (JOB,), IDLE, _("Stop the job")),
    Step("break", (IDLE, JOB), BREAK, _("Take a break")),
    Step("back", (BREAK,), BEFORE, _("Back to work")),
    Step("out", (IDLE, JOB, BREAK), OUT, _("Clock out")),
)
_BY_NAME = {step.name: step for step in STEPS}
_FIRST = {OUT: "in", BREAK: "back"}  # what the scan of a job takes on the way to it


def way(standing: str, name: str) -> tuple[Step, ...]:
    """The legal steps that an act takes from where somebody stands; none where it is not legal.

    Who scans a job while they are out comes in by it, and who scans one in their break ends the break.
    """
    step = _BY_NAME[name]
    if standing in step.sources:
        return (step,)
    first = _FIRST.get(standing) if name == "on" else None
    return (_BY_NAME[first], step) if first else ()


def open_steps(standing: str) -> tuple[Step, ...]:
    """The steps there are from here."""
    return tuple(step for step in STEPS if standing in step.sources)
