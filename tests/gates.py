"""Gates: what no screen may do to a hand in a glove, an eye or a screen reader. Each names what it found."""

from __future__ import annotations

import gc
import re
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QScrollArea,
    QTabBar,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from ui.shell.scanline import Fitting
from ui.theme import worn
from ui.theme.contrast import contrast

FIELDS = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox)
CONTROLS = (QAbstractButton, *FIELDS, QAbstractItemView)
GLOVE, GLOVE_PRIMARY = 48, 64  # 12.7 and 17 mm
APART = 8  # pixels between two targets, where they do not touch like the doors of the rail
NUMBER = re.compile(r"\b[A-Z]{1,4}-[\w-]*\d[\w-]*")  # of a part, a job, a lot, a bin
COLOURED = 80  # of 255: a saturation from which people see a colour


def shown(window: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    """What can be seen of these kinds, each once."""
    found = {id(one): one for kind in kinds for one in window.findChildren(kind) if one.isVisible() and not covered(one)}
    return list(found.values())


def covered(widget: QWidget) -> bool:
    """Whether something else lies over the whole of it, such as the crash page."""
    here, place = widget, widget.rect()
    while (above := here.parentWidget()) is not None and not here.isWindow():
        family = [one for one in above.children() if isinstance(one, QWidget)]
        place = place.translated(here.pos()) & above.rect()
        if place.isEmpty():
            return False  # moved out of sight, where it can be moved back from
        if any(one.isVisible() and one.geometry().contains(place) for one in family[family.index(here) + 1 :]):
            return True
        here = above
    return False


def own(widget: QWidget) -> bool:
    """Not a part that Qt makes for itself (a scroll button, the corner of a table, the field in a spin box)."""
    within = (QTabBar, QLineEdit, QComboBox, QAbstractSpinBox)
    return not widget.objectName().startswith("qt_") and not isinstance(widget.parent(), within)


def inside_view(widget: QWidget) -> bool:
    return isinstance(widget.parent(), QAbstractItemView) and not isinstance(widget, QAbstractItemView)


def called(widget: QWidget) -> str:
    """How a finding speaks of a widget."""
    return widget.accessibleName() or f"{type(widget).__name__} in {type(widget.parent()).__name__}"


def controls(window: QWidget) -> list[QWidget]:
    return [one for one in shown(window, *CONTROLS) if own(one) and not inside_view(one) and not isinstance(one, QTabBar)]


def place_of(widget: QWidget) -> QRect:
    """The part of a widget that can be seen and hit, in the window's coordinates."""
    whole = widget.visibleRegion().boundingRect()
    return whole.translated(widget.mapTo(widget.window(), QPoint(0, 0)))


# -------------------------------------------------------------------------------------------------------------- targets


def small(window: QWidget) -> list[str]:
    """Targets that a finger misses: 48 pixels with gloves on, 64 for the filled button; at a desk what its density names."""
    glove = worn().density_name == "glove"
    least, most = (GLOVE, GLOVE_PRIMARY) if glove else (worn().density.target, worn().density.primary_target)
    found = []
    for one in controls(window):
        if isinstance(one, QAbstractItemView) or not one.isEnabled():
            continue
        wanted = most if one.property("role") == "primary" else least
        if one.height() < wanted or one.width() < least:
            found.append(f"{called(one)}: {one.width()} × {one.height()}")
    return [*found, *_low_rows(window, least)]


def _low_rows(window: QWidget, least: int) -> Iterator[str]:
    """Rows of a list that lead somewhere, and tabs."""
    for view in shown(window, QAbstractItemView):
        if (
            isinstance(view, QTableView)
            and not getattr(view, "_slim", False)
            and view.verticalHeader().defaultSectionSize() < least
        ):
            yield f"rows of {called(view)}: {view.verticalHeader().defaultSectionSize()}"
    for bar in shown(window, QTabBar):
        if isinstance(bar, QTabBar) and bar.count() and bar.tabRect(0).height() < least:
            yield f"tabs of {called(bar)}: {bar.tabRect(0).height()}"


def close(window: QWidget) -> list[str]:
    """Buttons so near each other that a glove hits both. Doors and keys that touch each other are one field of big targets."""
    buttons = [one for one in shown(window, QAbstractButton) if own(one) and not inside_view(one) and one.isEnabled()]
    places = [(one, place_of(one)) for one in buttons if one.property("role") not in ("rail", "photo")]
    return [
        f"{called(one)} and {called(other)}: {distance}"
        for (one, here), (other, there) in combinations(places, 2)
        if not here.isEmpty() and not there.isEmpty() and (distance := _between(here, there)) < APART
    ]


def _between(one: QRect, other: QRect) -> int:
    """Pixels of ground between two places; 0 where they touch or lie on each other."""
    across = max(one.left(), other.left()) - min(one.right(), other.right()) - 1
    down = max(one.top(), other.top()) - min(one.bottom(), other.bottom()) - 1
    return max(0, across, down)


# ------------------------------------------------------------------------------------------------------ names and order


def nameless(window: QWidget) -> list[str]:
    """Controls of which a screen reader can say nothing."""
    return [called(one) for one in controls(window) if not one.accessibleName().strip()]


def unlabelled(window: QWidget) -> list[str]:
    """Fields over or beside which nothing says what belongs into them."""
    words = {label.text() for label in shown(window, QLabel) if isinstance(label, QLabel)}
    return [
        called(one)
        for one in shown(window, *FIELDS)
        if own(one) and one.accessibleName() not in words and not getattr(one, "placeholderText", str)()
    ]


def out_of_order(window: QWidget, part: QWidget) -> list[str]:
    """Where Tab leaps back within a part of the window: to something that is read before what it comes from.

    Tab goes round in a ring: the one leap from the last to the first is none.
    """
    stops = [one for one in _chain(window) if part.isAncestorOf(one) and not place_of(one).isEmpty()]
    leaps = [(one, other) for one, other in pairwise([*stops, *stops[:1]]) if _before(place_of(other), place_of(one))]
    return [f"{called(one)} → {called(other)}" for one, other in leaps] if len(leaps) > 1 else []


def _chain(window: QWidget) -> Iterator[QWidget]:
    """What Tab comes to, in its order."""
    one = first = window
    while (one := one.nextInFocusChain()) is not first:
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.focusProxy() is None:
            yield one


def _before(one: QRect, other: QRect) -> bool:
    """Whether one is read before the other: to the left on the same line, or above it in the same column."""
    level = min(one.bottom(), other.bottom()) - max(one.top(), other.top())
    if level > min(one.height(), other.height()) // 2:
        return one.right() <= other.left()
    beside = min(one.right(), other.right()) - max(one.left(), other.left())
    return one.bottom() <= other.top() and beside > 0


# ---------------------------------------------------------------------------------------------------------------- words


def cut_off(window: QWidget) -> list[str]:
    """Words that need more room than they have."""
    labels = [one for one in shown(window, QLabel) if isinstance(one, QLabel) and one.text() and not isinstance(one, Fitting)]
    narrow = [one for one in labels if not one.wordWrap() and one.sizeHint().width() > one.width()]
    low = [one for one in labels if one.wordWrap() and one.heightForWidth(one.width()) > one.height() + 1]
    buttons = [one for one in window.findChildren(QAbstractButton) if one.isVisible() and one.text() and own(one)]
    tight = [one for one in buttons if one.sizeHint().width() > one.width()]
    return [one.text() for one in (*narrow, *low, *tight)] + [*_cut_cells(window)]


def _cut_cells(window: QWidget) -> Iterator[str]:
    """Part numbers and titles in tables that stand there with three dots."""
    for table in window.findChildren(QTableView):
        if table.isVisible():
            yield from _cut_in(table)


def _cut_in(table: QTableView) -> Iterator[str]:
    model, metrics = table.model(), QFontMetrics(table.font())
    for column, name in enumerate(getattr(model, "names", ())):
        room = table.columnWidth(column) - 2 * worn().density.gap
        for line in range(0 if table.isColumnHidden(column) else min(model.rowCount(), 40)):
            text = str(model.index(line, column).data() or "")
            seen = metrics.elidedText(text, table.textElideMode(), room)
            lost = seen != text and (name in ("code", "number") or any(one not in seen for one in NUMBER.findall(text)))
            if lost:
                yield f"{text} in {name}"


def tiny(window: QWidget) -> list[str]:
    """Letters smaller than the density's body; its small size is for captions, columns and the doors of the rail alone."""
    density, found = worn().density, []
    for one in shown(window, QLabel, QAbstractButton, *FIELDS, QAbstractItemView):
        says = getattr(one, "text", str)() if isinstance(one, QLabel | QAbstractButton) else "…"
        caption = one.property("role") in ("caption", "door", "badge", "rail")
        least = density.small if caption else density.body
        if says and own(one) and not inside_view(one) and one.font().pixelSize() < least:
            found.append(f"{called(one)} “{says[:24]}”: {one.font().pixelSize()}")
    return found


# -------------------------------------------------------------------------------------------------------------- colours


def faint(window: QWidget) -> list[str]:
    """Words whose colour stands out too little from what is really painted behind them."""
    floor = max(worn().density.contrast, 7.0 if worn().name == "sun" else 0.0)
    picture, found = _grabbed(window), []
    for label in shown(window, QLabel):
        if not isinstance(label, QLabel) or not label.text() or (where := place_of(label)).isEmpty():
            continue
        ink = label.palette().color(label.foregroundRole()).name().upper()
        ratio = contrast(ink, _ground(picture, where))
        if ratio < floor:
            found.append(f"“{label.text()[:30]}”: {ratio:.1f}")
    return found


def _grabbed(window: QWidget) -> QImage:
    """What is really painted, one number for each pixel."""
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _ground(picture: QImage, where: QRect) -> str:
    """The commonest colour of a place: what the words stand on."""
    ratio = picture.devicePixelRatio()
    place = QRect((where.topLeft().toPointF() * ratio).toPoint(), (where.bottomRight().toPointF() * ratio).toPoint())
    colors = _pixels(picture, place, 2)
    return QColor(colors.most_common(1)[0][0]).name().upper() if colors else worn().tokens.ground


def coloured(window: QWidget) -> float:
    """The share of pixels that have a colour, 0.0 to 1.0, in every fourth row and column."""
    picture = _grabbed(window)
    every = _pixels(picture, picture.rect(), 4)
    return sum(times for color, times in every.items() if _strong(QColor(color))) / every.total()


def _pixels(picture: QImage, place: QRect, step: int) -> Counter[int]:
    """How many pixels of each colour a place has, looked at in steps; asking Qt for one pixel after the other takes 100 times as
    long.
    """
    pixels, width = memoryview(picture.constBits()).cast("I"), picture.bytesPerLine() // 4
    seen, found = place & picture.rect(), Counter[int]()
    for y in range(seen.top(), seen.bottom() + 1, step):
        found.update(pixels[y * width + seen.left() : y * width + seen.right() + 1 : step])
    return found


def _strong(color: QColor) -> bool:
    """A dark grey has a high saturation and no colour: what counts is what is left between its channels."""
    return max(color.red(), color.green(), color.blue()) - min(color.red(), color.green(), color.blue()) > COLOURED


# --------------------------------------------------------------------------------------------------------- what is left


def running() -> set[object]:
    """Threads that run and timers that tick now."""
    app = QApplication.instance()
    timers = [one for one in gc.get_objects() if isinstance(one, QTimer) and isValid(one)]
    return {*threading.enumerate(), *(one for one in timers if one.isActive() and one.parent() is not app)}


class Strays(QObject):
    """Pieces of a screen that stood for a moment as windows of their own: each flashes up, and takes the keys away."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        seen = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if seen and not isinstance(watched, QMainWindow):
            self.found.append(f"{called(watched)} {getattr(watched, 'text', str)()}".strip())
        return False

    def done(self) -> list[str]:
        """What was seen of them so far; nothing more is looked at."""
        QCoreApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        return self.found


def scrolls(widget: QWidget) -> bool:
    """Whether it stands in an area that can be moved, so that what is hidden of it can be had."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            return True
        above = above.parentWidget()
    return False
