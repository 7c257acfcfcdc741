"""Window: the same places on every screen, for ever: rail, scan line, status, one task, action bar."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from app.kernel.link import Link
from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.help.news import News
from ui.help.sheet import HelpSheet
from ui.kit.bench import Bench, sentence_of
from ui.kit.declared import Place
from ui.kit.flash import FlashStrip
from ui.kit.screen import Deed
from ui.kit.sound import Sounds
from ui.kit.toast import Toast
from ui.labor.chip import ClockChip
from ui.labor.running import Running
from ui.scan.router import Router
from ui.scan.typist import Typist
from ui.scan.wedge import Wedge
from ui.shell.actionbar import ActionBar
from ui.shell.asked import Asked
from ui.shell.covers import Covers
from ui.shell.crash import CrashPage
from ui.shell.floor import Floor
from ui.shell.hands import Hands
from ui.shell.idle import Idle
from ui.shell.keeping import Keeping
from ui.shell.offers import key_of
from ui.shell.palette import Palette
from ui.shell.pill import Pill
from ui.shell.rail import Rail
from ui.shell.recent import Recent
from ui.shell.results import Results
from ui.shell.scanline import ScanLine
from ui.shell.unsaved import UnsavedPage
from ui.shell.voice import Voice


class Mishaps(QObject):
    """What the runner has to tell before there is a window to tell it to."""

    refused = Signal(object)
    broke = Signal(object)


class Window(QMainWindow):
    """The terminal. It is given its parts and lets go of them when it closes."""

    def __init__(
        self, bench: Bench, floor: Floor, router: Router, wedge: Wedge, sounds: Sounds, link: Link, reports: Path
    ) -> None:
        super().__init__()
        self.bench, self.floor, self.router, self.wedge = bench, floor, router, wedge
        self.sounds = sounds
        for part in (bench, floor, router, wedge):
            part.setParent(self)  # they go with the window, and with them what they call back: else none of it ever goes
        self._reports = reports
        self._pill = Pill(link)
        self._pill.touched.connect(self._tell_more)
        self._asked = Asked(bench, self)
        self._asked.counted.connect(self._show_asked)
        self._running = Running(self)
        self._recent, self._news = Recent(bench, self), News(bench, self)
        self._seen: UUID | None = None
        self.setWindowTitle("Fettle")
        self.setMinimumSize(1024, 600)
        self.idle, self.unsaved = Idle(parent=self), Keeping(self)
        self._build()
        self._connect()
        self._show_all()

    def dress(self) -> None:
        """Another look is worn: what stands around the task is built anew; people, their work and their Undo stay."""
        self._build()
        self.floor.dress()
        self._seen = None
        self._show_all()

    def _build(self) -> None:
        """Everything whose sizes and icons follow the look. What was there before goes with the widget that held it."""
        floor, router = self.floor, self.router
        self.rail, self.scan_line, self.bar = Rail(), ScanLine(self._pill, self._clock_chip()), ActionBar()
        self._whole, self._right, self._body = QWidget(), QWidget(), QWidget()
        self._lay_out()
        self.results = Results(floor, self.scan_line.box, self._body)
        self.palette_of = Palette(floor, self._recent, self._body)
        self.toast = Toast(self._body)
        self.strip = FlashStrip(self._right, self.scan_line.height())
        self.crash = CrashPage(self._whole)
        self.voice = Voice(self.sounds, self.strip, self.scan_line, self.toast, self.crash, router, self._reports)
        self.unsaved_page = UnsavedPage(self.unsaved, self._whole)
        covers = Covers(router, self.crash, self.unsaved, self._whole)
        self.voice.covered.connect(covers.look)
        self.help = HelpSheet(self._body)
        self.hands = Hands(floor, router, self.scan_line, self.results, self.palette_of, self.help, self.voice)
        for part in (self.voice, self.hands):
            part.setParent(self._whole)
        self.hands.learn_keys(self._whole, self.bench.declared.actions)
        self._connect_around()

    def _clock_chip(self) -> ClockChip:
        """The clock of whoever is signed in, in today's look."""
        chip = ClockChip(self.bench.app.clock)
        self._running.shown.connect(chip.show_clock)
        chip.touched.connect(self._tell_more)
        return chip

    def _lay_out(self) -> None:
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.floor.stage)
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in ((self.scan_line, 0), (self._body, 1), (self.bar, 0)):
            column.addWidget(widget, stretch)
        line = QHBoxLayout(self._whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addWidget(self._right, 1)
        self.setCentralWidget(self._whole)

    def _connect(self) -> None:
        """What outlives a look."""
        self.wedge.scanned.connect(lambda _raw: self.idle.stir())
        self.floor.altered.connect(self._show_all)
        self.floor.resumed.connect(self.router.resume)
        self.bench.acted.connect(self._show_undo)
        self._news.came.connect(self._tell_news)
        self.idle.alone.connect(lambda: self.floor.lock("idle"))
        self.floor.unsaved.connect(self.unsaved.keep)

    def _connect_around(self) -> None:
        self.wedge.scanned.connect(self.hands.scanned)
        self.floor.heard.connect(self.voice.hear)
        self.floor.broke.connect(self.voice.trouble)
        self.floor.tried.connect(self.voice.try_out)
        self.unsaved.failed.connect(self.voice.not_saved)
        self.rail.chosen.connect(self.floor.go)
        self.rail.leaves.connect(self.floor.lock)
        self.bar.undone.connect(self.hands.undo)
        self.bar.more.connect(self.hands.ask_more)
        self.scan_line.sought.connect(self.results.seek)
        self.scan_line.entered.connect(self.hands.entered)
        self.results.picked.connect(self.hands.picked)
        self.scan_line.all_wanted.connect(self.hands.seek)
        self.palette_of.help_wanted.connect(self.hands.help)
        for sheet in (self.palette_of, self.help):
            sheet.closed.connect(self.floor.look_again)

    def _show_all(self) -> None:
        """Rail, buttons and undo follow the person and the screen."""
        who, screen, asking = self.floor.who, self.floor.screen, self.floor.asking
        if (who.id if who else None) != self._seen:
            self._seen = who.id if who else None
            self.scan_line.show_person(who is not None)
            self.strip.hide()
            self._asked.show_person(who)
            self._running.show_person(self.floor.bench, who)
            self._recent.show_person(self.floor.bench, who)
            self._news.show_person(who)
            self.hands.uncover()
        self.rail.show_person(who, self.floor.bench.doors() if who else ())
        if screen is not None:
            self.rail.show_place(screen.place)
            self._recent.touch(key_of(screen.place))
        shown = screen if not asking else None
        self.bar.show_deeds(self._ways_out() + (shown.others if shown else ()), shown.primary if shown else None)
        self._show_undo()
        self.unsaved_page.hold()
        self.crash.hold()
        self.router.resume()

    def _tell_news(self, names: list[str]) -> None:
        if self.hands.tell_news(names):
            self._news.seen()

    def show_room(self, problem: Problem | None) -> None:
        """What there is to say of the disk now: in the status line, under “Needs you”, and once in a message that nobody has to
        answer."""
        self.bench.learn_room(problem)
        self._pill.show_room(problem)
        if problem is not None:
            self.voice.stands(sentence_of(problem))

    def _show_asked(self, count: int | None) -> None:
        self._pill.show_own(count)
        self.rail.show_asked(count)

    def _tell_more(self, place: Place) -> None:
        """The pill was touched."""
        self.floor.enter(place)

    def _ways_out(self) -> tuple[Deed, ...]:
        """Back, wherever there is something to go back to."""
        sitting = self.floor.sitting
        if sitting is None or not sitting.deep:
            return ()
        return (Deed(say(_("Leave it")) if self.floor.asking else say(_("Back")), self.floor.back, "back", stays=True),)

    def _show_undo(self) -> None:
        acts = self.floor.bench.acts
        self.bar.show_undo(acts[-1].words if acts and self.floor.who and not self.floor.asking else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.hands.key(event)

    def crashed(self, bug: BaseException) -> None:
        """A bug: whichever crash page there is now says so."""
        self.voice.crashed(bug)

    @property
    def typist(self) -> Typist:
        """Hands and scanner of the guided tour: real key events to this window."""
        return Typist(self.windowHandle())

    def save_picture(self, path: Path) -> None:
        """Saves what is seen now as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.grab().save(str(path))

    def end(self) -> None:
        """Closes it and takes it apart here and now: what is left to the search for garbage goes on whichever thread that is."""
        self.close()
        self.deleteLater()
        QCoreApplication.sendPostedEvents(self, QEvent.Type.DeferredDelete)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends every thread and timer that the window began, once the scans that wait have had their answer."""
        self.wedge.stop()
        self.router.close()
        self.unsaved.close()
        self.sounds.close()
        self.bench.close()
        super().closeEvent(event)
