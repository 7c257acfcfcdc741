"""Wall window: a board read from five metres. It takes no input, follows the store, and turns its pages by itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent, QScreen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.access import system
from app.kernel.problems import Problem, Refused
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.kit.bench import Bench
from ui.kit.board import BoardView
from ui.kit.cards import Stack, gathered
from ui.kit.declared import Board, Declared
from ui.kit.live import Live, Once
from ui.theme import role, worn

TURN = 12_000  # milliseconds for which a page is read
WIDE, HIGH = 26, 5  # letters of a card, and lines
BESIDE = QSize(1280, 720)  # where there is no screen for it alone


class Wall(QWidget):
    """The board of the whole organisation; of each job only what a board says."""

    def __init__(self, bench: Bench, board: Board, org_id: UUID) -> None:
        super().__init__()
        self._bench, self._board, self._org = bench, board, org_id
        self._stacks: Sequence[Stack] = ()
        self._at = 0
        self.setWindowTitle(say(board.title))
        self.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.view = BoardView(far=True)
        self._title, self._count, self._clock = (role(QLabel(), name) for name in ("sentence", "title", "sentence"))
        self.foot = role(QLabel(), "title")
        self._lay_out()
        group = board.groups[0][0] if board.groups else ""
        self._once = Once(bench, self, lambda: gathered(bench, board, group, system(org_id)), self._came)
        Live(bench, self, lambda: board.watched, self._once.ask)
        self._turn = QTimer(self, interval=TURN)
        self._turn.timeout.connect(self.turn)
        self._turn.start()

    def _lay_out(self) -> None:
        gap = 2 * worn().density.gap
        head = QHBoxLayout()
        head.setSpacing(2 * gap)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch()
        head.addWidget(self._clock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(gap, gap, gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.foot, 0, Qt.AlignmentFlag.AlignRight)

    def turn(self) -> None:
        """The next page, with the ages as they are now."""
        self._at += 1
        self._once.ask()

    def _came(self, stacks: Sequence[Stack]) -> None:
        self._stacks = stacks
        self._show()

    def _show(self) -> None:
        """One page, and which one it is."""
        letter = worn().density.title
        across, down = max(1, self.width() // (WIDE * letter // 2)), max(1, (self.height() - 6 * letter) // (HIGH * letter))
        found = pages(self._stacks, across, down)
        here = self._at % len(found)
        self.view.show_stacks(found[here])
        app = self._bench.app
        self._title.setText(say(self._board.title))
        self._count.setText(str(sum(len(stack.cards) for stack in self._stacks)) if self._stacks else say(self._board.empty))
        self._clock.setText(f"{local_time(app.clock.now(), app.station.zone):%H:%M}")
        self.foot.setText(say(_("{here} of {all}"), here=here + 1, all=len(found)) if len(found) > 1 else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The terminal's window closes: so does this one."""
        if event.type() == QEvent.Type.Close:
            self.close()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        self._turn.stop()
        super().closeEvent(event)


def pages(stacks: Sequence[Stack], across: int, down: int) -> list[list[Stack]]:
    """So many columns beside each other, so many cards in each; a longer column goes on beside itself. One page at least."""
    parts = [
        Stack(stack.title, stack.cards[at : at + down])
        for stack in stacks
        for at in range(0, len(stack.cards), down)
    ]  # fmt: skip
    return [parts[at : at + across] for at in range(0, len(parts), across)] or [[]]


def board_named(declared: Declared, name: str) -> Board:
    """The board of that name; Refused with the names there are."""
    found = declared.board(name)
    if found is None:
        message, hint = _("There is no board “{name}”."), _("There are: {names}.")
        names = ", ".join(board.id for board in declared.boards())
        raise Refused(Problem("wall.no_board", message, hint=hint, values={"name": name[:60], "names": names}))
    return found


def open_wall(window: QWidget, bench: Bench, board: Board, org_id: UUID) -> Wall:
    """Shows the board beside the terminal's window; it moves when screens come and go."""
    wall = Wall(bench, board, org_id)
    window.installEventFilter(wall)
    hanging = Hanging(wall, window)
    hanging.hang(QGuiApplication.screens())
    return wall


class Hanging(QObject):
    """Where a wall board hangs."""

    def __init__(self, wall: Wall, window: QWidget) -> None:
        super().__init__(wall)
        self._wall, self._window = wall, window
        told = QGuiApplication.instance()
        if isinstance(told, QGuiApplication):
            told.screenAdded.connect(self._came)
            told.screenRemoved.connect(self._went)

    def _came(self, _new: QScreen) -> None:
        self.hang(QGuiApplication.screens())

    def _went(self, gone: QScreen) -> None:
        self.hang([screen for screen in QGuiApplication.screens() if screen is not gone])

    def hang(self, screens: Sequence[QScreen]) -> None:
        """Fills the screen on which the terminal's own window is not. Where there is none, the board is a window behind the
        terminal's: it takes no input, so it must never cover the one that does."""
        own = self._window.screen()
        second = next((screen for screen in screens if screen is not own), None)
        if second is not None:
            self._wall.setScreen(second)
            self._wall.setGeometry(second.geometry())
            self._wall.showFullScreen()
            return
        self._wall.showNormal()
        self._wall.setGeometry(QRect(own.geometry().topLeft(), BESIDE))
        self._window.activateWindow()
