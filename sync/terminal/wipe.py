"""A terminal that the hub orders to be wiped: it hands over what waits, sealed for the hub alone, and destroys the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel import blobs, outbox
from app.kernel.files import keep_names, whole_file
from app.kernel.ids import short
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Refused
from app.kernel.records import WAITING, EnvelopeRow
from app.kernel.store import mark_in
from sync import handed, handover, orders
from sync.terminal.identity import Identity

WIPED = "device.wipe"
MOST_FILES = 10_000
AT_ONCE = 50  # commands read from the store


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
    file = path.parent / f"waiting-{short(identity.key.terminal_id)}.sealed"
    with Session(terminal.app.read_engine) as session:
        records = waiting(session, identity.key.terminal_id, terminal.org_id)
        left = file if _write(file, identity.hub.recovery_key, records) else None
    mark = mark_in(path)
    terminal.close()
    for one in (mark, identity.hub.mark):
        keeper.drop(path.parent, one)
    for gone in _of_the_store(path):
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    keep_names(path.parent)
    return left


def waiting(session: Session, terminal_id: UUID, org_id: UUID) -> Iterator[bytes]:
    """What the hub lacks, as records: whose it is, the commands that it has not answered with those after them, some at a time,
    and the files that hang on them."""
    own = EnvelopeRow.terminal_id == terminal_id
    first = session.scalar(select(func.min(EnvelopeRow.number)).where(own, EnvelopeRow.state == WAITING))
    files = blobs.to_send(session, org_id, MOST_FILES)
    if first is None and not files:
        return
    first = first or outbox.last_of(session, terminal_id)[0] + 1
    before = session.scalar(select(EnvelopeRow.chain).where(own, EnvelopeRow.number == first - 1)) or ""
    yield handed.head(handed.Head(terminal_id, org_id, first, before))
    wanted = select(EnvelopeRow.content).where(own, EnvelopeRow.number >= first).order_by(EnvelopeRow.number)
    for some in handed.together(session.scalars(wanted.execution_options(yield_per=AT_ONCE))):
        yield handed.commands(some)
    for name in files:
        yield handed.file(blobs.content_of(session, org_id, name) or b"")


def _write(path: Path, recovery_key: bytes, records: Iterator[bytes]) -> bool:
    """Seals the records into a file that is whole or not there; whether there were any."""
    first = next(records, None)
    if first is None:
        return False
    with whole_file(path) as file:
        handover.seal_records(recovery_key, chain([first], records), file)
    return True


def _of_the_store(path: Path) -> Iterator[Path]:
    """The store's file and all that carries its name: journal, lock, black box, backups, what was fetched of the next one."""
    yield from (one for one in path.parent.iterdir() if one.name.startswith(path.name))
