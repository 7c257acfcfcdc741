"""Doctor: the one list of checks that the health page, `fettle doctor` and the support file go by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel import health, quarantine, wellbeing
from app.kernel.health import BAD, OK, WARN, Check, caught
from app.kernel.keys import machine_keeper
from app.kernel.problems import Problem
from app.kernel.words import _
from app.migrations import head

LABELS = {
    "store": _("Store"),
    "backups": _("Backups"),
    "box": _("Black box"),
    "mishaps": _("Mishaps"),
    "key": _("Key"),
    "disk": _("Disk"),
    "saving": _("Saving"),
    "writing": _("Writing"),
    "clock": _("Clock"),
    "hub": _("Hub"),
    "waiting": _("Waiting"),
    "printers": _("Printer"),
    "camera": _("Camera"),
    "versions": _("Versions"),
    "audit": _("Audit"),
    "links": _("Links"),
    "balances": _("Balances"),
}
ORDER = {BAD: 0, WARN: 1, OK: 2}


@dataclass(frozen=True)
class Contact:
    """When the hub was reached last, and why the last try came to nothing, where it did."""

    reached: datetime | None = None
    failure: Problem | None = None


class Doctor(Protocol):
    """Looks after a terminal. Both wait for the store: ask on a reader's thread."""

    def quick(self) -> list[Check]:
        """What can be told at once."""

    def thorough(self) -> list[Check]:
        """All of that, and everything looked through: that takes a while."""


def looked(doctor: Doctor, deep: bool) -> tuple[bool, list[Check]]:
    """Whether everything was looked through, and what was found."""
    return deep, doctor.thorough() if deep else doctor.quick()


class HouseDoctor:
    """Looks after an open terminal; `contact` tells of the hub, `printer` where labels go."""

    def __init__(
        self,
        terminal: Terminal,
        contact: Callable[[], Contact] = Contact,
        printer: Callable[[], str] = lambda: "",
    ) -> None:
        self._terminal, self._contact, self._printer = terminal, contact, printer

    def quick(self) -> list[Check]:
        return [*self._store(thorough=False), *self._machine(), *self._around()]

    def thorough(self) -> list[Check]:
        return list(self._beside())

    def everything(self) -> Iterator[Check]:
        """Each check as soon as it was made; the last one holds up whoever scans, and is for the command line alone."""
        yield from self._beside()
        app, store = self._terminal.app, self._terminal.store
        yield caught("balances", lambda: app.writer.submit(health.balances, store.writer, app.registry).result())

    def _beside(self) -> Iterator[Check]:
        yield from self._store(thorough=True)
        yield from self._machine()
        yield caught("writing", lambda: health.writing(self._terminal.store.path.parent))
        yield from self._around()
        yield from self._written()

    def _store(self, *, thorough: bool) -> Iterator[Check]:
        terminal, now = self._terminal, self._terminal.app.clock.now()
        path = terminal.store.path
        with Session(terminal.store.reader) as session:
            yield caught("store", self._whole if thorough else lambda: wellbeing.looked(session, now))
            yield caught("backups", lambda: health.backed_up(path, now))
            yield caught("box", lambda: wellbeing.box(terminal.journal, terminal.room))
            yield caught("mishaps", lambda: health.mishaps(session, now, quarantine.folder_of(path)))
        yield caught("key", lambda: health.key(machine_keeper(), path))

    def _machine(self) -> Iterator[Check]:
        terminal, clock = self._terminal, self._terminal.app.clock
        yield caught("disk", lambda: wellbeing.disk(terminal.room))
        yield caught("saving", lambda: wellbeing.commits(terminal.app.dispatcher.commits))
        with Session(terminal.store.reader) as session:
            yield caught("clock", lambda: health.clock(session, clock.now(), clock))

    def _around(self) -> Iterator[Check]:
        terminal, contact = self._terminal, self._contact()
        enrolled, now = terminal.app.station.enrolled, terminal.app.clock.now()
        yield wellbeing.hub(enrolled=enrolled, reached=contact.reached, failure=contact.failure, now=now)
        if enrolled:
            with Session(terminal.store.reader) as session:
                yield caught("waiting", lambda: wellbeing.waiting(session))
        yield wellbeing.printer(self._printer())
        yield caught("versions", lambda: health.versions(terminal.store.reader, head()))

    def _written(self) -> Iterator[Check]:
        app, store = self._terminal.app, self._terminal.store
        with Session(store.reader) as session:
            yield caught("audit", lambda: health.audit(session))
            yield caught("links", lambda: health.links(session, app.registry))

    def _whole(self) -> Check:
        """Damage that is found makes the next start look at all of it. A page that was just being written may look spoilt: it is
        looked at again while the writer rests."""
        store, writer = self._terminal.store, self._terminal.app.writer
        found = health.integrity(store.reader)
        if found.state == BAD:
            found = writer.submit(health.integrity, store.reader).result()
        if found.state == BAD:
            store.suspect()
        return found


def worst_first(found: list[Check]) -> list[Check]:
    """What needs somebody, then what should be seen to, then the rest in its order."""
    return sorted(found, key=lambda one: ORDER[one.state])
