"""Paper: the label of a record, printed where this terminal has a printer."""

from __future__ import annotations

from contextvars import copy_context

from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, sentence_of
from ui.labels import fields, template_of


def print_label(bench: Bench, match: Match, told: Told, badge: str = "") -> None:
    """Prints the label of a record; `badge` is the code of a person's new badge.

    `told` hears at once that it is on its way, and once more what came of it: nobody waits for a printer.
    """
    printer = bench.labels
    if printer is None:
        told(Outcome.ERROR, say(_("This terminal has no label printer. Name one in Settings, or in FETTLE_PRINTER.")))
        return

    def printed() -> Problem | None:
        with bench.app.read(bench.actor) as session:
            row = session.get(bench.app.registry.entities[match.entity], match.id)
            found = fields(session, row, badge) if row is not None else {}
        try:
            printer.print_label(template_of(match.entity), found)
        except Refused as refused:
            return refused.problem
        except Trouble as trouble:
            return trouble.problem
        return None

    def over(problem: Problem | None) -> None:
        if problem is not None:
            told(Outcome.ERROR, sentence_of(problem))
        else:
            told(Outcome.SUCCESS, say(_("The label of {title} is printed."), title=match.title))

    context = copy_context()  # the reader's language goes along
    told(Outcome.SUCCESS, say(_("Printing the label of {title}…"), title=match.title))
    bench.runner.aside(lambda: context.run(printed), over, owner=bench)


def print_it(bench: Bench, match: Match) -> None:
    """Prints a record's label because somebody touched the button."""
    print_label(bench, match, bench.ways.told)
