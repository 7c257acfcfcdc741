"""Narrowing: what a list shows of all there is: one of its own chips, filters of its fields, and those that were kept by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.kernel.problems import Refused
from app.kernel.queries import Column, Filter
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.kernel.zones import business_date
from ui.kit import filters, kept
from ui.kit.bench import Bench, Told
from ui.kit.buttons import Button
from ui.kit.declared import Chip, ListScreen, Place
from ui.kit.filters import Choosable, Wish
from ui.kit.flowing import Flowing
from ui.kit.kept import Kept
from ui.kit.question import Question, Tile
from ui.theme import worn

MINUTE = 60_000  # milliseconds between two looks at whether another day has begun
KEPT = "…kept"  # in a place: the name of what was kept; no query has such an argument


class Narrowing(QWidget):
    """The line of filters under a list's head, and `own`, the chips in it. `altered` says that other rows are wanted."""

    altered = Signal()

    def __init__(self, bench: Bench, declared: ListScreen, place: Place) -> None:
        super().__init__()
        self._bench, self._declared = bench, declared
        given = {name: value for name, value in place.given.items() if name != KEPT}
        self._wanted = place.given.get(KEPT, "")
        self.chip = next((chip for chip in declared.chips if chip.arguments.items() <= given.items()), None)
        self._all = {name: value for name, value in given.items() if name not in (self.chip.arguments if self.chip else {})}
        self.wishes: tuple[Wish, ...] = ()
        self.sort = ""
        self._kept: list[Kept] = []
        self._day = self._today
        self._midnight = QTimer(self, interval=MINUTE)
        self._midnight.timeout.connect(self._turn_day)
        self._known: dict[str, Choosable] = {}
        self._own: list[tuple[Button, Chip]] = [(self._made(say(chip.label)), chip) for chip in declared.chips]
        for button, chip in self._own:
            button.clicked.connect(lambda on, chip=chip: self._touch_chip(chip, on))
        self._line = QWidget()
        self._chips = Flowing(worn().density.gap, self._line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        self._show()
        bench.read(self, self._look, self._came)

    def put_own(self, line: QHBoxLayout) -> None:
        """The list's own chips, into its head."""
        for button, _chip in self._own:
            line.addWidget(button)

    # --------------------------------------------------------------------------------------------------- what is wanted

    @property
    def arguments(self) -> dict[str, Any]:
        return {**self._all, **(self.chip.arguments if self.chip else {})}

    @property
    def without(self) -> Mapping[str, Any]:
        """What the list asks with nothing narrowed."""
        return self._all

    @property
    def filters(self) -> tuple[Filter, ...]:
        return filters.applied(self.wishes, self._day, self._bench.app.station.zone)

    @property
    def _today(self) -> date:
        return business_date(self._bench.app.clock.now(), self._bench.app.station.zone)

    def _turn_day(self) -> None:
        """After midnight “today” is another day, also for a machine that slept."""
        if self._day != self._today:
            self._day = self._today
            self.altered.emit()

    @property
    def words(self) -> str:
        """All of it in words; nothing where all is shown."""
        own = [say(self.chip.label)] if self.chip else []
        return ", ".join((*own, *(self._said(wish) for wish in self.wishes)))

    def clear(self) -> None:
        self._narrow(None, ())

    def _narrow(self, chip: Chip | None, wishes: Sequence[Wish]) -> None:
        self.chip, self.wishes, self._day = chip, tuple(wishes), self._today
        if filters.follows_the_day(self.wishes):
            self._midnight.start()
        else:
            self._midnight.stop()
        self._show()
        self.altered.emit()

    def _touch_chip(self, chip: Chip, on: bool) -> None:
        self._narrow(chip if on else None, self.wishes)

    # ---------------------------------------------------------------------------------------------------------- filters

    def learn(self, known: Sequence[Column]) -> None:
        """The columns of the list, once the store has said them."""
        found = filters.choosables(known, self._declared.entity, self._bench.app.registry)
        self._known = {one.column.name: one for one in found}

    def ask(self) -> None:
        """Asks what else it is to be narrowed by."""
        if self._known:
            filters.ask(self._bench, tuple(self._known.values()), self._add)

    def _add(self, wish: Wish) -> None:
        self._narrow(self.chip, filters.joined(self.wishes, wish))

    def _said(self, wish: Wish) -> str:
        known = self._known.get(wish.field)
        try:
            return filters.words_of(wish, known, self._bench.currency) if known else wish.field
        except (Refused, ValueError, TypeError):  # kept when the field held something else; the store says what does not fit
            return say(known.column.label) if known else wish.field

    # ------------------------------------------------------------------------------------------------------------- kept

    def _look(self) -> list[Kept]:
        with self._bench.app.read(self._bench.actor) as session:
            return kept.of_list(session, self._bench, self._declared.name)

    def _came(self, found: list[Kept]) -> None:
        self._kept = found
        self._show()
        wanted = next((one for one in found if one.name == self._wanted), None)
        if wanted is not None:
            self._use(wanted)

    def _use(self, one: Kept) -> None:
        self.sort = one.sort
        chip = next((chip for chip in self._declared.chips if dict(chip.arguments) == dict(one.given)), None)
        self._narrow(chip, one.wishes)

    @property
    def _used(self) -> Kept | None:
        """What was kept and is shown now."""
        given = dict(self.chip.arguments) if self.chip else {}
        return next((one for one in self._kept if one.wishes == self.wishes and dict(one.given) == given), None)

    def _touch_kept(self, one: Kept, on: bool) -> None:
        self._use(one) if on else self._use_none()

    def _use_none(self) -> None:
        """The order that was kept goes too."""
        self.sort = ""
        self.clear()

    def _ask_name(self) -> None:
        """Under which name; a supervisor is asked for whom, too."""
        may = self._bench.can(kept.SHARES)
        sentence = say(_("What is this list called? It then stands here and in the list of everything."))
        self._bench.ways.ask(Question(sentence, lambda name, by: self._for_whom(name, by) if may else self._keep(name, by),
                                      kind="text", tone=""))  # fmt: skip

    def _for_whom(self, name: str, _by: Told) -> None:
        tiles = (Tile(say(_("For me")), False, icon="lock"), Tile(say(_("For everybody at this terminal")), True, icon="people"))
        answer = partial(self._keep, name)
        self._bench.ways.ask(Question(name, lambda shared, by: answer(by, shared=shared), tiles=tiles, tone=""))

    def _keep(self, name: str, by: Told, *, shared: bool = False) -> None:
        name = name.strip()[:40]
        made = Kept(name, self.wishes, self.sort, dict(self.chip.arguments) if self.chip else {}, shared)
        self._kept = [*(one for one in self._kept if (one.name, one.shared) != (name, shared)), made]
        kept.keep(self._bench, self._declared.name, self._kept, shared=shared)
        self._show()
        by(Outcome.SUCCESS, say(_("Kept as “{name}”."), name=name))

    def _give_up(self, one: Kept) -> None:
        self._kept = [other for other in self._kept if other != one]
        kept.keep(self._bench, self._declared.name, self._kept, shared=one.shared)
        self._use_none()

    # ------------------------------------------------------------------------------------------------------------ chips

    def _show(self) -> None:
        """The chips of what is wanted now: what there is to choose from while nothing is, and else what was chosen. On the
        smallest glass each line of chips costs a row."""
        for button, chip in self._own:
            button.setChecked(chip is self.chip)
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        used = self._used if self.wishes else None
        if used is not None:
            self._put(used.name, partial(self._touch_kept, used), on=True)
            self._offer_to_forget(used)
        elif self.wishes:
            for wish in self.wishes:
                self._put(self._said(wish), partial(self._let_go, wish), icon="cross")
            self._put(say(_("Keep this list")), lambda _on: self._ask_name(), icon="plus")
        else:
            for one in self._kept:
                self._put(one.name, partial(self._touch_kept, one))
        self._line.setVisible(self._chips.count() > 0)
        self.setVisible(self._chips.count() > 0)

    def _offer_to_forget(self, used: Kept) -> None:
        if not used.shared or self._bench.can(kept.SHARES):
            self._put(say(_("Forget “{name}”"), name=used.name), lambda _on: self._give_up(used), icon="cross")

    def _let_go(self, wish: Wish, _on: bool) -> None:
        self._narrow(self.chip, [one for one in self.wishes if one != wish])

    def _put(self, text: str, then: Callable[[bool], None], *, on: bool = False, icon: str = "") -> None:
        button = self._made(text, icon)
        button.setChecked(on)
        button.setCheckable(not icon)
        button.clicked.connect(lambda on: then(on))  # noqa: PLW0108 - what Qt calls must say that it takes the state
        self._chips.addWidget(button)

    def _made(self, text: str, icon: str = "") -> Button:
        return Button(text, icon, button_role="chip")
