"""What terminals hold against every record that is saved or retired, whichever command touched it."""

from __future__ import annotations

from uuid import UUID

from app.kernel.capture import Capture
from app.kernel.events import only_of
from app.kernel.saving import Saved
from app.kernel.work import Work
from app.terminals.model import Terminal
from app.terminals.rules import may_at


@only_of(Terminal)
def keep_sites(event: Saved, work: Work) -> None:
    """A saved terminal stays within the sites of whoever saves it: the one it is at, and the one that it was at."""
    if isinstance(event.row, Terminal):
        work.check(*(may_at(work, site) for site in _sites(event.row, work)))


def _sites(terminal: Terminal, work: Work) -> set[UUID | None]:
    work.session.flush()
    capture: Capture = work.session.info["capture"]
    change = capture.changes.get((terminal.__tablename__, terminal.id))
    before = change.before if change is not None and change.before else {}
    was = before.get("site_id", terminal.site_id)
    return {terminal.site_id, UUID(was) if isinstance(was, str) else was}
