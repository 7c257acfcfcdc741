"""Vouching: what somebody may not do alone, a colleague signs off with their badge, and their PIN where they need one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.access.sign_in import Outcome as Entry
from app.access.sign_in import Tile
from app.kernel.access import Actor
from app.kernel.meanings import Meaning
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.question import Question

Vouched = Callable[[Actor, Told], None]
Leave = Callable[[Told], None]


def ask_colleague(bench: Bench, problem: Problem, vouched: Vouched, leave: Leave) -> None:
    """Asks for the badge of somebody who may, until it was one or the question is left; `vouched` hears who it was."""

    def badge_of(meaning: Meaning) -> str | None:
        return meaning.text if meaning.kind == "badge" else None

    def answer(text: str, told: Told) -> None:
        desk = bench.desk
        bench.read(bench, lambda: desk.badge(text, signs_in=False), partial(_entered, bench, vouched, leave, ask, told))

    def ask() -> None:
        bench.ways.ask(question)

    advice = say(_("A colleague who may do it scans their badge; you stay signed in."))
    question = Question(problem.sentence, answer, advice, takes=badge_of, leave=leave, tone="warn", badges=("badge",))
    ask()


def _entered(bench: Bench, vouched: Vouched, leave: Leave, again: Callable[[], None], told: Told, entry: Entry) -> None:
    if entry.actor is not None:
        vouched(entry.actor, told)
    elif entry.needs_pin is not None:
        told.quietly(Outcome.ASK, entry.needs_pin.name)
        _ask_pin(bench, vouched, leave, entry.needs_pin)
    elif entry.refused is not None:
        again()
        told(Outcome.ERROR, sentence_of(entry.refused))


def _ask_pin(bench: Bench, vouched: Vouched, leave: Leave, colleague: Tile) -> None:
    def answer(pin: str, told: Told) -> None:
        desk = bench.desk
        entered = partial(_entered, bench, vouched, leave, ask, told)
        bench.read(bench, lambda: desk.pin(colleague.id, pin, signs_in=False), entered)

    def ask() -> None:
        bench.ways.ask(Question(sentence, answer, kind="pin", leave=leave))

    sentence = say(_("{name}, type your PIN to sign it off"), name=colleague.name)
    ask()
