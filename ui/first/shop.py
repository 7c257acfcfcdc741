"""Shop: what the workshop is called, where it stands, its time zone, its currency, and how its prices are meant."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QCompleter, QHBoxLayout, QWidget

from app.access.founding import Shop
from app.kernel.words import _, say
from app.kernel.zones import zone_names
from ui.first.port import Begins
from ui.first.step import Step, Works
from ui.kit.buttons import Button
from ui.theme import worn

CURRENCIES = ("EUR", "CHF", "GBP", "USD", "DKK", "SEK", "NOK", "PLN", "CZK", "HUF", "RON", "TRY", "CAD", "AUD", "JPY")


class ShopStep(Step):
    """Everything but the name is proposed."""

    label, icon, verb = _("The workshop"), "home", _("Keep the workshop")

    def __init__(self, begins: Begins, works: Works, shop: Shop) -> None:
        super().__init__(begins, works)
        self._name = self.lines.box(_("What it is called"), shop.name)
        self._site = self.lines.box(_("Where this terminal stands"), shop.site, say(_("The same, where there is only one place")))
        self._code = self.lines.box(_("What its job numbers begin with"), shop.code)
        self._code.setMaxLength(8)
        self._zone = _choice(zone_names(), shop.zone)
        self.lines.line(_("Time zone"), self._zone)
        self._currency = _choice(CURRENCIES, shop.currency)
        self.lines.line(_("Currency"), self._currency)
        self._with_tax = QButtonGroup(self)
        self.lines.line(_("Prices"), self._tax(shop.prices_with_tax))
        self._rate = self.lines.box(_("Usual tax, %"), shop.tax, say(_("Empty where nothing is taxed")))
        self.column.addStretch()
        self.setFocusProxy(self._name)

    def _tax(self, included: bool) -> QWidget:
        side = QWidget()
        side.setAccessibleName(say(_("Prices")))
        row = QHBoxLayout(side)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(worn().density.gap)
        for place, label in enumerate((_("without tax"), _("with tax included"))):
            chip = Button(say(label), button_role="chip")
            chip.setChecked(bool(place) == included)
            self._with_tax.addButton(chip, place)
            row.addWidget(chip)
        row.addStretch()
        return side

    @property
    def shop(self) -> Shop:
        """What stands here now."""
        return Shop(
            self._name.text().strip(),
            self._site.text().strip(),
            self._code.text().strip(),
            self._zone.currentText().strip(),
            self._currency.currentText().strip(),
            self._with_tax.checkedId() == 1,
            self._rate.text().strip(),
        )

    def submit(self) -> None:
        shop = self.shop
        self.do(lambda: self.begins.found(shop), lambda _none: self.done.emit())


def _choice(names: tuple[str, ...], now: str) -> QComboBox:
    """A list in which one can type: what is typed anywhere in a name finds it."""
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.addItems(list(names) if now in names else [now, *names])
    box.setCurrentText(now)
    completer = QCompleter(box.model(), box)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    box.setCompleter(completer)
    return box
