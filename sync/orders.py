"""Orders that the hub gives a terminal, signed, so that nobody else can give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sync import signing

WIPE = "wipe"


def wipe(hub_key: bytes, terminal_id: UUID, public_key: bytes) -> dict[str, str]:
    """The order to hand over what waits and to remove the store. It names the key that the terminal has now, so that it means
    nothing once the machine has been enrolled again."""
    return {
        "order": WIPE,
        "terminal": terminal_id.hex,
        "signature": signing.signed(hub_key, _text(terminal_id, public_key)).hex(),
    }


def is_wipe(order: Mapping[str, Any], hub_public: bytes, terminal_id: UUID, public_key: bytes) -> bool:
    """Whether an order to wipe comes from our hub and means this terminal."""
    try:
        signature = bytes.fromhex(order["signature"])
    except (KeyError, ValueError, TypeError):
        return False
    return order.get("order") == WIPE and signing.genuine(hub_public, signature, _text(terminal_id, public_key))


def _text(terminal_id: UUID, public_key: bytes) -> bytes:
    return f"fettle order\n{WIPE}\n{terminal_id.hex}\n{public_key.hex()}".encode()
