"""Opening a store so that work goes on: a damaged one is replaced by its newest backup, and what came after is done again."""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import backups, journal, meta, quarantine, recovery
from app.kernel.dispatch import Dispatcher
from app.kernel.journal import Found
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Problem, Trouble
from app.kernel.quarantine import Mishap
from app.kernel.records import SyncEvent
from app.kernel.redoing import Redone, redo
from app.kernel.restoring import BY_HAND
from app.kernel.store import PUT_BACK, Store, mark_suspect
from app.kernel.store_troubles import behind
from app.kernel.words import _
from app.kernel.zones import local_time

RESTORED, REDONE = "restored", "redone"  # kinds of what people are told
_TOLD = "mishaps"  # the folders of what was set aside that have been told of; once it was the last of them


def opened(path: Path, keeper: KeyKeeper, known: Collection[str]) -> Store:
    """The store at `path`, or its newest whole backup in its place where it is damaged. Trouble where neither can be had."""
    try:
        return _sound(path, keeper, known)
    except Trouble as trouble:
        code = trouble.problem.code
        if quarantine.put_back(path, keeper, code) is None:
            if code != "store.behind":
                raise
            mark_suspect(path)  # there is none better: all of it is looked at, and what the black box has is done again
    return Store.open(path, keeper.find(path), known)


def _sound(path: Path, keeper: KeyKeeper, known: Collection[str]) -> Store:
    store = Store.open(path, keeper.find(path), known)
    if _is_behind(store):
        store.suspect()
        store.close()
        raise behind(path)
    return store


def _is_behind(store: Store) -> bool:
    """Whether the black box holds a command that the store has lost: it was answered, so it had been written through."""
    if not store.unclean or store.stopped == PUT_BACK:
        return False
    noted = journal.last_stamp(store.path, store.key)
    if not noted:
        return False
    with store.reader.connect() as connection:
        if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'envelope'").scalar():
            return True
        return noted > (connection.exec_driver_sql("SELECT stamp FROM envelope ORDER BY seq DESC LIMIT 1").scalar() or 0)


def catch_up(dispatcher: Dispatcher, store: Store) -> None:
    """Does again, on the writer's thread, what the black box has and the store has not, and writes down what people must hear."""
    mishaps = list(quarantine.mishaps(store.path))
    with Session(dispatcher.engine) as session:
        told = _told(session, mishaps)
    fresh = [one for one in mishaps if one.folder not in told]
    if not (store.unclean or fresh):
        return
    newest = next((one.box for one in backups.backups(store.path)), 0)
    box = Found(store.path, store.key, fresh[-1].box if fresh else newest)
    salvaged = _salvaged(store, fresh)
    _keep_code(dispatcher, store, fresh)
    done = redo(dispatcher, _in_order(box, salvaged))
    for text in salvaged:  # the next time it comes from there
        dispatcher.journal(text)
    if fresh or done.commands or done.missing:
        _write_down(dispatcher, fresh, told, done, box.spoilt)


def _keep_code(dispatcher: Dispatcher, store: Store, fresh: Sequence[Mishap]) -> None:
    """The recovery code that was made last goes on counting: what lies beside the store is younger than the backup."""
    wrapped = recovery.read_beside(store.path) if fresh else ""
    with Session(dispatcher.engine) as session:
        if wrapped and wrapped != recovery.kept(session):
            meta.keep(session, recovery.WRAPPED, wrapped)
            session.commit()


def _salvaged(store: Store, fresh: Sequence[Mishap]) -> list[str]:
    """What the black box had no time to hold, out of all that was set aside; nothing where somebody wanted an older store."""
    if not fresh or fresh[-1].code == BY_HAND:
        return []
    noted = journal.last_stamp(store.path, store.key)
    found = _in_order(*(quarantine.salvaged(store.path, one, store.key) for one in fresh if one.code != BY_HAND))
    return [text for text in found if _stamp(text) > noted]


def _in_order(*sources: Iterable[str]) -> Iterator[str]:
    """Envelopes of several sources by their stamps, each once."""
    last = 0
    for text in heapq.merge(*sources, key=_stamp):
        if _stamp(text) > last:
            last = _stamp(text)
            yield text


def _stamp(text: str) -> int:
    return int(json.loads(text)["stamp"])


def _told(session: Session, mishaps: Iterable[Mishap]) -> set[str]:
    """Their folders by name, and not up to the last: a clock may have been set back since."""
    kept = meta.read(session, _TOLD) or []
    return {one.folder for one in mishaps if one.folder <= kept} if isinstance(kept, str) else set(kept)


def _write_down(dispatcher: Dispatcher, fresh: Sequence[Mishap], told: Collection[str], done: Redone, spoilt: int) -> None:
    last = max(fresh, key=lambda one: one.folder, default=None)
    detail: dict[str, Any] = {"redone": done.commands, "failed": done.failed, "missing": done.missing, "spoilt": spoilt}
    if last is not None:
        made = local_time(datetime.fromisoformat(last.made), dispatcher.station.zone) if last.made else None
        words = made.strftime("%Y-%m-%d %H:%M") if made is not None else last.at
        detail |= {"code": last.code, "folder": last.folder, "made": words, "found": last.at}
    with Session(dispatcher.engine) as session:
        kind = RESTORED if last is not None else REDONE
        session.add(SyncEvent(at=dispatcher.now(), kind=kind, fetched=done.commands, removed=0, detail=detail, seen=False))
        if last is not None:
            meta.keep(session, _TOLD, sorted({*told, *(one.folder for one in fresh)}))
        session.commit()


# ------------------------------------------------------------------------------------------------------------ told people


def untold(session: Session, since: datetime | None = None) -> list[tuple[datetime, Problem]]:
    """What nobody has confirmed yet, or all since a moment, the oldest first: when, and what happened in words."""
    wanted = select(SyncEvent).where(SyncEvent.kind.in_((RESTORED, REDONE)))
    wanted = wanted.where(SyncEvent.seen.is_(False)) if since is None else wanted.where(SyncEvent.at >= since)
    return [(event.at, _said(event)) for event in session.scalars(wanted.order_by(SyncEvent.id))]


def confirm(session: Session) -> None:
    """Somebody has read it; the caller commits."""
    for event in session.scalars(select(SyncEvent).where(SyncEvent.kind.in_((RESTORED, REDONE)), SyncEvent.seen.is_(False))):
        event.seen = True


def _said(event: SyncEvent) -> Problem:
    values = dict(event.detail)
    message = _("What is saved on this machine was damaged. It was put back as of {made}, and {redone} later entries made again.")
    if values.get("code") == BY_HAND:
        message = _("What is saved on this machine was put back by hand as of {made}, and {redone} later entries made again.")
    elif event.kind == REDONE:
        message = _("The last that was saved on this machine could not be read; {redone} entries were made again.")
    hint = _("As far as is known nothing is missing. Look whether the very last thing that was done is there.")
    if values["missing"] or values["spoilt"] or values["failed"]:
        hint = _("{missing} entries are lost, and {failed} could not be made again. Go through what was done just before.")
    return Problem("store.restored", message, hint=hint, blocks=False, values=values)
