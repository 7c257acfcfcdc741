"""Rail: the doors of a role's home, each an icon with its word, in the same place on every screen; and who is signed in."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QVBoxLayout

from app.kernel.access import Actor
from app.kernel.words import _, say
from ui.kit.declared import Action, Place
from ui.kit.icons import picture
from ui.theme import role, worn

MOST = 8
HIGH = 64  # the least that a glove hits; eight of them and the person fit a screen of 600
HOME = Action("home", _("Home"), "home", opens=Place("home"))


class Rail(QFrame):
    """`chosen` carries the place of a door, `leaves` says that whoever is signed in wants to leave."""

    chosen = Signal(object)
    leaves = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "rail")
        self.setFixedWidth(worn().density.icon + 84)
        self._doors: list[tuple[Door, Place]] = []
        self._shown: tuple[UUID | None, tuple[Action, ...]] | None = None
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._who = Door(say(_("Nobody")), "switch-user")
        self._who.clicked.connect(self.leaves)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(0)
        layout.addLayout(self._column)
        layout.addStretch()
        layout.addWidget(self._who)

    def show_person(self, actor: Actor | None, doors: tuple[Action, ...]) -> None:
        """The doors of whoever is signed in now; nobody has none."""
        if (actor.id if actor else None, doors) == self._shown:
            return
        self._shown = (actor.id if actor else None, doors)
        for button, _place in self._doors:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._doors = []
        for action in (HOME, *doors)[:MOST] if actor else ():
            if action.opens is not None:
                self._add(action, action.opens)
        self._who.setVisible(actor is not None)
        if actor is not None:
            first = actor.name.split()[0] if actor.name else say(_("You"))
            self._who.set_word(first)
            self._who.setAccessibleName(say(_("{name} is signed in: change person"), name=actor.name))

    def _add(self, action: Action, place: Place) -> None:
        button = Door(say(action.word or action.title), action.icon)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.chosen.emit(place))
        self._column.addWidget(button)
        self._doors.append((button, place))

    def show_asked(self, count: int | None) -> None:
        """How many cards wait, on the door that leads to them."""
        for button, place in self._doors:
            if place.kind == "attention":
                button.set_count(count or 0)

    def words(self) -> list[str]:
        """The doors by their words, from the top."""
        return [button.accessibleName() for button, _place in self._doors]

    def show_place(self, place: Place) -> None:
        """Marks the door behind which somebody is."""
        for button, own in self._doors:
            same = (own.kind, own.name) == (place.kind, place.name)
            button.setChecked(same and (own.kind != "list" or own.given == place.given))


class Door(QToolButton):
    """An icon over its word."""

    def __init__(self, word: str, icon_name: str) -> None:
        super().__init__()
        role(self, "rail")
        self.setAccessibleName(word)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._sign, self._word = QLabel(), role(QLabel(word), "door")
        size = worn().density.icon + 4
        self._sign.setPixmap(picture(icon_name, "text", size, self.devicePixelRatioF()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 4, 4)
        column.setSpacing(2)
        column.addStretch()
        self._count = role(QLabel(self), "badge")
        self._count.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._count.hide()
        for label in (self._sign, self._word):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addStretch()

    def set_word(self, word: str) -> None:
        self._word.setText(word)

    def set_count(self, count: int) -> None:
        """A number beside the icon, where there is something to count."""
        self._count.setText(str(count) if count < 100 else "99+")
        self._count.adjustSize()
        self._count.setVisible(bool(count))
        self.setAccessibleName(f"{self._word.text()}, {count}" if count else self._word.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The number stands in the corner beyond the icon."""
        super().resizeEvent(event)
        self._count.adjustSize()
        self._count.move(self.width() // 2 + worn().density.icon // 2 + 2, 2)

    def sizeHint(self) -> QSize:
        return QSize(worn().density.icon + 84, HIGH)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
