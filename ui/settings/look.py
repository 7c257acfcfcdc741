"""Look: light, dark or sun; a hand at a desk or in a glove; the language of the door; and whether the sounds are heard."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.access.founding import LANGUAGES
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import Button, secondary
from ui.kit.sound import Outcome
from ui.theme import DENSITIES, THEMES, role, worn

log = logging.getLogger(__name__)
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
    """What this terminal looks like and speaks before anybody has signed in, kept beside its store."""

    theme: str = "light"
    density: str = "desk"
    language: str = ""  # the machine's own where none was kept

    @property
    def spoken(self) -> str:
        return self.language or machine_language()

    @staticmethod
    def read(file: Path) -> Look:
        """The look that was chosen last; the usual one where there is none or it cannot be read."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            look = Look(str(kept["theme"]), str(kept["density"]), str(kept.get("language", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Look()
        return look if look.theme in THEMES and look.density in DENSITIES else Look()

    def keep(self, file: Path) -> None:
        """Keeps the look for the next start; where the disk does not take it, that starts in the one before."""
        passing = file.with_name(file.name + ".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            passing.write_text(json.dumps(asdict(self)), encoding="utf-8")
            passing.replace(file)
        except OSError as error:
            log.warning("The look could not be kept: %s", error)


def machine_language() -> str:
    """What this machine speaks, of the languages that people may choose here; the first of them where it speaks none."""
    known = [code for code, _name in LANGUAGES]
    wanted = (one.partition("-")[0] for one in QLocale.system().uiLanguages())
    return next((one for one in wanted if one in known), known[0])


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
