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
from app.kernel.words import _, say, within
from ui.kit.bench import Act, Bench, Told, said_of, sentence_of
from ui.kit.declared import Flow, Place
from ui.kit.doors import barred
from ui.kit.doubts import settle, vouch, where, which, why
from ui.kit.errand import Relay
from ui.kit.paper import print_label
from ui.kit.steps import Count, Propose, Scan, Within
from ui.kit.tally import NONE, ONE, Tally, scaled


@dataclass(frozen=True)
class Try:
    """A command on its way: what it is made of, and everybody who waits to hear of it."""

    ids: Mapping[str, UUID]
    match: Match
    quantity: Quantity
    tolds: tuple[Told, ...]
    more: Mapping[str, Any] = field(default_factory=dict)
    adds: bool = False  # more of what was scanned last
    less: bool = False  # fewer of it
    cosigner: Actor | None = None


class Course(QObject):
    """One person's run of a flow. `altered` says that the sentence, the context or the count has changed."""

    altered = Signal()

    def __init__(self, bench: Bench, flow: Flow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self.flow = flow
        self.here: dict[str, Match] = {}  # what stays: the job
        self.sentence = ""
        self.tone = ""
        self.count = 0
        self.last: Try | None = None  # with all that was booked of it since
        self.tally = Tally()
        self._acts: list[Act] = []  # what was booked to this job from here
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
        wanted = [one.entity for one in steps.values()] + ([self.step.within.entity] if self.step.within else [])
        return (*(one.__tablename__ for one in wanted), *(self.flow.also if self.context is not None else ()))

    @property
    def context(self) -> Match | None:
        """What everything now is for: the first thing that stays."""
        return self.here.get(self.flow.steps[0].field)

    def calm(self) -> None:
        """Says only what to scan next."""
        self._say(say(self.step.ask), "")

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
                which(self, meaning, told)
            case "quantity" if meaning.quantity is not None:
                self.card(meaning.quantity, told)
            case "command":
                self._command(meaning.command, told)
            case "unknown":
                self.bench.declared.learn(self.bench, meaning, self.row, told)
            case _:
                self._tell(told, Outcome.ERROR, sentence_of(meaning.problem) if meaning.problem else meaning.shown, "danger")

    def row(self, match: Match, told: Told) -> None:
        """A record was scanned, touched or taught."""
        within = self.step.within
        if within is not None and within.entity.__tablename__ == match.entity:
            self._within(self.step, within, match, told)
            return
        wanted = [one for one in self.flow.steps if one.entity.__tablename__ == match.entity]
        step = next((one for one in wanted if one.sticky or one is self.step), None)
        if step is None and match.entity in self.expected:
            self._also(match, told)
        elif step is None:
            self._wrong(match, told)
        elif step.sticky:
            self._enter(step, match, told)
        else:
            self._begin({step.field: match.id}, match, told)

    def _begin(self, scanned: Mapping[str, UUID], match: Match, told: Told) -> None:
        quantity, marked = self.tally.taken(match.quantity)
        ids = {name: one.id for name, one in self.here.items()} | dict(scanned)
        self._propose(Try(ids, match, quantity, (told,), {**self.flow.fixed, **marked}))

    def _within(self, step: Scan, within: Within, match: Match, told: Told) -> None:
        """A lot was scanned where its part is wanted: that says both."""
        bench = self.bench

        def look() -> Match | None:
            with bench.app.read(bench.actor) as session:
                return within.of(session, match.id)

        def found(whole: Match | None) -> None:
            if whole is None:
                self._wrong(match, told)
            else:
                self._begin({step.field: whole.id, within.field: match.id}, whole, told)

        bench.read(self, look, found)

    def _also(self, match: Match, told: Told) -> None:
        """A record with a command of its own here; what came last before it counts no more."""
        self.tally, self.last = Tally(), None

        def ran(answer: Answer) -> None:
            if answer.done:
                self.count += 1
                self._acts += self.bench.acts[-1:]
                self.calm()
                told(Outcome.SUCCESS, match.title, answer.id)
            else:
                said = say(_("{what}: not booked. {why}"), what=match.title, why=said_of(answer))
                self._tell(told, Outcome.ERROR, said, "danger")

        self.bench.run(self, self.flow.also[match.entity](match), ran, match.title)

    def _wrong(self, match: Match, told: Told) -> None:
        kind = within(self.bench.app.registry.entities[match.entity].__about__.label)
        said = say(_("{title} is a {kind}. {ask}."), title=match.title, kind=kind, ask=say(self.step.ask))
        self._tell(told, Outcome.ERROR, said, "danger")

    def _enter(self, step: Scan, match: Match, told: Told) -> None:
        """A job tag: from now on everything is for this job, if it takes anything."""
        check, bench = step.check, self.bench

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
            self._acts.clear()
        self.here[name] = match
        self.last = None
        self.tally = Tally()
        self.calm()

    # ---------------------------------------------------------------------------------------------------- the command

    def _propose(self, one: Try) -> None:
        """Fills in what the screen can know by itself, and asks only where it cannot."""
        proposals = [fill for fill in self.flow.fills if isinstance(fill, Propose)]
        bench, marked = self.bench, bool(one.more.get("damaged"))

        def look() -> list[tuple[Propose, list[Match]]]:
            with bench.app.read(bench.actor) as session:
                return [(fill, list(fill.candidates(session, one.ids, marked))) for fill in proposals]

        def proposed(found: list[tuple[Propose, list[Match]]]) -> None:
            ids = dict(one.ids)
            for fill, matches in found:
                if len(matches) != 1:
                    where(self, one, fill, matches)
                    return
                ids[fill.field] = matches[0].id
            self.run(replace(one, ids=ids))

        bench.read(self, look, proposed)

    def run(self, one: Try) -> None:
        """Runs the command that this came to."""
        counts = {fill.field: one.quantity for fill in self.flow.fills if isinstance(fill, Count)}
        makes = self.flow.less if one.less and self.flow.less is not None else self.flow.runs
        command = makes(**one.ids, **counts, **one.more)
        words = self._words(one)
        job = self.context.title if self.context else ""
        named = say(_("{what}, {job}"), what=words, job=job) if job else words
        self.bench.run(self, command, lambda answer: self._ran(one, words, answer), named, one.cosigner)

    def _words(self, one: Try) -> str:
        """What it is, and what it comes to."""
        whole, part = self.tally.total, one.match.title
        if one.less:
            sentence = say(self.flow.said, quantity=whole - one.quantity, part=part)
            return say(_("{whole} ({less} less)"), whole=sentence, less=one.quantity)
        if one.adds:
            sentence = say(self.flow.said, quantity=whole + one.quantity, part=part)
            return say(_("{whole} ({more} more)"), whole=sentence, more=one.quantity)
        return say(self.flow.said, quantity=one.quantity, part=part)

    def _ran(self, one: Try, words: str, answer: Answer) -> None:
        asked = next((problem for problem in answer.problems if problem.asks and not problem.blocks), None)
        if answer.done:
            self._done(one, words, answer)
        elif asked is not None and not any(problem.blocks for problem in answer.problems):
            why(self, one, asked)
        elif answer.problems[0].code in self.flow.vouched and one.cosigner is None:
            vouch(self, one, answer.problems[0])
        else:
            said = say(_("{what}: not booked. {why}"), what=one.match.title, why=said_of(answer))
            self._say(said, "danger")
            settle(one.tolds, Outcome.ERROR, said)

    def _done(self, one: Try, words: str, answer: Answer) -> None:
        again = one.adds or one.less
        self.tally.steps = [*(self.tally.steps if again else ()), -one.quantity if one.less else one.quantity]
        self.last = one if not again or self.last is None else self.last
        self.count += 0 if again else 1
        self._acts += self.bench.acts[-1:]
        self.calm()
        settle(one.tolds, Outcome.SUCCESS, words, answer.id)

    def left(self, by: Told, *tolds: Told) -> None:
        """A question was left without an answer: nothing was done, nothing waits for another part, and it says so."""
        self.tally.drop()
        self.calm()
        said = say(_("Left: nothing was booked. {ask}."), ask=say(self.step.ask))
        for told in tolds:
            told.quietly(Outcome.ERROR, said)
        by(Outcome.SUCCESS, said)

    # ---------------------------------------------------------------------------------------------- cards and commands

    @property
    def counts(self) -> Match | None:
        """The part that a quantity card counts now: the last one, where nothing was added to it yet."""
        return self.last.match if self.last is not None and self.tally.steps == [self.last.match.quantity] else None

    def card(self, times: Quantity, told: Told) -> None:
        """A quantity card: right after a part it makes that line so many; otherwise it waits for the next part."""
        last, ask = self.last, say(self.step.ask)
        if self.context is None:
            self._tell(told, Outcome.ERROR, say(self.flow.steps[0].ask) + ".", "danger")
        elif times == ONE:
            words = _("× 1: the next part counts once. {ask}.") if self.tally.times else _("× 1: nothing changes. {ask}.")
            self._wait(None, say(words, ask=ask), told)
        elif last is not None and self.counts is not None:
            self._change(last, scaled(last.match.quantity, times) - last.match.quantity, told)
        elif last is not None and len(self.tally.steps) > 1 and self.tally.total == scaled(last.match.quantity, times):
            whole = say(self.flow.said, quantity=self.tally.total, part=last.match.title)
            told(Outcome.DUPLICATE, say(_("{whole}: × {times} is counted already. {ask}."), whole=whole, times=times, ask=ask))
        else:
            self._wait(times, say(_("× {times} counts for the next part. {ask}."), times=times, ask=ask), told)

    def _wait(self, times: Quantity | None, said: str, told: Told) -> None:
        self.tally.times = times
        self.calm()
        told(Outcome.SUCCESS, said)

    def _change(self, last: Try, by: Quantity, told: Told) -> None:
        """So many more of what came last, or fewer: one command either way, so that one undo takes it back."""
        if by > NONE:
            self.run(Try(last.ids, last.match, by, (told,), _anew(last), adds=True))
        elif self.tally.total + by < NONE:
            said = say(_("Nothing of {part} is left to take off. {ask}."), part=last.match.title, ask=say(self.step.ask))
            self._tell(told, Outcome.ERROR, said, "danger")
        else:
            self.run(Try(last.ids, last.match, -by, (told,), less=True))

    def _command(self, name: str, told: Told) -> None:
        match name:
            case "DONE":
                self.finish(told)
            case "CANCEL":
                self.cancel(told)
            case "PRINT" if self.context is not None:
                print_label(self.bench, self.context, told)
            case "PLUS1" if self.last is not None:
                self._change(self.last, self.last.match.quantity, told)
            case "MINUS1" if self.last is not None:
                self._less(self.last, told)
            case _ if name in self.flow.marks:
                self.tally.mark = self.flow.marks[name]
                self.calm()
                told(Outcome.SUCCESS, f"{self.tally.waiting} · {self.sentence}")
            case _ if name in self.flow.turns:
                self._turn(self.flow.turns[name], told)
            case _:
                self._tell(told, Outcome.ERROR, say(_("That card has no use here. {ask}."), ask=say(self.step.ask)), "danger")

    def _less(self, last: Try, told: Told) -> None:
        """One less of what came last; where there is only that one, and nothing was done since, it is taken back."""
        alone = self.counts is not None and self._acts[-1:] == self.bench.acts[-1:]
        self.undo(told) if alone else self._change(last, -last.match.quantity, told)

    def undo(self, told: Told) -> None:
        """Takes back this person's last act; where it was booked here, a card no longer belongs to it."""
        here = self.bench.acts[-1:] == self._acts[-1:]

        def heard(outcome: Outcome, said: str, command_id: UUID | None) -> None:
            if outcome is Outcome.SUCCESS and here:
                self._undone()
            told(outcome, said, command_id)

        self.bench.undo(Relay(heard))

    def _undone(self) -> None:
        self.tally.back()
        self._acts = self._acts[:-1]
        if not self.tally.steps:
            self.last = None
            self.count = max(0, self.count - 1)
        self.calm()

    def finish(self, told: Told) -> None:
        """DONE: the job is left, and the next one may come."""
        context, count = self.context, self.count
        self.here.clear()
        self.tally, self.last, self.count = Tally(), None, 0
        self._acts.clear()
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
        self.tally.drop()
        self.calm()
        told(Outcome.SUCCESS, self.sentence + ".")

    def _turn(self, flow: str, told: Told) -> None:
        """Another flow with the same job, such as a return."""
        place = Place("flow", flow, given=dict(self.here))
        if said := barred(self.bench, place):
            self._tell(told, Outcome.ERROR, said, "danger")
            return
        self.bench.ways.go(place)
        other = self.bench.declared.flow(flow)
        told(Outcome.SUCCESS, say(other.title) if other else flow)


def _anew(last: Try) -> dict[str, Any]:
    """What the last command was made of, but for the reason: more of it wants its own."""
    return {name: value for name, value in last.more.items() if name != "reason"}
