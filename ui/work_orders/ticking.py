"""Ticking off: a step of a job is done by a touch; where something is tightened, with what the wrench shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.kernel import figures
from app.kernel.commands import Answer, Command
from app.kernel.meanings import Meaning
from app.kernel.problems import Problem, Refused
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.services.torque import in_words, newton
from app.work_orders.steps import RecordStep, ReopenStep
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Check, Checks
from ui.kit.question import Question, Tile
from ui.kit.values import moment

Row = Mapping[str, Any]
AGAIN, WRITE = "again", "write"
REASONS = (
    _("The maker gives another value"),
    _("No wrench gets there"),
    _("The thread does not bear more"),
)


def says(row: Row) -> Check:
    """A step as people read it: how tight, what is dangerous, and with what; once it is done, by whom."""
    return Check(
        what=row["what"],
        done=row["at"] is not None,
        value=in_words(row["torque"], row["tolerance"]),
        danger=say(_("Danger: {what}"), what=row["hazard"]) if row["hazard"] else "",
        note=_done(row) if row["at"] is not None else row["tools"],
        group=row["service"],
    )


def _done(row: Row) -> str:
    measured = say(_("{torque} Nm"), torque=newton(row["measured"])) if row["measured"] is not None else ""
    return " · ".join(word for word in (row["by"] or "", moment(row["at"]), measured, row["reason"]) if word)


def tick(bench: Bench, row: Row, told: Told) -> None:
    """What a touch on a step does: it is done; or measured first; or, done already, perhaps taken back."""
    if row["at"] is not None:
        _take_back(bench, row)
    elif row["torque"] is not None:
        _measure(bench, row)
    else:
        _run(bench, row, RecordStep(step=row["id"]), told)


def _take_back(bench: Bench, row: Row) -> None:
    def answer(_yes: Any, told: Told) -> None:
        _run(bench, row, ReopenStep(step=row["id"]), told, say(_("Not done yet: {step}"), step=row["what"]))

    tiles = (Tile(say(_("It is not done yet")), True, say(_("Take it back, and do or measure it again")), "undo"),)
    bench.ways.ask(Question(say(_("“{step}” is done."), step=row["what"]), answer, _done(row), tiles=tiles, tone=""))


def _measure(bench: Bench, row: Row) -> None:
    question = Question(
        say(_("{step}: how many Nm does the wrench show?"), step=row["what"]),
        partial(_measured, bench, row),
        say(_("{range} is right."), range=in_words(row["torque"], row["tolerance"])),
        kind="number",
        takes=_shown_by_wrench,
    )
    bench.ways.ask(question)


def _shown_by_wrench(meaning: Meaning) -> str | None:
    """A wrench that types what it measured, as a scanner types a code."""
    try:
        return str(Quantity.parse(meaning.text.removesuffix("Nm").strip(), "measured"))
    except Refused:
        return None


def _measured(bench: Bench, row: Row, text: str, told: Told) -> None:
    try:
        measured = Quantity.parse(figures.heard(text, "measured"), "measured")
    except Refused as refused:
        told(Outcome.ERROR, sentence_of(refused.problem))
        return
    _run(bench, row, RecordStep(step=row["id"], measured=measured), told)


def _run(bench: Bench, row: Row, command: Command, told: Told, words: str = "") -> None:
    said = words or say(_("Done: {step}"), step=row["what"])
    bench.run(bench, command, partial(_ran, bench, row, command, said, told), said)


def _ran(bench: Bench, row: Row, command: Command, said: str, told: Told, answer: Answer) -> None:
    asked = next((problem for problem in answer.problems if problem.asks == "reason" and not problem.blocks), None)
    if answer.done:
        told(Outcome.SUCCESS, said, answer.id)
    elif asked is not None and isinstance(command, RecordStep):
        _why(bench, row, command, asked)
        told(Outcome.ASK, say(_("Outside {range}."), range=in_words(row["torque"], row["tolerance"])))
    else:
        told(Outcome.ERROR, said_of(answer))


def _why(bench: Bench, row: Row, command: RecordStep, problem: Problem) -> None:
    """Outside its range: measured again, or it stays so for a reason."""

    def answer(given: str, told: Told) -> None:
        if given == AGAIN:
            _measure(bench, row)
        elif given == WRITE:
            _ask_in_words(bench, row, command, problem)
        else:
            _run(bench, row, RecordStep(step=command.step, measured=command.measured, reason=given), told)

    tiles = (
        Tile(say(_("Measure it again")), AGAIN, icon="undo"),
        *(Tile(say(reason), say(reason)) for reason in REASONS),
        Tile(say(_("Something else")), WRITE, say(_("Write it in a few words"))),
    )
    bench.ways.ask(Question(problem.sentence, answer, problem.advice, tiles=tiles, tone="warn"))


def _ask_in_words(bench: Bench, row: Row, command: RecordStep, problem: Problem) -> None:
    def answer(reason: str, told: Told) -> None:
        _run(bench, row, RecordStep(step=command.step, measured=command.measured, reason=reason), told)

    bench.ways.ask(Question(say(_("Why does it stay so?")), answer, problem.sentence, kind="text"))


STEPS = Checks(
    _("Steps"), "order_steps", "order", says, tick,
    empty=_("This job has no steps yet. Choosing a procedure brings them."),
)  # fmt: skip
