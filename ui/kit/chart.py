"""Chart: a chart's strokes painted in the theme's colours; beside the picture its numbers as a table, a touch away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.kernel.charts.drawing import draw
from app.kernel.charts.spec import Chart, Table, spark, table
from app.kernel.charts.strokes import Box, Dot, Shape, Stroke, Words
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.kit.bench import Bench
from ui.kit.buttons import Button
from ui.kit.declared import Picture
from ui.kit.live import Live, Once
from ui.theme import role, worn

FAINT = 0.25  # how much of the ink is seen, from 0 to 1
NOWHERE = QModelIndex()
_SIDES = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "middle": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def paint(painter: QPainter, chart: Chart, room: QRectF, font: QFont) -> None:
    """Paints a chart into a room, in the colours that are worn."""
    metrics = QFontMetricsF(font)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.topLeft())
    painter.setFont(font)
    for shape in draw(chart, room.width(), room.height(), metrics.height(), metrics.horizontalAdvance):
        _put(painter, shape, metrics)
    painter.restore()


def _put(painter: QPainter, shape: Shape, metrics: QFontMetricsF) -> None:
    color = worn().color(shape.ink)
    match shape:
        case Stroke():
            style = Qt.PenStyle.DashLine if shape.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(color, shape.width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in shape.points]))
        case Box():
            painter.fillRect(QRectF(shape.x, shape.y, shape.width, shape.height), _faint(color) if shape.faint else color)
        case Dot():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(shape.x, shape.y), shape.radius, shape.radius)
        case Words():
            painter.setPen(color)
            wide, high = metrics.horizontalAdvance(shape.text) + 2, metrics.height()
            left = shape.x - {"left": 0.0, "middle": wide / 2, "right": wide}[shape.side]
            painter.drawText(QRectF(left, shape.y - high / 2, wide, high), _SIDES[shape.side], shape.text)


def _faint(color: QColor) -> QColor:
    thin = QColor(color)
    thin.setAlphaF(FAINT)
    return thin


class ChartView(QWidget):
    """A picture of numbers. What is to be seen in it stands in its accessible text."""

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_chart(self, chart: Chart | None) -> None:
        self._chart = chart
        self.setAccessibleName(chart.title if chart else "")
        self.setAccessibleDescription(chart.note if chart else "")
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * worn().density.body, 6 * worn().density.body)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._chart is not None:
            painter = QPainter(self)
            paint(painter, self._chart, QRectF(self.rect()), worn().font("small"))
            painter.end()


def paint_spark(painter: QPainter, values: tuple[float, ...], room: QRectF) -> None:
    """A curve as small as a word, in a row of a list."""
    paint(painter, spark("", values), room, worn().font("small"))


class Numbers(QAbstractTableModel):
    """The numbers of a chart."""

    def __init__(self) -> None:
        super().__init__()
        self._table = Table((), ())

    def show_table(self, found: Table) -> None:
        self.beginResetModel()
        self._table = found
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._table.heads)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._table.rows[index.row()][index.column()]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal and section < len(self._table.heads):
            return self._table.heads[section]
        return None


class ChartPanel(QWidget):
    """A declared picture of a record: its sentence, the picture, and its numbers; it follows the store."""

    def __init__(self, bench: Bench, picture: Picture, ident: UUID | None) -> None:
        super().__init__()
        self._bench, self._picture, self._id = bench, picture, ident
        self._note = role(QLabel(), "heading")
        self._note.setWordWrap(True)
        self.view, self.numbers = ChartView(), Numbers()
        self._sides = QStackedWidget()
        self._sides.addWidget(self.view)
        self._sides.addWidget(self._made_table())
        self._chips = [self._chip(say(word), place) for place, word in enumerate((_("Picture"), _("Numbers")))]
        line = QHBoxLayout()
        line.addWidget(self._note, 1)
        for chip in self._chips:
            line.addWidget(chip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.setSpacing(worn().density.gap)
        column.addLayout(line)
        column.addWidget(self._sides, 1)
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: picture.reads, self._once.ask)

    def _chip(self, word: str, place: int) -> Button:
        chip = Button(word, button_role="chip")
        chip.setChecked(place == 0)
        chip.clicked.connect(lambda _checked: self._turn(place))
        return chip

    def _turn(self, place: int) -> None:
        self._sides.setCurrentIndex(place)
        for number, chip in enumerate(self._chips):
            chip.setChecked(number == place)

    def _made_table(self) -> QTableView:
        made = QTableView()
        made.setModel(self.numbers)
        made.setAccessibleName(say(_("Numbers of {title}"), title=say(self._picture.title)))
        made.verticalHeader().hide()
        made.verticalHeader().setDefaultSectionSize(worn().density.row)
        made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        made.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        made.setTabKeyNavigation(False)
        made.setShowGrid(False)
        made.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.numbers.modelReset.connect(made.scrollToBottom)  # where today is
        return made

    def _look(self) -> Chart | None:
        bench = self._bench
        now = local_time(bench.app.clock.now(), bench.app.station.zone)
        with bench.app.read(bench.actor) as session:
            return self._picture.draws(session, self._id, now) if self._id is not None else None

    def _show(self, chart: Chart | None) -> None:
        self._note.setText(chart.note if chart else say(self._picture.empty))
        self.view.show_chart(chart)
        self.numbers.show_table(table(chart) if chart else Table((), ()))
        for chip in self._chips:
            chip.setVisible(chart is not None)
