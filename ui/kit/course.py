"""Course: how far somebody is in a flow. Scans come in, commands go out, and one sentence says what to scan next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.kernel.words import _, say
from ui.kit.bench import Bench, Relay, Told, said_of, sentence_of
from ui.kit.declared import Count, Flow, Mark, Place, Propose, Scan
from ui.kit.paper import print_label
from ui.kit.question import Question, Tile, choose, row_of
from ui.kit.vouching import ask_colleague

NONE = Quantity(0)


@dataclass(frozen=True)
class Try:
    """A command on its way: what it is made of, and everybody who waits to hear of it."""

    ids: Mapping[str, UUID]
    match: Match
    quantity: Quantity
    tolds: tuple[Told, ...]
    more: Mapping[str, Any] = field(default_factory=dict)
    adds: bool = False  # more of what was scanned last
    cosigner: Actor | None = None


class Course(QObject):
    """One person's run of a flow. `altered` says that the sentence, the context or the count has changed."""

    altered = Signal()

    def __init__(self, bench: Bench, flow: Flow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.flow = flow
        self.here: dict[str, Match] = {}  # what stays: the job
        self.sentence = ""
        self.tone = ""
        self.count = 0
        self.times: int | None = None  # a quantity card that waits for its part
        self.mark: Mark | None = None
        self.last: Try | None = None
        self._steps: list[Quantity] = []  # what each act on the last part booked
        self.calm()

    # --------------------------------------------------------------------------------------------------- where we are

    @property
    def step(self) -> Scan:
        """The step that waits for its scan."""
        return next((one for one in self.flow.steps if one.field not in self.here), self.flow.steps[-1])

    @property
    def expected(self) -> tuple[str, ...]:
        """What a scan may mean here: what the step wants, and what would change the context."""
        steps = {self.step.field: self.step} | {one.field: one for one in self.flow.steps if one.sticky}
        return tuple(one.entity.__tablename__ for one in steps.values())

    @property
    def context(self) -> Match | None:
        """What everything now is for: the first thing that stays."""
        return self.here.get(self.flow.steps[0].field)

    def calm(self) -> None:
        """Says only what to scan next."""
        ask = say(self.step.ask)
        waiting = [f"× {self.times}"] if self.times else []
        waiting += [say(self.mark.word)] if self.mark else []
        self._say(" · ".join([*waiting, ask]), "")

    def _say(self, sentence: str, tone: str) -> None:
        self.sentence, self.tone = sentence, tone
        self.altered.emit()

    def _tell(
        self, told: Told, outcome: Outcome, said: str, tone: str, sentence: str = "", command_id: UUID | None = None
    ) -> None:
        self._say(sentence or said, tone)
        told(outcome, said, command_id)

    # ---------------------------------------------------------------------------------------------------------- scans

    def take(self, meaning: Meaning, told: Told) -> None:
        """Deals with a scan; `told` hears what came of it, now or later."""
        match meaning.kind:
            case "row":
                self.row(meaning.matches[0], told)
            case "choice":
                self._choose(meaning, told)
            case "quantity" if meaning.quantity is not None:
                self.card(meaning.quantity.thousandths // 1000, told)
            case "command":
                self._command(meaning.command, told)
            case "unknown":
                self._bench.declared.learn(self._bench, meaning, self.row, told)
            case _:
                self._tell(told, Outcome.ERROR, sentence_of(meaning.problem) if meaning.problem else meaning.shown, "danger")

    def row(self, match: Match, told: Told) -> None:
        """A record was scanned, touched or taught."""
        wanted = [one for one in self.flow.steps if one.entity.__tablename__ == match.entity]
        step = next((one for one in wanted if one.sticky or one is self.step), None)
        if step is None:
            self._wrong(match, told)
        elif step.sticky:
            self._enter(step, match, told)
        else:
            quantity = match.quantity * (self.times or 1)
            ids = {name: one.id for name, one in self.here.items()} | {step.field: match.id}
            self._propose(Try(ids, match, quantity, (told,), {**self.flow.fixed, **(self.mark.values if self.mark else {})}))

    def _wrong(self, match: Match, told: Told) -> None:
        kind = say(self._bench.app.registry.entities[match.entity].__about__.label).lower()
        said = say(_("{title} is a {kind}. {ask}."), title=match.title, kind=kind, ask=say(self.step.ask))
        self._tell(told, Outcome.ERROR, said, "danger")

    def _choose(self, meaning: Meaning, told: Told) -> None:
        def answer(match: Match, by: Told) -> None:
            by.quietly(Outcome.SUCCESS, match.title)
            self.row(match, told)

        kinds = {name: say(one.__about__.label) for name, one in self._bench.app.registry.entities.items()}
        sentence = say(_("{code} can mean more than one thing. Which is it?"), code=meaning.shown)
        self._bench.ways.ask(choose(sentence, meaning.matches, kinds, answer, lambda by: self._left(by, told)))
        told(Outcome.ASK, sentence)

    def _enter(self, step: Scan, match: Match, told: Told) -> None:
        """A job tag: from now on everything is for this job, if it takes anything."""
        check, bench = step.check, self._bench

        def look() -> Problem | None:
            with bench.app.read(bench.actor) as session:
                return check(session, match.id) if check else None

        def entered(problem: Problem | None) -> None:
            if problem is not None:
                self._tell(told, Outcome.ERROR, sentence_of(problem), "danger")
                return
            self.enter(step.field, match)
            told(Outcome.SUCCESS, say(_("{title}. {ask}."), title=match.title, ask=say(self.step.ask)))

        bench.read(self, look, entered)

    def enter(self, name: str, match: Match) -> None:
        """Sets the context."""
        if self.here.get(name) != match:
            self.count = 0
        self.here[name] = match
        self.times, self.last = None, None
        self.calm()

    # ---------------------------------------------------------------------------------------------------- the command

    def _propose(self, one: Try) -> None:
        """Fills in what the screen can know by itself, and asks only where it cannot."""
        proposals = [fill for fill in self.flow.fills if isinstance(fill, Propose)]
        bench, marked = self._bench, bool(one.more.get("damaged"))

        def look() -> list[tuple[Propose, list[Match]]]:
            with bench.app.read(bench.actor) as session:
                return [(fill, list(fill.candidates(session, one.ids, marked))) for fill in proposals]

        def proposed(found: list[tuple[Propose, list[Match]]]) -> None:
            ids = dict(one.ids)
            for fill, matches in found:
                if len(matches) != 1:
                    self._where(one, fill, matches)
                    return
                ids[fill.field] = matches[0].id
            self._run(replace(one, ids=ids))

        bench.read(self, look, proposed)

    def _where(self, one: Try, fill: Propose, matches: list[Match]) -> None:
        def answer(match: Match, by: Told) -> None:
            self._run(replace(one, ids={**one.ids, fill.field: match.id}, tolds=(one.tolds[0], by)))

        sentence = say(fill.ask if matches else fill.none, part=one.match.title)
        tiles = tuple(Tile(match.title, match, say(_("{quantity} booked"), quantity=match.quantity)) for match in matches)
        name = fill.entity.__tablename__
        question = Question(
            sentence, answer, kind="tiles" if matches else "find", tiles=tiles, entity=name, takes=row_of(name),
            leave=lambda by: self._left(by, one.tolds[0]),
        )  # fmt: skip
        self._bench.ways.ask(question)
        self._settle(one.tolds, Outcome.ASK, sentence)

    def _run(self, one: Try) -> None:
        counts = {fill.field: one.quantity for fill in self.flow.fills if isinstance(fill, Count)}
        command = self.flow.runs(**one.ids, **counts, **one.more)
        words = say(self.flow.said, quantity=one.quantity, part=one.match.title)
        last = self.last
        if one.adds and last is not None:
            whole = say(self.flow.said, quantity=last.quantity + one.quantity, part=one.match.title)
            words = say(_("{whole} ({more} more)"), whole=whole, more=one.quantity)
        self._bench.run(self, command, lambda answer: self._ran(one, words, answer), words, one.cosigner)

    def _ran(self, one: Try, words: str, answer: Answer) -> None:
        asked = next((problem for problem in answer.problems if problem.asks and not problem.blocks), None)
        if answer.done:
            self._done(one, words, answer)
        elif asked is not None and not any(problem.blocks for problem in answer.problems):
            self._why(one, asked)
        elif answer.problems[0].code in self.flow.vouched and one.cosigner is None:
            self._vouch(one, answer.problems[0])
        else:
            self._say(said_of(answer), "danger")
            self._settle(one.tolds, Outcome.ERROR, said_of(answer))

    def _done(self, one: Try, words: str, answer: Answer) -> None:
        self.times = None
        self.mark = None
        self._steps = [*self._steps, one.quantity] if one.adds and self.last else [one.quantity]
        self.last = replace(one, quantity=sum(self._steps, NONE))
        self.count += 0 if one.adds else 1
        self.calm()
        self._settle(one.tolds, Outcome.SUCCESS, words, answer.id)

    def _settle(self, tolds: tuple[Told, ...], outcome: Outcome, said: str, command_id: UUID | None = None) -> None:
        """The first scan says what came of it; a scan that only answered a question is quiet."""
        for other in tolds[1:]:
            other.quietly(outcome, said)
        tolds[0](outcome, said, command_id)

    def _why(self, one: Try, problem: Problem) -> None:
        """More than booked or planned: somebody says why, and it goes on."""

        def answer(reason: str, by: Told) -> None:
            self._run(replace(one, more={**one.more, problem.asks: reason}, tolds=(one.tolds[0], by)))

        tiles = tuple(Tile(say(label), stored) for stored, label in self.flow.reasons)
        question = Question(
            problem.sentence, answer, problem.advice, tiles=tiles, leave=lambda by: self._left(by, one.tolds[0]), tone="warn"
        )
        self._bench.ways.ask(question)
        self._settle(one.tolds, Outcome.ASK, sentence_of(problem))

    def _vouch(self, one: Try, problem: Problem) -> None:
        """More than this person may book alone: a colleague signs it off."""

        def vouched(colleague: Actor, by: Told) -> None:
            self._run(replace(one, cosigner=colleague, tolds=(one.tolds[0], by)))

        ask_colleague(self._bench, problem, vouched, lambda by: self._left(by, one.tolds[0]))
        self._settle(one.tolds, Outcome.ASK, problem.sentence)

    def _left(self, by: Told, *tolds: Told) -> None:
        """A question was left without an answer: nothing was done, and it says so."""
        self.calm()
        said = say(_("Left: nothing was booked. {ask}."), ask=say(self.step.ask))
        for told in tolds:
            told.quietly(Outcome.ERROR, said)
        by(Outcome.SUCCESS, said)

    # ---------------------------------------------------------------------------------------------- cards and commands

    def card(self, times: int, told: Told) -> None:
        """A quantity card: right after a part it makes that line so many; otherwise it waits for the next part."""
        last = self.last
        if self.context is None:
            self._tell(told, Outcome.ERROR, say(self.flow.steps[0].ask) + ".", "danger")
        elif last is not None and self._steps == [last.match.quantity] and times > 1:
            more = Try(last.ids, last.match, last.match.quantity * (times - 1), (told,), _anew(last), adds=True)
            self._run(more)
        else:
            self.times = times if times > 1 else None
            self.calm()
            told(Outcome.SUCCESS, say(_("× {times} counts for the next part. {ask}."), times=times, ask=say(self.step.ask)))

    def _command(self, name: str, told: Told) -> None:
        match name:
            case "DONE":
                self.finish(told)
            case "CANCEL":
                self.cancel(told)
            case "PRINT" if self.context is not None:
                print_label(self._bench, self.context, told)
            case "PLUS1" if self.last is not None:
                last = self.last
                self._run(Try(last.ids, last.match, last.match.quantity, (told,), _anew(last), adds=True))
            case "MINUS1" if self.last is not None:
                self._less(self.last, told)
            case _ if name in self.flow.marks:
                self.mark = self.flow.marks[name]
                self.calm()
                told(Outcome.SUCCESS, self.sentence)
            case _ if name in self.flow.turns:
                self._turn(self.flow.turns[name], told)
            case _:
                self._tell(told, Outcome.ERROR, say(_("That card has no use here. {ask}."), ask=say(self.step.ask)), "danger")

    def _less(self, last: Try, told: Told) -> None:
        """One less of what came last: its last act is taken back, and booked again with one less."""
        rest = self._steps[-1] - last.match.quantity

        def taken_back(outcome: Outcome, said: str, command_id: UUID | None) -> None:
            if outcome is Outcome.SUCCESS:
                self.undone()
            if outcome is Outcome.SUCCESS and rest > NONE:
                self._run(Try(last.ids, last.match, rest, (told,), _anew(last), adds=self.last is not None))
            else:
                told(outcome, said, command_id)

        self._bench.undo(Relay(taken_back))

    def undone(self) -> None:
        """The last act was taken back."""
        self._steps = self._steps[:-1]
        if self._steps and self.last is not None:
            self.last = replace(self.last, quantity=sum(self._steps, NONE))
        else:
            self.last = None
            self.count = max(0, self.count - 1)
        self.calm()

    def finish(self, told: Told) -> None:
        """DONE: the job is left, and the next one may come."""
        context, count = self.context, self.count
        self.here.clear()
        self.times, self.mark, self.last, self.count = None, None, None, 0
        self.calm()
        if context is None:
            told(Outcome.SUCCESS, say(self.step.ask) + ".")
        else:
            told(
                Outcome.SUCCESS,
                say(_("{title}: {count} scans. {ask}."), title=context.title, count=count, ask=say(self.step.ask)),
            )

    def cancel(self, told: Told) -> None:
        """CANCEL: what waits is dropped; what was booked stays, and can be undone."""
        self.times, self.mark = None, None
        self.calm()
        told(Outcome.SUCCESS, self.sentence + ".")

    def _turn(self, flow: str, told: Told) -> None:
        """Another flow with the same job, such as a return."""
        self._bench.ways.go(Place("flow", flow, given=dict(self.here)))
        other = self._bench.declared.flow(flow)
        told(Outcome.SUCCESS, say(other.title) if other else flow)


def _anew(last: Try) -> dict[str, Any]:
    """What the last command was made of, but for the reason: more of it wants its own."""
    return {name: value for name, value in last.more.items() if name != "reason"}
