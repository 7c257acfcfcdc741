"""Pill: how the terminal stands to its hub, always in sight: the link, what waits, and how fresh the data is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.link import Link, LinkState
from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.kit.declared import Place
from ui.kit.icons import picture
from ui.kit.room import tone_of
from ui.theme import role, tone, worn

_LOOKS = {  # icon, tone, word
    "online": ("online", "", _("Online")),
    "slow": ("slow", "", _("Slow")),
    "offline": ("offline", "warn", _("Offline since {since}")),
    "sending": ("sync", "ask", _("Sending {waiting}")),
    "needs_you": ("warn", "danger", _("Needs you: {asked}")),
    "not_enrolled": ("info", "", _("Not enrolled")),
}


_ALONE = _("This terminal works alone: what is booked here stays here until it is enrolled at a hub.")


class Pill(QFrame):
    """Six states by word and shape as well as colour. `touched` carries the place that tells more."""

    touched = Signal(object)
    _changed = Signal()

    def __init__(self, link: Link, parent: QObject | None = None) -> None:
        super().__init__()
        self._link = link
        self._own: int | None = None
        self._room: Problem | None = None
        role(self, "pill")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._shape, self._word, self._facts = QLabel(), QLabel(), role(QLabel(), "caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._word)
        words.addWidget(self._facts)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 2, 12, 2)
        line.addWidget(self._shape)
        line.addLayout(words)
        self._changed.connect(self.show_state, Qt.ConnectionType.QueuedConnection)
        link.listen(self._changed.emit)
        self.show_state()

    def show_own(self, count: int | None) -> None:
        """The cards of whoever is signed in; None where nobody is."""
        self._own = count
        self.show_state()

    def show_room(self, problem: Problem | None) -> None:
        """What there is to say of the disk; None while it has room. It goes before the link, which then stands below."""
        self._room = problem
        self.show_state()

    def _seen(self) -> LinkState:
        """How it stands for whoever is signed in: others' cards are not theirs to settle."""
        state = self._link.state()
        if self._own is None:
            return state
        asked = self._own + state.stuck
        kind = state.kind
        if asked and kind != "offline":
            kind = "needs_you"
        elif kind == "needs_you":
            kind = "sending" if state.waiting else "online"
        return replace(state, kind=kind, asked=asked)

    def show_state(self) -> None:
        """Shows the link as it is now."""
        state = self._seen()
        icon_name, tone_name, word = _LOOKS[state.kind]
        said, facts = say(word, since=state.since, waiting=state.waiting, asked=state.asked), _facts(state)
        if self._room is not None:
            icon_name, tone_name = "warn", tone_of(self._room)
            said, facts = say(_("Disk: {free} MB free"), self._room.values), [said, *facts]
        tone(self, tone_name)
        tone(self._word, tone_name)
        self._word.setText(said)
        self._facts.setText(" · ".join(facts))
        self._facts.setVisible(bool(facts))
        size = worn().density.icon
        self._shape.setPixmap(picture(icon_name, tone_name or "quiet", size, self.devicePixelRatioF()))
        self.setToolTip(say(_ALONE) if state.kind == "not_enrolled" else "")
        self.setAccessibleName(". ".join([self._word.text(), *facts]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The touch is ours, from its beginning."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        """How the terminal is, where its disk has no room; the cards where there are any of one's own; else how it stands to its
        hub."""
        self.touched.emit(Place("health" if self._room is not None else "attention" if self._own else "sync"))


def _facts(state: LinkState) -> list[str]:
    facts = [say(_("{waiting} waiting"), waiting=state.waiting)] if state.waiting else []
    facts += [say(_("needs you: {asked}"), asked=state.asked)] if state.asked and state.kind == "offline" else []
    return facts + ([say(_("as of {fresh}"), fresh=state.fresh)] if state.fresh else [])
