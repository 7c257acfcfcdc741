"""Scanner: three test scans of one known code; how the scanner is set is found out from them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.first.hearing import layout_of
from ui.first.port import Begins
from ui.first.step import Step, Works
from ui.joining.steps import Bar
from ui.scan.burst import ScannerSetup
from ui.scan.raw import RawScan
from ui.theme import role, tone, worn

TESTS = 3
SIDE = 200  # pixels of the code on the screen


class ScannerStep(Step):
    """A camera scanner reads the code from the screen; one with a laser reads it from the test label."""

    label, icon, verb = _("Scanner"), "scan", _("Keep the scanner")
    advice = _("Scan this code three times, here or from the test label of the printer.")

    def __init__(self, begins: Begins, works: Works, setup: ScannerSetup) -> None:
        super().__init__(begins, works)
        self._under = setup.layout  # how the keys are read meanwhile
        self._setup = setup
        self._read = 0
        self._wanted, picture = begins.code()
        self._code = QLabel()
        self._code.setPixmap(_pixmap(picture))
        self._code.setAccessibleName(say(_("A code to scan")))
        self._said = role(QLabel(say(_("Nothing was read yet."))), "sentence")
        self._said.setWordWrap(True)
        self._bar = Bar()
        words = QVBoxLayout()
        words.addWidget(self._said)
        words.addWidget(self._bar)
        words.addStretch()
        row = QHBoxLayout()
        row.setSpacing(3 * worn().density.gap)
        row.addWidget(self._code, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.column.addLayout(row)
        self.column.addStretch()

    @property
    def heard(self) -> bool:
        return self._read >= TESTS

    def takes(self, scan: RawScan) -> None:
        found = layout_of(scan.text, self._under, self._wanted)
        if not found:
            self.fail(
                Problem(
                    "first.scan",
                    _("The scanner said “{text}”, and not what this code says."),
                    hint=_("Scan this code. Where you did, set the scanner to the US, UK, German or French keyboard."),
                    values={"text": scan.text[:40]},
                )
            )
            return
        self.fail(None)
        self._setup = replace(self._setup, layout=found)
        self._read = min(self._read + 1, TESTS)
        self._bar.fill(self._read / TESTS)
        tone(self._said, "ok" if self.heard else "")
        said = _("All three were read.") if self.heard else _("{count} of {all} were read.")
        self._said.setText(say(said, count=self._read, all=TESTS))
        self.altered.emit()

    def submit(self) -> None:
        if not self.heard:
            self.fail(Problem("first.scans", _("Three test scans are needed."), hint=_("Or leave the scanner for later.")))
            return
        self.do(lambda: self.begins.keep_scanner(self._setup), lambda _none: self.done.emit())


def _pixmap(picture: bytes) -> QPixmap:
    found = QPixmap()
    found.loadFromData(picture)
    return found.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation)
