"""Signing: a field to sign in by pen, finger or mouse, the signature as strokes, and as a picture made off the screen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageWriter,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kernel.words import _, say
from ui.theme import worn

Stroke = list[list[float]]
"""Points `[across, down, when]`: from 0 to 1 of the field, and in milliseconds since the pen first came down."""
RATIO = 3.0  # of a signature's width to its height, on screen and in the picture
WIDE = 900  # pixels of the picture
STROKES, POINTS = 200, 6000  # more than anybody's name takes; what comes after that is not drawn
NEAR = 0.002  # of the field that a point lies from the one before at the least
THICK = 1 / 45  # of the height
BASE = 0.78  # how far down the line is to sign on


def draw(painter: QPainter, strokes: Sequence[Stroke], room: QRectF, color: QColor) -> None:
    """Draws a signature into a room, whatever size that has."""
    pen = QPen(color, room.height() * THICK)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke in strokes:
        points = [QPointF(room.x() + one[0] * room.width(), room.y() + one[1] * room.height()) for one in stroke]
        if len(points) == 1:
            painter.drawPoint(points[0])
        elif points:
            painter.drawPath(_curve(points))


def _curve(points: Sequence[QPointF]) -> QPainterPath:
    """Through the middles between the points, so that a quick hand draws no corners."""
    path = QPainterPath(points[0])
    for here, ahead in pairwise(points):
        path.quadTo(here, (here + ahead) / 2)
    path.lineTo(points[-1])
    return path


def png(strokes: Sequence[Stroke]) -> bytes:
    """A signature as a picture, black on white. On any thread."""
    image = QImage(WIDE, round(WIDE / RATIO), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, strokes, QRectF(image.rect()), QColor(Qt.GlobalColor.black))
    painter.end()
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(held.data())


class SignatureView(QWidget):
    """A signature as it was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.strokes: list[Stroke] = []
        self.setAccessibleName(say(_("Signature")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        height = 3 * worn().density.primary_target
        return QSize(round(height * RATIO), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(worn().density.primary_target * RATIO), worn().density.primary_target)

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        self.strokes = [list(stroke) for stroke in strokes]
        self.update()

    @property
    def room(self) -> QRectF:
        """Where it is drawn: as large as it fits, in the middle."""
        wide = min(self.width(), self.height() * RATIO)
        return QRectF((self.width() - wide) / 2, (self.height() - wide / RATIO) / 2, wide, wide / RATIO)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_ground(painter)
        draw(painter, self.strokes, self.room, worn().color("text"))
        painter.end()

    def paint_ground(self, painter: QPainter) -> None:
        """What lies under it: the line it stands on."""
        room = self.room
        down = room.y() + BASE * room.height()
        painter.setPen(QPen(worn().color("line"), 2))
        painter.drawLine(QPointF(room.left() + room.width() / 20, down), QPointF(room.right() - room.width() / 20, down))


class SignatureField(SignatureView):
    """A field to sign in. `altered` says that there is more or less in it; Delete clears it.

    What the hand does is never waited for: a point is only kept, and drawn with the next picture.
    """

    altered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._began = 0  # when the pen first came down
        self._down = False
        self.setAccessibleName(say(_("Sign here")))
        self.setAccessibleDescription(
            say(_("Sign by pen, finger or mouse. By keys: write the name, and choose “Signed on paper”."))
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def is_empty(self) -> bool:
        return not self.strokes

    def clear(self) -> None:
        """Wipes it clean."""
        self.strokes, self._down = [], False
        self.update()
        self.altered.emit()

    # -------------------------------------------------------------------------------------------------------- the hand

    def _begin(self, at: QPointF, when: int) -> None:
        if not self.room.contains(at) or len(self.strokes) >= STROKES:
            return
        if not self.strokes:
            self._began = when
        self._down = True
        self.strokes.append([self._point(at, when)])
        self.update()
        self.altered.emit()

    def _go_on(self, at: QPointF, when: int) -> None:
        if not self._down or sum(map(len, self.strokes)) >= POINTS:
            return
        point, last = self._point(at, when), self.strokes[-1][-1]
        if abs(point[0] - last[0]) * RATIO + abs(point[1] - last[1]) >= NEAR:
            self.strokes[-1].append(point)
            self.update()

    def _point(self, at: QPointF, when: int) -> list[float]:
        room = self.room
        across, down = (at.x() - room.x()) / room.width(), (at.y() - room.y()) / room.height()
        return [round(min(max(one, 0.0), 1.0), 4) for one in (across, down)] + [max(0, when - self._began)]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position(), event.timestamp())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go_on(event.position(), event.timestamp())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._down = False

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen; what is accepted here does not come as a mouse too."""
        match event.type():
            case QEvent.Type.TabletPress:
                self._begin(event.position(), event.timestamp())
            case QEvent.Type.TabletMove:
                self._go_on(event.position(), event.timestamp())
            case QEvent.Type.TabletRelease:
                self._down = False
        event.accept()

    def event(self, event: QEvent) -> bool:
        """A finger: the first one that comes down signs, the ball of the hand does not."""
        if not isinstance(event, QTouchEvent) or not event.points():
            return super().event(event)
        first = event.points()[0]
        match event.type():
            case QEvent.Type.TouchBegin:
                self._begin(first.position(), event.timestamp())
            case QEvent.Type.TouchUpdate:
                self._go_on(first.position(), event.timestamp())
            case _:
                self._down = False
        event.accept()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            super().keyPressEvent(event)

    # ---------------------------------------------------------------------------------------------------------- the paper

    def paint_ground(self, painter: QPainter) -> None:
        look, room = worn(), self.room
        painter.setPen(QPen(look.color("primary" if self.hasFocus() else "line"), 2))
        painter.setBrush(look.color("raised"))
        painter.drawRoundedRect(room.adjusted(1, 1, -1, -1), 6, 6)
        super().paint_ground(painter)
        if self.is_empty:
            painter.setPen(look.color("quiet"))
            painter.setFont(look.font("large"))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, say(_("Sign here")))


def plain(strokes: Any) -> list[Stroke]:
    """Strokes from a record's plain data; none where there are none."""
    return list(strokes) if isinstance(strokes, list) else []
