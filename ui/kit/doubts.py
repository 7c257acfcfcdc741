"""Doubts: the questions in a course: which record, which bin, why so many, and who signs it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.access import Actor
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Told, sentence_of
from ui.kit.question import Question, Tile, choose, row_of
from ui.kit.steps import Propose
from ui.kit.vouching import ask_colleague

if TYPE_CHECKING:
    from ui.kit.course import Course, Try


def settle(tolds: tuple[Told, ...], outcome: Outcome, said: str, command_id: UUID | None = None) -> None:
    """The first scan says what came of it; a scan that only answered a question is quiet."""
    for other in tolds[1:]:
        other.quietly(outcome, said)
    tolds[0](outcome, said, command_id)


def which(course: Course, meaning: Meaning, told: Told) -> None:
    """A code that stands for more than one record."""

    def answer(match: Match, by: Told) -> None:
        by.quietly(Outcome.SUCCESS, match.title)
        course.row(match, told)

    kinds = {name: say(one.__about__.label) for name, one in course.bench.app.registry.entities.items()}
    sentence = say(_("{code} can mean more than one thing. Which is it?"), code=meaning.shown)
    course.bench.ways.ask(choose(sentence, meaning.matches, kinds, answer, lambda by: course.left(by, told)))
    told(Outcome.ASK, sentence)


def where(course: Course, one: Try, fill: Propose, matches: list[Match]) -> None:
    """More bins than one, or none: somebody says which."""

    def answer(match: Match, by: Told) -> None:
        course.run(replace(one, ids={**one.ids, fill.field: match.id}, tolds=(one.tolds[0], by)))

    sentence = say(fill.ask if matches else fill.none, part=one.match.title)
    tiles = tuple(Tile(match.title, match, say(_("{quantity} booked"), quantity=match.quantity)) for match in matches)
    name = fill.entity.__tablename__
    question = Question(
        sentence, answer, kind="tiles" if matches else "find", tiles=tiles, entity=name, takes=row_of(name),
        leave=lambda by: course.left(by, one.tolds[0]),
    )  # fmt: skip
    course.bench.ways.ask(question)
    settle(one.tolds, Outcome.ASK, sentence)


def why(course: Course, one: Try, problem: Problem) -> None:
    """More than booked or planned: somebody says why, and it goes on."""

    def answer(given: str | Mapping[str, Any], by: Told) -> None:
        more = {problem.asks: given} if isinstance(given, str) else given
        course.run(replace(one, more={**one.more, **more}, tolds=(one.tolds[0], by)))

    offers = tuple(Tile(say(label), more) for label, more in course.flow.offers.get(problem.code, ()))
    tiles = (*offers, *(Tile(say(label), stored) for stored, label in course.flow.reasons))
    question = Question(
        problem.sentence, answer, problem.advice, tiles=tiles, leave=lambda by: course.left(by, one.tolds[0]), tone="warn"
    )
    course.bench.ways.ask(question)
    settle(one.tolds, Outcome.ASK, sentence_of(problem))


def vouch(course: Course, one: Try, problem: Problem) -> None:
    """More than this person may book alone: a colleague signs it off."""

    def vouched(colleague: Actor, by: Told) -> None:
        course.run(replace(one, cosigner=colleague, tolds=(one.tolds[0], by)))

    ask_colleague(course.bench, problem, vouched, lambda by: course.left(by, one.tolds[0]))
    settle(one.tolds, Outcome.ASK, problem.sentence)
