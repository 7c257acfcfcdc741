"""A believable motorcycle workshop to try everything on, built by running commands and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.assemble import Terminal
from app.demo.folk import ALONE, HOST, KEEPER, PIN, badge_text
from app.demo.history import DAYS, History, tour_jobs
from app.demo.shop import furnish
from app.demo.stage import ZONE, Calendar, Stage
from app.kernel import meta

__all__ = ["ALONE", "HOST", "KEEPER", "PIN", "Calendar", "Stage", "badge_text", "build", "tour_jobs"]


def build(
    terminal: Terminal, calendar: Calendar, progress: Callable[[str], None] = lambda _sentence: None, days: int = DAYS
) -> Stage:
    """Fills an empty store with the workshop and its last thirty days; what is there already is not done again.

    `calendar` must be the wall of the terminal's clock: the demo sets it back while it writes history.
    """
    stage = Stage(terminal, calendar, progress)
    if meta.demo_host(terminal.app.read_engine):
        return stage
    try:
        furnish(stage)
        _settle(terminal, stage)
        History(stage, days).play()
        stage.at(0, 23, 59)
        tour_jobs(stage)
    finally:
        stage.now()
    _keep_host(terminal)
    return stage


def _settle(terminal: Terminal, stage: Stage) -> None:
    """The terminal stands in the main workshop."""
    station = replace(terminal.app.station, zone=ZONE, site_id=stage.ident("site", "M"))

    def keep() -> None:
        with terminal.app.writer.sessions() as session:
            meta.keep_station(session, station)
            session.commit()
        terminal.app.dispatcher.moved_to(station)

    terminal.app.writer.run(keep)


def _keep_host(terminal: Terminal) -> None:
    def keep() -> None:
        with terminal.app.writer.sessions() as session:
            meta.keep(session, meta.DEMO, HOST)
            session.commit()

    terminal.app.writer.run(keep)
