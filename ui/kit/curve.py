"""Curve: the small curve in a row of a table."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui.kit.chart import paint_spark
from ui.kit.table import CURVE, Rows
from ui.theme import worn


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
