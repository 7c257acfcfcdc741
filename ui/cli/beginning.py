"""Beginning: the first screens' port on a real store: made, founded, and its devices remembered; closed again at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.founding import Founder, Shop, first_administrator, found_shop, has_people, shop_of
from app.access.regaining import Keeper, keepers, regain
from app.access.sign_in import Desk
from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel import recovery
from app.kernel.access import Actor, system
from app.kernel.problems import Problem, Refused
from app.kernel.scanning import own_code
from app.kernel.settings import read_setting
from app.kernel.upkeep import SetSetting
from app.kernel.whereabouts import Whereabouts, whereabouts
from app.kernel.words import _, say
from app.kernel.zones import zone_names
from app.taxes.founding import keep_usual_tax, read_percent, usual_tax
from app.terminals import desk
from ui.first.port import Brought, Known
from ui.health.doctor import Contact, HouseDoctor
from ui.scan.burst import ScannerSetup
from ui.shell.idle import SECONDS
from ui.shell.outfit import Worn, read_outfit

if TYPE_CHECKING:
    from app.kernel.exchange.report import Finding
    from app.kernel.keys import KeyKeeper
    from ui.main import Setup

OPEN, JOIN, DEMO = "open", "join", "demo"
TEST = "DONE"  # the command card whose code is scanned for a test: scanned by mistake, it does nothing


class Store:
    """`ui.first.port.Begins` for an open store, in the name of whoever acts."""

    def __init__(self, terminal: Terminal, who: Actor | None = None) -> None:
        self.terminal = terminal
        self._who = who or system(terminal.org_id)

    def by(self, who: Actor) -> Store:
        return Store(self.terminal, who)

    def begin(self) -> Known:
        terminal = self.terminal
        shop = shop_of(terminal.app, terminal.org_id)
        if shop is not None:
            shop = replace(shop, tax=usual_tax(terminal.app, terminal.org_id))
        people = has_people(terminal.app, terminal.org_id)
        printer, layout = self._own(desk.PRINTER.key), self._own(desk.LAYOUT.key)
        return Known(shop or proposed(), shop is not None, people, printer, ScannerSetup(layout=layout))

    def found(self, shop: Shop) -> None:
        if shop.tax != usual_tax(self.terminal.app, self.terminal.org_id):
            read_percent(shop.tax)  # refused before anything is made
        found_shop(self.terminal.app, shop, self._who)
        keep_usual_tax(self.terminal.app, self._who, shop.tax)

    def appoint(self, founder: Founder) -> str:
        terminal = self.terminal
        if shop_of(terminal.app, terminal.org_id) is None:  # it was left for later: until then it has what was proposed
            self.found(proposed())
        first_administrator(terminal.app, terminal.org_id, founder)
        self._set(desk.SPEAKS.key, founder.language)
        code = recovery.new_code()
        wrapped = recovery.wrap(terminal.store.key, code)
        self._write(lambda session: recovery.keep(session, terminal.store.path, wrapped))
        return code

    def code(self) -> tuple[str, bytes]:
        from printing.qr import as_file

        text = own_code("CM", TEST)
        return text, as_file(text, ".png")

    def keep_scanner(self, setup: ScannerSetup) -> None:
        self._set(desk.LAYOUT.key, setup.layout)

    def print_test(self, target: str) -> None:
        from printing.labels import deliver, encode, render

        text, _picture = self.code()
        fields = {"word": say(_("Test")), "scan": text, "help": say(_("This label shows that the printer works."))}
        deliver(encode([render("card", fields)], target), target)

    def keep_printer(self, target: str) -> None:
        self._set(desk.PRINTER.key, target)

    def bring(self, entity: str, file: Path, tell: Callable[[int], None]) -> Brought:
        from app.kernel.exchange.running import import_file

        wrong: list[Finding] = []
        summary = import_file(
            self.terminal.app,
            self._who,
            entity,
            file,
            tell=lambda finding: wrong.append(finding) if not wrong else None,
            progress=lambda so_far: tell(so_far.lines),
        )
        first = say(_("Line {line}: {reason}"), line=wrong[0].line, reason=wrong[0].reason) if wrong else ""
        return Brought(summary.made, summary.changed, summary.refused, first)

    def whereabouts(self) -> Whereabouts:
        terminal = self.terminal
        return whereabouts(terminal.store.path, terminal.app.read_engine, terminal.app.station, self._reports)

    def support(self) -> Path:
        from ui.support import bundle, bundle_name

        name = bundle_name(self.terminal.app.clock.now())
        return bundle(self.terminal, self._reports, self.terminal.store.path.parent / "support" / name)

    def keepers(self) -> list[Keeper]:
        with Session(self.terminal.app.read_engine) as session:
            return keepers(session, self.terminal.org_id)

    def regain(self, who: UUID, code: str, pin: str) -> Problem | None:
        terminal = self.terminal
        with Session(terminal.app.read_engine) as session:
            wrapped = recovery.kept(session)
        try:
            known = self.keepers()
            regain(Desk(terminal.app), terminal.org_id, wrapped, terminal.store.key, code, pin, who=who, known=known)
        except Refused as refused:
            return refused.problem
        return None

    @property
    def _reports(self) -> Path:
        return self.terminal.store.path.parent / "reports"

    def _own(self, key: str) -> Any:
        """A setting as it is for this machine."""
        app = self.terminal.app
        with Session(app.read_engine) as session:
            return read_setting(session, app.registry, self.terminal.org_id, key, app.station.id, app.station.site_id)

    def _set(self, key: str, value: Any) -> None:
        """Sets what differs from machine to machine, for this one."""
        app = self.terminal.app
        app.run(SetSetting(key=key, value=value, place=app.station.id), self._who).or_refused()

    def _write(self, function: Callable[[Session], Any]) -> None:
        writer = self.terminal.app.writer

        def written() -> None:
            with writer.sessions() as session:
                function(session)
                session.commit()

        writer.run(written)


class EmptyPlace(Store):
    """The same where there may be no store yet: it is made when somebody begins, and closed at the end."""

    def __init__(self, path: Path, keeper: KeyKeeper | None = None) -> None:
        self._path, self._keeper = path, keeper
        self._open = False

    def begin(self) -> Known:
        if not self._open:
            opened = open_terminal if self._path.exists() else make_terminal
            super().__init__(opened(self._path, keeper=self._keeper))
            self._open = True
        return super().begin()

    def close(self) -> None:
        if self._open:
            self._open = False
            self.terminal.close()


def proposed() -> Shop:
    """What stands in the first screen before anybody types, with this machine's own time zone."""
    return Shop(say(_("Our workshop")), zone=machine_zone())


