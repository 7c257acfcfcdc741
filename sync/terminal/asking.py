"""The key with which a machine asks a hub to let it in: noted until the machine holds what the hub has for it.

The hub may have let the machine in though every answer was lost, or what it sent then was cut. Whoever asks again with the same
code under the same key gets the same answer, and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.kernel.files import write_whole
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.store import mark_of
from app.kernel.store_troubles import trouble_of
from app.terminals.codes import code_hash


class Asking:
    """A machine with a store at `store`, or with none yet, asks with a code. `private` is the key: that of an earlier asking with
    the same code, where there was one."""

    def __init__(self, store: Path, keeper: KeyKeeper, code: str) -> None:
        """Trouble where no key can be kept."""
        self._store, self._keeper, self._code = store, keeper, code_hash(code)
        before = self._before()
        self._fresh = before is None
        self.private = keeper.make_beside(store.parent) if before is None else before
        if self._fresh:
            self._begin()

    def refused(self) -> None:
        """It is not let in. A key of an earlier asking is kept all the same: nobody knows what became of that one."""
        if self._fresh:
            with suppress(OSError):  # a note of a key that is gone leads nowhere
                _note(self._store, {code: mark for code, mark in _noted(self._store).items() if code != self._code})
            self._keeper.drop(self._store.parent, mark_of(self.private))

    def _before(self) -> bytes | None:
        """The key of an earlier asking; None where there was none, or on another machine."""
        mark = _noted(self._store).get(self._code)
        with suppress(Trouble):
            return self._keeper.find_beside(self._store.parent, mark) if mark is not None else None
        return None

    def _begin(self) -> None:
        """Notes which key it is, for good, before anybody hears of it."""
        try:
            _note(self._store, {**_noted(self._store), self._code: mark_of(self.private)})
        except OSError as error:
            self._keeper.drop(self._store.parent, mark_of(self.private))
            raise trouble_of(error, self._store) or error from error


def over(store: Path, keeper: KeyKeeper, mark: bytes) -> None:
    """The machine is a terminal under the key of this mark, and has its rows: nothing is to be asked again, by no other key."""
    for other in set(_noted(store).values()) - {mark}:
        keeper.drop(store.parent, other)
    _note(store, {})


def _noted(store: Path) -> dict[str, bytes]:
    """The marks of the keys that were asked with, by what is kept of their codes."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        return {code: bytes.fromhex(mark) for code, mark in json.loads(_place(store).read_bytes()).items()}
    return {}


def _note(store: Path, marks: Mapping[str, bytes]) -> None:
    if marks:
        write_whole(_place(store), json.dumps({code: mark.hex() for code, mark in marks.items()}).encode())
    else:
        _place(store).unlink(missing_ok=True)


def _place(store: Path) -> Path:
    return store.with_name(store.name + ".asking")
