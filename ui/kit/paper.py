"""Paper: the label of a record, printed where this terminal has a printer."""

from __future__ import annotations

from contextvars import copy_context
from uuid import UUID

from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, LabelPrinter, Told, problems_of, sentence_of
from ui.kit.runner import Lane
from ui.labels import fields, template_of

NO_PRINTER = _("This terminal has no label printer. Name one in Settings, or in FETTLE_PRINTER.")


def print_label(bench: Bench, match: Match, told: Told, badge: str = "") -> None:
    """Prints the label of a record; `badge` is the code of a person's new badge.

    `told` hears at once that it is on its way, and once more what came of it: nobody waits for a printer.
    """
    printer = bench.labels
    if printer is None:
        told(Outcome.ERROR, say(NO_PRINTER))
        return

    def printed() -> Problem | None:
        try:
            put_on_paper(bench, printer, match.entity, match.id, badge)
        except (Refused, Trouble) as error:
            return problems_of(error)[0]
        return None

    def over(problem: Problem | None) -> None:
        if problem is not None:
            told(Outcome.ERROR, sentence_of(problem))
        else:
            told(Outcome.SUCCESS, say(_("The label of {title} is printed."), title=match.title))

    context = copy_context()  # the reader's language goes along
    told(Outcome.SUCCESS, say(_("Printing the label of {title}…"), title=match.title))
    bench.runner.read(lambda: context.run(printed), over, owner=bench, lane=Lane.MACHINES)


def put_on_paper(bench: Bench, printer: LabelPrinter, entity: str, ident: UUID, badge: str = "") -> None:
    """The label of a record, on the thread that waits for printers. Refused or Trouble say why there is none."""
    with bench.app.read(bench.actor) as session:
        row = session.get(bench.app.registry.entities[entity], ident)
        found = fields(session, row, badge) if row is not None else {}
    printer.print_label(template_of(entity), found)


def print_it(bench: Bench, match: Match) -> None:
    """Prints a record's label because somebody touched the button."""
    print_label(bench, match, bench.ways.told)
