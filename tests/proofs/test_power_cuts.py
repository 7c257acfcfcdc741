"""The plug is pulled at any moment: what was acknowledged is there, once and whole, and so are the store and its backups."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from counts import Count
from killing import KEEPER, ROOT, Shop, commands, furnished, issues_in, with_storekeeper
from looking import laws_of
from power import Files, images, laid
from sqlalchemy.orm import Session
from traced import Event, Reading, files_of, traced

from app.assemble import Terminal, open_terminal
from app.kernel import backups, mending
from app.kernel.files import boot
from app.kernel.problems import Trouble
from app.kernel.store import ALL, connect, is_whole

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="the writes are taken from a trace (strace)")
NAME = "power cuts"
Told = Callable[[bytes], dict[str, str]]  # what was said until a cut: the commands acknowledged by it, each with its status


@pytest.fixture(autouse=True)
def another_run_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a cut the machine has been started again."""
    monkeypatch.setattr("app.kernel.store.boot", lambda: "the run after the cut")


@dataclass
class Worked:
    """What a program did to a store's disk until it ended, and how its answers are read."""

    shop: Shop
    start: Files
    events: list[Event]
    told: Told


def of_the_command_line(folder: Path, dice: random.Random, number: int) -> Worked:
    """A batch of commands; at its end a backup is made, and the store closed."""
    return batch(furnished(folder / "store"), folder, dice, number, {})


def on_what_was_left(worked: Worked, folder: Path, dice: random.Random, number: int) -> Worked:
    """The plug was pulled at some moment; then the program is started on what that left, and fed another batch."""
    [(image, said)] = images(worked.start, worked.events, dice, 1)
    shop = Shop(folder / "again", worked.shop.places, dict(worked.shop.sent))
    lock = f"{shop.path.name}.lock"
    image[lock] = image[lock].replace(boot().encode(), b"an earlier run")
    laid(image, shop.folder)
    return batch(shop, folder, dice, number, worked.told(said))


def batch(shop: Shop, folder: Path, dice: random.Random, number: int, before: dict[str, str]) -> Worked:
    """So many commands on a store, in which those `before` were acknowledged."""
    start, log, said = files_of(shop.folder), folder / "trace", folder / "said"
    lines = commands(shop, dice, number)
    shop.sent |= {line["id"]: line for line in lines}
    said.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with said.open() as source:
        traced(["-m", "ui.cli", "--store", shop.path, "do", "--batch", "-"], log, stdin=source, stdout=subprocess.DEVNULL)
    events = list(Reading(shop.folder, start).events(log))
    assert sum(event.data.count(b"\n") for event in events if event.kind == "said") == number
    return Worked(shop, start, events, lambda said: before | answers(said))


def of_the_window(folder: Path, scans: int) -> Worked:
    """Scans at the window, then a sign-out, for which a backup is made; and the window is closed."""
    shop = with_storekeeper(furnished(folder / "store"))
    start, log, sounds = files_of(shop.folder), folder / "trace", folder / "sounds"
    traced([ROOT / "tests" / "scanning_child.py", shop.path, sounds, str(scans)], log)
    shop.sent = issues_in(shop)
    idents = list(shop.sent)
    events = list(Reading(shop.folder, start, sounds).events(log))
    assert scans <= sounds.read_bytes().count(b"ok\n") <= len(idents)
    return Worked(shop, start, events, lambda said: dict.fromkeys(idents[: said.count(b"ok\n")], "done"))


def answers(said: bytes) -> dict[str, str]:
    return {one["id"]: one["status"] for one in map(json.loads, said.split(b"\n")[:-1])}


# ------------------------------------------------------------------------------------------------------------ after a cut


def all_there(worked: Worked, folder: Path, dice: random.Random, number: int, count: Count) -> None:
    """Starts the program on so many of the disks that a cut could have left, and holds each against every law."""
    for image, said in images(worked.start, worked.events, dice, number):
        acknowledged = worked.told(said)
        disk = Shop(folder / "disk", worked.shop.places, worked.shop.sent, acknowledged)
        laid(image, disk.folder)
        torn = list(torn_backups(disk.path))
        assert not torn, torn
        with closing(open_terminal(disk.path, keeper=KEEPER)) as terminal:
            found, mended = laws_of(terminal.app, disk), mended_in(terminal)
        assert found.nothing(), found
        assert not mended, "something had to be put back"
        with closing(connect(disk.path, terminal.store.key, "ro&immutable=1")) as connection:
            assert is_whole(connection, ALL)
        count(NAME, "disks after a cut")
        count(NAME, "of them with backups", int(any(name.endswith(backups.SUFFIX) for name in image)))
        count(NAME, "acknowledged commands looked for", len(acknowledged))
        shutil.rmtree(disk.folder)
    for what in ("lost", "torn", "corrupt"):
        count(NAME, what, 0)


def mended_in(terminal: Terminal) -> bool:
    """Whether something was put back from a backup or the black box."""
    with Session(terminal.app.read_engine) as session:
        return mending.untold(session) != []


def torn_backups(store: Path) -> Iterator[str]:
    """A backup has its name only when it is whole."""
    folder = backups.folder_of(store)
    for path in folder.glob(f"*{backups.SUFFIX}"):
        note = backups.read(path)
        if sha256(path.read_bytes()[: note.size]).hexdigest() != note.hash:
            yield path.name


def test_a_power_cut_at_the_command_line_loses_nothing_that_was_acknowledged(tmp_path: Path, memory: Path, count: Count) -> None:
    dice = random.Random(0)
    all_there(of_the_command_line(tmp_path, dice, 20), memory, dice, 40, count)


def test_a_power_cut_at_the_window_loses_nothing_that_was_heard(tmp_path: Path, memory: Path, count: Count) -> None:
    all_there(of_the_window(tmp_path, 6), memory, random.Random(1), 30, count)


def test_the_proof_would_notice_a_store_that_does_not_wait_for_the_disk(tmp_path: Path, memory: Path) -> None:
    dice = random.Random(3)
    worked = of_the_command_line(tmp_path, dice, 10)
    for kind in ("sync", "kept"):
        careless = replace(worked, events=[event for event in worked.events if event.kind != kind])
        (memory / kind).mkdir()
        with pytest.raises((AssertionError, Trouble)):
            all_there(careless, memory / kind, dice, 60, lambda *_told: None)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1, 7))
def test_two_thousand_cuts_at_the_command_line(tmp_path: Path, memory: Path, count: Count, seed: int) -> None:
    dice = random.Random(seed)
    all_there(of_the_command_line(tmp_path, dice, 80), memory, dice, 350, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(21, 25))
def test_a_thousand_cuts_after_an_earlier_one(tmp_path: Path, memory: Path, count: Count, seed: int) -> None:
    dice = random.Random(seed)
    worked = on_what_was_left(of_the_command_line(tmp_path, dice, 30), tmp_path, dice, 40)
    all_there(worked, memory, dice, 250, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(11, 15))
def test_a_thousand_cuts_at_the_window(tmp_path: Path, memory: Path, count: Count, seed: int) -> None:
    all_there(of_the_window(tmp_path, 40), memory, random.Random(seed), 250, count)
