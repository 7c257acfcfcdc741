"""Shots of troubles: the health page of a terminal whose disk fills up, and what the disk did not take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel import wellbeing
from app.kernel.commands import Answer
from app.kernel.health import BAD, OK, WARN, Check
from app.kernel.store_troubles import full_disk
from app.kernel.types import moment
from app.kernel.words import _
from ui.kit.declared import Place
from ui.kit.unsaved import Failed, Heard, Seen, Unsaved

if TYPE_CHECKING:
    from ui.shots import Camera

TEN = 1_795_165_200_000  # 2026-11-20, ten in the morning in Berlin, in milliseconds since 1970


class Ailing:
    """A doctor who always finds the same."""

    def quick(self) -> list[Check]:
        see_to_it = _("See that the disk has room and may be written. It is tried again by itself.")
        return [
            Check("box", BAD, _("The black box cannot be written: {reason}."), see_to_it, {"reason": "No space left on device"}),
            Check("disk", WARN, _("Only {free_mb} MB of the disk are free."), "", {"free_mb": 812}),
            Check("clock", OK, _("The clock says {now}."), "", {"now": moment(TEN).isoformat()}),
            wellbeing.hub(enrolled=False, reached=None, failure=None, now=moment(TEN)),
            wellbeing.printer("tcp://10.0.0.20"),
        ]

    def thorough(self) -> list[Check]:
        return self.quick()


def shoot_troubles(camera: Camera) -> None:
    """Both pages, and the work goes on afterwards."""
    window = camera.window
    camera.go(Place("health"), "health")
    refused, problem = Answer(UUID(int=0), "IssuePart", "refused"), full_disk(Path("terminal.fettle")).problem
    told = window.floor.told
    window.unsaved.keep(Unsaved("1 × Brake pads front", problem, told, _never, _not_there, lambda _answer: None, refused))
    camera.shoot("not saved")
    window.unsaved.give_up()


def _never(_heard: Heard, _failed: Failed) -> None:
    """A disk that never answers."""


def _not_there(seen: Seen, _failed: Failed) -> None:
    """Nor did it take it."""
    seen(None)
