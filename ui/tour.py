"""The guided tour: the stories of the shop floor played by the real widgets, from real key events, each step a picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

from app.access.commands import SignOut
from app.assemble import Terminal
from app.demo import Stage
from app.kernel.attached import AttachFile
from app.kernel.events import Notice
from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui import acts
from ui.kit.sound import Outcome as Tone
from ui.kit.sound import SilentPlayer
from ui.main import Setup, application, open_window
from ui.shell.window import Window
from ui.stories import By, Chapter, Step, chapters

PATIENCE = 20_000  # milliseconds that a step may take on a busy machine before the tour gives up
POLL = 20  # milliseconds between two looks at whether something is there yet
STILL = 80  # milliseconds without painting after which a picture is worth taking
W = TypeVar("W")
BY_ITSELF = frozenset({SignOut.__name__, AttachFile.__name__})  # who was here before leaves, a receipt is kept: nobody hears it
TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress)


@dataclass
class Told:
    """What was counted in one chapter, and the pictures that were taken."""

    chapter: Chapter
    scans: int = 0
    touches: int = 0
    ok_sounds: int = 0
    commits: int = 0
    holds: bool = False
    pictures: list[Path] = field(default_factory=list)

    @property
    def met(self) -> bool:
        within = self.scans <= self.chapter.scans and self.touches <= self.chapter.touches
        return within and self.holds and self.ok_sounds == self.commits

    @property
    def sentence(self) -> str:
        """The count in words."""
        return say(
            _("{name}, {title}: {scans} of {most} scans, {touches} touches, {tones} high tones for {commits} commits."),
            name=self.chapter.name,
            title=self.chapter.title,
            scans=self.scans,
            most=self.chapter.scans,
            touches=self.touches,
            tones=self.ok_sounds,
            commits=self.commits,
        )

    def as_json(self) -> dict[str, object]:
        return {
            "chapter": self.chapter.name,
            "title": self.chapter.title,
            "scans": self.scans,
            "touches": self.touches,
            "budget": {"scans": self.chapter.scans, "touches": self.chapter.touches},
            "ok_sounds": self.ok_sounds,
            "commits": self.commits,
            "holds": self.holds,
            "met": self.met,
            "pictures": [path.name for path in self.pictures],
        }


def play(terminal: Terminal, stage: Stage, folder: Path, said: Callable[[str], None] = lambda _sentence: None) -> Iterator[Told]:
    """Plays every chapter in a window of its own; what came of each, as soon as it is over.

    `said` hears each step's sentence as the person at the scanner reads it. Trouble when a step has no answer in time.
    """
    stories: Sequence[Chapter] = chapters(terminal, stage)
    player = SilentPlayer()
    qt = application()
    window = open_window(terminal.app, terminal.org_id, Setup(player=player, reports=folder))
    theatre = Theatre(window, player, folder, said)
    qt.installEventFilter(theatre)
    deaf = terminal.app.notices.listen(theatre.noticed)
    try:
        theatre.settle()
        theatre.picture("sign-in")
        for chapter in stories:
            yield theatre.play(chapter)
    finally:
        deaf()
        qt.removeEventFilter(theatre)
        window.end()


class Theatre(QObject):
    """Scans, touches and types for the tour, waits for what comes of it, and counts what a person would have done."""

    def __init__(self, window: Window, player: SilentPlayer, folder: Path, said: Callable[[str], None]) -> None:
        super().__init__()
        self._window, self._player, self._folder, self._said = window, player, folder, said
        self._typist = window.typist
        self._heard: list[tuple[Outcome, str]] = []
        self._taken: list[Path] = []
        self._touches = self._scans = self._commits = 0
        self._counting = True  # what the customer does is none of ours
        self._loop = QEventLoop(self)
        self._still = QTimer(self, singleShot=True, interval=STILL)
        self._late = QTimer(self, singleShot=True, interval=PATIENCE)
        self._still.timeout.connect(self._loop.quit)
        self._late.timeout.connect(lambda: self._loop.exit(1))
        window.floor.heard.connect(self._hears)
        window.wedge.scanned.connect(self._counts)

    # ------------------------------------------------------------------------------------------------------- counting

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Counts touches, and notices when the window has stopped painting itself and when a flash is over."""
        painting = event.type() == QEvent.Type.UpdateRequest and self._still.isActive()
        over = event.type() == QEvent.Type.Hide and watched is self._window.strip
        if event.type() in TOUCHES and self._counting:
            self._touches += 1
        elif painting or over:
            self._still.start()
        return False

    def noticed(self, notice: Notice) -> None:
        """A command was committed; told on the writer's thread. What goes along by itself with it is not counted."""
        self._commits += notice.command not in BY_ITSELF

    def _counts(self, _raw: object) -> None:
        self._scans += 1

    def _hears(self, outcome: Outcome, sentence: str, _committed: bool) -> None:
        self._heard.append((outcome, sentence))
        self._still.start()

    # -------------------------------------------------------------------------------------------------------- playing

    def play(self, chapter: Chapter) -> Told:
        """One story from its first scan to its last."""
        before = (self._scans, self._touches, self._commits, self._player.played.count(Tone.OK), len(self._taken))
        for step in chapter.steps:
            self._play(step)
            self.picture(f"{chapter.name} {step.name}")
        self._calm(chapter.name)
        self.picture(f"{chapter.name} after")
        return Told(
            chapter,
            self._scans - before[0],
            self._touches - before[1],
            self._player.played.count(Tone.OK) - before[3],
            self._commits - before[2],
            chapter.holds(),
            self._taken[before[4] :],
        )

    def _play(self, step: Step) -> None:
        self._heard.clear()
        text = step.text if isinstance(step.text, str) else step.text()
        if step.by is By.SCAN:
            self._typist.scan(text)
            while not self._heard:  # on a busy machine the flash of the last scan may end first
                self._wait(step.name)
        else:
            self._do(step, text)
            self._until(self._idle, step.name)
            self.settle(step.name)
        outcome, sentence = self._heard[-1] if self._heard else (step.outcome, "")
        self._said(f"{step.name}: {sentence}".removesuffix(": "))
        if outcome is not step.outcome:
            message, hint = _("The tour stops at “{step}”: {said}"), _("Build the demo anew: fettle demo --fresh.")
            raise Trouble("tour.stopped", message, hint, {"step": step.name, "said": sentence})

    def _do(self, step: Step, text: str) -> None:
        """A touch, a group of keys, or a signature; each waits until there is where to do it."""
        window = self._window
        match step.by:
            case By.TOUCH:
                acts.touch(self._there(lambda: acts.button(window, text), step.name))
            case By.KEYS if step.into:
                acts.write(self._there(lambda: acts.field(window, step.into), step.name), text)
                self._touches += 1
            case By.KEYS:
                self._typist.type(text)
                self._touches += 1
                self._until(lambda: bool(self._heard), step.name)
            case By.PEN:
                self._counting = False
                acts.sign(self._there(lambda: acts.paper(window), step.name))
                self._counting = True

    def _there(self, find: Callable[[], W | None], name: str) -> W:
        """What a person waits for before they touch it."""
        while (found := find()) is None:
            self._until(lambda: find() is not None, name)
        return found

    def _idle(self) -> bool:
        """Whether every question to the store has been answered."""
        return self._window.bench.runner.idle and self._window.router.idle

    def _until(self, so: Callable[[], bool], name: str) -> None:
        poll = QTimer(interval=POLL)
        poll.timeout.connect(lambda: self._loop.quit() if so() else None)
        poll.start()
        while not so():
            self._wait(name)
        poll.stop()

    def settle(self, name: str = "sign-in") -> None:
        """Waits until the window has been painted whole."""
        self._still.start()
        self._wait(name)

    def _calm(self, name: str) -> None:
        """Waits, as a person does, until the flash of the last scan has gone."""
        if self._window.strip.isVisible():
            self._wait(name)

    def _wait(self, name: str) -> None:
        """Until there is an answer and the window is still; Trouble when that takes too long."""
        self._late.start()
        late = self._loop.exec()
        self._late.stop()
        if late:
            message = _("The tour waited {seconds} seconds at “{step}” for nothing.")
            hint = _("The machine may be very busy: try again.")
            raise Trouble("tour.late", message, hint, {"seconds": PATIENCE // 1000, "step": name})

    def picture(self, name: str) -> None:
        """Saves what is seen now, under the next number."""
        spoken = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
        path = self._folder / f"{len(self._taken) + 1:02d}-{spoken}.png"
        self._window.save_picture(path)
        self._taken.append(path)
