"""Bench: what a screen works at. The app and its threads, who is signed in, and the ways to tell, to ask and to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from sqlalchemy.orm import Session

from app.access.sign_in import Desk
from app.assemble import App
from app.kernel.access import Actor
from app.kernel.commands import Answer, Command
from app.kernel.ids import new_id
from app.kernel.link import Link, NoHub
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.papers.paper import Paper as Words
from ui.kit.declared import Action, Declared, Place
from ui.kit.errand import BROKE, errand
from ui.kit.runner import Lane, Runner
from ui.kit.sound import Outcome as Tone
from ui.kit.unsaved import Failed, Heard, Seen, Unsaved, was_not_saved

if TYPE_CHECKING:
    from ui.first.port import Begins
    from ui.health.doctor import Doctor
    from ui.kit.question import Question

T = TypeVar("T")


class Told(Protocol):
    """How what came of a scan (or a touch) reaches a person: by sound, flash and the scan line; a scan's log keeps it too.

    `committed` is set where something was kept without a command's id. Calling it again corrects what was told; `quietly`
    keeps the outcome and lets the next scan come, without a sound.
    """

    committed: bool

    def __call__(self, outcome: Outcome, said: str, command_id: UUID | None = None) -> None: ...

    def quietly(self, outcome: Outcome, said: str) -> None: ...


class Ways(Protocol):
    """What the window does for its screens."""

    def go(self, place: Place) -> None:
        """Opens a place on top of this one."""

    def back(self) -> None:
        """Returns to the place before."""

    def ask(self, question: Question) -> None:
        """Puts a question into the task area; the screen under it waits."""

    @property
    def told(self) -> Told:
        """Says what came of a touch."""

    def wear(self, theme: str, density: str) -> None:
        """Dresses the terminal anew."""

    def try_sound(self, tone: Tone) -> None:
        """Plays a sound with its flash, to hear whether it can be heard."""

    def failed(self, error: Refused | Trouble) -> None:
        """Something could not be read or kept; it is told, and shown as state."""

    def keep(self, item: Unsaved) -> None:
        """The disk did not take it: it stays on the screen until it is saved."""


class LabelPrinter(Protocol):
    """What puts a label on paper; Refused or Trouble say why it could not."""

    def print_label(self, template: str, fields: Mapping[str, str]) -> None: ...


class Paper(Protocol):
    """What puts a list on sheets of paper, as a PDF file; draws a paper, and a text as the picture of a QR code; and puts a paper
    in a file and on sheets, where it tells whether there was a printer. `sheets` is where it prints, empty where nowhere; `send`
    prints a PDF that is there."""

    sheets: str

    def write(self, file: Path, title: str, note: str, heads: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None: ...

    def draw(self, paper: Words) -> bytes: ...

    def code(self, text: str) -> bytes: ...

    def put(self, content: bytes, file: Path) -> bool: ...

    def send(self, content: bytes) -> None: ...


@dataclass(frozen=True)
class Shot:
    """A photo that somebody took or chose: its name, and what reads it, which may raise Trouble."""

    name: str
    read: Callable[[], bytes]


class PhotoSource(Protocol):
    """Where photos come from: files today, a camera where there is one."""

    def take(self, then: Callable[[Sequence[Shot]], None]) -> None:
        """Lets somebody choose or take photos; `then` hears of them, on the screen thread, unless they left it."""


@dataclass(frozen=True)
class Act:
    """What a person did last and may take back: its words, and the command that undoes it; `more` of them where several
    things were done at once. Of what is `final` there is none, and Undo says so once before it goes on to what was before."""

    words: str
    undo: Command | None
    more: tuple[Command, ...] = ()
    final: str = ""


class Bench(QObject):
    """What one person's screens work at; the terminal's own bench belongs to nobody, and `seated` gives each person one.

    `noticed` carries each Notice on the screen thread, `linked` says that it stands otherwise to the hub, `roomed` that there
    is something else to say of the disk, `acted` that there is more or less to undo.
    """

    noticed = Signal(object)
    linked = Signal()
    roomed = Signal()
    acted = Signal()
    _came = Signal(object)
    _moved = Signal()

    def __init__(
        self,
        app: App,
        runner: Runner,
        declared: Declared,
        desk: Desk,
        currency: str = "EUR",
        actor: Actor | None = None,
        parent: Bench | None = None,
    ) -> None:
        super().__init__(parent)
        self.app = app
        self.runner = runner
        self.declared = declared
        self.desk = desk
        self.currency = currency
        self.acts: list[Act] = []
        self._parent_bench = parent
        self._labels: LabelPrinter | None = None
        self._room: Problem | None = None
        self.photos: PhotoSource | None = parent.photos if parent else None
        self.paper: Paper | None = parent.paper if parent else None
        self.join: Callable[[], None] | None = parent.join if parent else None
        self.leave: Callable[[], None] | None = parent.leave if parent else None
        self.browse: Callable[[str], bool] | None = parent.browse if parent else None  # opens a page on the web, where it can
        self.begins: Begins | None = parent.begins if parent else None
        self.doctor: Doctor | None = parent.doctor if parent else None
        self.link: Link = parent.link if parent else NoHub()
        self._actor = actor
        self._ways: Ways | None = parent.ways if parent else None
        self._deaf: Callable[[], None] | None = None
        if parent is not None:
            parent.noticed.connect(self.noticed)
            parent.linked.connect(self.linked)
            parent.roomed.connect(self.roomed)
            self.acted.connect(parent.acted)
        else:
            self._came.connect(self.noticed, Qt.ConnectionType.QueuedConnection)
            self._moved.connect(self.linked, Qt.ConnectionType.QueuedConnection)
            self._deaf = app.notices.listen(self._came.emit)

    @property
    def labels(self) -> LabelPrinter | None:
        """The terminal's label printer, whoever's bench this is."""
        return self._parent_bench.labels if self._parent_bench is not None else self._labels

    @labels.setter
    def labels(self, printer: LabelPrinter | None) -> None:
        if self._parent_bench is not None:
            self._parent_bench.labels = printer
        self._labels = printer

    @property
    def room(self) -> Problem | None:
        """What there is to say of this machine's disk, whoever's bench this is; None while it has room."""
        return self._parent_bench.room if self._parent_bench is not None else self._room

    def learn_room(self, problem: Problem | None) -> None:
        """The disk has more or less room than before."""
        self._room = problem
        self.roomed.emit()

    def tie(self, link: Link) -> None:
        """The link of this terminal to its hub; it tells of itself from any thread."""
        self.link = link
        link.listen(self._moved.emit)

    def seated(self, actor: Actor) -> Bench:
        """The bench of one person at this terminal, for as long as the window is open."""
        return Bench(self.app, self.runner, self.declared, self.desk, self.currency, actor, self)

    @property
    def ways(self) -> Ways:
        """The window; there is one before any screen is made."""
        if self._ways is None:
            raise RuntimeError("a screen was made before the window")
        return self._ways

    @ways.setter
    def ways(self, ways: Ways) -> None:
        self._ways = ways

    @property
    def actor(self) -> Actor:
        """Whose bench it is."""
        if self._actor is None:
            raise RuntimeError("nobody acts at the terminal's own bench")
        return self._actor

    def doors(self) -> tuple[Action, ...]:
        """What this person finds at home and on the rail."""
        return tuple(action for action in self.declared.home(self.actor.home) if self.can(action.needs))

    def can(self, grant: str) -> bool:
        return not grant or self.app.can(self.actor, grant)

    def read(
        self,
        owner: QObject,
        question: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
        lane: Lane = Lane.LOOKS,
    ) -> None:
        """Asks on a reader thread and answers on this one, unless the asker has been closed meanwhile.

        What fails is told; `failed` hears of it before that, so that the asker may ask again.
        """

        def told(error: Refused | Trouble) -> None:
            if failed is not None and shiboken6.isValid(owner):
                failed(problems_of(error)[0])
            self._failed(error)

        context = copy_context()  # the reader's language goes along
        self.runner.read(lambda: context.run(question), then, told, owner, lane)

    def run(
        self, owner: QObject, command: Command, then: Callable[[Answer], None], words: str = "", cosigner: Actor | None = None
    ) -> None:
        """Runs a command on the writer thread in this person's name; `words` name it where it can be undone.

        `cosigner` is a colleague who vouched for it. `then` always hears of it, also that it met Trouble or a bug; where its
        owner has been closed meanwhile, the person is told directly. What the disk does not take is kept until it does, or
        somebody gives it up; only then does `then` hear of it.
        """
        app, actor, ident = self.app, self.actor, new_id()

        def send(heard: Heard, failed: Failed) -> None:
            self.runner.submit(lambda: app.run(command, actor, ident, cosigner), heard, failed, self)

        def look(seen: Seen, failed: Failed) -> None:
            self.runner.submit(lambda: app.dispatcher.answered(ident, actor.org_id), seen, failed, self)

        def done(answer: Answer) -> None:
            undo = command.undone_by(answer.id) if answer.done else None
            if answer.done and words and (undo is not None or command.final):
                self.did(Act(words, undo, final=command.final))
            if shiboken6.isValid(owner):
                then(answer)
            else:
                self._tell(answer, words)

        def failed(error: Refused | Trouble) -> None:
            refused = Answer(ident, type(command).__name__, "refused", problems_of(error))
            if was_not_saved(error):
                what = words or say(type(command).label)
                self.ways.keep(Unsaved(what, refused.problems[0], self._teller, send, look, done, refused))
            else:
                done(refused)

        send(done, failed)

    def did(self, act: Act) -> None:
        """Something was done that this person may take back."""
        self.acts.append(act)
        self.acted.emit()

    @property
    def _teller(self) -> Told:
        """Who tells of what goes on just now: the scan that it is for, or the window."""
        under_way = errand()
        return under_way.told if under_way is not None else self.ways.told

    def _tell(self, answer: Answer, words: str) -> None:
        """What came of a command whose screen has been left meanwhile."""
        told = self._teller
        if answer.done:
            told(Outcome.SUCCESS, words or say(_("It is saved.")), answer.id)
        else:
            told(Outcome.ERROR, said_of(answer))

    def write(self, function: Callable[[Session], None]) -> None:
        """Writes rows of this terminal alone, such as drafts, on the writer thread; nobody waits for it."""
        writer = self.app.writer

        def written() -> None:
            with writer.sessions() as session:
                function(session)

        self.runner.submit(written, None, self._failed, self)

    def undo(self, told: Told) -> None:
        """Takes back this person's last act, which stays theirs to undo until it is done. `told` hears what came of it."""
        act = self.acts.pop() if self.acts else Act("", None, final=_("There is nothing to take back."))
        if act.undo is None:
            told(Outcome.ERROR, say(act.final))
            self.acted.emit()
            return
        app, actor, place, left = self.app, self.actor, len(self.acts), [act.undo, *act.more]

        def next_one() -> None:
            """One at a time, so that a scan between them does not wait for all."""
            self.runner.submit(lambda: app.run(left[0], actor), done, failed, self)

        def stays() -> None:
            self.acts.insert(place, replace(act, undo=left[0], more=tuple(left[1:])))
            self.acted.emit()

        def done(answer: Answer) -> None:
            if not answer.done:
                stays()
                told(Outcome.ERROR, said_of(answer))
            elif left[1:]:
                del left[0]
                next_one()
            else:
                told(Outcome.SUCCESS, say(_("Taken back: {what}"), what=act.words), answer.id)
                self.acted.emit()

        def failed(error: Refused | Trouble) -> None:
            stays()
            self._failed(error)

        next_one()

    def close(self) -> None:
        """Ends the threads that read, and listening to the store."""
        if self._deaf is not None:
            self._deaf()
        self.runner.close()

    def _failed(self, error: Refused | Trouble) -> None:
        """What fails for a scan is that scan's to tell; the rest is told by the window, and a bug by its own page."""
        under_way = errand()
        if under_way is not None:
            under_way.failure = error
        elif BROKE not in [problem.code for problem in problems_of(error)]:
            self.ways.failed(error)


def problems_of(error: Refused | Trouble) -> tuple[Problem, ...]:
    """What stands against it."""
    return (error.problem,) if isinstance(error, Trouble) else error.problems


def said_of(answer: Answer) -> str:
    """What stands against a command, and what to do."""
    return " ".join(sentence_of(problem) for problem in answer.problems[:1])


def sentence_of(problem: Problem) -> str:
    """A problem's sentence and its advice."""
    return f"{problem.sentence} {problem.advice}".strip()
