"""Floor: who works at this terminal, where they are, and whose turn a scan is. What screens and the router ask of the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QStackedWidget

from app.access.sign_in import Outcome as Entry
from app.kernel.access import Actor
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.scanning import own_code
from app.kernel.words import _, say, speak
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.declared import Place
from ui.kit.doors import barred
from ui.kit.question import Question, choose
from ui.kit.screen import Screen
from ui.kit.sound import Outcome as Tone
from ui.kit.unsaved import Unsaved
from ui.scan.router import Receipt
from ui.shell.signin import SignInPage
from ui.shell.sitting import Sitting

SOMEBODY_ELSE = own_code("CM", "CANCEL")  # what the CANCEL card means at the door


class Floor(QObject):
    """The stage and who stands on it. `altered`: another screen or person; `heard`: outcome, sentence, and if it was kept."""

    altered = Signal()
    heard = Signal(object, str, bool)
    resumed = Signal()
    broke = Signal(object)
    worn = Signal(str, str)
    tried = Signal(object)
    unsaved = Signal(object)

    def __init__(self, bench: Bench, build: Callable[[Bench, Place], Screen]) -> None:
        super().__init__()
        self._own = bench
        self.stage = QStackedWidget()
        self._desk = bench.desk
        self._build = build
        self._sittings: dict[UUID, Sitting] = {}
        self._here: Sitting | None = None
        self._spoken = "en"  # at the door
        self.door = self._new_door()
        bench.ways = self

    def _new_door(self) -> SignInPage:
        door = SignInPage(self._own, self._desk)
        door.typed.connect(self._try_pin)
        self.stage.addWidget(door)
        return door

    def dress(self) -> None:
        """Another look is worn: the door and every screen that keeps nothing are built anew."""
        old, self.door = self.door, self._new_door()
        self.stage.removeWidget(old)
        old.deleteLater()
        for sitting in self._sittings.values():
            sitting.dress()

    # ------------------------------------------------------------------------------------------------ who stands here

    @property
    def bench(self) -> Bench:
        """The bench of whoever stands here, or the terminal's own."""
        return self._here.bench if self._here else self._own

    @property
    def who(self) -> Actor | None:
        return self._here.bench.actor if self._here else None

    @property
    def sitting(self) -> Sitting | None:
        return self._here

    @property
    def screen(self) -> Screen | None:
        return self._here.task if self._here else None

    def seat(self, actor: Actor) -> None:
        """Somebody was let in: what they left open is there again."""
        sitting = self._sittings.get(actor.id)
        if sitting is None:
            sitting = Sitting(self._own.seated(actor), self._build, lambda: self.told)
            sitting.altered.connect(self.altered)
            self._sittings[actor.id] = sitting
            self.stage.addWidget(sitting)
        speak(actor.language)
        self._here = sitting
        if sitting.task is None:
            sitting.go(Place("home"))
        self.stage.setCurrentWidget(sitting)
        self.door.reset()
        self.altered.emit()
        self.resumed.emit()

    def speak_at_door(self, language: str) -> None:
        """What is spoken while nobody stands here."""
        if language != self._spoken:
            self._spoken = language
            if self._here is None:
                speak(language)
                self.dress()
                self.altered.emit()

    def lock(self, reason: str = "signed_out") -> None:
        """Nobody stands here now; what was open waits for its owner."""
        gone, self._here = self._here, None
        speak(self._spoken)
        self.door.reset()
        if gone is None:
            return
        actor = gone.bench.actor
        self._own.read(self, lambda: self._desk.sign_out(actor, reason), lambda _answer: None)
        self.stage.setCurrentWidget(self.door)
        self.door.setFocus()
        self.altered.emit()

    def shows_badge(self, text: str, told: Receipt) -> None:
        if self._here is None and text.strip().upper() == SOMEBODY_ELSE:
            self.door.reset()
            told(Outcome.SUCCESS, say(_("Scan your badge")))
            return
        if text.upper().startswith("FT1:") and not text.upper().startswith("FT1:US:"):
            told(Outcome.ERROR, say(_("Nobody is signed in. Scan your badge first.")))
            return
        self._own.read(self, lambda: self._desk.badge(text), lambda entry: self._entered(entry, told))

    def _try_pin(self, person: UUID, pin: str) -> None:
        told = self.told
        self._own.read(self, lambda: self._desk.pin(person, pin), lambda entry: self._entered(entry, told))

    def _entered(self, entry: Entry, told: Told) -> None:
        if entry.actor is not None:
            self.seat(entry.actor)
            told.committed = True
            told(Outcome.SUCCESS, say(_("{name} is signed in."), name=entry.actor.name))
        elif entry.needs_pin is not None:
            self.lock("switched")
            self.door.ask_pin(entry.needs_pin)
            told(Outcome.ASK, say(_("{name}, type your PIN."), name=entry.needs_pin.name))
        elif entry.refused is not None:
            self.door.refuse(entry.refused)
            told(Outcome.ERROR, sentence_of(entry.refused))

    # ------------------------------------------------------------------------------------- what screens ask of us: Ways

    def go(self, place: Place) -> None:
        if self._here is not None:
            self._here.go(place)

    def look_again(self) -> None:
        """What lay over the task has gone: keys go to the task again."""
        if self._here is not None:
            self._here.look_again()

    def back(self) -> None:
        if self._here is not None:
            self._here.back()

    def enter(self, place: Place) -> None:
        """Goes where a key leads, if this person may."""
        if self._here is None:
            return
        if said := barred(self.bench, place):
            self.told(Outcome.ERROR, said)
        else:
            self.go(place)

    def escape(self) -> None:
        """Escape is the CANCEL card: it leaves a question, what waits in a flow, or the screen, and says so."""
        if self.screen is not None and not self.asking and self.screen.place.kind != "home":
            self.means(Meaning("command", "CANCEL", say(_("Cancel")), command="CANCEL"), self.told)
        else:
            self.back()

    def ask(self, question: Question) -> None:
        if self._here is not None:
            self._here.ask(question)

    @property
    def told(self) -> Told:
        """Says what came of a touch."""
        return Touch(self)

    def wear(self, theme: str, density: str) -> None:
        self.worn.emit(theme, density)

    def try_sound(self, tone: Tone) -> None:
        self.tried.emit(tone)

    def failed(self, error: Refused | Trouble) -> None:
        self.broke.emit(error.problem)

    def keep(self, item: Unsaved) -> None:
        self.unsaved.emit(item)

    # ------------------------------------------------------------------------------- what the router asks of us: scans

    @property
    def context(self) -> str:
        screen = self.screen
        return f"{screen.place.kind}:{screen.place.name}".rstrip(":") if screen else "sign-in"

    @property
    def kept(self) -> deque[tuple[Meaning, Receipt]]:
        return self._here.kept if self._here else deque()

    @property
    def expected(self) -> tuple[str, ...]:
        return self.screen.expected if self.screen and not self.asking else ()

    @property
    def badges(self) -> tuple[str, ...]:
        asking = self._here.asking if self._here else None
        return asking.question.badges if asking is not None else ()

    @property
    def asking(self) -> bool:
        return self._here is not None and self._here.asking is not None

    def answers(self, meaning: Meaning, told: Receipt) -> bool:
        asking = self._here.asking if self._here else None
        if self._here is None or asking is None:
            return False
        if meaning.kind == "command" and meaning.command in ("CANCEL", "UNDO"):
            self._here.leave(told)
            return True
        answer = asking.question.takes(meaning)
        if answer is None:
            return False
        self._here.answer(answer, told)
        return True

    def means(self, meaning: Meaning, told: Told) -> None:
        """Whose scan is it: the sign-out card's, the open screen's, an undo, a door's, or a record's."""
        screen = self.screen
        if meaning.kind == "command" and meaning.command == "SIGNOUT":
            told(Outcome.SUCCESS, say(_("Signed out.")))
            self.lock()
        elif screen is None or not screen.takes(meaning, told):
            self._opens(meaning, told)

    def _opens(self, meaning: Meaning, told: Told) -> None:
        match meaning.kind:
            case "row":
                self.opens_row(meaning.matches[0], told)
            case "choice":
                self._which(meaning, told)
            case "command":
                self._card(meaning, told)
            case "unknown":
                self.bench.declared.learn(self.bench, meaning, self.opens_row, told)
            case "quantity":
                told(Outcome.ERROR, say(_("A quantity card follows a part. Scan a job tag first.")))
            case _:
                told(Outcome.ERROR, sentence_of(meaning.problem) if meaning.problem else meaning.shown)

    def opens_row(self, match: Match, told: Told) -> None:
        """A record was scanned where nothing waits for it: its flow for those who work in it, or its page."""
        if self._here is None:
            told(Outcome.ERROR, say(_("{title}: not opened. Nobody is signed in any more."), title=match.title))
            return
        flow = next((one for one in self.bench.declared.flows() if one.opened_by(match.entity, self.bench.actor)), None)
        if flow is not None:
            self.go(Place("flow", flow.id))
            screen = self.screen
            if screen is not None:
                screen.takes(Meaning("row", match.title, match.title, (match,)), told)
            return
        scanned, made = self.bench.declared.on_scan(match.entity), _made(told)
        if scanned is not None and made is not None and self.bench.can(scanned.needs):
            scanned.does(self.bench, match, made, told, partial(self._opens_page, match, told))
        else:
            self._opens_page(match, told)

    def _opens_page(self, match: Match, told: Told) -> None:
        if self.bench.declared.page_of(match.entity) is None:
            told(Outcome.ERROR, say(_("{title} has no page of its own."), title=match.title))
        else:
            self.go(Place("page", match.entity, match.id))
            told(Outcome.SUCCESS, match.title)

    def _which(self, meaning: Meaning, told: Told) -> None:
        def answer(match: Match, by: Told) -> None:
            by.quietly(Outcome.SUCCESS, match.title)
            self.opens_row(match, told)

        kinds = {name: say(one.__about__.label) for name, one in self.bench.app.registry.entities.items()}
        sentence = say(_("{code} can mean more than one thing. Which is it?"), code=meaning.shown)
        self.ask(choose(sentence, meaning.matches, kinds, answer))
        told(Outcome.ASK, sentence)

    def _card(self, meaning: Meaning, told: Told) -> None:
        place, act = self.bench.declared.cards.get(meaning.command), self.bench.declared.at_once.get(meaning.command)
        if meaning.command == "UNDO":
            self.bench.undo(told)
        elif meaning.command == "DONE" and self.screen is not None:
            self.screen.finish(told)
        elif meaning.command == "CANCEL" and self.screen is not None:
            told(Outcome.SUCCESS, self.screen.put_by() or meaning.shown)
            self.back()
        elif act is not None:
            act(self.bench, _made(told), told)
        elif place is not None and (said := barred(self.bench, place)):
            told(Outcome.ERROR, said)
        elif place is not None:
            self._arrive(place, lambda: told(Outcome.SUCCESS, meaning.shown))
        else:
            told(Outcome.ERROR, say(_("“{card}” has no use here."), card=meaning.shown))

    def _arrive(self, place: Place, then: Callable[[], None]) -> None:
        """Goes there; `then` is called once there is something to see, for the next scan may be meant for it."""
        self.go(place)
        screen = self.screen
        if screen is None or screen.ready:
            then()
        else:
            screen.altered.connect(then, Qt.ConnectionType.SingleShotConnection)

    def says(self, outcome: Outcome, said: str, committed: bool, shown: str) -> None:
        self.heard.emit(outcome, said, committed)


def _made(told: Told) -> datetime | None:
    """When a label was scanned; nothing where somebody touched or typed."""
    return told.made if isinstance(told, Receipt) else None


class Touch:
    """What came of a touch: heard and seen like a scan's, but in no scan log."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.committed = False

    def __call__(self, outcome: Outcome, said: str, command_id: UUID | None = None) -> None:
        self._floor.says(outcome, said, self.committed or command_id is not None, said)

    def quietly(self, outcome: Outcome, said: str) -> None:
        """A touch needs no sound."""