def machine_zone() -> str:
    """The IANA name of this machine's time zone; UTC where the system does not tell it."""
    local, named = Path("/etc/localtime"), os.environ.get("TZ", "").lstrip(":")
    if not named and local.is_symlink():
        named = str(local.resolve()).partition("zoneinfo/")[2]
    elif not named and sys.platform == "win32":
        from PySide6.QtCore import QTimeZone

        named = bytes(QTimeZone.systemTimeZoneId().data()).decode()
    return named if named in zone_names() else "UTC"


def begun(path: Path, *, kiosk: bool = False) -> str:
    """Shows the first screens until they are closed; what is wanted then: OPEN, JOIN, DEMO or nothing."""
    from ui.cli.entering import entered
    from ui.first.window import FirstWindow

    with closing(EmptyPlace(path)) as place:
        return entered(path, partial(FirstWindow, place), kiosk=kiosk).wants


def with_set_up(setup: Setup, terminal: Terminal) -> Setup:
    """The window's set-up with what sets this machine up later."""
    link = setup.link

    def contact() -> Contact:
        told = link.details()
        return Contact(told.last_done, told.failure)

    def printer() -> str:
        usual = Worn(setup.printer, setup.scanner, SECONDS)
        return read_outfit(terminal.app, terminal.org_id, usual).printer

    return replace(setup, begins=Store(terminal), doctor=HouseDoctor(terminal, contact, printer))
