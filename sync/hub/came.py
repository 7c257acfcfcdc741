"""A push as it came: every envelope with its number and its place in the terminal's chain, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from app.kernel import locks, outbox
from app.kernel.commands import Envelope
from sync.protocol import Push

LONGEST = 64  # characters of a command's name


@dataclass(frozen=True)
class Came:
    """One envelope of a push. `before` and `chain` are the chain's values before and behind it, `names` the ids in its body."""

    number: int
    before: str
    chain: str
    content: str
    hold: bool
    envelope: Envelope | None  # None for text that is none
    names: frozenset[UUID]


def came(push: Push) -> list[Came]:
    """The envelopes of a push in their order."""
    found: list[Came] = []
    before = push.prev_hash
    for number, sent in enumerate(push.envelopes, start=push.first_number):
        chain = outbox.chained(before, sent.content)
        envelope = opened(sent.content)
        names = frozenset(locks.named_in(envelope.body)) if envelope else frozenset[UUID]()
        found.append(Came(number, before, chain, sent.content, sent.hold, envelope, names))
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
