"""A real disk that is full: a file system of a few megabytes in memory, on which a terminal works until nothing fits any more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import which
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel import health
from app.kernel.ids import new_id
from app.kernel.journal import Found
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.room import MEGABYTE, Levels
from app.kernel.types import Quantity
from app.stock.commands import CountStock
from world import World

KEEPER = KeyKeeper(KeyFile())
SIZE = "24m"
LEVELS = Levels(low=4 * MEGABYTE, short=3 * MEGABYTE, full=0, ballast=MEGABYTE)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Where such a disk is mounted; whoever may not mount one, skips."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0 or which("mount") is None:
        pytest.skip("only root on Linux may mount a disk in memory")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no disk in memory may be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def machine(tiny: Path) -> Iterator[Terminal]:
    with closing(make_terminal(tiny / "s" / "terminal.fettle", keeper=KEEPER)) as made:
        made.room.learn(LEVELS)
        yield made


def fill(folder: Path) -> Path:
    """Writes until nothing fits any more."""
    path = folder / "photos"
    with path.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return path


def there(terminal: Terminal) -> set[object]:
    with Session(terminal.app.read_engine) as session:
        return set(session.scalars(select(EnvelopeRow.id)))


def test_what_does_not_fit_is_not_saved_and_is_once_there_is_room(machine: Terminal, tiny: Path) -> None:
    world = World(machine.app, machine.org_id).furnish()
    filler, saved, refused = fill(tiny), [], []
    for pieces in range(1, 60):
        ident = new_id()
        command = CountStock(part=world.part, bin=world.bin, counted=Quantity(pieces))
        try:
            saved.append(world.run(command, id=ident).id)
        except Trouble as trouble:
            refused.append((trouble.problem.code, ident, command))
    assert {code for code, _ident, _command in refused} == {"store.full"}
    assert there(machine) >= set(saved)
    assert there(machine).isdisjoint({ident for _code, ident, _command in refused})
    filler.unlink()
    for _code, ident, command in refused:
        assert world.run(command, id=ident).done
    assert world.on_hand() == Quantity(59)
    path, key = machine.store.path, machine.store.key
    everything = there(machine)
    machine.close()
    noted = {UUID(json.loads(text)["id"]) for text in Found(path, key)}
    assert noted >= {ident for _code, ident, _command in refused}, "the black box has caught up"
    with closing(open_terminal(path, keeper=KEEPER)) as again:
        assert there(again) == everything
        assert health.integrity(again.store.reader).state == health.OK


def test_the_reserve_lets_the_work_go_on_and_is_made_again(machine: Terminal, tiny: Path) -> None:
    world = World(machine.app, machine.org_id).furnish()
    machine.room.look()
    assert machine.room.has_ballast
    filler = fill(tiny)
    for pieces in range(1, 60):
        world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(pieces)))
        if not machine.room.has_ballast:
            break
    assert not machine.room.has_ballast, "it was given up for a command that had no room"
    filler.unlink()
    machine.room.look()
    assert machine.room.has_ballast
