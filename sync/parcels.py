"""A parcel: what goes between a terminal and its hub on a stick, when there is no network for days. Signed by who made it, and
sealed for who is to open it, so that whoever finds the stick can neither read nor change anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _
from sync import handover, signing

HEAD = b"FETTLE PARCEL 1\n"
LARGEST = 2 << 30  # bytes of a parcel
_LENGTH, _SIGNATURE = 4, 64


@dataclass(frozen=True)
class Parcel:
    """What is in one: `label` as plain data, and messages as the wire packs them."""

    label: dict[str, Any]
    bodies: tuple[bytes, ...] = ()


def wrapped(parcel: Parcel, private: bytes, seal_for: bytes) -> bytes:
    """The file's bytes: signed with a private Ed25519 key, sealed for the holder of an X25519 one."""
    parts = [json.dumps(parcel.label).encode(), *parcel.bodies]
    plain = HEAD + b"".join(len(part).to_bytes(_LENGTH, "big") + part for part in parts)
    return handover.seal(seal_for, plain + signing.signed(private, plain))


def unwrapped(content: bytes, private: bytes, signer: Callable[[dict[str, Any]], bytes | None]) -> Parcel:
    """What is in a file. `signer` gives, by its label, the public key of who must have signed it, None for nobody known.

    Refused when it was sealed for somebody else, is damaged, or was signed by somebody else.
    """
    try:
        plain = handover.unseal(private, content)
    except Trouble as trouble:
        raise Refused(_for_somebody_else()) from trouble
    body, signature = plain[:-_SIGNATURE], plain[-_SIGNATURE:]
    parts = _parts(body)
    try:
        label = json.loads(parts[0])
    except (ValueError, RecursionError, IndexError) as error:
        raise Refused(damaged()) from error
    key = signer(label) if isinstance(label, dict) else None
    if key is None or not signing.genuine(key, signature, body):
        raise Refused(not_signed())
    return Parcel(label, tuple(parts[1:]))


def _parts(body: bytes) -> Sequence[bytes]:
    if not body.startswith(HEAD):
        raise Refused(damaged())
    found, at = [], len(HEAD)
    while at < len(body):
        length = int.from_bytes(body[at : at + _LENGTH], "big")
        at += _LENGTH
        if at + length > len(body):
            raise Refused(damaged())
        found.append(body[at : at + length])
        at += length
    return found


def damaged() -> Problem:
    """For a file that is not, or no longer, what a program of ours writes."""
    message, hint = _("The parcel is damaged; nothing of it was taken."), _("Write it to the stick again.")
    return Problem("parcel.damaged", message, hint=hint)


def _for_somebody_else() -> Problem:
    message = _("This parcel was not sealed for who opens it here, or is damaged; nothing of it was taken.")
    hint = _("Take what the terminal wrote to its own hub, and the hub's answer back to that terminal.")
    return Problem("parcel.sealed", message, hint=hint)


def not_signed() -> Problem:
    message = _("Nobody who is known here signed this parcel; nothing of it was taken.")
    return Problem("parcel.signature", message, hint=_("Take the parcel that this terminal, or its hub, has written."))
