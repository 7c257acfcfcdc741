"""Tidying beside the window: what was erased elsewhere goes here too, and what is older than the settings say is removed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.kernel.events import Notice
from app.kernel.problems import Trouble
from app.kernel.retention import tidy
from app.parties.erasing import sweep

if TYPE_CHECKING:
    from app.assemble import Terminal

TELLS = frozenset({"customer", "attachment", "setting_value"})  # what may mean that something is to go
log = logging.getLogger(__name__)


class Tidying:
    """Does it on the writer's thread, behind whatever waits there, and as soon as a customer was changed."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._forget = terminal.app.notices.listen(self._noticed)
        self._waits = False

    def look(self) -> None:
        """Has it done soon; several looks at once are one."""
        if not self._waits:
            self._waits = True
            self._terminal.app.writer.submit(self._tidied)

    def close(self) -> None:
        self._forget()

    def _noticed(self, notice: Notice) -> None:
        if notice.touches(TELLS):
            self.look()

    def _tidied(self) -> None:
        self._waits = False
        app, org = self._terminal.app, self._terminal.org_id
        if app.clock.suspect:
            return  # a wrong date would make everything old
        try:
            with app.writer.sessions() as session:
                enrolled = app.station.enrolled
                sweep(session, app.registry, org, enrolled=enrolled)
                tidy(session, app.registry, org, app.clock.now(), enrolled=enrolled)
                session.commit()
        except (Trouble, SQLAlchemyError):  # it comes again with the next look
            log.exception("What is to go could not be removed.")
