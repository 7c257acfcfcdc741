"""A terminal that the hub orders to be wiped: it hands over what waits, sealed for the hub alone, and destroys the rest."""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel import backups, blobs, outbox
from app.kernel.files import keep_names, whole_file
from app.kernel.ids import short
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Refused, Trouble
from app.kernel.records import WAITING, EnvelopeRow
from app.kernel.room import ballast_of
from app.kernel.store import mark_in
from app.kernel.store_troubles import trouble_of
from app.kernel.words import _
from sync import handed, handover, orders
from sync.terminal.identity import Identity

WIPED = "device.wipe"
MOST_FILES = 10_000
AT_ONCE = 50  # commands read from the store
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
log = logging.getLogger(__name__)


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

    Returns the file, None where nothing waited. It is on the disk before anything is removed, but for the reserve and the backups
    where there is no room for it else; cut short, it is done again at the next order. Trouble where the disk does not take it:
    the store and all that waits are there still. Whoever still works with the App must have let go of it before.
    """
    path = terminal.store.path
    left = _handed_over(terminal, identity)
    mark = mark_in(path)
    for gone in _reserves(path):  # first: on a full disk there may be no room to say that the store was closed
        _remove(gone)
    terminal.close()
    for one in (mark, identity.hub.mark):
        keeper.drop(path.parent, one)
    for gone in _of_the_store(path):
        _remove(gone)
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


def _handed_over(terminal: Terminal, identity: Identity) -> Path | None:
    """The file of what waits; None where nothing does."""
    path = terminal.store.path
    file = path.parent / f"waiting-{short(identity.key.terminal_id)}.sealed"
    try:
        return _sealed(file, terminal, identity)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise trouble_of(error, path) or error from error
        if not _made_room(path):
            raise _no_room(file) from error
    return _handed_over(terminal, identity)


def _made_room(store: Path) -> bool:
    """Removes the reserve, or else the backups, which go anyway; whether there was anything."""
    there = next((one for one in _reserves(store) if one.exists()), None)
    if there is None:
        return False
    log.warning("The disk is full: %s makes room for what waits.", there.name)
    _remove(there)
    return True


def _reserves(store: Path) -> tuple[Path, Path]:
    return ballast_of(store), backups.folder_of(store)


def _sealed(file: Path, terminal: Terminal, identity: Identity) -> Path | None:
    with Session(terminal.app.read_engine) as session:
        records = waiting(session, identity.key.terminal_id, terminal.org_id)
        return file if _write(file, identity.hub.recovery_key, records) else None


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


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


# -------------------------------------------------------------------------------------------------------------- words


def _no_room(file: Path) -> Trouble:
    message = _("The hub ordered this store to be removed, but the disk has no room for what was not sent yet: {path}.")
    hint = _("Make room on the disk. Nothing is lost: it is done the next time this machine reaches the hub.")
    return Trouble("wipe.full", message, hint, {"path": file})
