"""Outfit: what the settings say of this machine (printer, scanner, patience), put on at the start and when they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.events import Notice
from app.kernel.settings import read_setting
from app.terminals import desk
from app.terminals.model import Terminal
from ui.kit.bench import Bench
from ui.scan.burst import STX, ScannerSetup

PREFIXES = {"STX": STX}
SUFFIXES = {"enter": "\r", "tab": "\t"}


@dataclass(frozen=True)
class Worn:
    """The settings of this machine."""

    printer: str
    scanner: ScannerSetup
    idle: int
    language: str = "en"


class Outfit(QObject):
    """Reads them anew whenever a setting changes; `put_on` hears of what changed, `told` carries all of it each time."""

    told = Signal(object)

    def __init__(self, bench: Bench, org_id: UUID, usual: Worn, put_on: Callable[[Worn], None], parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._org, self._usual, self._put_on = bench, org_id, usual, put_on
        self._now = usual
        bench.noticed.connect(self._noticed)

    def read(self) -> None:
        """What the store says now."""
        app, org, usual = self._bench.app, self._org, self._usual
        self._bench.read(self, lambda: read_outfit(app, org, usual), self._came)

    def _noticed(self, notice: Notice) -> None:
        if notice.touches(frozenset({"setting_value"})):
            self.read()

    def _came(self, found: Worn) -> None:
        self.told.emit(found)
        if found != self._now:
            self._now = found
            self._put_on(found)


def read_outfit(app: App, org: UUID, usual: Worn) -> Worn:
    """The values of this terminal, its site or the organisation; what is set nowhere stays as it came."""
    with Session(app.read_engine, info={"orgs": {org}}) as session:
        row = session.get(Terminal, app.station.id)
        site = row.site_id if row is not None else app.station.site_id

        def value(key: str) -> Any:
            return read_setting(session, app.registry, org, key, app.station.id, site)

        scanner = usual.scanner
        if layout := value(desk.LAYOUT.key):
            prefix, suffix = value(desk.PREFIX.key), value(desk.SUFFIX.key)
            changed = (layout, prefix, suffix) != (desk.LAYOUT.default, "", "")
            framed = replace(scanner, layout=layout, prefix=PREFIXES.get(prefix, prefix), suffix=SUFFIXES.get(suffix, ""))
            scanner = framed if changed else scanner
        return Worn(value(desk.PRINTER.key) or usual.printer, scanner, int(value(desk.IDLE.key)), value(desk.SPEAKS.key))
