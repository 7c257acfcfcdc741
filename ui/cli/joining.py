"""Joining a hub in a window: at the first start, where there is no store yet, or when somebody at the terminal asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli.enrol import linked, machine_name
from ui.joining.port import Far, Invitation, Joined

if TYPE_CHECKING:
    from app.kernel.keys import KeyKeeper
    from sync.terminal.fetching import Progress


class Joining:
    """`ui.joining.port.Joins` for the store at `path`, which nobody has open meanwhile."""

    def __init__(self, path: Path, keeper: KeyKeeper | None = None) -> None:
        self._path, self._keeper = path, keeper

    def read(self, text: str) -> Invitation | None:
        told = linked(text)
        return Invitation(*told) if told is not None else None

    def join(self, invitation: Invitation) -> Joined:
        from sync.snapshots import program
        from sync.terminal.enrol import Call, enrol

        call = Call(invitation.hub, invitation.code, invitation.name or machine_name(), invitation.words, version=program())
        done = enrol(self._path, call, keeper=self._keeper)
        return Joined(done.name, done.organisation, done.words, done.hub_words, done.fresh, done.adopts)

    def fetch(self, tell: Callable[[Far], None], stop: Callable[[], bool]) -> None:
        from sync.terminal.starting import start_from_hub

        def told(so_far: Progress) -> None:
            tell(Far(so_far.step, so_far.done, so_far.total))

        start_from_hub(self._path, keeper=self._keeper, tell=told, stop=stop)


def join(path: Path, *, first: bool = False, kiosk: bool = False) -> bool:
    """Shows the window until it is closed; whether there is a terminal to open now."""
    from ui.cli.entering import entered
    from ui.joining.window import JoinWindow

    return entered(path, lambda crash: JoinWindow(Joining(path), crash, machine_name(), first=first), kiosk=kiosk).opens
