"""Sides: what two people wanted, next to each other, each a tile to touch; where they differ is underlined."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from app.kernel.words import _, say
from ui.attention.reading import Side
from ui.kit.icons import picture
from ui.theme import role, tone, worn

LONG = 40  # letters up to which a value is written large
VALUES = ("title", "heading")


class ChoiceTile(QPushButton):
    """A choice that stays pressed: a number key (none for what is only looked at), its words, and a line or two around them.

    `text` is its label as rich text.
    """

    def __init__(self, number: int, label: str, text: str, above: str = "", below: str = "", mark: str = "") -> None:
        super().__init__()
        role(self, "tile")
        self.setCheckable(bool(number))
        if not number:  # only to be looked at
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(", ".join(part for part in (above, label, below, mark) if part))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        gap = worn().density.gap
        row = QHBoxLayout(self)
        row.setContentsMargins(gap + 4, gap, gap, gap)
        row.setSpacing(gap)
        if number:
            row.addWidget(_through(role(QLabel(str(number)), "number")), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        for words, name in ((above, "caption"), (text, VALUES[len(label) > LONG]), (below, "caption")):
            if words:
                column.addWidget(_through(_words(words, name)))
        if mark:
            column.addLayout(_marked(mark))
        column.addStretch()
        row.addLayout(column, 1)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        inside = self.layout()
        return max(worn().density.primary_target, inside.heightForWidth(width) if inside is not None else 0)

    def sizeHint(self) -> QSize:
        width = 16 * worn().density.body
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * worn().density.body, worn().density.primary_target)


def side_tile(number: int, side: Side, other: str) -> ChoiceTile:
    """A side of a card; what the other side does not have is underlined."""
    who = " · ".join(part for part in (side.who, side.when) if part)
    mark = say(_("stands now")) if side.stands else ""
    return ChoiceTile(number, side.value, underlined(side.value, other), who, mark=mark)


def underlined(value: str, other: str) -> str:
    """The words of a value, those that differ from the other's underlined, as rich text; two that share nothing stay plain."""
    found = list(_compared(value, other))
    apart = all(differs for _word, differs in found)
    return " ".join(f"<u>{escape(word)}</u>" if differs and not apart else escape(word) for word, differs in found)


def _compared(value: str, other: str) -> Iterator[tuple[str, bool]]:
    ours, theirs = value.split(" "), other.split(" ")
    for kind, start, end, _from, _to in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        yield from ((word, kind != "equal") for word in ours[start:end])


def _words(text: str, name: str) -> QLabel:
    label = role(QLabel(text), name)
    label.setTextFormat(Qt.TextFormat.RichText if name in VALUES else Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _marked(mark: str) -> QHBoxLayout:
    line = QHBoxLayout()
    sign = _through(QLabel())
    sign.setPixmap(picture("check", "ok", worn().density.icon, sign.devicePixelRatioF()))
    line.addWidget(sign)
    line.addWidget(_through(tone(QLabel(mark), "ok")), 1)
    return line


def _through(label: QLabel) -> QLabel:
    """A touch goes to the tile."""
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
