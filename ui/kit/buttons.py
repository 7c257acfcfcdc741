"""Buttons: a verb and its object, an icon with its word, big enough for the hand; what destroys has to be held down."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.kernel.words import _, say
from ui.kit.icons import icon
from ui.theme import role
from ui.theme.theme import worn

HOLD = 800
"""Milliseconds that a button which destroys wants to be held."""
_FRAME = 40  # milliseconds between two pictures of how far the hold has come
_INK = {"primary": "on_primary", "danger": "danger"}


class Button(QPushButton):
    """A button with a role (primary, danger, quiet, chip, key, or none for secondary), a word, and perhaps an icon.

    Its accessible name is its text, or `name` where the text alone would not tell (the key `7` of a number pad).
    """

    _icon_name, _ink = "", "text"  # also of one that Qt has not let go of yet, though its window is gone: it hears of a new look

    def __init__(
        self, text: str, icon_name: str = "", button_role: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._icon_name = icon_name
        self._ink = _INK.get(button_role, "text")
        self.setAccessibleName(name or text)
        role(self, button_role)
        if button_role == "chip":
            self.setCheckable(True)
        self.toggled.connect(self._tint)
        self._tint()

    def setText(self, text: str) -> None:
        """Changes the word, and what a screen reader says with it."""
        super().setText(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """A chip has room for its word in bold, too: chosen, it neither grows nor loses a letter."""
        hint = super().sizeHint()
        if self.isCheckable():
            bold, plain = (QFontMetrics(worn().font(strong=strong)).horizontalAdvance(self.text()) for strong in (True, False))
            hint.setWidth(hint.width() + max(0, bold - plain))
        return hint

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._tint()

    def _tint(self) -> None:
        if self._icon_name:
            size, space = worn().density.icon, worn().density.gap // 2
            self.setIcon(icon(self._icon_name, "ground" if self.isChecked() else self._ink, size, space))
            self.setIconSize(QSize(size + space, size))


def primary(text: str, icon_name: str = "", parent: QWidget | None = None) -> Button:
    """The one filled button of a screen, bottom right: a verb and its object."""
    return Button(text, icon_name, "primary", parent=parent)


def secondary(text: str, icon_name: str = "", parent: QWidget | None = None) -> Button:
    """Any other thing that can be done here."""
    return Button(text, icon_name, parent=parent)


def quiet(text: str, icon_name: str = "", parent: QWidget | None = None) -> Button:
    """Something that is there when looked for, such as Undo or Back."""
    return Button(text, icon_name, "quiet", parent=parent)


class HoldButton(Button):
    """A button that acts only after it was held for 800 ms, by finger, mouse or space bar; connect to `confirmed`.

    Let go too early, it says so by `too_short` and nothing happens.
    """

    confirmed = Signal()
    too_short = Signal()

    def __init__(self, text: str, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, icon_name, "danger", parent=parent)
        self.setAccessibleDescription(say(_("Hold the button down for a second.")))
        self._hold = QTimer(self, singleShot=True, interval=HOLD, timerType=Qt.TimerType.PreciseTimer)
        self._hold.timeout.connect(self._held)
        self._frames = QTimer(self, interval=_FRAME)
        self._frames.timeout.connect(self.update)
        self.pressed.connect(self._begin)
        self.released.connect(self._let_go)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._hold.isActive():
            self._draw_share(1 - self._hold.remainingTime() / HOLD)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()

    def _draw_share(self, share: float) -> None:
        height = worn().density.gap
        painter = QPainter(self)
        painter.fillRect(QRectF(2, self.height() - 2 - height, (self.width() - 4) * share, height), worn().color("danger"))
        painter.end()

    def _begin(self) -> None:
        self._hold.start()
        self._frames.start()

    def _held(self) -> None:
        self._stop()
        self.confirmed.emit()

    def _let_go(self) -> None:
        if self._hold.isActive():
            self._stop()
            self.too_short.emit()

    def _stop(self) -> None:
        self._hold.stop()
        self._frames.stop()
        self.update()
