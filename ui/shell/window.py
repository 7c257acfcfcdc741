"""Window: the same places on every screen, for ever: rail, scan line, status, one task, action bar."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, sentence_of
from ui.kit.declared import Place
from ui.kit.flash import Announcer, FlashStrip
from ui.kit.screen import Deed
from ui.kit.sound import Outcome as Tone
from ui.kit.sound import Sounds
from ui.kit.toast import Toast
from ui.scan.raw import RawScan
from ui.scan.router import Router
from ui.scan.typist import Typist
from ui.scan.wedge import Wedge, now_ms
from ui.shell.actionbar import ActionBar
from ui.shell.crash import CrashPage, write_report
from ui.shell.floor import Floor
from ui.shell.idle import Idle
from ui.shell.pill import Link, Pill
from ui.shell.rail import Rail
from ui.shell.results import Results
from ui.shell.scanline import ScanLine

_HEARD = {
    Outcome.SUCCESS: Tone.OK,
    Outcome.ASK: Tone.ASK,
    Outcome.DUPLICATE: Tone.DUPLICATE,
    Outcome.ERROR: Tone.ERROR,
    Outcome.NOT_FOUND: Tone.ERROR,
}
_TONES = {Tone.OK: "ok", Tone.ASK: "ask", Tone.DUPLICATE: "warn", Tone.ERROR: "danger"}


class Window(QMainWindow):
    """The terminal. It is given its parts and lets go of them when it closes."""

    def __init__(
        self, bench: Bench, floor: Floor, router: Router, wedge: Wedge, sounds: Sounds, link: Link, reports: Path
    ) -> None:
        super().__init__()
        self.bench, self.floor, self.router, self.wedge = bench, floor, router, wedge
        self._sounds = sounds
        self._reports = reports
        self.setWindowTitle("Fettle")
        self.setMinimumSize(1024, 600)
        self.rail, self.scan_line, self.bar = Rail(), ScanLine(Pill(link)), ActionBar()
        self._body = QWidget()
        self._lay_out()
        self.results = Results(bench, self.scan_line.box, self._body)
        self.toast = Toast(self._body)
        self.strip = FlashStrip(self.centralWidget())
        self.crash = CrashPage(self.centralWidget())
        self._announcer = Announcer(sounds, self.strip)
        self._idle = Idle(self, parent=self)
        self._connect()
        self._shortcuts()
        self._show_all()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.floor.stage)
        for widget, stretch in ((self.scan_line, 0), (self._body, 1), (self.bar, 0)):
            column.addWidget(widget, stretch)
        column.setSpacing(0)
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(column, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.wedge.scanned.connect(self._scanned)
        self.floor.altered.connect(self._show_all)
        self.floor.heard.connect(self._heard)
        self.floor.resumed.connect(self.router.resume)
        self.floor.broke.connect(self._broke)
        self.bench.acted.connect(self._show_undo)
        self.rail.chosen.connect(self.floor.go)
        self.rail.leaves.connect(self.floor.lock)
        self.bar.undone.connect(self.undo)
        self.scan_line.sought.connect(self.results.seek)
        self.scan_line.entered.connect(self._entered)
        self.results.picked.connect(self._picked)
        self._idle.alone.connect(lambda: self.floor.lock("idle"))

    def _shortcuts(self) -> None:
        keys = [(action.keys, action.opens) for action in self.bench.declared.actions if action.keys and action.opens]
        for key, place in keys:
            QShortcut(QKeySequence(key), self, activated=lambda place=place: self.floor.go(place))
        QShortcut(QKeySequence("Ctrl+K"), self, activated=self.scan_line.box.setFocus)
        QShortcut(QKeySequence("Ctrl+Z"), self, activated=self.undo)
        QShortcut(QKeySequence("Ctrl+Return"), self, activated=self._do_first)

    # ------------------------------------------------------------------------------------------------------- showing

    def _show_all(self) -> None:
        """Rail, buttons and undo follow the person and the screen."""
        who, screen = self.floor.who, self.floor.screen
        asking = self.floor.asking
        doors = tuple(one for one in self.bench.declared.home(who.home) if self.bench.can(one.needs)) if who else ()
        self.rail.show_person(who, doors)
        if screen is not None:
            self.rail.show_place(screen.place)
        deeds = screen.others if screen and not asking else ()
        self.bar.show_deeds(self._ways_out() + deeds, screen.primary if screen and not asking else None)
        self._show_undo()
        self.router.resume()

    def _ways_out(self) -> tuple[Deed, ...]:
        """Back, wherever there is something to go back to."""
        sitting = self.floor.sitting
        if sitting is None or not sitting.deep:
            return ()
        return (Deed(say(_("Leave it")) if self.floor.asking else say(_("Back")), self.floor.back, "back"),)

    def _show_undo(self) -> None:
        acts = self.bench.memory.acts
        self.bar.show_undo(acts[-1].words if acts and not self.floor.asking else "")

    def _heard(self, outcome: Outcome, said: str, committed: bool) -> None:
        """Every outcome is heard and seen at once. The OK tone is for what was committed; a screen that opened speaks for itself."""
        heard = _HEARD[outcome]
        if heard is Tone.OK and not committed:
            self._sounds.play(Tone.ASK)
            self.scan_line.show_last("", said)
            return
        self._announcer.announce(heard, said)
        self.scan_line.show_last(_TONES[heard], said)

    def _broke(self, problem: Problem) -> None:
        """The disk, a lock or a rule: it is said, it stays on the screen, and the next scan is not kept waiting."""
        if self.router.idle:
            self._heard(Outcome.ERROR, sentence_of(problem), False)
        self.router.let_go(Outcome.ERROR, sentence_of(problem))
        self.toast.show_message(sentence_of(problem), "danger")

    def crashed(self, bug: BaseException) -> None:
        """A bug: the page says so, the report says where, and the work goes on."""
        self.crash.show_report(write_report(self._reports, bug))
        self.router.let_go(Outcome.ERROR, say(_("Something in the program broke.")))

    # --------------------------------------------------------------------------------------------------------- acting

    def _scanned(self, raw: RawScan) -> None:
        self._idle.stir()
        self.strip.acknowledge()
        self.toast.clear()
        self.scan_line.clear()
        self.router.scan(raw)

    def undo(self) -> None:
        """Takes back the last act of whoever is signed in, as the UNDO card does."""
        screen = self.floor.screen
        if screen is None or self.floor.asking:
            return
        undo = Meaning("command", "UNDO", say(_("Undo")), command="UNDO")
        if not screen.takes(undo, self.floor.told):
            self.bench.undo(self.floor.told)

    def _do_first(self) -> None:
        screen = self.floor.screen
        if screen is not None and screen.primary is not None and not self.floor.asking:
            screen.primary.run()

    def _entered(self, text: str) -> None:
        """Enter in the find box: the row that was walked to, or the text as if it had been scanned."""
        if not self.results.chosen() and text:
            self._scanned(RawScan(text, source="typed", at_ms=now_ms()))

    def _picked(self, found: Match | Place) -> None:
        self.scan_line.clear()
        if isinstance(found, Place):
            self.floor.go(found)
        else:
            self.floor.means(Meaning("row", found.title, found.title, (found,)), self.floor.told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What nobody else wanted: Escape goes back, letters go to the find box, a number answers an open question."""
        sitting = self.floor.sitting
        if event.key() == Qt.Key.Key_Escape:
            self.scan_line.clear()
            self.floor.back()
        elif sitting is not None and sitting.asking is not None:
            sitting.asking.keyPressEvent(event)
        elif sitting is not None and event.text() and event.text().isprintable() and not event.modifiers() & _WITH:
            self.scan_line.box.setFocus()
            self.scan_line.box.insert(event.text())
            self.scan_line.sought.emit(self.scan_line.box.text())

    # ------------------------------------------------------------------------------------------- for the tour and tests

    @property
    def typist(self) -> Typist:
        """Hands and scanner of the guided tour: real key events to this window."""
        return Typist(self.windowHandle())

    def save_picture(self, path: Path) -> None:
        """Saves what is seen now as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.grab().save(str(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.wedge.stop()
        self._sounds.close()
        self.bench.close()
        super().closeEvent(event)


_WITH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
