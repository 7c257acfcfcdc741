"""Who a terminal is: the key that it signs with, kept outside its store, and what the store knows of its hub.

The private key lies where the store's own key does. So a copy of the store's file alone cannot speak for the terminal, even
where somebody gets it open.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.dispatch import Station
from app.kernel.keys import KeyKeeper, machine_id
from app.kernel.problems import Trouble
from app.kernel.words import _
from sync import signing
from sync.terminal.http import Key

HUB = "hub"


@dataclass(frozen=True)
class Membership:
    """What a store knows of its hub: where it is, by which keys to know it, and under which mark the terminal's own key is."""

    url: str
    hub_key: bytes
    recovery_key: bytes
    mark: bytes
    name: str = ""
    authority: str = ""  # a PEM file, where the hub's certificate comes from an authority of its own

    def plain(self) -> dict[str, Any]:
        """As it stands in the store's meta table."""
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in vars(self).items()}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Membership:
        keys = {name: bytes.fromhex(plain[name]) for name in ("hub_key", "recovery_key", "mark")}
        return cls(plain["url"], name=plain["name"], authority=plain["authority"], **keys)


@dataclass(frozen=True)
class Identity:
    """A terminal that can sign: its key, and the hub that knows it."""

    key: Key
    hub: Membership

    @property
    def public_key(self) -> bytes:
        return signing.public_of(self.key.private)

    @property
    def machine(self) -> str:
        """A token for this very machine, which shows a store that was copied to another one together with its key."""
        return sha256(b"fettle machine " + self.key.private + machine_id()).hexdigest()[:32]


def membership(engine: Engine) -> Membership | None:
    """The hub of a store; None for one that has none."""
    with Session(engine) as session:
        plain = meta.read(session, HUB)
    return Membership.read(plain) if plain else None


def identity(engine: Engine, station: Station, folder: Path, keeper: KeyKeeper) -> Identity | None:
    """The terminal's identity, None where it has no hub; Trouble when its key is not on this machine. `folder` is the store's."""
    hub = membership(engine)
    if hub is None:
        return None
    private = keeper.find_beside(folder, hub.mark)
    if private is None:
        message = _("The key by which the hub knows this terminal is not on this machine.")
        hint = _("Have it revoked at the hub, and enrol it again with a new code. What waits here is kept.")
        raise Trouble("device.key", message, hint)
    return Identity(Key(station.id, private), hub)
