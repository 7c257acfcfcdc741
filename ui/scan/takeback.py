"""Take back: a field is put back as it was before a scan was typed into it."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

Restore = Callable[[], None]


def remember(focus: QObject | None) -> Restore | None:
    """What puts the text, cursor and selection of the focused field back as they are now; None where nothing is written."""
    field = _field(focus)
    if isinstance(field, QLineEdit):
        return _remember_line(field)
    if isinstance(field, QPlainTextEdit | QTextEdit):
        return _remember_text(field)
    return None


def _field(focus: QObject | None) -> QObject | None:
    if isinstance(focus, QComboBox):
        return focus.lineEdit() if focus.isEditable() else None
    if isinstance(focus, QAbstractSpinBox):
        return focus.findChild(QLineEdit)
    return focus


def _remember_line(line: QLineEdit) -> Restore:
    text, cursor, modified = line.text(), line.cursorPosition(), line.isModified()
    start, length = line.selectionStart(), line.selectionLength()

    def restore() -> None:
        if not shiboken6.isValid(line) or line.text() == text:
            return
        line.setText(text)
        line.setModified(modified)
        line.setCursorPosition(cursor)
        if length:
            # a negative length leaves the cursor at the front, where it was
            backwards = cursor == start
            line.setSelection(start + length if backwards else start, -length if backwards else length)

    return restore


def _remember_text(edit: QPlainTextEdit | QTextEdit) -> Restore:
    before = edit.textCursor()
    position, anchor, chosen = before.position(), before.anchor(), before.selection()
    length = edit.document().characterCount()
    start = min(position, anchor)

    def restore() -> None:
        if not shiboken6.isValid(edit):
            return
        cursor = edit.textCursor()
        if (cursor.position(), cursor.anchor(), edit.document().characterCount()) == (position, anchor, length):
            return
        typed = edit.document().characterCount() - length + abs(position - anchor)
        cursor.setPosition(start)
        cursor.setPosition(start + max(typed, 0), QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.insertFragment(chosen)
        cursor.setPosition(anchor)
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
        edit.setTextCursor(cursor)

    return restore
