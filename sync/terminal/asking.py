"""The key with which a machine asks a hub to let it in: kept until it is known what became of that.

The hub may have let the machine in though every answer was lost. Whoever asks again under the same key gets the answer again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.kernel.files import write_whole
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.store import mark_of
from app.kernel.store_troubles import trouble_of


class Asking:
    """One asking of a machine with a store at `store`, or with none yet: `private` is the key, perhaps that of an earlier one."""

    def __init__(self, store: Path, keeper: KeyKeeper) -> None:
        """Trouble where no key can be kept."""
        self._note = store.with_name(store.name + ".asking")
        self._folder, self._keeper = store.parent, keeper
        before = self._before()
        self._fresh = before is None
        self.private = keeper.make_beside(self._folder) if before is None else before
        if self._fresh:
            self._begin()

    def over(self) -> None:
        """The machine is a terminal."""
        self._note.unlink(missing_ok=True)

    def refused(self) -> None:
        """It is not let in. A key of an earlier asking is kept all the same: nobody knows what became of that one."""
        if self._fresh:
            self.over()
            self._keeper.drop(self._folder, mark_of(self.private))

    def _before(self) -> bytes | None:
        """The key of an earlier asking; None where there was none, or on another machine."""
        with suppress(OSError, ValueError, Trouble):
            return self._keeper.find_beside(self._folder, bytes.fromhex(self._note.read_text("ascii")))
        return None

    def _begin(self) -> None:
        """Notes which key it is, for good, before anybody hears of it."""
        try:
            write_whole(self._note, mark_of(self.private).hex().encode("ascii"))
        except OSError as error:
            self.refused()
            raise trouble_of(error, self._note) or error from error
