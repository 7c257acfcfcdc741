"""Papers: several labels of one record by one touch, such as what hangs on the vehicle and what the customer takes along."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context

from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, problems_of, sentence_of
from ui.kit.runner import Lane
from ui.labels import fields


def print_papers(bench: Bench, match: Match, templates: Sequence[str], told: Told) -> None:
    """Prints these labels of a record, one after the other; `told` hears only what came of it: nobody waits for a printer.
    Where there is none, nothing is said: whoever prints beside something else says so there."""
    printer = bench.labels
    if printer is None:
        return

    def printed() -> Problem | None:
        with bench.app.read(bench.actor) as session:
            row = session.get(bench.app.registry.entities[match.entity], match.id)
            found = fields(session, row) if row is not None else {}
        try:
            for template in templates:
                printer.print_label(template, found)
        except (Refused, Trouble) as error:
            return problems_of(error)[0]
        return None

    def over(problem: Problem | None) -> None:
        if problem is not None:
            told(Outcome.ERROR, sentence_of(problem))
        else:
            told(Outcome.SUCCESS, say(_("{title}: its labels are printed."), title=match.title))

    context = copy_context()  # the reader's language goes along
    bench.runner.read(lambda: context.run(printed), over, owner=bench, lane=Lane.MACHINES)
