"""The terminal's composition root: builds every long-lived object of the window by hand and lets them meet."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from uuid import UUID

from platformdirs import user_data_path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.sign_in import Desk
from app.assemble import App
from app.kernel.access import system
from app.kernel.entity import fields_of
from app.kernel.link import Link, NoHub
from app.labor.states import STANDINGS
from app.organisations.model import Organisation
from app.papers.paper import Paper as Words
from ui.first.port import Begins
from ui.health.doctor import Doctor
from ui.kiosk.heart import Heart, watched
from ui.kiosk.screens import with_way_out
from ui.kit.address import open_in_browser
from ui.kit.bench import Bench, PhotoSource
from ui.kit.photos import Files
from ui.kit.runner import Runner
from ui.kit.sound import Player, Sounds
from ui.kit.values import learn, live_in
from ui.scan.burst import ScannerSetup
from ui.scan.router import Router
from ui.scan.wedge import Wedge
from ui.screens import DECLARED
from ui.settings.look import Look
from ui.shell.floor import Floor
from ui.shell.idle import SECONDS
from ui.shell.opener import opened
from ui.shell.outfit import Outfit, Worn
from ui.shell.window import Mishaps, Window
from ui.theme import Theme

LOOK = "look.json"
SWITCH = 0.0001  # seconds; one scan's painting waits for another thread's turn some thirty times


class Printer:
    """Prints labels to where this terminal's printer is: `tcp://host`, or a file."""

    def __init__(self, target: str) -> None:
        self._target = target

    def print_label(self, template: str, fields: Mapping[str, str]) -> None:
        from printing.labels import deliver, encode, render  # drawing libraries, which a start does not wait for

        deliver(encode([render(template, fields)], self._target), self._target)


