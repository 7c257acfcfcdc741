"""Opens the App that a verb works with: which store, and who acts."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from app.kernel.words import _
from ui.cli.out import WrongUsage

if TYPE_CHECKING:
    from app.access.sign_in import Desk
    from app.assemble import App, Terminal
    from app.kernel.access import Actor

FILE = "terminal.fettle"


@dataclass(frozen=True)
class Opened:
    """An open store and the person in whose name a verb works with it."""

    terminal: Terminal
    actor: Actor

    @property
    def app(self) -> App:
        return self.terminal.app


def data_folder() -> Path:
    """Where this user's data belongs on this system."""
    from platformdirs import user_data_path

    return user_data_path("Fettle", appauthor=False)


def store_path(given: str) -> Path:
    """The store's file. What is given may be the file, or the folder that holds it."""
    if not given:
        return data_folder() / FILE
    path = Path(given).expanduser()
    return path if path.is_file() or (path.suffix and not path.is_dir()) else path / FILE


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Opened]:
    """The store that `--store` names, in the name of `--as`; closed again at the end.

    Trouble when it cannot be had, Refused when they may not come in, WrongUsage when nobody is named.
    """
    from app.assemble import open_terminal

    terminal = open_terminal(store_path(args.store))
    changed = Event()
    terminal.app.notices.listen(lambda _notice: changed.set())
    try:
        with _acting(terminal, args.user) as actor:
            yield Opened(terminal, actor)
        if changed.is_set():
            back_up(terminal)
    finally:
        terminal.close()


def back_up(terminal: Terminal) -> None:
    """Where no window stands, whoever changed something makes the backup that is due; it may fail, and what was done stands."""
    from app.kernel.caretaker import Caretaker

    app = terminal.app
    caretaker = Caretaker(terminal.store, terminal.journal, app.writer, lambda: app.station.zone, app.clock.now)
    if caretaker.is_due():
        caretaker.back_up()


@contextmanager
def _acting(terminal: Terminal, user: str) -> Iterator[Actor]:
    """Who acts: the named person with their PIN. A demo needs no PIN, and a store without people none to act."""
    from app.access.sign_in import Desk
    from app.kernel import meta
    from app.kernel.access import system

    demo = meta.demo_host(terminal.app.read_engine)
    if not user and not demo:
        if not Desk(terminal.app).people():
            yield system(terminal.org_id)
            return
        raise WrongUsage(_("Say who acts: --as USER, with their PIN in FETTLE_PIN."))
    actor = person_called(terminal, user or demo)
    if demo:
        yield actor
        return
    desk = Desk(terminal.app)
    _let_in(desk, actor)
    try:
        yield actor
    finally:
        desk.sign_out(actor)


def person_called(terminal: Terminal, user: str) -> Actor:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from app.access.model import Person
    from app.kernel.access import Actor
    from app.kernel.problems import Problem, Refused

    with Session(terminal.app.read_engine) as session:
        wanted = select(Person).where(Person.username == user.casefold(), Person.retired.is_(False))
        person = session.scalars(wanted).first()
    if person is None:
        message, hint = _("Nobody here has the user name “{user}”."), _("Use one of: fettle ask people.")
        raise Refused(Problem("cli.nobody", message, hint=hint, field="as", values={"user": user[:40]}))
    return terminal.app.current(Actor(person.id, person.org_id, person.name))


def _let_in(desk: Desk, actor: Actor) -> None:
    from app.kernel.problems import Refused

    pin = os.environ.get("FETTLE_PIN", "") or _pin_in_file(os.environ.get("FETTLE_PIN_FILE", ""))
    if not pin:
        message = _("To act as {name}, put their PIN into FETTLE_PIN, or name a file that holds it in FETTLE_PIN_FILE.")
        raise WrongUsage(message, name=actor.name)
    outcome = desk.pin(actor.id, pin)
    if outcome.refused is not None:
        raise Refused(outcome.refused)


def _pin_in_file(named: str) -> str:
    """The PIN in a key file, which nobody else on this machine may read."""
    from app.kernel.problems import Trouble

    if not named:
        return ""
    path = Path(named).expanduser()
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise Trouble("cli.open_key", _("Others can read {path}."), _("Take it from them: chmod 600 {path}."), {"path": path})
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble("cli.no_key", _("{path} cannot be read."), _("Check its name and whose it is."), {"path": path}) from error
