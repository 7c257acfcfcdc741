"""Screen: what every task in the task area can do: say its buttons, take a scan, and catch up when it is seen again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told
from ui.kit.declared import Place


@dataclass(frozen=True)
class Deed:
    """A button: a verb and its object, and what it does. A `grave` one must be held."""

    label: str
    run: Callable[[], None]
    icon: str = ""
    live: bool = True
    grave: bool = False
    why: str = ""  # why it is not live
    stays: bool = False  # never behind “More”

    @property
    def look(self) -> tuple[str, str, bool, bool, str]:
        """All of it that can be seen."""
        return self.label, self.icon, self.live, self.grave, self.why


class Screen(QWidget):
    """One task. `altered` says that its title or its buttons are different now."""

    altered = Signal()

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__()
        self.bench = bench
        self.place = place
        self.title = ""
        self.ready = True  # whether it shows what it has to read; `altered` says when
        self.where = ""  # what a question on this screen is about, such as the job
        self.kept: deque[tuple[Meaning, Any]] = deque()  # scans that wait behind a question here, each with its receipt

    @property
    def first(self) -> QWidget:
        """Where the cursor stands when the screen is opened."""
        return self

    @property
    def primary(self) -> Deed | None:
        """The one filled button."""
        return None

    @property
    def others(self) -> tuple[Deed, ...]:
        """The buttons beside it, the most needed last."""
        return ()

    @property
    def near(self) -> UUID | None:
        """What a search from here is for, such as the job; what suits that is offered first."""
        return self.place.id

    @property
    def expected(self) -> tuple[str, ...]:
        """The entities that a scan is wanted of now."""
        return ()

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """Whether this screen deals with a scan; if so it tells what came of it, now or later."""
        return False

    def finish(self, told: Told) -> None:
        """The DONE card: what the filled button does, unless that one must be held."""
        first = self.primary
        if first is not None and first.live and not first.grave:
            told.quietly(Outcome.SUCCESS, first.label)
            first.run()
        else:
            told(Outcome.ERROR, (first.why if first else "") or say(_("There is nothing here to finish by a card.")))

    def put_by(self) -> str:
        """The screen is being left unfinished: what becomes of what was begun, in words."""
        return ""

    def arrive(self) -> None:
        """The screen is seen now; what it shows is brought up to date by its live parts."""
