"""Choosing: a file of this machine, in a window that wears our sizes and in which nothing can be changed or started."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.kernel.words import _, say

SHEETS = "*.csv *.xlsx *.ndjson"


def dialog(over: QWidget, title: str, *kinds: str) -> QFileDialog:
    """A window for choosing files. The system's own would start programs and delete files, at a kiosk too."""
    made = QFileDialog(over, title)
    made.setOption(QFileDialog.Option.DontUseNativeDialog)
    made.setOption(QFileDialog.Option.ReadOnly)
    made.setFileMode(QFileDialog.FileMode.ExistingFile)
    made.setNameFilters(list(kinds))
    made.setLabelText(QFileDialog.DialogLabel.Reject, say(_("Leave it")))
    return made


def chosen(over: QWidget, title: str, called: str, kinds: str) -> Path | None:
    """The file that somebody chose; None where they left it."""
    asks = dialog(over, title, f"{called} ({kinds})")
    try:
        return Path(asks.selectedFiles()[0]) if asks.exec() else None
    finally:
        asks.deleteLater()
