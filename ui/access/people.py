"""Badges and PINs at the counter: a card is given to a person by scanning it, a PIN by typing it twice."""

from __future__ import annotations

from app.access.badges import badge_code, badge_hash, badge_kind
from app.access.commands import GiveBadge, ReplaceBadge
from app.kernel.commands import Answer
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.paper import print_label
from ui.kit.question import Question, Tile

ANY_CARD = ("badge", "unknown")
NO_CARD = "none"


def _card(meaning: Meaning) -> str | None:
    """What a card that was scanned says."""
    return meaning.text if meaning.kind in ANY_CARD else None


def give_badge(bench: Bench, person: Match) -> None:
    """Asks for the new badge: any card with a code will do, or one that is printed now."""

    def answer(text: str, told: Told) -> None:
        if text:
            _give(bench, person, text, told)
        else:
            _print(bench, person, told)

    tiles = (Tile(say(_("Print a new badge")), "", icon="print"),) if bench.labels else ()
    sentence = say(_("Scan the new badge of {name}"), name=person.title)
    advice = say(_("Any card or chip that a scanner reads will do."))
    bench.ways.ask(Question(sentence, answer, advice, tiles=tiles, takes=_card, badges=ANY_CARD))


def _give(bench: Bench, person: Match, text: str, told: Told) -> None:
    command = GiveBadge(person=person.id, code_hash=badge_hash(text), kind=badge_kind(text))
    words = say(_("badge for {name}"), name=person.title)
    bench.run(bench, command, lambda answer: _given(person, answer, told), words)


def _given(person: Match, answer: Answer, told: Told) -> None:
    if answer.done:
        told(Outcome.SUCCESS, say(_("{name} has a new badge."), name=person.title), answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))


def _print(bench: Bench, person: Match, told: Told) -> None:
    """A badge of our own: given first, printed then; a print that fails leaves a badge that nobody holds, and Undo."""
    text, code_hash = badge_code()

    def given(answer: Answer) -> None:
        _given(person, answer, told)
        if answer.done:
            print_label(bench, person, told, badge=text)

    words = say(_("badge for {name}"), name=person.title)
    bench.run(bench, GiveBadge(person=person.id, code_hash=code_hash), given, words)


def lost_badge(bench: Bench, person: Match) -> None:
    """The old ones are taken back and a new one is given, at once: printed here, or any card that is scanned now."""

    def answer(text: str, told: Told) -> None:
        if text:
            _replace(bench, person, text, told)
        else:
            fresh, _hash = badge_code()
            _replace(bench, person, fresh, told, prints=True)

    words = say(_("Print a new badge")) if bench.labels else say(_("None for now"))
    tiles = (Tile(words, "", icon="print") if bench.labels else Tile(words, NO_CARD, icon="lock"),)
    sentence = say(_("{name} lost a badge: scan the new one"), name=person.title)
    advice = say(_("The old one opens nothing from now on."))
    bench.ways.ask(Question(sentence, answer, advice, tiles=tiles, takes=_card, badges=ANY_CARD))


def _replace(bench: Bench, person: Match, text: str, told: Told, *, prints: bool = False) -> None:
    given = text if text != NO_CARD else ""
    command = ReplaceBadge(person=person.id, code_hash=badge_hash(given) if given else "", kind=badge_kind(given))

    def done(answer: Answer) -> None:
        if not answer.done:
            told(Outcome.ERROR, said_of(answer))
            return
        said = _("{name} has a new badge; the old one opens nothing.") if given else _("The badge of {name} opens nothing now.")
        told(Outcome.SUCCESS, say(said, name=person.title), answer.id)
        if prints:
            print_label(bench, person, told, badge=given)

    bench.run(bench, command, done)


def set_pin(bench: Bench, person: Match) -> None:
    """Asks for a new PIN, twice, so that a slip of the finger locks nobody out."""

    def first(pin: str, told: Told) -> None:
        told.quietly(Outcome.SUCCESS, "")
        sentence = say(_("{name}, type it once more"), name=person.title)
        bench.ways.ask(Question(sentence, lambda again, by: _set(bench, person, pin, again, by), kind="pin"))

    sentence = say(_("{name}, type the new PIN"), name=person.title)
    advice = say(_("Six digits or more, and none that is easily guessed."))
    bench.ways.ask(Question(sentence, first, advice, kind="pin"))


def _set(bench: Bench, person: Match, pin: str, again: str, told: Told) -> None:
    if pin != again:
        told(Outcome.ERROR, say(_("The two are not the same. The PIN was not changed; begin again.")))
        return

    def over(problem: Problem | None) -> None:
        if problem is None:
            told.committed = True
            told(Outcome.SUCCESS, say(_("{name} has a new PIN."), name=person.title))
        else:
            told(Outcome.ERROR, sentence_of(problem))

    desk, actor = bench.desk, bench.actor
    bench.read(bench, lambda: desk.new_pin(actor, person.id, pin), over)
