"""Qt leaves Python's None alone: PySide6 6.12.0 drops a reference a call, until Python 3.11 aborts."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

CALLS = 300
NOISE = 60  # what else the process does meanwhile; a leaking call loses one or two a time


class Rows(QAbstractTableModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 1

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 1

    def reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


def set_text() -> Callable[[], object]:
    label = QLabel()
    return lambda: label.setText("ready")


def repaint() -> Callable[[], object]:
    widget = QWidget()
    return widget.repaint


def start_and_stop() -> Callable[[], object]:
    timer = QTimer()
    return lambda: (timer.start(60_000), timer.stop())


def reset() -> Callable[[], object]:
    rows = Rows()
    return rows.reset


@pytest.mark.parametrize("make", [set_text, repaint, start_and_stop, reset])
def test_a_call_into_qt_costs_no_reference_to_none(make: Callable[[], Callable[[], object]], qapp: QApplication) -> None:
    call = make()
    call()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    assert sys.getrefcount(None) > before - NOISE
