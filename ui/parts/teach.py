"""Teach: a code that nobody knows is bound to a part, or a part is made for it, and the interrupted scan goes on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.kernel.commands import Answer
from app.kernel.meanings import Match, Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.parts.commands import TeachCode
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Place
from ui.kit.question import Question, Tile, row_of

GoOn = Callable[[Match, Told], None]


class Lesson:
    """One unknown code, and whoever waits for what it means."""

    def __init__(self, bench: Bench, meaning: Meaning, go_on: GoOn, told: Told) -> None:
        self._bench = bench
        self._meaning = meaning
        self._go_on = go_on
        self._told = told

    def begin(self) -> None:
        """Asks what the code is, where this person may teach; otherwise says whom to ask."""
        problem = self._meaning.problem
        sentence = problem.sentence if problem else self._meaning.shown
        if not self._bench.can(TeachCode.needs):
            self._told(Outcome.NOT_FOUND, say(_("{sentence} Ask a storekeeper to teach it."), sentence=sentence))
            return
        tiles = [Tile(say(_("It is a part we have")), self._which, say(_("Find the part, and the code is learnt")))]
        if self._bench.can("parts.edit"):
            tiles.append(Tile(say(_("It is a new part")), self._make, say(_("Write its name and code"))))
        if len(tiles) == 1:
            self._which(None)
        else:
            self._bench.ways.ask(Question(sentence, self._chosen, tiles=tuple(tiles), takes=row_of("part"), leave=self._left))
        self._told(Outcome.NOT_FOUND, say(_("{sentence} What is it?"), sentence=sentence))

    def _chosen(self, choice: object, by: Told) -> None:
        if isinstance(choice, Match):
            self._sure(choice, by)
        elif callable(choice):
            choice(by)

    def _which(self, by: Told | None) -> None:
        if by is not None:
            by.quietly(Outcome.SUCCESS, "")
        sentence = say(_("Which part is {code}?"), code=self._meaning.shown)
        advice = say(_("Type a few letters of its name, or scan a label of it that is known."))
        self._bench.ways.ask(
            Question(sentence, self._sure, advice, kind="find", entity="part", takes=row_of("part"), leave=self._left)
        )

    def _sure(self, match: Match, by: Told) -> None:
        by.quietly(Outcome.ASK, match.title)
        sentence = say(_("From now on {code} means {part}?"), code=self._meaning.shown, part=match.title)
        tiles = (Tile(say(_("Yes, learn it")), True), Tile(say(_("No, another part")), False))

        def answer(yes: bool, told: Told) -> None:
            self._teach(match, told) if yes else self._which(told)

        self._bench.ways.ask(Question(sentence, answer, tiles=tiles, leave=self._left))

    def _teach(self, match: Match, by: Told) -> None:
        by.quietly(Outcome.SUCCESS, match.title)

        def taught(answer: Answer) -> None:
            if answer.done:
                self._go_on(match, self._told)
            else:
                self._told(Outcome.ERROR, said_of(answer))

        self._bench.run(self._bench, TeachCode(part=match.id, code=self._meaning.text), taught)

    def _make(self, by: Told) -> None:
        by.quietly(Outcome.SUCCESS, "")

        def made(part: UUID, name: str) -> None:
            self._teach(Match("part", part, name), self._bench.ways.told)

        self._bench.ways.go(Place("form", "part", given={"then": made}))

    def _left(self, by: Told) -> None:
        problem = self._meaning.problem
        by(Outcome.SUCCESS, say(_("Left. {sentence}"), sentence=sentence_of(problem) if problem else self._meaning.shown))


def teach(bench: Bench, meaning: Meaning, go_on: GoOn, told: Told) -> None:
    """What the window does with a code that nobody knows."""
    Lesson(bench, meaning, go_on, told).begin()
