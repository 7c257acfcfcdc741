"""Shots: every screen as a picture, in every look and size, in English and in a language that nobody speaks but that is longer.

`python -m ui.shots FOLDER` builds a demo workshop, opens every screen and saves what is seen; with `--compare` it names what is
not as it was when somebody last looked and said `--keep`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from PIL import Image
from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from sqlalchemy import select

from app.access.sign_in import Tile
from app.assemble import Terminal, make_terminal
from app.demo import KEEPER, Calendar, Stage, build, tour_jobs
from app.demo.catalogue import S1_PARTS
from app.demo.elsewhere import come_back
from app.demo.folk import MANAGER
from app.kernel.access import Actor
from app.kernel.handing import Ready, ready
from app.kernel.handing import keep as keep_file
from app.kernel.ids import short
from app.kernel.scanning import own_code
from app.kernel.standard import AttachFile, SaveRecord
from app.kernel.types import Quantity
from app.kernel.words import PSEUDO, speak
from app.parts_issue.commands import IssuePart
from app.places.model import Bin
from app.stock.commands import ReceiveStock
from app.work_orders.model import WorkOrder
from ui.attention.screens import AttentionPage
from ui.kit.declared import Board, Flow, FormScreen, ListScreen, PageScreen, Place
from ui.kit.photos import photos_of
from ui.kit.sound import SilentPlayer
from ui.main import Setup, application, open_window
from ui.scan.raw import RawScan
from ui.screens import DECLARED
from ui.seen import Sight, changes, keep, pictures, read
from ui.shell.window import Window
from ui.shots_before import shoot_before
from ui.shots_loop import shoot_loop
from ui.shots_odoo import shoot_odoo, tell_of_odoo
from ui.shots_troubles import Ailing, shoot_troubles
from ui.theme import Theme
from ui.work_orders.check_in import CheckInPage

SIZES = ((1280, 800), (1024, 600))
DAYS = 3  # of history: enough to have something on every screen
PATIENCE = 20_000  # milliseconds for one screen on a busy machine
TEN = 1_795_165_200_000  # 2026-11-20, ten in the morning in Berlin, in milliseconds since 1970


@dataclass(frozen=True)
class Look:
    """One way in which the terminal is seen."""

    theme: str
    density: str
    size: tuple[int, int]
    language: str = "en"

    @property
    def name(self) -> str:
        return "-".join([self.theme, self.density, str(self.size[0]), *([self.language] if self.language != "en" else [])])


LOOKS = (
    *(Look(theme, density, size) for theme in ("light", "dark", "sun") for density in ("desk", "glove") for size in SIZES),
    *(Look("light", density, SIZES[1], PSEUDO) for density in ("desk", "glove")),
)


class Camera:
    """Opens screens in one window and saves what is seen, each under its own name."""

    def __init__(self, window: Window, folder: Path) -> None:
        self.window = window
        self._folder = folder
        self._count = 0

    def wait(self) -> None:
        """Until every question has been answered and drawn."""
        end = QDeadlineTimer(PATIENCE)
        while not self._idle() and not end.hasExpired():
            application().processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        application().processEvents()

    def _idle(self) -> bool:
        application().processEvents()
        return self.window.bench.runner.idle and self.window.router.idle

    def pause(self, milliseconds: int = 200) -> None:
        """Lets a little time go by, as people do who type."""
        end = QDeadlineTimer(milliseconds)
        while not end.hasExpired():
            application().processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)

    def still(self) -> None:
        """Until what is seen moves no more: a screen that has its rows may still be laying them out."""
        before, now = QImage(), self.window.grab().toImage()
        end = QDeadlineTimer(PATIENCE)
        while now != before and not end.hasExpired():
            self.pause(20)
            before, now = now, self.window.grab().toImage()

    def shoot(self, name: str) -> None:
        """Saves a picture."""
        self.wait()
        self.still()
        self._count += 1
        spoken = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
        self.window.save_picture(self._folder / f"{self._count:02d}-{spoken}.png")

    def go(self, place: Place, name: str) -> None:
        self.window.floor.go(place)
        self.shoot(name)

    def scan(self, text: str, name: str, *, flash: bool = True) -> None:
        """A scan, and what came of it; without its flash where the screen under it is what counts."""
        self.window.router.scan(RawScan(text))
        self.wait()
        if not flash:
            self.window.strip.hide()
        self.shoot(name)


def shoot(terminal: Terminal, stage: Stage, folder: Path, look: Look) -> int:
    """Every screen in one look; how many pictures."""
    doctor, player = Ailing(), SilentPlayer()
    setup = Setup(theme=look.theme, density=look.density, size=look.size, player=player, reports=folder, doctor=doctor)
    window = open_window(terminal.app, terminal.org_id, setup)
    camera = Camera(window, folder / look.name)
    try:
        _sign_in(camera, _actor(terminal, stage, MANAGER, look))
        _issue(camera, stage, _actor(terminal, stage, KEEPER, look))
        window.floor.seat(_actor(terminal, stage, MANAGER, look))
        camera.shoot("home of a manager")
        for name, place in _places(stage):
            camera.go(place, name)
        _photo(camera, stage)
        _check_in(camera, stage)
        shoot_loop(camera, stage)
        shoot_odoo(camera)
        _attention(camera)
        shoot_troubles(camera)
    finally:
        window.end()
    _before(folder / look.name, look)
    return len(list((folder / look.name).glob("*.png")))


def _actor(terminal: Terminal, stage: Stage, username: str, look: Look) -> Actor:
    return replace(terminal.app.current(stage.actor(username)), language=look.language)


def _sign_in(camera: Camera, person: Actor) -> None:
    camera.shoot("sign in")
    camera.window.floor.door.ask_pin(Tile(person.id, person.name))
    camera.shoot("pin")


def _issue(camera: Camera, stage: Stage, keeper: Actor) -> None:
    """The story of the issue desk, with what may go wrong there."""
    window, (job, _other) = camera.window, tour_jobs(stage)
    parts = [own_code("PT", short(stage.ident("part", part))) for part in S1_PARTS]
    window.floor.seat(keeper)
    camera.shoot("home of a storekeeper")
    camera.go(Place("flow", "parts_issue.issue"), "issue without a job")
    camera.scan(own_code("WO", short(job)), "issue")
    camera.scan(parts[0], "issue done")
    camera.scan(own_code("WH", short(_first(stage, "warehouse"))), "issue wrong kind")
    camera.scan(parts[0], "issue why", flash=False)
    window.floor.back()
    camera.scan("4006381333931", "unknown code", flash=False)
    window.floor.back()
    window.hands.undo()
    camera.shoot("issue undone")
    window.floor.go(Place("home"))
    window.scan_line.box.setText("brake")
    window.strip.hide()
    window.results.seek("brake")
    camera.pause()
    camera.shoot("find")
    window.scan_line.clear()


def _attention(camera: Camera) -> None:
    """The cards: the first as it opens, another choice on it, one that came back, and what was merely noted."""
    window = camera.window
    camera.go(Place("attention"), "attention")
    page = window.floor.screen
    if isinstance(page, AttentionPage):
        for key, name in ((Qt.Key.Key_Right, "attention chosen"), (Qt.Key.Key_Up, "attention came back")):
            QTest.keyClick(page, key)
            camera.shoot(name)
        page.turn(True)
        camera.shoot("attention noted")
    camera.go(Place("sync"), "hub")


def _check_in(camera: Camera, stage: Stage) -> None:
    """Who has come; somebody who is known, and somebody new. Nothing of it is left half filled in."""
    camera.go(Place("check_in"), "check in")
    camera.scan(own_code("VE", short(_first(stage, "vehicle"))), "check in known", flash=False)
    page = camera.window.floor.screen
    if isinstance(page, CheckInPage):
        page.begin_anew()
        page.begin_with("M-AB 12")
        camera.shoot("check in new")
        page.begin_anew()


def _photo(camera: Camera, stage: Stage) -> None:
    """A photo of the job, large."""
    job = tour_jobs(stage)[0]
    first = photos_of(camera.window.floor.bench, "work_order", job)[0]
    camera.go(Place("photo", "work_order", job, {"photo": first.id}), "photo")


def _taken(stage: Stage) -> None:
    """Two photos on the job that the pictures show."""
    for place, color in enumerate(("#7A5C3E", "#3E5C7A")):
        made = BytesIO()
        Image.new("RGB", (800, 600), color).save(made, "JPEG")
        file = ready(made.getvalue())
        stage.app.writer.run(_keep, stage, file)
        stage.do(
            AttachFile(
                entity="work_order",
                id=tour_jobs(stage)[0],
                name=f"brake-{place + 1}.jpg",
                sha256=file.sha256,
                size=len(file.content),
            ),
            stage.actor(MANAGER),
        )


def _received(stage: Stage) -> None:
    """A piece with a serial number, for the page of a lot."""
    fields = {"code": [None, "PMP-FUEL"], "name": [None, "Fuel pump"], "tracking": [None, "serial"]}
    part = stage.do(SaveRecord(entity="part", fields=fields), stage.actor(MANAGER)).row("part")
    stage.do(ReceiveStock(part=part, bin=_first(stage, "bin"), quantity=Quantity(1), lot="SN-20417"), stage.actor(MANAGER))


def _owed(stage: Stage) -> None:
    """An old part that the customer is to bring, and the hours that people work."""
    fields = {"code": "CALIPER", "name": "Brake calliper, exchange", "price": 20_000, "core": True, "deposit": 5_000}
    part = _saved(stage, "part", fields)
    bin = _first(stage, "bin")
    stage.do(ReceiveStock(part=part, bin=bin, quantity=Quantity(2)), stage.actor(MANAGER))
    stage.do(IssuePart(order=_in_work(stage), part=part, bin=bin, reason="It is worn"), stage.actor(KEEPER))
    _saved(stage, "shift", {"site_id": _first(stage, "site").hex, "name": "Early", "starts": 360, "ends": 900, "pause": 30})


def _saved(stage: Stage, entity: str, fields: dict[str, object]) -> UUID:
    made = SaveRecord(entity=entity, fields={name: [None, value] for name, value in fields.items()})
    return stage.do(made, stage.actor(MANAGER)).row(entity)


def _in_work(stage: Stage) -> UUID:
    with stage.app.read(stage.host) as session:
        found = session.scalars(select(WorkOrder.id).where(WorkOrder.state == "IN_PROGRESS").order_by(WorkOrder.id)).first()
    return found or tour_jobs(stage)[0]


def _keep(stage: Stage, file: Ready) -> None:
    with stage.app.writer.sessions() as session:
        keep_file(session, stage.org, file)
        session.commit()


def _before(folder: Path, look: Look) -> None:
    """What a machine asks at its first start."""
    speak(look.language)
    Theme.load(look.theme, look.density).wear(application())
    shoot_before(folder, look.size)
    speak("en")


def _places(stage: Stage) -> Iterator[tuple[str, Place]]:
    yield "look", Place("look")
    yield "leave the kiosk", Place("leave")
    for screen in DECLARED.screens:
        match screen:
            case ListScreen():
                yield f"list {screen.name}", Place("list", screen.name)
            case PageScreen():
                ident = _first(stage, screen.name)
                yield f"page {screen.name}", Place("page", screen.name, ident)
                if screen.edits:
                    yield f"form {screen.name}", Place("form", screen.name, ident)
            case FormScreen():
                given = {screen.of: _first(stage, "work_order")} if screen.of else {}
                yield f"new {screen.name}", Place("form", screen.name, given=given)
            case Board():
                yield f"board {screen.id}", Place("board", screen.id)
            case Flow():
                yield f"flow {screen.id}", Place("flow", screen.id)


def _first(stage: Stage, entity: str) -> UUID:
    """A record to show; of jobs the one that waits for its parts."""
    if entity == "work_order":
        return tour_jobs(stage)[0]
    kind = stage.app.registry.entities[entity]
    wanted = select(kind.id).where(kind.retired.is_(False)).order_by(kind.id)
    if kind is Bin:
        wanted = wanted.where(Bin.kind == "pick")  # what is set aside goes to no job
    with stage.app.read(stage.host) as session:
        return session.scalars(wanted).first() or UUID(int=0)


class Morning(Calendar):
    """It is always ten in the morning of one day: whoever takes the pictures again, sees the same."""

    def __call__(self) -> int:
        return TEN if self.set_to is None else self.set_to


def main(given: Sequence[str]) -> int:
    """Takes the pictures that were asked for, and says or keeps what is seen on them."""
    args = _parser().parse_args(given)
    folder = Path(args.folder).resolve()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    wanted = [look for look in LOOKS if not args.looks or look.name in args.looks]
    for look in wanted:
        for old in (folder / look.name).glob("*.png"):
            old.unlink()
    _take(folder, wanted)
    return _told(folder, wanted, Path(args.seen), keeps=args.keep) if args.compare or args.keep else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shots", description="Every screen in every look, as pictures.")
    parser.add_argument("folder", nargs="?", default="shots", help="where the pictures go")
    parser.add_argument("looks", nargs="*", metavar="LOOK", help="only these, such as dark-glove-1024")
    parser.add_argument(
        "--seen", metavar="FILE", default="tests/data/seen.txt", help="what was seen last, a line for each picture"
    )
    parser.add_argument("--compare", action="store_true", help="name every picture that is not as it was; 1 where there is one")
    parser.add_argument("--keep", action="store_true", help="remember what is seen now")
    return parser


def _take(folder: Path, wanted: Sequence[Look]) -> None:
    """Builds the workshop and takes all pictures."""
    with TemporaryDirectory(prefix="fettle-shots-") as place:
        calendar = Morning()
        terminal = make_terminal(Path(place) / "store" / "demo.fettle", clock=calendar.clock())
        try:
            stage = build(terminal, calendar, days=DAYS)
            come_back(stage)
            _taken(stage)
            _received(stage)
            _owed(stage)
            tell_of_odoo(stage)
            for look in wanted:
                sys.stderr.write(f"{look.name}: {shoot(terminal, stage, folder, look)} pictures\n")
        finally:
            terminal.close()


def _told(folder: Path, wanted: Sequence[Look], file: Path, *, keeps: bool) -> int:
    """Names what changed since it was last kept; 1 where something did and nobody said to keep it."""
    looks = {look.name for look in wanted}
    taken = {name: path for name, path in pictures(folder).items() if name.partition("/")[0] in looks}
    before, now = read(file), {name: Sight.of(path) for name, path in taken.items()}
    found = list(changes(before, now))
    for change in found:
        sys.stdout.write(change.sentence(taken.get(change.name)) + "\n")
    sys.stdout.write(f"{len(now)} pictures, {len(found)} not as they were.\n")
    if keeps:
        keep(file, {name: sight for name, sight in before.items() if name.partition("/")[0] not in looks} | now)
    return 1 if found and not keeps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
