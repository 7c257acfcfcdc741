"""Data: where this machine's data lies, how safe it is, and the file for whoever helps."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel import figures
from app.kernel.scan_log import Outcome
from app.kernel.whereabouts import Whereabouts
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.live import Once
from ui.kit.readable import ReadArea, table, words
from ui.kit.screen import Deed, Screen
from ui.kit.values import moment
from ui.theme import role, worn


class DataPage(Screen):
    """Paths, sizes, the last backup, the hub, what waits; and the file for whoever helps."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Where my data is"))
        self._area = ReadArea()
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.addWidget(role(QLabel(self.title), "title"))
        layout.addWidget(self._area, 1)
        begins = bench.begins
        if begins is not None:
            self._once = Once(bench, self, lambda: begins.whereabouts, self._show)

    def arrive(self) -> None:
        if self.bench.begins is not None:
            self._once.ask()

    def _show(self, found: Whereabouts) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, worn().density.gap, 0)
        column.setSpacing(worn().density.gap)
        for sentence, tone_name in _state(found):
            column.addWidget(words(sentence, "heading", tone_name))
        for piece in found.pieces:
            column.addWidget(words(say(piece.label), "heading"))
            size = say(_("{size} MB in {files} files"), size=figures.spoken(f"{piece.size / 1e6:.1f}"), files=piece.files)
            column.addLayout(table(((say(_("Where")), str(piece.path).replace("/", "/\u200b")), (say(_("Size")), size))))
        column.addStretch()
        self._area.setWidget(inside)

    @property
    def primary(self) -> Deed | None:
        if self.bench.begins is None:
            return None
        return Deed(say(_("Write a support file")), self._write, "export")

    def _write(self) -> None:
        begins = self.bench.begins
        if begins is not None:
            self.bench.read(self, begins.support, self._written)

    def _written(self, file: Path) -> None:
        said = say(_("The file is {file}. No name, phone number, code or key is in it."), file=file)
        self.bench.ways.told(Outcome.SUCCESS, said)


def _state(found: Whereabouts) -> tuple[tuple[str, str], ...]:
    if found.backed_up is None:
        backup = say(_("There is no backup yet. One is made after a quarter of an hour, and at each sign-out.")), "warn"
    else:
        backup = say(_("Last backed up: {at}."), at=moment(found.backed_up)), ""
    elsewhere = (
        (say(_("Another machine can open the backups, with the recovery code.")), "")
        if found.opens_elsewhere
        else (say(_("No other machine can open the backups: make a recovery code with fettle backup --code.")), "warn")
    )
    hub = (
        say(_("A hub holds it too; {count} commands have still to get there."), count=found.waiting)
        if found.enrolled
        else say(_("No hub holds it: what is here is here alone."))
    )
    return (backup, elsewhere, (hub, ""))
