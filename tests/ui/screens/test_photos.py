"""Photos of a record: put on it from its page, seen small beside each other and large by a touch, each with how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from replays import late
from shop_floor import Terminal, at_work
from sqlalchemy import delete

from app.kernel import blobs
from app.kernel.access import Actor
from app.kernel.attached import BlobRow
from app.kernel.blobs import BlobWay
from app.kernel.clock import stamp_ms
from app.kernel.problems import Problem
from app.kernel.records import Discrepancy
from app.kernel.scan_log import Outcome
from app.kernel.standard import AttachFile, Attachment, Transition
from app.work_orders.commands import CreateOrder
from ui.kit import strip
from ui.kit.bench import Shot
from ui.kit.declared import Place
from ui.kit.held import HeldPhotos
from ui.kit.photo import PhotoPage
from ui.kit.photos import Files
from world import World


def photo(color: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), color).save(out, "JPEG")
    return out.getvalue()


class Camera:
    """Gives the shots that it was loaded with."""

    def __init__(self, *shots: Shot) -> None:
        self.shots = shots

    def take(self, then: Callable[[Sequence[Shot]], None]) -> None:
        then(self.shots)


def shot(name: str = "brake.jpg", content: bytes | None = None) -> Shot:
    return Shot(name, lambda: photo() if content is None else content)


@pytest.fixture
def camera() -> Camera:
    return Camera(shot())


@pytest.fixture
def terminal(world: World, camera: Camera, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(strip, "AGAIN", 20)
    monkeypatch.setattr("ui.kit.photo.AGAIN", 20)
    mechanic = world.person("Mia", "MEC")
    with at_work(world, qtbot.waitUntil, tmp_path, photos=camera) as terminal:
        terminal.window.floor.seat(mechanic)
        yield terminal  # type: ignore[misc]


def job(terminal: Terminal, world: World) -> None:
    terminal.window.floor.go(Place("page", "work_order", world.order))
    terminal.until(terminal.settled)


def attached(world: World, content: bytes, name: str = "brake.jpg", by: Actor | None = None) -> str:
    """A photo that is on the job already; its hash."""

    def keep() -> tuple[str, int]:
        with world.app.writer.sessions() as session:
            kept = blobs.keep_file(session, world.org, content)
            session.commit()
            return kept

    sha256, size = world.app.writer.run(keep)
    world.done(AttachFile(entity="work_order", id=world.order, name=name, sha256=sha256, size=size), by)
    return sha256


def noted(world: World, sha256: str, state: str) -> None:
    def run() -> None:
        with world.app.writer.sessions() as session:
            blobs.mark(session, world.org, sha256, state)
            session.commit()

    world.app.writer.run(run)


def enrolled(world: World) -> None:
    world.app.dispatcher.moved_to(replace(world.app.station, enrolled=True))


def test_a_photo_is_put_on_a_job_in_one_touch_and_seen_small(terminal: Terminal, world: World) -> None:
    job(terminal, world)
    assert terminal.find("brake.jpg") is None
    terminal.touch("Attach photo")
    terminal.until(lambda: terminal.find("brake.jpg") is not None and bool(terminal.heard))
    assert terminal.heard[-1][0] is Outcome.SUCCESS
    assert terminal.heard[-1][1].startswith("The photo is on ")
    [row] = world.rows(Attachment)
    assert (row.entity, row.row_id, row.size) == ("work_order", world.order, len(photo()))
    assert "1 here" in terminal.words()


NO_ROOM = Problem(
    "room.files", "Only {free} MB of the disk are free: no file is taken in.", hint="Make room.", values={"free": 200}
)


def test_where_the_disk_is_short_nobody_chooses_a_photo_in_vain_and_it_says_what_to_do(
    terminal: Terminal, world: World, camera: Camera
) -> None:
    job(terminal, world)
    world.app.against_files = lambda: NO_ROOM
    camera.take = lambda _then: pytest.fail("nobody may choose in vain")  # type: ignore[method-assign,assignment,return-value]
    terminal.touch("Attach photo")
    terminal.until(lambda: bool(terminal.heard))
    assert terminal.heard[-1] == (Outcome.ERROR, "Only 200 MB of the disk are free: no file is taken in. Make room.")
    assert (world.rows(Attachment), world.rows(BlobRow)) == ([], [])


def test_a_disk_that_fills_up_while_somebody_chooses_leaves_nothing_of_the_photo(
    terminal: Terminal, world: World, camera: Camera
) -> None:
    job(terminal, world)
    chosen = camera.take

    def slowly(then: Callable[[Sequence[Shot]], None]) -> None:
        world.app.against_files = lambda: NO_ROOM
        chosen(then)

    camera.take = slowly  # type: ignore[method-assign]
    terminal.touch("Attach photo")
    terminal.until(lambda: "Only 200 MB of the disk are free" in terminal.words())
    assert (world.rows(Attachment), world.rows(BlobRow)) == ([], [])


def test_a_check_in_holds_no_photo_either_where_the_disk_is_short(terminal: Terminal, world: World, camera: Camera) -> None:
    held = HeldPhotos(terminal.window.bench, terminal.window)
    chosen = camera.take
    camera.take = lambda _then: pytest.fail("nobody may choose in vain")  # type: ignore[method-assign,assignment,return-value]
    world.app.against_files = lambda: NO_ROOM
    held.take()
    terminal.until(lambda: bool(terminal.heard))
    assert terminal.heard[-1] == (Outcome.ERROR, "Only 200 MB of the disk are free: no file is taken in. Make room.")

    def slowly(then: Callable[[Sequence[Shot]], None]) -> None:
        world.app.against_files = lambda: NO_ROOM
        chosen(then)

    world.app.against_files, camera.take = (lambda: None), slowly  # type: ignore[method-assign]
    held.take()
    terminal.until(lambda: "Only 200 MB of the disk are free" in terminal.words())
    assert (held.kept, world.rows(BlobRow)) == ([], [])


def test_of_a_photo_that_the_record_does_not_take_no_bytes_are_kept(terminal: Terminal, world: World, camera: Camera) -> None:
    camera.shots = (shot("a/b.jpg"),)
    job(terminal, world)
    terminal.touch("Attach photo")
    terminal.until(lambda: bool(terminal.heard) and terminal.settled())
    assert terminal.heard[-1][0] is Outcome.ERROR
    terminal.until(lambda: world.rows(BlobRow) == [])


def test_several_at_once_are_each_put_on_it(terminal: Terminal, world: World, camera: Camera) -> None:
    camera.shots = (shot("one.jpg", photo("red")), shot("two.jpg", photo("blue")))
    job(terminal, world)
    terminal.touch("Attach photo")
    terminal.until(lambda: terminal.find("one.jpg") is not None and terminal.find("two.jpg") is not None)


def test_a_touch_opens_it_large_and_the_arrows_walk_to_the_next(terminal: Terminal, world: World) -> None:
    attached(world, photo("red"), "one.jpg")
    attached(world, photo("blue"), "two.jpg")
    job(terminal, world)
    terminal.touch("two.jpg")
    terminal.until(terminal.settled)
    page = terminal.window.floor.screen
    assert isinstance(page, PhotoPage)
    terminal.until(lambda: "two.jpg" in terminal.words())
    QTest.keyClick(page, Qt.Key.Key_Right)
    terminal.until(lambda: "one.jpg" in terminal.words())
    terminal.touch("Next photo")
    terminal.until(lambda: "two.jpg" in terminal.words())
    terminal.touch("Back")
    terminal.until(lambda: terminal.find("Attach photo") is not None)


def test_what_is_too_large_or_cannot_be_read_is_told_and_nothing_is_attached(
    terminal: Terminal, world: World, camera: Camera, tmp_path: Path
) -> None:
    job(terminal, world)
    camera.shots = (shot(content=b"x" * (blobs.MOST + 1)),)
    terminal.touch("Attach photo")
    terminal.until(lambda: "A file may have 10 MB, and this one has more." in terminal.window.toast.sentence)
    found: list[Sequence[Shot]] = []
    files = Files(terminal.window)
    files.take(found.append)
    dialog = terminal.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(tmp_path / "gone.jpg")])
    dialog.close()
    camera.shots = tuple(found[0])
    terminal.touch("Attach photo")
    terminal.until(lambda: "The file gone.jpg cannot be read" in terminal.window.toast.sentence)
    assert world.rows(Attachment) == []


def test_each_says_how_far_it_is_on_its_way_to_the_hub(terminal: Terminal, world: World) -> None:
    enrolled(world)
    sha256 = attached(world, photo())
    job(terminal, world)
    terminal.until(lambda: terminal.find("brake.jpg, Saved here") is not None)
    assert "1 here · 1 wait for the hub" in terminal.words()
    noted(world, sha256, "sent")
    terminal.until(lambda: terminal.find("brake.jpg, Confirmed") is not None)
    assert "wait for the hub" not in terminal.words()


def test_one_that_lies_at_the_hub_is_asked_for_when_somebody_looks_at_it(terminal: Terminal, world: World) -> None:
    enrolled(world)
    sha256 = attached(world, photo())

    def away() -> None:
        with world.app.writer.sessions() as session:
            session.execute(delete(BlobRow))
            session.commit()

    world.app.writer.run(away)
    job(terminal, world)
    terminal.touch("brake.jpg, At the hub")
    terminal.until(lambda: "Small as yet: the whole photo comes with the next exchanges." in terminal.words())
    terminal.until(lambda: [(row.sha256, row.state) for row in world.rows(BlobWay)] == [(sha256, "wanted")])

    def comes() -> None:
        with world.app.writer.sessions() as session:
            blobs.keep_file(session, world.org, photo())
            blobs.mark(session, world.org, sha256, "sent")
            session.commit()

    world.app.writer.run(comes)
    terminal.until(lambda: "Confirmed" in terminal.words() and "Small as yet" not in terminal.words())


def test_a_file_that_is_no_photo_has_its_sheet_and_says_so(terminal: Terminal, world: World) -> None:
    attached(world, b"25 Nm", "torque.txt")
    job(terminal, world)
    terminal.touch("torque.txt")
    terminal.until(lambda: "This file is no photo that can be shown." in terminal.words())


def test_a_record_that_takes_no_files_offers_none(terminal: Terminal, world: World) -> None:
    terminal.window.floor.go(Place("page", "bin", world.bin))
    terminal.until(terminal.settled)
    assert terminal.find("Attach photo") is None


def test_with_gloves_on_the_smallest_glass_the_photos_have_a_tab_of_their_own(
    world: World, camera: Camera, qtbot: QtBot, tmp_path: Path
) -> None:
    mechanic = world.person("Mia", "MEC")
    with at_work(world, qtbot.waitUntil, tmp_path, photos=camera, density="glove", size=(1024, 600)) as terminal:
        terminal.window.floor.seat(mechanic)
        job(terminal, world)
        terminal.open_tab("Photos")
        terminal.touch("Attach photo")
        terminal.until(lambda: terminal.find("brake.jpg") is not None)
        thumb = terminal.find("brake.jpg")
        assert thumb is not None
        assert not thumb.visibleRegion().isEmpty()
        assert thumb.visibleRegion().boundingRect().height() == thumb.height(), "seen whole"
        terminal.window.resize(1600, 900)
        terminal.until(lambda: terminal.find("Attach photo") is not None and "What is wrong" in terminal.words())


def test_a_photo_says_on_a_card_what_was_found(terminal: Terminal, world: World) -> None:
    order = world.done(CreateOrder(site=world.site, what="Horn")).row("work_order")
    world.done(Transition(entity="work_order", id=order, move="cancel", reason="Sold"))
    late(world, Transition(entity="work_order", id=order, move="begin"), stamp_ms(world.app.clock.tick()) + 1)
    terminal.window.floor.seat(world.person("Sue", "SUP"))
    terminal.window.floor.go(Place("attention"))
    terminal.touch("Attach photo")
    terminal.until(lambda: terminal.find("brake.jpg") is not None)
    [card], [row] = world.rows(Discrepancy), world.rows(Attachment)
    assert (row.entity, row.row_id) == ("discrepancy", card.id)
    terminal.touch("brake.jpg")
    terminal.until(lambda: isinstance(terminal.window.floor.screen, PhotoPage))
    terminal.touch("Back")
    terminal.until(lambda: "Two people took" in terminal.words())
