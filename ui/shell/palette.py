"""Palette: every screen, every task and every record in one list, by a few letters; Ctrl+K or a touch opens it over the task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import quiet
from ui.kit.live import Once
from ui.kit.picker import PAUSE, ResultList, step_of
from ui.kit.ranking import WORDS, fit
from ui.kit.sheet import Sheet
from ui.shell.floor import Floor
from ui.shell.offers import Offer, key_of, offers, record
from ui.shell.recent import Recent
from ui.shell.waiting import waiting
from ui.theme import role, worn

RECORDS = 12
OFFERS = 8  # that fit well, before the records
Records = tuple[list[Match], list[Match], list[Offer]]  # open lately; found; and what waits for this person


class Palette(Sheet):
    """Lies over the task while somebody looks for something. `help_wanted` says that they would rather read."""

    help_wanted = Signal()

    def __init__(self, floor: Floor, recent: Recent, parent: QWidget) -> None:
        super().__init__(parent)
        self._floor, self._recent = floor, recent
        self._offers: list[Offer] = []
        self._waiting: list[Offer] = []
        self._here = ""  # where somebody is already, and need not go
        self._pages: dict[str, tuple[str, str]] = {}
        self.box = role(QLineEdit(), "scan")
        self.list = ResultList(say(_("What you can open or do")))
        size = worn().density.icon
        self.list.setIconSize(QSize(size, size))
        self.list.picked.connect(self._pick)
        self._hint = role(QLabel(), "quiet")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._once = Once(floor.bench, self, self._seek, self._show)
        self._pause.timeout.connect(self._once.ask)
        self.box.textEdited.connect(lambda _text: self._typed())
        self.box.installEventFilter(self)
        self._lay_out()

    def _lay_out(self) -> None:
        gap = worn().density.gap
        self._help = quiet(say(_("Help")), "question")
        self._help.clicked.connect(self._ask_help)
        top = QHBoxLayout()
        top.setSpacing(gap)
        top.addWidget(self.box, 1)
        top.addWidget(self._help)
        top.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._hint)

    # --------------------------------------------------------------------------------------------------- opening, closing

    def open(self) -> None:
        """Over the task, empty; a second time it closes."""
        if self.isVisible():
            self.leave()
            return
        if self._floor.who is None or self._floor.asking:
            return
        bench = self._floor.bench
        self._speak()
        screen = self._floor.screen
        self._here = key_of(screen.place) if screen is not None else ""
        self._offers = [one for one in (*offers(bench, screen), *self._always(bench)) if one.key != self._here]
        self._pages = {page.name: (page.icon, say(page.entity.__about__.label)) for page in bench.declared.pages()}
        self._waiting = []
        self.box.clear()
        self._show(([], [], []))
        self.cover()
        self.box.setFocus()
        self._once.ask()

    def _always(self, bench: Bench) -> Iterator[Offer]:
        """What can be done whatever is in front."""
        if bench.acts:
            words = say(_("Undo: {what}"), what=bench.acts[-1].words)
            yield Offer("do:undo", words, "Ctrl+Z", "undo", partial(bench.undo, bench.ways.told))
        yield Offer("do:help", say(_("Help for this screen")), "F1", "question", self.help_wanted.emit)
        yield Offer("do:sign-out", say(_("Sign out")), "", "sign-out", self._floor.lock)

    def _speak(self) -> None:
        """In the language of whoever opens it."""
        self.box.setPlaceholderText(say(_("A screen, a task, a part, a job…")))
        self.box.setAccessibleName(say(_("What do you want to open or do?")))
        self._hint.setText(say(_("↑ ↓ walk, Enter opens, Escape closes.")))
        self._help.setText(say(_("Help")))

    def leave(self) -> None:
        self._pause.stop()
        super().leave()

    def _ask_help(self) -> None:
        self.leave()
        self.help_wanted.emit()

    def _pick(self, offer: Offer) -> None:
        self.leave()
        self._recent.touch(offer.key)
        offer.run()

    # ------------------------------------------------------------------------------------------------------------ seeking

    def _typed(self) -> None:
        """What can be done is ranked at once, records as soon as the typing rests."""
        self._show(([], [], []))
        self._pause.start()

    def _seek(self) -> Callable[[], Records]:
        bench, sought = self._floor.bench, self.box.text().strip()
        keys = [key for key in self._recent.keys if key != self._here]
        if self._floor.who is None:
            return lambda: ([], [], [])
        actor, known = bench.actor, set(self._pages)

        def look() -> Records:
            found = bench.app.find(sought, actor, most=RECORDS * 2) if sought else []
            return _opened_lately(bench, keys), [one for one in found if one.entity in known][:RECORDS], waiting(bench)

        return look

    def _show(self, found: Records) -> None:
        bench = self._floor.bench
        lately, matches = ([record(bench, one, *self._pages[one.entity]) for one in some] for some in found[:2])
        self._waiting = found[2] or self._waiting
        rows = ranked(self.box.text().strip(), [*self._waiting, *self._offers], lately, matches, self._recent.keys)
        nothing = say(_("Nothing is called “{text}”."), text=self.box.text().strip())
        self.list.show_rows([(one.words, one) for one in rows] or [(nothing, None)])
        self.list.begin()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        """Arrows walk, Enter picks, Escape closes; everything else is typed."""
        page = max(1, self.list.viewport().height() // max(1, worn().density.row) - 1)
        steps = {Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
        match event.key():
            case Qt.Key.Key_Escape:
                self.leave()
                return True
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.list.pick()
                return True
            case _:
                return self.list.step(steps.get(Qt.Key(event.key()), step_of(event)))


def ranked(
    sought: str, found: Sequence[Offer], lately: Sequence[Offer], matches: Sequence[Offer], keys: Sequence[str]
) -> list[Offer]:
    """What fits best first: of what fits alike, what was used last; records stand after the tasks whose words were meant."""
    ages = {key: age for age, key in enumerate(keys)}
    fits = [(one, fit(sought, one.title, one.note)) for one in (*lately, *found)]
    good = sorted(((how, ages.get(one.key, len(ages)), one) for one, how in fits if how is not None), key=lambda told: told[:2])
    if not sought:
        return _once(sorted((*lately, *found), key=lambda one: ages.get(one.key, len(ages))))
    meant = [one for how, _age, one in good if how <= WORDS][:OFFERS]
    return _once([*meant, *matches, *(one for _how, _age, one in good)])


def _once(rows: Sequence[Offer]) -> list[Offer]:
    return list({one.key: one for one in rows}.values())


def _opened_lately(bench: Bench, keys: Sequence[str]) -> list[Match]:
    """The records whose pages this person had open last, by the titles that they have now."""
    found = []
    with bench.app.read(bench.actor) as session:
        for kind, name, hexed in (key.split(":")[:3] for key in keys if key.startswith("page:") and key.count(":") >= 2):
            entity = bench.app.registry.entities.get(name)
            row = session.get(entity, UUID(hexed)) if entity is not None and kind == "page" else None
            if row is not None and not row.retired and bench.can(bench.app.registry.grant_of(type(row), "read")):
                found.append(Match(name, row.id, row.title))
    return found
