"""Pill: how the terminal stands to its hub, always in sight: the link, what waits, and how fresh the data is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.link import Link
from app.kernel.words import _, say
from ui.kit.icons import picture
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
    """Six states by word and shape as well as colour."""

    _changed = Signal()

    def __init__(self, link: Link, parent: QObject | None = None) -> None:
        super().__init__()
        self._link = link
        role(self, "pill")
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

    def show_state(self) -> None:
        """Shows the link as it is now."""
        state = self._link.state()
        icon_name, tone_name, word = _LOOKS[state.kind]
        values = {"since": state.since, "waiting": state.waiting, "asked": state.asked}
        tone(self, tone_name)
        tone(self._word, tone_name)
        self._word.setText(say(word, values))
        facts = [say(_("{waiting} waiting"), waiting=state.waiting)] if state.waiting else []
        facts += [say(_("as of {fresh}"), fresh=state.fresh)] if state.fresh else []
        self._facts.setText(" · ".join(facts))
        self._facts.setVisible(bool(facts))
        size = worn().density.icon
        self._shape.setPixmap(picture(icon_name, tone_name or "quiet", size, self.devicePixelRatioF()))
        self.setToolTip(say(_ALONE) if state.kind == "not_enrolled" else "")
        self.setAccessibleName(". ".join([self._word.text(), *facts]))
