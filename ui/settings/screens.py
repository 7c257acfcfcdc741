"""Settings page: whose settings at the top, then every declared setting in its group, and the look of this screen."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.settings import PLACES
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, said_of
from ui.kit.buttons import Button
from ui.kit.declared import Action, Place
from ui.kit.live import Live, Once
from ui.kit.question import Question, Tile, row_of
from ui.kit.screen import Screen
from ui.settings.line import SettingLine, give_keys, keys_at
from ui.settings.look import LookPart
from ui.settings.reading import HERE, Holder, Line, holders, lines, place_of, word_of
from ui.theme import role, worn

ACTIONS = (
    Action("look", _("Settings"), "settings", "Ctrl+,", opens=Place("look"), note=_("Colours, gloves, language, scanner")),
)


class SettingsPage(Screen):
    """What is chosen counts at once, is kept as a command of whoever chose it, and can be undone."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Settings"))
        self._holders = holders(bench)
        self._holder = place.given.get("holder", self._holders[0])
        self._seen: Holder | None = None
        self._chips = QHBoxLayout()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it moves to the choice that Tab has come to
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(self._head())
        layout.addWidget(self._area, 1)
        self._once = Once(bench, self, lambda: lines(self.bench, self._holder), self._show)
        Live(bench, self, lambda: frozenset({"setting_value"}), self._once.ask)

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(worn().density.gap)
        line.addWidget(role(QLabel(self.title), "title"))
        line.addStretch()
        line.addLayout(self._chips)
        self._show_chips()
        return line

    def _show_chips(self) -> None:
        while item := self._chips.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._chips.setSpacing(worn().density.gap)
        chosen = () if self._holder in self._holders else (self._holder,)
        for holder in (*self._holders, *chosen):
            self._chips.addWidget(self._chip(holder.title, holder == self._holder, partial(self._look_at, holder)))
        if len(self._holders) > 2:
            self._chips.addWidget(self._chip(say(_("One place…")), False, self._ask_place))

    def _chip(self, words: str, on: bool, then: Any) -> Button:
        chip = Button(words, button_role="chip")
        chip.setChecked(on)
        chip.clicked.connect(lambda _checked: then())
        return chip

    def _look_at(self, holder: Holder) -> None:
        self._holder = holder
        self._show_chips()
        self._once.ask()

    def _ask_place(self) -> None:
        """Sites and store rooms, to touch or to scan."""
        self._show_chips()
        self.bench.read(self, self._places, self._which)

    def _places(self) -> list[Tile]:
        app, actor = self.bench.app, self.bench.actor
        tiles = []
        for name in PLACES:
            label = say(app.registry.entities[name].__about__.label)
            for row in app.ask(name, actor, limit=100).rows:
                title = str(row.get("name") or row.get("code"))
                tiles.append(Tile(title, Match(name, row["id"], title), label))
        return tiles

    def _which(self, tiles: list[Tile]) -> None:
        def answer(found: Match, _told: Told) -> None:
            self._look_at(place_of(found))

        self.bench.ways.ask(Question(say(_("Which place?")), answer, tiles=tuple(tiles), takes=row_of(*PLACES), tone=""))

    def _show(self, found: list[Line]) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, worn().density.gap, 0)
        if self._holder.kind == HERE:
            column.addWidget(LookPart(self.bench))
        group = ""
        for line in sorted(found, key=lambda one: one.setting.group):
            if line.setting.group != group:
                group = line.setting.group
                column.addWidget(role(QLabel(say(group)), "title"))
            setting = SettingLine(self.bench, line)
            setting.chosen.connect(partial(self._set, line))
            column.addWidget(setting)
        column.addStretch()
        before = self._area.verticalScrollBar().value() if self._seen == self._holder else 0
        self._seen = self._holder
        keys = keys_at(self._area.widget())
        self._area.setWidget(inside)
        give_keys(inside, *keys)
        self._area.verticalScrollBar().setValue(before)
        self.altered.emit()

    def _set(self, line: Line, value: Any) -> None:
        setting = line.setting
        words = say(
            _("{label}: {value}"), label=setting.label, value=word_of(setting, line.otherwise if value is None else value)
        )
        if value == line.own:
            self._once.ask()
            return
        self.bench.run(self, self._holder.command(setting, value, line.own), partial(self._ran, words), words)

    def _ran(self, words: str, answer: Answer) -> None:
        if answer.done:
            self.bench.ways.told(Outcome.SUCCESS, words, answer.id)
        else:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))
            self._once.ask()
