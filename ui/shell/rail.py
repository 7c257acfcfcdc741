"""Rail: the doors of a role's home, each an icon with its word, in the same place on every screen; and who is signed in."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QVBoxLayout

from app.kernel.access import Actor
from app.kernel.words import _, say
from ui.kit.declared import Action, Place
from ui.kit.icons import icon
from ui.theme import role, worn

MOST = 8
HOME = Action("home", _("Home"), "home", opens=Place("home"))


class Rail(QFrame):
    """`chosen` carries the place of a door, `leaves` says that whoever is signed in wants to leave."""

    chosen = Signal(object)
    leaves = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "rail")
        self.setFixedWidth(worn().density.icon + 84)
        self._doors: list[tuple[QToolButton, Place]] = []
        self._shown: tuple[UUID | None, tuple[Action, ...]] | None = None
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._who = _door(say(_("Nobody")), "switch-user")
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
            button.deleteLater()
        self._doors = []
        for action in (HOME, *doors)[:MOST] if actor else ():
            if action.opens is not None:
                self._add(action, action.opens)
        self._who.setVisible(actor is not None)
        if actor is not None:
            first = actor.name.split()[0] if actor.name else say(_("You"))
            self._who.setText(first)
            self._who.setAccessibleName(say(_("{name} is signed in: change person"), name=actor.name))

    def _add(self, action: Action, place: Place) -> None:
        button = _door(say(action.title), action.icon)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.chosen.emit(place))
        self._column.addWidget(button)
        self._doors.append((button, place))

    def show_place(self, place: Place) -> None:
        """Marks the door behind which somebody is."""
        for button, own in self._doors:
            button.setChecked((own.kind, own.name, dict(own.given)) == (place.kind, place.name, dict(place.given)))


def _door(word: str, icon_name: str) -> QToolButton:
    button = role(QToolButton(), "rail")
    button.setText(word)
    button.setAccessibleName(word)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setIcon(icon(icon_name, size=worn().density.icon))
    button.setIconSize(QSize(worn().density.icon, worn().density.icon))
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
