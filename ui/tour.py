"""The guided tour: the stories of the shop floor played by the real widgets, from real key events, each step a picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

from app.assemble import Terminal
from app.demo import KEEPER, Stage, badge_text, tour_jobs
from app.demo.catalogue import S1_PARTS, S2_PART, items
from app.demo.elsewhere import came_back
from app.kernel.events import Notice
from app.kernel.ids import short
from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.scanning import own_code
from app.kernel.types import Quantity
from app.kernel.words import _, say
from ui.kit.sound import Outcome as Tone
from ui.kit.sound import SilentPlayer
from ui.main import Setup, application, open_window
from ui.shell.window import Window

PATIENCE = 20_000  # milliseconds that a step may take on a busy machine before the tour gives up
STILL = 80  # milliseconds without painting after which a picture is worth taking
TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress)


@dataclass(frozen=True)
class Step:
    """One scan: what it shows, the text, the outcome that is expected."""

    name: str
    text: str
    outcome: Outcome = Outcome.SUCCESS


@dataclass(frozen=True)
class Chapter:
    """A story with its budget. `holds` asks the store, at the end, whether what the story promises is so."""

    name: str
    title: str
    steps: tuple[Step, ...]
    scans: int
    holds: Callable[[], bool]
    touches: int = 0


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


def chapters(terminal: Terminal, stage: Stage) -> tuple[Chapter, ...]:
    """The stories, on jobs of the demo that wait for their parts."""
    five, twelve = tour_jobs(stage)
    eans = {one.code: one.ean for one in items()}
    names = {one.code: one.name for one in items()}
    bolt = Step(names[S2_PART], eans[S2_PART])
    issue = (
        Step("badge", badge_text(KEEPER)),
        Step("job tag", _tag(five)),
        *(Step(names[code], eans[code]) for code in S1_PARTS),
    )
    many = (Step("job tag", _tag(twelve)), bolt, Step("card × 10", own_code("QT", "10")), bolt, bolt)
    undo = (Step("card UNDO", own_code("CM", "UNDO")),)
    came_back(stage, KEEPER)
    let_go = (
        Step("card CARDS", own_code("CM", "CARDS")),
        Step("card × 2", own_code("QT", "2")),
        Step("card DONE", own_code("CM", "DONE")),
    )
    keeper = stage.actor(KEEPER)
    planned = {stage.ident("part", code): Quantity(1) for code in S1_PARTS}

    def out(order: UUID) -> Quantity:
        return sum(_issued(terminal, stage, order).values(), Quantity(0))

    return (
        Chapter("S1", "Five different parts to a job", issue, 7, lambda: _issued(terminal, stage, five) == planned),
        Chapter("S2", "Twelve of one part, with a quantity card", many, 5, lambda: out(twelve) == Quantity(12)),
        Chapter("UNDO", "The last one taken back", undo, 1, lambda: out(twelve) == Quantity(11)),
        Chapter("CARDS", "What the hub turned down is let go", let_go, 3, lambda: not terminal.app.count("attention", keeper)),
    )


def _tag(order: UUID) -> str:
    return own_code("WO", short(order))


def _issued(terminal: Terminal, stage: Stage, order: UUID) -> dict[UUID, Quantity]:
    page = terminal.app.ask("order_parts", stage.actor(KEEPER), order=order)
    return {row["id"]: row["issued"] - row["returned"] for row in page.rows}


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
        window.close()


class Theatre(QObject):
    """Scans for the tour, waits for what comes of it, and counts what a person would have done."""

    def __init__(self, window: Window, player: SilentPlayer, folder: Path, said: Callable[[str], None]) -> None:
        super().__init__()
        self._window, self._player, self._folder, self._said = window, player, folder, said
        self._typist = window.typist
        self._heard: list[tuple[Outcome, str]] = []
        self._taken: list[Path] = []
        self._touches = self._scans = self._commits = 0
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
        if event.type() in TOUCHES:
            self._touches += 1
        elif painting or over:
            self._still.start()
        return False

    def noticed(self, _notice: Notice) -> None:
        """A command was committed; told on the writer's thread."""
        self._commits += 1

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
        self._typist.scan(step.text)
        while not self._heard:  # on a busy machine the flash of the last scan may end first
            self._wait(step.name)
        outcome, sentence = self._heard[-1]
        self._said(f"{step.name}: {sentence}")
        if outcome is not step.outcome:
            message, hint = _("The tour stops at “{step}”: {said}"), _("Build the demo anew: fettle demo --fresh.")
            raise Trouble("tour.stopped", message, hint, {"step": step.name, "said": sentence})

    def settle(self) -> None:
        """Waits until the window has been painted whole."""
        self._still.start()
        self._wait("sign-in")

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