class Paper:
    """Puts lists and papers on sheets, as a PDF: in a file, and to `sheets`, an office printer, where there is one."""

    def __init__(self, sheets: str = "") -> None:
        self.sheets = sheets

    def write(self, file: Path, title: str, note: str, heads: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
        from printing.lists import write

        write(file, title, note, heads, rows)

    def draw(self, paper: Words) -> bytes:
        from printing.papers import document

        return document(paper)

    def code(self, text: str) -> bytes:
        from printing.qr import as_file

        return as_file(text, ".png")

    def put(self, content: bytes, file: Path) -> bool:
        from printing.delivery import deliver

        file.parent.mkdir(parents=True, exist_ok=True)
        deliver(content, str(file))
        if self.sheets:
            self.send(content)
        return bool(self.sheets)

    def send(self, content: bytes) -> None:
        from printing.delivery import deliver

        deliver(content, self.sheets)


@dataclass(frozen=True)
class Setup:
    """What differs between a shop floor, the tour and a test: the look, the ports, and where reports go."""

    theme: str = ""  # what was chosen last where nothing is said
    density: str = ""
    player: Player | None = None  # the machine's own when there is none
    link: Link = field(default_factory=NoHub)
    scanner: ScannerSetup = field(default_factory=ScannerSetup)
    reports: Path = field(default_factory=lambda: user_data_path("Fettle", appauthor=False) / "reports")
    printer: str = field(default_factory=lambda: os.environ.get("FETTLE_PRINTER", ""))
    sheets: str = field(default_factory=lambda: os.environ.get("FETTLE_SHEETS", ""))  # an office printer
    photos: PhotoSource | None = None  # files, where there is none
    begins: Begins | None = None  # what sets the workshop and this machine's devices up
    doctor: Doctor | None = None  # who looks after this machine
    join: Callable[[], None] | None = None  # closes the window to join a hub, where that is offered
    leave: Callable[[], None] | None = None  # closes a kiosk
    browse: Callable[[str], bool] | None = open_in_browser  # at a kiosk there is nothing else to open
    size: tuple[int, int] = (1280, 800)


def application() -> QApplication:
    """The one Qt application of this process, made so that no desktop changes our look."""
    os.environ["QT_QPA_PLATFORMTHEME"] = ""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    sys.setswitchinterval(SWITCH)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    made = QApplication(sys.argv[:1])
    made.setApplicationName("Fettle")
    if watched():
        Heart(made)
    return made


def open_window(app: App, org_id: UUID, setup: Setup | None = None) -> Window:
    """A window on an App, shown and ready for a badge. Closing it ends every thread that it began; the App stays open."""
    setup = setup or Setup()
    qt = application()
    look = Look.read(setup.reports / LOOK)
    Theme.load(setup.theme or look.theme, setup.density or look.density).wear(qt)
    _learn_words(app)
    mishaps = Mishaps()
    runner = Runner(app.writer, mishaps.refused.emit, mishaps.broke.emit)
    declared = with_way_out(DECLARED) if setup.leave else DECLARED
    bench = Bench(app, runner, declared, Desk(app), _currency(app, org_id))
    bench.tie(setup.link)
    bench.begins, bench.doctor = setup.begins, setup.doctor  # the door asks for it
    bench.paper = Paper(setup.sheets)
    floor = Floor(bench, opened)
    router = Router(app, floor, bench.read, org_id)
    window = Window(bench, floor, router, Wedge(setup.scanner), Sounds(setup.player), setup.link, setup.reports)
    bench.browse = None if setup.leave else setup.browse
    bench.photos, bench.join, bench.leave = setup.photos or Files(window), setup.join, setup.leave
    outfit = Outfit(bench, org_id, Worn(setup.printer, setup.scanner, SECONDS), lambda worn: _put_on(window, worn), window)
    outfit.told.connect(lambda worn: _keep_language(setup.reports / LOOK, worn.language))
    _put_on(window, Worn(setup.printer, setup.scanner, SECONDS))
    outfit.read()
    mishaps.setParent(window)
    mishaps.refused.connect(floor.failed)
    mishaps.broke.connect(window.crashed)
    floor.worn.connect(lambda theme, density: QTimer.singleShot(0, window, lambda: _dress(window, setup, Look(theme, density))))
    window.resize(*setup.size)
    window.show()
    window.activateWindow()
    window.wedge.watch(window.windowHandle())
    window.idle.watch(window.windowHandle())
    return window


def _put_on(window: Window, worn: Worn) -> None:
    """The printer, the scanner, the patience and the language that this machine's settings say."""
    window.bench.labels = Printer(worn.printer) if worn.printer else None
    window.wedge.learn(worn.scanner)
    window.idle.wait_for(worn.idle)
    window.floor.speak_at_door(worn.language)


def _keep_language(file: Path, language: str) -> None:
    """What the door speaks is kept for the windows that stand before there is a store."""
    look = Look.read(file)
    if language != look.spoken:
        replace(look, language=language).keep(file)


def _dress(window: Window, setup: Setup, look: Look) -> None:
    """Another look, kept for the next start and worn at once by the window that stands."""
    replace(look, language=Look.read(setup.reports / LOOK).language).keep(setup.reports / LOOK)
    Theme.load(look.theme, look.density).wear(application())
    window.dress()


def settle(window: Window, org_id: UUID) -> None:
    """For the program, once its window stands.

    A bug anywhere opens the crash page. What the program is made of is never again searched for garbage, which would hold
    the screen still in the middle of a scan; and what every scan asks is asked once before anybody waits for it.
    """

    def told(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        if isinstance(bug, Exception):
            window.crashed(bug)
        else:
            sys.__excepthook__(kind, bug, trace)

    def told_aside(args: threading.ExceptHookArgs) -> None:
        """A bug on another thread is told on the screen's own."""
        mishaps = window.findChild(Mishaps)
        if isinstance(args.exc_value, Exception) and mishaps is not None:
            mishaps.broke.emit(args.exc_value)

    sys.excepthook, threading.excepthook = told, told_aside
    gc.collect()
    gc.freeze()
    app = window.bench.app
    window.bench.read(window, lambda: app.meaning("0", system(org_id)), lambda _meaning: None)


def _learn_words(app: App) -> None:
    """The words of every choice, and the zone in which people read times."""
    fields = [found for entity in app.registry.entities.values() for found in fields_of(entity).values()]
    learn({(found.name, stored): label for found in fields for stored, label in found.choices})
    learn({("standing", stored): label for stored, label in STANDINGS})
    live_in(app.station.zone)


def _currency(app: App, org_id: UUID) -> str:
    with Session(app.read_engine) as session:
        return session.scalar(select(Organisation.currency).where(Organisation.id == org_id)) or "EUR"
