"""Hands: what people do to the window: scans, keys, touches on the bar and in the find box."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.kernel.meanings import Match, Meaning
from app.kernel.words import _, say
from ui.help.handbook import page_for
from ui.help.sheet import HelpSheet
from ui.kit.declared import Action, Place
from ui.kit.question import Question, Tile
from ui.kit.screen import Deed
from ui.scan.raw import RawScan
from ui.scan.router import Router
from ui.scan.wedge import now_ms
from ui.shell.floor import Floor
from ui.shell.palette import Palette
from ui.shell.results import Results
from ui.shell.scanline import ScanLine
from ui.shell.voice import Voice

_WITH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class Hands(QObject):
    """Turns what people do into what the floor and the router understand."""

    def __init__(
        self, floor: Floor, router: Router, line: ScanLine, results: Results, palette: Palette, help: HelpSheet, voice: Voice
    ) -> None:
        super().__init__()
        self._floor, self._router, self._line, self._results, self._voice = floor, router, line, results, voice
        self._palette, self._help = palette, help

    def learn_keys(self, window: QWidget, actions: tuple[Action, ...]) -> None:
        """The keys of the doors, and those that are the same everywhere."""
        for action in actions:
            if action.keys and action.opens is not None:
                QShortcut(QKeySequence(action.keys), window, lambda place=action.opens: self._floor.enter(place))
        QShortcut(QKeySequence("Ctrl+K"), window, self.seek)
        QShortcut(QKeySequence("F1"), window, self.help)
        QShortcut(QKeySequence("Ctrl+Z"), window, self.undo)
        QShortcut(QKeySequence("Ctrl+Return"), window, self.do_first)

    def scanned(self, raw: RawScan) -> None:
        """A code came in, from whichever source."""
        self._voice.hush()
        self.uncover()
        self._line.clear()
        self._router.scan(raw)

    def seek(self) -> None:
        """The palette."""
        self._help.leave()
        self._palette.open()

    def help(self) -> None:
        """The handbook's page for the screen in front."""
        self._palette.leave()
        screen = self._floor.screen
        self._help.open(page_for(screen.place if screen is not None else None))

    def tell_news(self, names: list[str]) -> bool:
        """What is new; not where somebody is at work already, who is told the next time."""
        free = self._floor.screen is not None and self._floor.screen.place.kind == "home" and not self._floor.asking
        if free:
            self._help.open_news(names)
        return free

    def uncover(self) -> None:
        """Nothing lies over the task any more."""
        self._palette.leave()
        self._help.leave()

    def entered(self, text: str) -> None:
        """Enter in the find box: the row that was walked to, or the text as if it had been scanned."""
        if not self._results.chosen() and text:
            self.scanned(RawScan(text, source="typed", at_ms=now_ms()))

    def picked(self, found: Match | Place) -> None:
        """A row of the find box."""
        self._line.clear()
        if isinstance(found, Place):
            self._floor.go(found)
        else:
            self._floor.means(Meaning("row", found.title, found.title, (found,)), self._floor.told)

    def undo(self) -> None:
        """Takes back the last act of whoever is signed in, as the UNDO card does."""
        if self._floor.screen is not None and not self._floor.asking:
            self._voice.hush()
            self._floor.means(Meaning("command", "UNDO", say(_("Undo")), command="UNDO"), self._floor.told)

    def do_first(self) -> None:
        """What the filled button does."""
        screen = self._floor.screen
        if screen is not None and screen.primary is not None and screen.primary.live and not self._floor.asking:
            screen.primary.run()

    def ask_more(self, deeds: list[Deed]) -> None:
        """What there was no room for in the action bar."""
        screen = self._floor.screen
        tiles = tuple(Tile(deed.label, deed, icon=deed.icon, grave=deed.grave) for deed in deeds)
        sentence = say(_("What else with {title}?"), title=screen.title if screen else "")
        self._floor.ask(Question(sentence, lambda deed, _by: deed.run(), tiles=tiles, tone=""))

    def key(self, event: QKeyEvent) -> None:
        """What nobody else wanted: Escape leaves, a number answers an open question, letters go to the find box."""
        sitting = self._floor.sitting
        if event.key() == Qt.Key.Key_Escape:
            self._line.clear()
            self._floor.escape()
        elif sitting is not None and sitting.asking is not None:
            sitting.asking.keyPressEvent(event)
        elif sitting is not None and event.text() and event.text().isprintable() and not event.modifiers() & _WITH:
            self._line.box.setFocus()
            self._line.box.insert(event.text())
            self._line.sought.emit(self._line.box.text())
