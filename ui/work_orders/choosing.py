"""Choosing: the procedures and packages that fit a job's vehicle, as tiles; a touch, a number or a scan puts one on the job."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import queries
from app.kernel.commands import Answer, Command
from app.kernel.meanings import Match
from app.kernel.queries import Row
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.words import _, say
from app.work_orders.model import WorkOrder
from app.work_orders.procedures import ChoosePackage, ChooseProcedure
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile, row_of
from ui.kit.values import shown

MOST = 7  # tiles of one kind; with two more each of all still has a number key
KINDS = ("procedure", "package")
ANOTHER, NONE = "another", "none"  # answers that are no record


@dataclass(frozen=True)
class Offer:
    """What can be chosen for a job, and whether its diagnosis has still to begin."""

    tiles: tuple[Tile, ...]
    begins: bool


def choice(order: Match, chosen: Match) -> Command:
    """The command that puts a procedure or package on a job."""
    if chosen.entity == "package":
        return ChoosePackage(order=order.id, package=chosen.id)
    return ChooseProcedure(order=order.id, procedure=chosen.id)


def choose_work(bench: Bench, order: Match) -> None:
    """Offers what fits the job's vehicle. Where nothing does, the diagnosis simply begins, or all there is can be searched."""
    bench.read(bench, partial(_offer, bench, order.id), partial(_ask, bench, order))


def _offer(bench: Bench, order: UUID) -> Offer:
    with bench.app.read(bench.actor) as session:
        job = session.get_one(WorkOrder, order)
        vehicle = job.vehicle_id or job.id  # of what is no vehicle nothing is known: what fits every one is offered
        found = [_tile(row) for row in _rows(bench, session, "procedures_for", vehicle)]
        packs = [_pack(row) for row in _rows(bench, session, "packages_for", vehicle)]
        room = max(MOST - len(packs), MOST // 2)
        return Offer((*found[:room], *packs[: MOST - len(found[:room])]), job.state == "CHECKIN")


def _rows(bench: Bench, session: Session, query: str, vehicle: UUID) -> list[Row]:
    ask = bench.app.asked(session, query, bench.actor, {"vehicle": vehicle})
    return list(queries.page(session, ask, limit=MOST).rows)


def _tile(row: Row) -> Tile:
    hours = say(_("{hours} h"), hours=shown(row["hours"])).replace(" ", "\N{NO-BREAK SPACE}")
    return Tile(row["name"], Match("procedure", row["id"], row["name"]), " · ".join((row["code"], hours)))


def _pack(row: Row) -> Tile:
    note = say(_("Package of {count}"), count=row["work"])
    return Tile(row["name"], Match("package", row["id"], row["name"]), " · ".join((row["code"], note)))


def _ask(bench: Bench, order: Match, offer: Offer) -> None:
    tiles = [*offer.tiles, Tile(say(_("Another procedure")), ANOTHER, say(_("Search all there are")), "search")]
    if offer.begins:
        tiles.append(Tile(say(_("None of these")), NONE, say(_("Begin the diagnosis without one")), "next"))
    question = Question(
        say(_("{order}: what is to be done?"), order=order.title),
        partial(_answered, bench, order),
        say(_("Touch it, or scan the procedure's code.")),
        tiles=tuple(tiles),
        takes=row_of(*KINDS),
    )
    bench.ways.ask(question)


def _answered(bench: Bench, order: Match, answer: Any, told: Told) -> None:
    match answer:
        case Match():
            command = choice(order, answer)
            words = say(_("{what}, {job}"), what=answer.title, job=order.title)
            bench.run(bench, command, partial(_ran, words, told), words)
        case "another":
            _search(bench, order)
        case _:
            move = Transition(entity=order.entity, id=order.id, move="diagnose")
            bench.run(bench, move, partial(_ran, say(_("{title} is saved."), title=order.title), told))


def _search(bench: Bench, order: Match) -> None:
    sentence = say(_("{order}: which procedure?"), order=order.title)
    bench.ways.ask(Question(sentence, partial(_answered, bench, order), kind="find", entity="procedure", takes=row_of(*KINDS)))


def _ran(words: str, told: Told, answer: Answer) -> None:
    if answer.done:
        told(Outcome.SUCCESS, words, answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))
