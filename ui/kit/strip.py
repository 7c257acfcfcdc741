"""Strip: a record's photos as small pictures beside each other, each with a sign of how far it is; a touch opens one large."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.outgoing import CONFIRMED_THERE, HERE
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import secondary
from ui.kit.declared import Place
from ui.kit.icons import picture
from ui.kit.live import Live, Once
from ui.kit.photos import AWAY, COMING, WORDS, Photo, attach, photos_of, told_of
from ui.theme import role, worn

AGAIN = 3000  # milliseconds until what is on its way is looked at again: files travel beside the commands, and tell nobody
SIGNS = {HERE: ("clock", "quiet"), AWAY: ("sync", "quiet"), COMING: ("sync", "ask")}


class PhotoStrip(QWidget):
    """`title` names the record; the button puts one more on it."""

    def __init__(self, bench: Bench, entity: str, ident: UUID, title: Callable[[], str]) -> None:
        super().__init__()
        self._bench, self._entity, self._id, self._title = bench, entity, ident, title
        self._told = role(QLabel(), "quiet")
        self._pictures = QScrollArea()
        self._pictures.setWidgetResizable(True)
        self._pictures.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pictures.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pictures.setFixedHeight(self._edge + worn().density.bar)
        self._pictures.hide()
        add = secondary(say(_("Attach photo")), "camera")
        add.clicked.connect(self._attach)
        head = QHBoxLayout()
        head.addWidget(add)
        head.addWidget(self._told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.addLayout(head)
        column.addWidget(self._pictures)
        column.addStretch()
        self._later = QTimer(self, singleShot=True, interval=AGAIN)
        self._once = Once(bench, self, lambda: partial(photos_of, bench, entity, ident), self._show)
        self._later.timeout.connect(Live(bench, self, lambda: frozenset({"attachment"}), self._once.ask).refresh)

    @property
    def _edge(self) -> int:
        return worn().density.primary_target + 2 * worn().density.gap

    def _attach(self) -> None:
        attach(self._bench, Match(self._entity, self._id, self._title()))

    def _show(self, photos: list[Photo]) -> None:
        inside = QWidget()
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(worn().density.gap)
        for photo in photos:
            line.addWidget(self._thumb(photo))
        line.addStretch()
        self._pictures.setWidget(inside)
        inside.setAutoFillBackground(False)
        self._pictures.setVisible(bool(photos))
        self._told.setText(told_of(photos))
        if any(photo.small is None or photo.way not in ("", CONFIRMED_THERE, AWAY) for photo in photos):
            self._later.start()

    def _thumb(self, photo: Photo) -> QPushButton:
        button = role(QPushButton(), "photo")
        drawn = _drawn(photo, self._edge, self.devicePixelRatioF())
        button.setIcon(QIcon(drawn))
        button.setIconSize(drawn.deviceIndependentSize().toSize())
        button.setFixedSize(button.iconSize() + QSize(4, 4))
        button.setAccessibleName(", ".join(part for part in (photo.name, say(WORDS[photo.way]) if photo.way else "") if part))
        button.setToolTip(button.accessibleName())
        given = {"photo": photo.id}
        button.clicked.connect(lambda: self._bench.ways.go(Place("photo", self._entity, self._id, given)))
        return button


def _drawn(photo: Photo, edge: int, scale: float) -> QPixmap:
    """The small picture cut to a square, or a sheet for what is none; at its corner the sign of its way."""
    made = QPixmap(QSize(round(edge * scale), round(edge * scale)))
    made.setDevicePixelRatio(scale)
    made.fill(worn().color("line"))
    small = QPixmap()
    painter = QPainter(made)
    if photo.small and small.loadFromData(photo.small):
        cut = small.scaled(made.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)
        cut.setDevicePixelRatio(scale)
        painter.drawPixmap(0, 0, cut)
    else:
        size = worn().density.icon
        painter.drawPixmap((edge - size) // 2, (edge - size) // 2, picture("export", "text", size, scale))
    if sign := SIGNS.get(photo.way):
        size = worn().density.icon
        painter.fillRect(edge - size - 4, edge - size - 4, size + 4, size + 4, worn().color("raised"))
        painter.drawPixmap(edge - size - 2, edge - size - 2, picture(*sign, size, scale))
    painter.end()
    return made
