"""Curve: a small curve, in a row of a table or beside a word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.kernel.charts.spec import spark
from ui.kit.chart import paint_spark
from ui.kit.table import CURVE, Rows
from ui.theme import worn


class Curve(QWidget):
    """How a number went so far, the latest last. What it says stands in its accessible text and its tool tip."""

    def __init__(self, title: str, values: Sequence[float]) -> None:
        super().__init__()
        self._values = tuple(values)
        self.setFixedSize(10 * worn().density.body, 2 * worn().density.body)
        self.setAccessibleName(title)
        self.setAccessibleDescription(spark(title, self._values).note)
        self.setToolTip(self.accessibleDescription())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_spark(painter, self._values, QRectF(self.rect().adjusted(2, 4, -2, -4)))
        painter.end()


class CurveDelegate(QStyledItemDelegate):
    """Draws the small curve of a row."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        model = index.model()
        row = model.row(index.row()) if isinstance(model, Rows) else None
        if row is not None and row.get(CURVE.name):
            room: QRect = option.rect
            paint_spark(painter, row[CURVE.name], QRectF(room.adjusted(4, 6, -4, -6)))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(7 * worn().density.body, worn().density.row)
