"""Deciding: letting go of what Odoo would not take, and saying which of two numbers holds; asked in words, said back in words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.odoo.commands import LetGoOfOdoo, SettleDifference
from app.odoo.model import COUNT, OURS, THEIRS, OdooDifference, OdooHealth, OdooLetter, OdooLink, health_id
from ui.kit import gates
from ui.kit.address import is_page, show_page
from ui.kit.bench import Bench, Told, said_of
from ui.kit.declared import Place
from ui.kit.question import Question, Tile
from ui.kit.values import shown

SETTLED = {
    OURS: _("{title}: our number holds, and Odoo follows."),
    THEIRS: _("{title}: Odoo's number is booked here."),
    COUNT: _("{title} is to be counted. The count settles it."),
}


def let_go(bench: Bench, letter: Match) -> None:
    """Asks why Odoo shall do without it."""

    def answer(reason: str, told: Told) -> None:
        said = say(_("Odoo does without {title}."), title=letter.title)
        bench.run(bench, LetGoOfOdoo(letter=letter.id, reason=reason), partial(_heard, told, said), said)

    sentence = say(_("Why shall Odoo do without {title}?"), title=letter.title)
    advice = say(_("Nothing is lost here. It is tried again when it changes, or when somebody says so."))
    bench.ways.ask(Question(sentence, answer, advice, kind="text"))


def _heard(told: Told, said: str, answer: Answer) -> None:
    if answer.done:
        told(Outcome.SUCCESS, said, answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))


def open_record(bench: Bench, about: Match) -> None:
    """Goes to the record that a letter or a link is about; to its page in Odoo where it is one of theirs that never came here."""

    def look() -> tuple[str, UUID, str] | None:
        with bench.app.read(bench.actor) as session:
            row = session.get(OdooLetter, about.id) or session.get(OdooLink, about.id)
            health = session.get(OdooHealth, health_id(bench.actor.org_id))
            url = (health.url or "") if health is not None else ""
            return (row.entity, row.row_id, _page_there(row, url)) if row is not None else None

    def go(found: tuple[str, UUID, str] | None) -> None:
        if found is not None and bench.declared.page_of(found[0]) is not None:
            bench.ways.go(Place("page", *found[:2]))
        elif found is not None and is_page(found[2]):
            show_page(bench, found[2], about.title)
        else:
            bench.ways.told(Outcome.ERROR, say(_("{title} has no page of its own."), title=about.title))

    bench.read(bench, look, go)


def _page_there(row: OdooLetter | OdooLink, url: str) -> str:
    """A letter about a record of Odoo's own names its model, and its number among the values."""
    number = (row.detail or {}).get("number") if isinstance(row, OdooLetter) else None
    return f"{url.rstrip('/')}/web#id={number}&model={row.entity}&view_type=form" if number and url else ""


def open_in_odoo(bench: Bench, link: Match) -> None:
    """Opens a record's page in Odoo."""

    def look() -> str:
        with bench.app.read(bench.actor) as session:
            row = session.get(OdooLink, link.id)
            return (row.address or "") if row is not None else ""

    def go(address: str) -> None:
        if is_page(address):
            show_page(bench, address, link.title)
        else:
            bench.ways.told(Outcome.ERROR, say(_("{title} has no page in Odoo yet."), title=link.title))

    bench.read(bench, look, go)


# ---------------------------------------------------------------------------------------------------------- differences


def settle(bench: Bench, difference: Match) -> None:
    """Asks which number holds, with both of them to be read."""

    def look() -> tuple[str, str] | None:
        with bench.app.read(bench.actor) as session:
            row = session.get(OdooDifference, difference.id)
            return (shown(row.ours, "quantity"), shown(row.theirs, "quantity")) if row is not None else None

    bench.read(bench, look, lambda found: _ask(bench, difference, *found) if found is not None else None)


def _ask(bench: Bench, difference: Match, ours: str, theirs: str) -> None:
    tiles = (
        Tile(say(_("Ours: {count}"), count=ours), OURS, say(_("Odoo is set right"))),
        Tile(say(_("Odoo's: {count}"), count=theirs), THEIRS, say(_("Our stock is set right"))),
        Tile(say(_("Have it counted")), COUNT, say(_("The next count of the bin decides"))),
    )

    def answer(how: str, told: Told) -> None:
        command = SettleDifference(difference=difference.id, how=how)
        if how == THEIRS:
            told.quietly(Outcome.SUCCESS, say(_("Odoo's: {count}"), count=theirs))
            _ask_why(bench, difference, command)
        else:
            _run(bench, difference, command, told)

    sentence = say(_("{title}: which number holds?"), title=difference.title)
    bench.ways.ask(Question(sentence, answer, say(_("What was handed out since the comparison is gone from both.")), tiles=tiles))


def _ask_why(bench: Bench, difference: Match, command: SettleDifference) -> None:
    def answer(reason: str, told: Told) -> None:
        _run(bench, difference, replace(command, reason=reason), told)

    bench.ways.ask(Question(say(_("Why was our stock wrong?")), answer, kind="text"))


def _run(bench: Bench, difference: Match, command: SettleDifference, told: Told, colleague: Actor | None = None) -> None:
    """What is too large for one is vouched for by a colleague's badge."""

    def ran(answer: Answer) -> None:
        large = next((one for one in answer.problems if one.code == "stock.large"), None)
        if large is not None and colleague is None:
            told.quietly(Outcome.ERROR, said_of(answer))
            gates.sign_off(bench, large, lambda who: _run(bench, difference, command, bench.ways.told, who))
        else:
            _heard(told, say(SETTLED[command.how], title=difference.title), answer)

    bench.run(bench, command, ran, say(_("Settled: {what}"), what=difference.title), colleague)
