"""Look: light, dark or sun; a hand at a desk or in a glove; and whether the sounds are heard."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import Button, secondary
from ui.kit.sound import Outcome
from ui.theme import DENSITIES, THEMES, role, worn

WORDS = {"light": _("Light"), "dark": _("Dark"), "sun": _("Bright sun"), "desk": _("At a desk"), "glove": _("With gloves")}
HEARD = {
    Outcome.OK: _("Done"),
    Outcome.HEARD: _("Heard"),
    Outcome.ASK: _("Question"),
    Outcome.DUPLICATE: _("Scanned twice"),
    Outcome.ERROR: _("Not done"),
}


@dataclass(frozen=True)
class Look:
    """What this terminal looks like, kept beside its store."""

    theme: str = "light"
    density: str = "desk"

    @staticmethod
    def read(file: Path) -> Look:
        """The look that was chosen last; the usual one where there is none or it cannot be read."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            look = Look(str(kept["theme"]), str(kept["density"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Look()
        return look if look.theme in THEMES and look.density in DENSITIES else Look()

    def keep(self, file: Path) -> None:
        """Keeps the look for the next start."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


class LookPart(QWidget):
    """Chips for each choice, on the page of settings; what is chosen is worn at once."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2 * worn().density.gap)
        layout.setSpacing(worn().density.gap)
        layout.addWidget(role(QLabel(say(_("Screen"))), "title"))
        layout.addWidget(role(QLabel(say(_("Colours"))), "quiet"))
        layout.addLayout(self._chips(THEMES, worn().name, lambda name: Look(name, worn().density_name)))
        layout.addWidget(role(QLabel(say(_("Sizes"))), "quiet"))
        layout.addLayout(self._chips(DENSITIES, worn().density_name, lambda name: Look(worn().name, name)))
        layout.addWidget(role(QLabel(say(_("Sounds, each with its flash"))), "quiet"))
        layout.addLayout(self._sounds())

    def _chips(self, names: tuple[str, ...], now: str, look: Callable[[str], Look]) -> QHBoxLayout:
        line = QHBoxLayout()
        for name in names:
            chip = Button(say(WORDS[name]), button_role="chip")
            chip.setChecked(name == now)
            chip.clicked.connect(partial(self._choose, look(name)))
            line.addWidget(chip)
        line.addStretch()
        return line

    def _sounds(self) -> QGridLayout:
        """Three in a row, so that their words stand whole with gloves on the smallest glass."""
        grid = QGridLayout()
        grid.setSpacing(worn().density.gap)
        for count, (outcome, word) in enumerate(HEARD.items()):
            button = secondary(say(word), "sound")
            button.clicked.connect(partial(self.bench.ways.try_sound, outcome))
            grid.addWidget(button, count // 3, count % 3)
        return grid

    def _choose(self, look: Look) -> None:
        self.bench.ways.wear(look.theme, look.density)
