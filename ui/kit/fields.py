"""Fields: one widget for each kind of field that an entity declares, with its label above and its problem beneath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.kernel.entity import Field
from app.kernel.figures import heard, heard_day
from app.kernel.meanings import Match
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity, millis, moment
from app.kernel.words import _, say, within
from ui.kit.bench import Bench, Told
from ui.kit.buttons import Button, secondary
from ui.kit.question import Question, row_of
from ui.kit.values import to_type, typed_moment
from ui.theme import role, tone, worn

FEW = 24  # letters of choices that fit side by side in half a screen
LONG = 300  # characters from which a text gets several lines


class FieldBox(QWidget):
    """A field of a form. `altered` says that its value is different now; `value` is plain data, as a command takes it."""

    altered = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._label = QLabel(say(field.label))
        self._problem = tone(QLabel(), "danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._row = QHBoxLayout()
        self._row.setSpacing(worn().density.gap)
        self._column.addWidget(self._label if field.required else role(self._label, "quiet"))

    def hold(self, widget: QWidget) -> None:
        """Puts the widget under its label, and the problem under it."""
        widget.setAccessibleName(say(self.field.label))
        self._label.setBuddy(widget)
        self._row.addWidget(widget, 1)
        self._column.addLayout(self._row)
        self._column.addWidget(self._problem)
        self.setFocusProxy(widget)

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any, shown: str = "") -> None:
        raise NotImplementedError

    def words(self) -> str:
        """What people read of a value that is no words itself, such as the name of a link."""
        return ""

    def read(self) -> Any:
        """The value as a command takes it; Refused with the problem of this field."""
        return self.value()

    def fail(self, problem: Problem | None) -> None:
        """Shows what is wrong at the field; None takes it away."""
        self._problem.setText(f"{problem.sentence} {problem.advice}".strip() if problem else "")
        self._problem.setVisible(problem is not None)
        proxy = self.focusProxy()
        if proxy is not None:
            tone(proxy, "danger" if problem else "")

    def takes(self, match: Match) -> bool:
        """Whether a scan of this row fills the field."""
        return False


class TextBox(FieldBox):
    """Words, numbers, amounts and days: what is typed is read by the field's kind."""

    def __init__(self, field: Field, bench: Bench) -> None:
        super().__init__(field)
        self._currency = bench.currency
        self._kept: tuple[str, int] | None = None  # how a moment is written here, and what it was
        self._edit: QLineEdit | QPlainTextEdit
        if field.kind == "text" and field.size > LONG:
            self._edit = QPlainTextEdit()
            self._edit.setTabChangesFocus(True)
            self._edit.setFixedHeight(4 * worn().density.target // 2)
        else:
            self._edit = QLineEdit()
            self._edit.setMaxLength(field.size if field.kind == "text" else 40)
            self._edit.setPlaceholderText(_HINTS.get(field.kind, ""))
        self._edit.textChanged.connect(lambda *_text: self.altered.emit())
        self.hold(self._edit)
        if field.kind in _ON_GLASS:
            self._add_pad(bench)

    def _add_pad(self, bench: Bench) -> None:
        """Numbers can be typed on the glass; no keyboard is needed."""

        def ask() -> None:
            question = Question(say(self.field.label), answer, kind="number", tone="")
            bench.ways.ask(question)

        def answer(text: str, by: Told) -> None:
            self.set_value(text)
            by.quietly(Outcome.SUCCESS, text)

        pad = Button("", "count", name=say(_("Type {label} on the glass"), label=say(self.field.label)))
        pad.clicked.connect(ask)
        self._row.addWidget(pad)

    def value(self) -> str:
        return (self._edit.toPlainText() if isinstance(self._edit, QPlainTextEdit) else self._edit.text()).strip()

    def set_value(self, value: Any, shown: str = "") -> None:
        text = shown or ("" if value is None else str(value))
        if self.field.kind == "moment" and isinstance(value, int):
            text = to_type(moment(value))
            self._kept = (text, value)
        if isinstance(self._edit, QPlainTextEdit):
            self._edit.setPlainText(text)
        else:
            self._edit.setText(text)

    def read(self) -> Any:
        text = self.value()
        if self._kept is not None and text == self._kept[0]:
            return self._kept[1]  # to the millisecond, where nobody typed
        if not text and self.field.kind != "text":
            return None
        reader = _READERS.get(self.field.kind)
        return reader(text, self.field, self._currency) if reader else text


def _whole(text: str, field: Field, _currency: str) -> int:
    if not text.isascii() or not text.lstrip("-").isdigit():
        raise Refused(Problem("form.number", _("“{text}” is not a whole number."), field=field.name, hint=_("Write digits only."),
                              values={"text": text[:24]}))  # fmt: skip
    return int(text)


_READERS: dict[str, Callable[[str, Field, str], Any]] = {
    "number": _whole,
    "quantity": lambda text, field, _currency: str(Quantity.parse(heard(text, field.name), field.name)),
    "money": lambda text, field, currency: Money.parse(heard(text, field.name), currency, field.name).minor,
    "day": lambda text, _field, _currency: heard_day(text),
    "moment": lambda text, _field, _currency: millis(when) if (when := typed_moment(text)) else heard_day(text),
}
_ON_GLASS = ("number", "quantity", "money")
_HINTS = {"day": "2026-11-20", "moment": "14:00"}


class FlagBox(FieldBox):
    """Yes or no."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._check = QCheckBox(say(_("Yes")))
        self._check.toggled.connect(lambda _on: self.altered.emit())
        self.hold(self._check)

    def value(self) -> bool:
        return self._check.isChecked()

    def set_value(self, value: Any, shown: str = "") -> None:
        self._check.setChecked(bool(value))


class ChipsBox(FieldBox):
    """A few choices side by side, each a touch."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(worn().density.gap)
        self._chips = {stored: self._chip(stored, label) for stored, label in field.choices}
        for chip in self._chips.values():
            line.addWidget(chip)
        line.addStretch()
        self.hold(row)
        self.setFocusProxy(next(iter(self._chips.values())))

    def _chip(self, stored: str, label: str) -> Button:
        chip = Button(say(label), button_role="chip")
        chip.clicked.connect(lambda: self.set_value(stored))
        return chip

    def value(self) -> str | None:
        return next((stored for stored, chip in self._chips.items() if chip.isChecked()), None)

    def set_value(self, value: Any, shown: str = "") -> None:
        for stored, chip in self._chips.items():
            chip.setChecked(stored == value)
        self.altered.emit()


class ChoiceBox(FieldBox):
    """Many choices in a list that opens."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._box = QComboBox()
        for stored, label in (() if field.required else (("", "–"),)) + field.choices:
            self._box.addItem(say(label), stored)
        self._box.currentIndexChanged.connect(lambda _index: self.altered.emit())
        self.hold(self._box)

    def value(self) -> str | None:
        return self._box.currentData() or None

    def set_value(self, value: Any, shown: str = "") -> None:
        self._box.setCurrentIndex(max(0, self._box.findData(value or "")))


class LinkBox(FieldBox):
    """Another record: scan it, or touch and find it."""

    def __init__(self, field: Field, bench: Bench) -> None:
        super().__init__(field)
        self._bench = bench
        self._id: UUID | None = None
        self._button = secondary(self._empty(), "search")
        self._button.clicked.connect(self._ask)
        self.hold(self._button)

    def _empty(self) -> str:
        return say(_("Scan or find"))

    def _ask(self) -> None:
        def answer(match: Match, by: Told) -> None:
            self.set_value(match.id, match.title)
            by.quietly(Outcome.SUCCESS, match.title)

        sentence = say(_("Which {what}?"), what=within(self.field.label))
        self._bench.ways.ask(Question(sentence, answer, kind="find", entity=self.field.target, takes=row_of(self.field.target)))

    def value(self) -> str | None:
        return self._id.hex if self._id else None

    def set_value(self, value: Any, shown: str = "") -> None:
        self._id = UUID(str(value)) if value else None
        self._button.setText(shown or self._empty())
        self._button.setAccessibleName(f"{say(self.field.label)}: {shown or self._empty()}")
        self.altered.emit()

    def words(self) -> str:
        return self._button.text() if self._id else ""

    def takes(self, match: Match) -> bool:
        if match.entity != self.field.target:
            return False
        self.set_value(match.id, match.title)
        return True


def box_for(field: Field, bench: Bench) -> FieldBox:
    """The widget of a field."""
    match field.kind:
        case "link":
            return LinkBox(field, bench)
        case "flag":
            return FlagBox(field)
        case "choice" if sum(len(say(label)) for _stored, label in field.choices) <= FEW:
            return ChipsBox(field)
        case "choice":
            return ChoiceBox(field)
        case _:
            return TextBox(field, bench)
