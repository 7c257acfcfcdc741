"""Shots before there is a terminal: what a machine that holds nothing asks, and how it joins a hub, in one look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count as numbers
from pathlib import Path
from uuid import UUID

from PIL import Image
from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from app.access.founding import Founder, Shop
from app.access.regaining import Keeper
from app.kernel.access import Actor
from app.kernel.problems import Problem, Trouble
from app.kernel.store_troubles import damaged
from app.kernel.whereabouts import Whereabouts
from app.kernel.words import _, say
from ui.first.founder import FounderStep
from ui.first.port import Brought, Known
from ui.first.trouble import TroubleWindow
from ui.first.welcome import OPEN
from ui.first.window import FirstWindow
from ui.joining.port import Far, Invitation, Joined
from ui.joining.window import JoinWindow
from ui.kit.entry import Entry
from ui.main import application
from ui.scan.burst import ScannerSetup
from ui.scan.raw import RawScan

PATIENCE = 20_000  # milliseconds for one screen on a busy machine
STORE = Path("/home/workshop/.local/share/Fettle/terminal.fettle")
CODE = "XF5G3-ZWJ8J-0AZ5C-BA65B-780BG-DB"  # of no store


class NoHub:
    """A hub that is not asked: only what is wanted of it is seen."""

    def read(self, text: str) -> Invitation | None:
        return None

    def join(self, invitation: Invitation) -> Joined:
        raise Trouble("hub.away", _("The hub does not answer."))

    def fetch(self, tell: Callable[[Far], None], stop: Callable[[], bool]) -> None:
        raise Trouble("hub.away", _("The hub does not answer."))


class NoShop:
    """A machine on which everything goes well and nothing is kept."""

    def by(self, who: Actor) -> NoShop:
        return self

    def begin(self) -> Known:
        return Known(Shop(say(_("Our workshop")), zone="Europe/Berlin"))

    def found(self, shop: Shop) -> None: ...

    def appoint(self, founder: Founder) -> str:
        return CODE

    def code(self) -> tuple[str, bytes]:
        made = BytesIO()
        squares = Image.new("1", (21, 21))
        squares.putdata([(place * place // 7) % 3 == 0 for place in range(21 * 21)])
        squares.save(made, "PNG")
        return "FT1:CM:DONE", made.getvalue()

    def keep_scanner(self, setup: ScannerSetup) -> None: ...

    def print_test(self, target: str) -> None: ...

    def keep_printer(self, target: str) -> None: ...

    def bring(self, entity: str, file: Path, tell: Callable[[int], None]) -> Brought:
        return Brought(2, 0, 0)

    def whereabouts(self) -> Whereabouts:
        return Whereabouts((), None, False, False, 0)

    def support(self) -> Path:
        return Path()

    def keepers(self) -> list[Keeper]:
        return []

    def regain(self, who: UUID, code: str, pin: str) -> Problem | None:
        return None


def shoot_before(folder: Path, size: tuple[int, int]) -> None:
    """Saves a picture of every first screen and of joining, in the look and the language of now."""
    application().setCursorFlashTime(0)  # a cursor that blinks would make two pictures of one
    _once(JoinWindow(NoHub(), _bug, "counter", first=True), size, folder / "joining.png")
    _once(TroubleWindow(damaged(STORE).problem, Path, _bug), size, folder / "trouble.png")
    window = FirstWindow(NoShop(), _bug)
    window.resize(*size)
    window.show()
    try:
        for number, name in zip(numbers(1), _first(window), strict=False):
            _save(window, folder / f"first-{number}-{name}.png")
    finally:
        window.close()


def _once(window: Entry, size: tuple[int, int], file: Path) -> None:
    window.resize(*size)
    window.show()
    _save(window, file)
    window.close()


def _first(window: FirstWindow) -> Iterator[str]:
    """Walks from the first touch to the open workshop; the name of each screen, once it is seen."""
    yield "welcome"
    window.choose_way(OPEN)
    _until(lambda: window.step is not None)
    yield "shop"
    box = window.findChild(QLineEdit)
    if box is not None:
        QTest.mouseClick(box, Qt.MouseButton.LeftButton)
        yield "keys"
        QTest.keyClick(box, Qt.Key.Key_End)  # whoever has a keyboard sees the glass again
    window.go(1)
    yield "you"
    _type(window, {_("Your name"): "Nora Keller", _("PIN"): "407192", _("The PIN once more"): "407192"})
    step = window.step
    if isinstance(step, FounderStep):
        step.submit()
        _until(lambda: step.there)
    yield "code"
    for place, name in enumerate(("printer", "scanner", "stock", "open"), start=2):
        window.go(place)
        if name == "scanner":
            window.wedge.scanned.emit(RawScan("FT1:CM:DONE"))
        yield name


def _type(window: QWidget, told: dict[str, str]) -> None:
    named = {box.accessibleName(): box for box in window.findChildren(QLineEdit)}
    for label, text in told.items():
        named[say(label)].setText(text)


def _until(so: Callable[[], bool]) -> None:
    end = QDeadlineTimer(PATIENCE)
    while not so() and not end.hasExpired():
        application().processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def _save(window: QWidget, file: Path) -> None:
    for _round in range(3):  # what is laid out anew asks for another round
        application().processEvents()
    window.grab().save(str(file))


def _bug(bug: BaseException) -> None:
    raise bug
