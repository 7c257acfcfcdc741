"""A push as it came: every envelope with its number and its place in the terminal's chain, read once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from app.kernel import locks, outbox
from app.kernel.commands import Command, Envelope
from sync.protocol import Push

LONGEST = 64  # characters of a command's name
Opener = Callable[[Envelope], Command]


@dataclass
class Came:
    """One envelope of a push, which is read when it is asked for: by whoever comes first, while others may be at work.

    `before` and `chain` are the chain's values before and behind it."""

    number: int
    before: str
    chain: str
    content: str
    hold: bool
    _read: tuple[Envelope | None, frozenset[UUID]] | None = None
    _command: Command | Exception | None = None
    _reading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def envelope(self) -> Envelope | None:
        """None for text that is none."""
        return self._told()[0]

    @property
    def names(self) -> frozenset[UUID]:
        """The ids in its body."""
        return self._told()[1]

    def _told(self) -> tuple[Envelope | None, frozenset[UUID]]:
        with self._reading:
            if self._read is None:
                envelope = opened(self.content)
                self._read = envelope, frozenset(locks.named_in(envelope.body)) if envelope else frozenset[UUID]()
            return self._read

    def command(self, opener: Opener) -> Command:
        """The command in its envelope, which must be there; raises what `opener` raised when it was first asked."""
        found = self._asked(opener)
        if isinstance(found, Exception):
            raise found
        return found

    def prepare(self, opener: Opener) -> None:
        """Reads all of it ahead of whoever will need it, and will hear what is wrong with it."""
        if self.envelope is not None:
            self._asked(opener)

    def _asked(self, opener: Opener) -> Command | Exception:
        envelope = self.envelope
        if envelope is None:
            raise ValueError("what is no envelope holds no command")
        with self._reading:
            if self._command is None:
                try:
                    self._command = opener(envelope)
                except Exception as error:  # raised for whoever takes it
                    self._command = error
            return self._command


def came(push: Push) -> list[Came]:
    """The envelopes of a push in their order."""
    found: list[Came] = []
    before = push.prev_hash
    for number, sent in enumerate(push.envelopes, start=push.first_number):
        chain = outbox.chained(before, sent.content)
        found.append(Came(number, before, chain, sent.content, sent.hold))
        before = chain
    return found


def opened(content: str) -> Envelope | None:
    """The envelope in a text, None when there is none, or one that no terminal of ours makes and no database keeps."""
    try:
        found = Envelope.from_json(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return found if _is_ours(found) else None


def _is_ours(envelope: Envelope) -> bool:
    name, counted = envelope.command, (envelope.version, envelope.stamp, envelope.number)
    named = isinstance(name, str) and name.isidentifier() and len(name) <= LONGEST
    return named and all(isinstance(one, int) and 0 <= one < 1 << 63 for one in counted)
