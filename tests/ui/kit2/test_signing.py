"""The signature field: pen, finger and mouse draw the same strokes, in any size; its picture is made on any thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.quotes.rules import MOST_POINTS, MOST_STROKES, is_drawn
from ui.kit.signing import POINTS, RATIO, STROKES, SignatureField, SignatureView, png


def field(qtbot: QtBot, wide: int = 600, high: int = 200) -> SignatureField:
    made = SignatureField()
    qtbot.addWidget(made)
    made.resize(wide, high)
    made.show()
    return made


def drag(made: SignatureField, *points: tuple[float, float]) -> None:
    """A stroke by mouse through these places of the field."""
    room = made.room
    places = [QPointF(room.x() + x * room.width(), room.y() + y * room.height()) for x, y in points]
    QTest.mousePress(made, Qt.MouseButton.LeftButton, pos=places[0].toPoint())
    for place in places[1:]:
        QTest.mouseMove(made, place.toPoint())
        moved = QMouseEvent(
            QMouseEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(made, moved)
    QTest.mouseRelease(made, Qt.MouseButton.LeftButton, pos=places[-1].toPoint())


def test_a_mouse_draws_strokes_from_nought_to_one(qtbot: QtBot) -> None:
    made = field(qtbot)
    with qtbot.waitSignal(made.altered):
        drag(made, (0.1, 0.5), (0.5, 0.2), (0.9, 0.8))
    drag(made, (0.5, 0.9))
    assert len(made.strokes) == 2
    first = made.strokes[0]
    assert abs(first[0][0] - 0.1) < 0.01
    assert abs(first[-1][1] - 0.8) < 0.02
    assert first[0][2] == 0
    assert is_drawn(made.strokes) is None, "what the field draws is kept"


def test_the_same_hand_draws_the_same_in_a_field_of_any_size(qtbot: QtBot) -> None:
    small, large = field(qtbot, 300, 160), field(qtbot, 1200, 400)
    for made in (small, large):
        drag(made, (0.2, 0.4), (0.7, 0.6))
    for one, other in zip(small.strokes[0], large.strokes[0], strict=True):
        assert abs(one[0] - other[0]) < 0.01
        assert abs(one[1] - other[1]) < 0.02
    assert abs(small.room.width() / small.room.height() - RATIO) < 0.01


def test_a_pen_and_a_finger_draw_too(qtbot: QtBot) -> None:
    made = field(qtbot)
    pen = QPointingDevice.primaryPointingDevice()
    for kind, x in (
        (QTabletEvent.Type.TabletPress, 100),
        (QTabletEvent.Type.TabletMove, 300),
        (QTabletEvent.Type.TabletRelease, 300),
    ):
        at = QPointF(x, 100)
        QApplication.sendEvent(
            made, QTabletEvent(kind, pen, at, at, 0.5, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier,
                               Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton),
        )  # fmt: skip
    assert [len(stroke) for stroke in made.strokes] == [2]
    screen = QTest.createTouchDevice()
    finger = QTest.touchEvent(made, screen)
    finger.press(0, QPoint(200, 60), made).commit()
    finger.move(0, QPoint(260, 140), made).commit()
    finger.release(0, QPoint(260, 140), made).commit()
    assert [len(stroke) for stroke in made.strokes] == [2, 2]


def test_beside_the_field_nothing_is_drawn_and_delete_clears_it(qtbot: QtBot) -> None:
    made = field(qtbot, 600, 600)
    QTest.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(300, 5))
    assert made.is_empty
    drag(made, (0.1, 0.5), (0.9, 0.5))
    QTest.keyClick(made, Qt.Key.Key_Delete)
    assert made.is_empty


def test_it_never_holds_more_than_can_be_kept(qtbot: QtBot) -> None:
    assert (STROKES, POINTS) == (MOST_STROKES, MOST_POINTS)
    made = field(qtbot)
    for _count in range(STROKES + 3):
        QTest.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert len(made.strokes) == STROKES


def test_its_picture_is_made_beside_and_shows_what_was_drawn(qapp: QApplication) -> None:
    assert qapp
    found: list[bytes] = []
    worker = threading.Thread(target=lambda: found.append(png([[[0.1, 0.5, 0], [0.9, 0.5, 9]], [[0.5, 0.2, 20]]])))
    worker.start()
    worker.join()
    image = QImage.fromData(found[0])
    assert (image.width(), image.height()) == (900, 300)
    assert image.pixelColor(450, 150).value() < 100, "the line"
    assert image.pixelColor(450, 60).value() < 100, "the dot"
    assert image.pixelColor(450, 250).value() == 255
    assert len(found[0]) < 20_000


def test_it_is_shown_again_as_it_was_drawn(qtbot: QtBot) -> None:
    view = SignatureView()
    qtbot.addWidget(view)
    view.resize(300, 100)
    view.show_strokes([[[0.1, 0.5, 0], [0.9, 0.5, 9]]])
    image = view.grab().toImage()
    scale = image.width() / 300
    line, ground = (image.pixelColor(round(150 * scale), round(y * scale)).value() for y in (50, 20))
    assert line < ground
