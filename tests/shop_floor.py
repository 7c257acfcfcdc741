"""A terminal for tests: a real window on a real store, worked by real key events; only the loudspeaker is silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QEvent, QModelIndex, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QTabBar, QWidget

from app.access.badges import badge_code
from app.access.commands import GiveBadge
from app.kernel.access import Actor
from app.kernel.ids import short
from app.kernel.scan_log import Outcome
from app.kernel.scanning import own_code
from ui.kit.course import Course
from ui.kit.flow import FlowPage
from ui.kit.question import Question
from ui.kit.sound import Outcome as Tone
from ui.kit.sound import SilentPlayer
from ui.main import Setup, open_window
from ui.shell.window import Window
from world import World

PATIENCE = 10_000  # milliseconds on a busy machine
Wait = Callable[..., None]


class Terminal(QObject):
    """One window in one test. Counts scans and touches; `heard` holds what was told, as (outcome, sentence)."""

    def __init__(self, world: World, window: Window, player: SilentPlayer, wait: Wait) -> None:
        super().__init__()
        self.world, self.window, self.player = world, window, player
        self.heard: list[tuple[Outcome, str]] = []
        self.scans = 0
        self.touches = 0
        self._wait = wait
        window.floor.heard.connect(self._hears)
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def _hears(self, outcome: Outcome, said: str, _committed: bool) -> None:
        self.heard.append((outcome, said))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            self.touches += 1
        return False

    # -------------------------------------------------------------------------------------------------------- acting

    def scan(self, text: str) -> tuple[Outcome, str]:
        """Pulls the trigger, and waits until the terminal has answered."""
        before = len(self.heard)
        self.shoot(text)
        self.until(lambda: len(self.heard) > before and self.window.router.idle)
        return self.heard[-1]

    def shoot(self, text: str) -> None:
        """Pulls the trigger and does not wait."""
        self.scans += 1
        self.window.typist.scan(text)

    def touch(self, name: str, *, whole: bool = False) -> None:
        """Touches the button that is called so, in the middle."""
        self.until(lambda: self.find(name, whole=whole) is not None)
        button = self.find(name, whole=whole)
        assert button is not None
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())

    def find(self, name: str, *, whole: bool = False) -> QAbstractButton | None:
        """A button that can be seen, by what a screen reader calls it: how that begins, or the `whole` of it."""
        seen = [one for one in self.window.findChildren(QAbstractButton) if one.isVisible()]
        named = (one for one in seen if one.accessibleName() == name or (not whole and one.accessibleName().startswith(name)))
        return next(named, None)

    def reach(self, name: str, *, whole: bool = False) -> None:
        """Touches “More” where the bar has no room for a button."""
        self.until(self.settled)
        if self.find(name, whole=whole) is None:
            self.touch("More")

    def row(self, words: str) -> tuple[QAbstractItemView, QModelIndex] | None:
        """A line of a list or table that can be seen, by its words in any column."""
        for view in self.window.findChildren(QAbstractItemView):
            model = view.model()
            if not view.isVisible() or model is None:
                continue
            for line in range(model.rowCount()):
                for column in range(model.columnCount() if isinstance(model, QAbstractTableModel) else 1):
                    if words in str(model.index(line, column).data() or ""):
                        return view, model.index(line, column)
        return None

    def touch_row(self, words: str) -> None:
        """Touches a line of a list or table."""
        self.until(lambda: self.row(words) is not None)
        found = self.row(words)
        assert found is not None
        view, index = found
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())

    def open_tab(self, name: str) -> None:
        """Touches a tab."""
        bar = next(one for one in self.window.findChildren(QTabBar) if one.isVisible())
        place = next(number for number in range(bar.count()) if bar.tabText(number) == name)
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())

    def until(self, so: Callable[[], bool]) -> None:
        self._wait(so, timeout=PATIENCE)

    def begin(self) -> None:
        """From here on it counts."""
        self.sounds().clear()
        self.heard.clear()
        self.scans = self.touches = 0

    # ------------------------------------------------------------------------------------------------------- looking

    @property
    def course(self) -> Course:
        screen = self.window.floor.screen
        assert isinstance(screen, FlowPage)
        return screen.course

    @property
    def question(self) -> Question | None:
        sitting = self.window.floor.sitting
        return sitting.asking.question if sitting and sitting.asking else None

    def words(self) -> str:
        """Every word that can be read now."""
        return "\n".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisible() and label.text())

    def sounds(self) -> list[Tone]:
        """What was played, once all of it was."""
        assert self.window.sounds.wait()
        return self.player.played

    def settled(self) -> bool:
        """Whether every question to the store has been answered and shown."""
        QCoreApplication.processEvents()
        if not (self.window.bench.runner.idle and self.window.router.idle):
            return False
        QCoreApplication.processEvents()  # and laid out
        return self.window.bench.runner.idle

    def log(self) -> list[dict[str, object]]:
        """The scan log, oldest first."""
        self.world.app.writer.run(int)  # what was written before is there
        return self.world.app.ask("scans", self.world.system, limit=500, sort="at").rows


def code(kind: str, row: UUID) -> str:
    """The text of a row's label."""
    return own_code(kind, short(row))


def card(word: str) -> str:
    """The text of a command's card."""
    return own_code("CM", word)


def times(number: int) -> str:
    """The text of a quantity card."""
    return own_code("QT", str(number))


def badge(world: World, person: Actor) -> str:
    """Gives somebody a badge; what it says."""
    text, code_hash = badge_code()
    world.done(GiveBadge(person=person.id, code_hash=code_hash))
    return text


@contextmanager
def at_work(world: World, wait: Wait, folder: Path, **look: object) -> Iterator[Terminal]:
    """A window on the world's store. When it has closed, nothing of it still runs."""
    before = set(threading.enumerate())
    player = SilentPlayer()
    window = open_window(world.app, world.org, Setup(player=player, reports=folder, **look))  # type: ignore[arg-type]
    terminal = Terminal(world, window, player, wait)
    try:
        yield terminal
    finally:
        QCoreApplication.instance().removeEventFilter(terminal)  # type: ignore[union-attr]
        window.end()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith(("reader", "sounds"))]
        assert not left, "threads of the window still run"
