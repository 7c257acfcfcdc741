"""The key with which a machine asks a hub to let it in: noted until the machine holds what the hub has for it.

The hub may have let the machine in though every answer was lost, or what it sent then was cut. Whoever asks again with the same
code under the same key gets the same answer, and goes on.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.kernel.files import write_whole
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.store import mark_of
from app.kernel.store_troubles import trouble_of


def over(store: Path) -> None:
    """The machine is a terminal and has its rows: nothing is to be asked again."""
    _note_of(store).unlink(missing_ok=True)


def _note_of(store: Path) -> Path:
    return store.with_name(store.name + ".asking")


class Asking:
    """One asking of a machine with a store at `store`, or with none yet: `private` is the key, perhaps that of an earlier one."""

    def __init__(self, store: Path, keeper: KeyKeeper, served: bytes | None = None) -> None:
        """`served` is the mark of a key with which a machine worked already: that is no key to ask with. Trouble where none can
        be kept."""
        self._note = _note_of(store)
        self._folder, self._keeper = store.parent, keeper
        before = self._before(served)
        self._fresh = before is None
        self.private = keeper.make_beside(self._folder) if before is None else before
        if self._fresh:
            self._begin()

    def refused(self) -> None:
        """It is not let in. A key of an earlier asking is kept all the same: nobody knows what became of that one."""
        if self._fresh:
            self._note.unlink(missing_ok=True)
            self._keeper.drop(self._folder, mark_of(self.private))

    def _before(self, served: bytes | None) -> bytes | None:
        """The key of an earlier asking; None where there was none, or on another machine."""
        with suppress(OSError, ValueError, Trouble):
            mark = bytes.fromhex(self._note.read_text("ascii"))
            return None if mark == served else self._keeper.find_beside(self._folder, mark)
        return None

    def _begin(self) -> None:
        """Notes which key it is, for good, before anybody hears of it."""
        try:
            write_whole(self._note, mark_of(self.private).hex().encode("ascii"))
        except OSError as error:
            self.refused()
            raise trouble_of(error, self._note) or error from error
