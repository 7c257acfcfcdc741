"""Papers: one touch asks which one; it is kept with its record, put where people take files from, and printed if that is set."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.papers.keeping import keep
from app.payments.model import Payment
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.bench import Bench, Told, problems_of, sentence_of
from ui.kit.declared import Action
from ui.kit.question import Question, Tile
from ui.kit.runner import Lane
from ui.kit.taking import folder

OF_A_JOB = (
    ("job_card", _("Job card"), _("Steps, tools and torque, no prices")),
    ("pick_list", _("Pick list"), _("What is to be fetched, by bin")),
    ("work_order", _("Work order"), _("What is asked for, with prices")),
    ("delivery_note", _("Delivery note"), _("Work and parts, no prices")),
)


def choose(bench: Bench, order: Match) -> None:
    """Asks which paper of a job is wanted."""
    tiles = tuple(Tile(say(label), kind, say(note), "print") for kind, label, note in OF_A_JOB)
    sentence = say(_("{title}: which paper?"), title=order.title)
    bench.ways.ask(Question(sentence, lambda kind, told: make(bench, str(kind), order, told), tiles=tiles, tone=""))


def make(bench: Bench, kind: str, match: Match, told: Told) -> None:
    """Draws a paper behind the screen; `told` hears at once that it is being made, and once more what became of it."""
    paper = bench.paper
    if paper is None:
        told(Outcome.ERROR, say(_("This terminal cannot draw papers.")))
        return

    def made() -> str | Problem:
        try:
            kept = keep(bench.app, bench.actor, kind, match.id, paper.draw)
            where = folder() / kept.name
            printed = paper.put(kept.content, where)
        except (Refused, Trouble) as error:
            return problems_of(error)[0]
        words = (
            _("{name} is printed, and kept with its record.")
            if printed
            else _("{name} is kept with its record, and lies in {folder}.")
        )
        return say(words, name=kept.name, folder=where.parent.name)

    def over(came: Any) -> None:
        if isinstance(came, Problem):
            told(Outcome.ERROR, sentence_of(came))
        else:
            told(Outcome.SUCCESS, came)

    context = copy_context()  # the reader's language goes along
    told.quietly(Outcome.SUCCESS, say(_("The paper is being made…")))
    bench.runner.read(lambda: context.run(made), over, owner=bench, lane=Lane.MACHINES)


def give_receipt(bench: Bench, payment: Match, failed: Told) -> None:
    """The receipt of a payment that was just taken: kept with it, and printed where there is a printer. Nothing is said of it,
    so that the change stays to be read; `failed` hears only why there is none."""
    paper = bench.paper
    if paper is None:
        return

    def made() -> Problem | None:
        try:
            kept = keep(bench.app, bench.actor, "receipt", payment.id, paper.draw)
            if paper.sheets:
                paper.send(kept.content)
        except (Refused, Trouble) as error:
            return problems_of(error)[0]
        return None

    context = copy_context()
    bench.runner.read(
        lambda: context.run(made),
        lambda problem: failed(Outcome.ERROR, sentence_of(problem)) if problem is not None else None,
        owner=bench,
        lane=Lane.MACHINES,
    )


def _one(kind: str) -> Any:
    return lambda bench, match: make(bench, kind, match, bench.ways.told)


SCREENS = ()
ACTIONS = (
    Action("order.papers", _("Papers"), "print", on=WorkOrder, needs="work_orders.read", begins=choose),
    Action("quote.paper", _("Put on paper"), "print", on=Quote, needs="quotes.read", begins=_one("quote")),
    Action("payment.receipt", _("Receipt"), "print", on=Payment, needs="payments.read", begins=_one("receipt")),
)
