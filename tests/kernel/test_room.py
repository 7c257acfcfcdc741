"""The room on the disk: people are told in time, what can wait gives way to the work, and all of it comes back with the room."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.assemble import make_terminal
from app.kernel import backups
from app.kernel.backups import Backup
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.registry import Registry
from app.kernel.room import AMPLE, FULL, LOW, MEGABYTE, SHORT, Levels, Room, ballast_of
from app.kernel.upkeep import SetSetting
from world import World

SMALL = Levels(low=1000 * MEGABYTE, short=300 * MEGABYTE, full=100 * MEGABYTE, ballast=MEGABYTE)


class Disk:
    """A disk that a test fills up; what lies in the folder is counted as if it were all there is on it."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes

    def __call__(self, _folder: Path) -> int:
        return self.megabytes * MEGABYTE


@pytest.fixture
def disk() -> Disk:
    return Disk(5000)


@pytest.fixture
def room(tmp_path: Path, disk: Disk) -> Room:
    return Room(tmp_path / "terminal.fettle", disk, SMALL)


def old_backup(room: Room, day: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of that day, as far as the room looks at it."""
    folder = backups.folder_of(room.store)
    folder.mkdir(exist_ok=True)
    path = folder / f"{day:02d}{backups.SUFFIX}"
    path.write_bytes(b"x")
    monkeypatch.setattr(
        backups, "read", lambda path: Backup(f"2026-11-{path.stem}", "", 1, "", int(path.stem), [], "", path=path)
    )
    return path


@pytest.mark.parametrize(("free", "level"), [(1000, AMPLE), (999, LOW), (300, LOW), (299, SHORT), (100, SHORT), (99, FULL)])
def test_a_disk_fills_up_in_steps(room: Room, disk: Disk, free: int, level: str) -> None:
    disk.megabytes = free
    assert room.look() == level


def test_people_are_told_at_each_step_and_not_in_between(room: Room, disk: Disk) -> None:
    heard: list[str] = []
    forget = room.listen(lambda: heard.append(room.level))
    for disk.megabytes in (5000, 900, 850, 200, 150, 50, 60, 5000):
        room.look()
    forget()
    disk.megabytes = 10
    room.look()
    assert heard == [LOW, SHORT, FULL, AMPLE]


@pytest.mark.parametrize(
    ("free", "said"),
    [
        (900, "The disk is filling up: 900 MB are free."),
        (200, "Only 200 MB of the disk are free: nothing more is fetched or backed up."),
        (50, "The disk is almost full: 50 MB are free, and the reserve was given up for the work."),
    ],
)
def test_what_is_so_and_what_to_do_is_said_with_the_number(room: Room, disk: Disk, free: int, said: str) -> None:
    disk.megabytes = free
    room.look()
    problem = room.problem()
    assert problem is not None
    assert problem.sentence == said
    assert problem.advice


def test_where_there_is_room_nothing_is_said(room: Room) -> None:
    room.look()
    assert room.problem() is None


def test_the_reserve_is_real_and_is_given_up_when_the_disk_is_almost_full(room: Room, disk: Disk) -> None:
    room.look()
    ballast = ballast_of(room.store)
    assert ballast.stat().st_size == MEGABYTE
    assert ballast.stat().st_blocks * 512 >= MEGABYTE, "a hole would give nothing back"
    disk.megabytes = 99
    room.look()
    assert not ballast.exists()


def test_the_reserve_is_made_again_only_where_it_does_not_make_the_disk_short(room: Room, disk: Disk) -> None:
    disk.megabytes = 301
    room.look()
    assert not room.has_ballast
    disk.megabytes = 303
    room.look()
    assert room.has_ballast


def test_a_reserve_of_another_size_is_made_anew(room: Room) -> None:
    room.look()
    room.learn(Levels(ballast=2 * MEGABYTE))
    room.look()
    assert ballast_of(room.store).stat().st_size == 2 * MEGABYTE


def test_no_half_reserve_is_left_where_it_cannot_be_made(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.kernel.room._fill", full)
    room.look()
    assert list(room.store.parent.iterdir()) == []


def test_old_backups_go_before_the_work_does_and_two_of_them_stay(
    room: Room, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [old_backup(room, day, monkeypatch) for day in (1, 2, 3, 4)]
    disk.megabytes = 50
    room.look()
    assert [one.exists() for one in there] == [False, False, True, True]


def test_what_the_disk_refused_goes_through_by_the_reserve_first_and_then_by_old_backups(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.look()
    older, newest = (old_backup(room, day, monkeypatch) for day in (1, 2))
    assert room.give()
    assert not room.has_ballast
    assert room.give()
    assert (older.exists(), newest.exists()) == (False, True)
    assert not room.give(), "the newest backup is never given up"


def test_the_levels_are_settings_of_the_machine(tmp_path: Path, disk: Disk) -> None:
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=KeyKeeper(KeyFile()), free=disk)
    try:
        world = World(terminal.app, terminal.org_id)
        disk.megabytes = 1500
        assert terminal.room.look() == AMPLE
        world.done(SetSetting(key="kernel.room_low", value=2000, place=terminal.app.station.id))
        world.done(SetSetting(key="kernel.room_ballast", value=0))
        assert terminal.room.look() == LOW
        disk.megabytes = 5000
        terminal.room.look()
        assert not terminal.room.has_ballast
    finally:
        terminal.close()


def test_a_file_waits_for_room_where_the_work_does_not(room: Room, disk: Disk) -> None:
    assert room.against_files() is None
    disk.megabytes = 200
    problem = room.against_files()
    assert problem is not None
    assert problem.sentence == "Only 200 MB of the disk are free: no photo or file is taken in."
    assert problem.advice
    disk.megabytes = 400
    assert room.against_files() is None


def test_a_terminal_whose_disk_is_short_takes_no_file_in(tmp_path: Path, disk: Disk) -> None:
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=KeyKeeper(KeyFile()), free=disk)
    try:
        disk.megabytes = 200
        assert terminal.app.against_files() is not None
    finally:
        terminal.close()


def test_every_level_has_a_setting_with_bounds() -> None:
    from app.capabilities import registry

    made: Registry = registry()
    named = [made.settings[f"kernel.room_{name}"] for name in ("low", "short", "full", "ballast")]
    assert all(one.least is not None and one.most is not None and one.own for one in named)


def test_what_cannot_be_given_up_is_no_mistake_of_whoever_saves(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.look()
    older, newest = (old_backup(room, day, monkeypatch) for day in (1, 2))

    def held(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError("another program has it open")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", held)
        assert not room.give()
    assert (room.has_ballast, older.exists(), newest.exists()) == (True, True, True)
