"""A terminal that the hub orders to be wiped: it hands over what waits, sealed for the hub alone, and destroys the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import zstandard
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel.files import keep_names
from app.kernel.ids import short
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Refused
from app.kernel.records import WAITING, EnvelopeRow
from app.kernel.store import mark_in
from sync import handover, orders
from sync.terminal.identity import Identity

WIPED = "device.wipe"


def ordered(refused: Refused, identity: Identity) -> bool:
    """Whether a refusal carries the order to wipe this very terminal, signed by its hub."""
    found = next((one for one in refused.problems if one.code == WIPED), None)
    answer = found.values.get("answer") if found is not None else None
    order = answer.get("order") if isinstance(answer, Mapping) else None
    if not isinstance(order, Mapping):
        return False
    return orders.is_wipe(order, identity.hub.hub_key, identity.key.terminal_id, identity.public_key)


def wipe(terminal: Terminal, identity: Identity, keeper: KeyKeeper) -> Path | None:
    """Writes what waits into a sealed file beside the store, then closes the store and removes it with its keys.

    Returns the file, None where nothing waited. It is on the disk before anything is removed; cut short, it is done again at
    the next order. Whoever still works with the App must have let go of it before.
    """
    path = terminal.store.path
    plain = waiting(terminal)
    file = _write(path.parent / f"waiting-{short(identity.key.terminal_id)}.sealed", identity, plain) if plain else None
    mark = mark_in(path)
    terminal.close()
    for one in (mark, identity.hub.mark):
        keeper.drop(path.parent, one)
    for left in _of_the_store(path):
        left.unlink()
    keep_names(path.parent)
    return file


def waiting(terminal: Terminal) -> dict[str, Any] | None:
    """The commands that the hub has not answered, and those after them, as a push carries them; None where nothing waits."""
    own = EnvelopeRow.terminal_id == terminal.app.station.id
    with Session(terminal.app.read_engine) as session:
        first = session.scalar(select(func.min(EnvelopeRow.number)).where(own, EnvelopeRow.state == WAITING))
        if first is None:
            return None
        before = session.scalar(select(EnvelopeRow.chain).where(own, EnvelopeRow.number == first - 1))
        rows = session.scalars(select(EnvelopeRow.content).where(own, EnvelopeRow.number >= first).order_by(EnvelopeRow.number))
        return {
            "terminal": terminal.app.station.id.hex,
            "organisation": terminal.org_id.hex,
            "first_number": first,
            "prev_hash": before or "",
            "envelopes": list(rows),
        }


def _write(path: Path, identity: Identity, plain: dict[str, Any]) -> Path:
    packed = zstandard.ZstdCompressor().compress(json.dumps(plain, ensure_ascii=False).encode())
    passing = path.with_name(path.name + ".new")
    file = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(file, "wb", closefd=False) as stream:
            stream.write(handover.seal(identity.hub.recovery_key, packed))
        os.fsync(file)
    finally:
        os.close(file)
    passing.replace(path)
    keep_names(path.parent)
    return path


def _of_the_store(path: Path) -> Iterator[Path]:
    """The store's file and all that carries its name: journal, lock, what was fetched of the next one."""
    yield from (one for one in path.parent.iterdir() if one.is_file() and one.name.startswith(path.name))
