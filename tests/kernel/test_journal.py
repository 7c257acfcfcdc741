"""The black box holds every command a moment after its commit, and nothing that is spoilt in it costs more than itself."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.kernel import journal
from app.kernel.journal import LATEST, Found, Journal, file_of, numbers
from app.kernel.problems import Trouble

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where the store would be."""
    return tmp_path / "workshop [1].fettle"


def envelope(number: int) -> str:
    return json.dumps({"stamp": number, "body": "SECRET-BOLT " * 20})


def kept(store: Path, key: bytes = KEY) -> list[int]:
    return [json.loads(text)["stamp"] for text in Found(store, key)]


def test_what_was_noted_is_there_in_its_order(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        for number in range(100):
            box.note(envelope(number))
    assert kept(store) == list(range(100))
    assert journal.last_stamp(store, KEY) == 99


def test_it_is_on_the_disk_within_a_quarter_of_a_second(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(1))
        ends = time.monotonic() + 20 * LATEST  # on a machine with other work
        while time.monotonic() < ends and not (numbers(store) and kept(store)):
            pass
        assert kept(store) == [1]


def test_whoever_notes_does_not_wait(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(0))
        taken = []
        for number in range(1, 1000):
            began = time.perf_counter()
            box.note(envelope(number))
            taken.append(time.perf_counter() - began)
    assert sorted(taken)[len(taken) // 2] < 0.0001


def test_nothing_in_it_can_be_read_without_the_key(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(1))
    content = file_of(store, 1).read_bytes()
    assert b"SECRET" not in content
    assert KEY not in content
    assert file_of(store, 1).stat().st_mode & 0o777 == 0o600
    assert kept(store, OTHER_KEY) == []


@pytest.mark.parametrize("spoil", ["a bit", "a cut", "a torn end"])
def test_a_spoilt_place_costs_what_stood_there_alone(store: Path, spoil: str) -> None:
    for number in range(5):  # each in a frame of its own
        with closing(Journal(store, KEY)) as box:
            box.note(envelope(number))
    path = file_of(store, 1)
    content = bytearray(path.read_bytes())
    if spoil == "a bit":
        content[len(content) // 2] ^= 16
    elif spoil == "a cut":
        del content[len(content) // 2 : len(content) // 2 + 30]
    else:
        del content[-10:]
    path.write_bytes(content)
    with closing(Journal(store, KEY)) as box:  # and it is gone on with behind it
        box.note(envelope(5))
    box_found = Found(store, KEY)
    found = [json.loads(text)["stamp"] for text in box_found]
    assert found == ([0, 1, 2, 3, 5] if spoil == "a torn end" else [0, 1, 3, 4, 5])
    assert box_found.spoilt >= 1


@pytest.mark.parametrize("place", [3, 12])
def test_a_bit_of_the_head_costs_no_command(store: Path, place: int) -> None:
    """Neither of what says that it is ours, nor of the mark that tells it from another store's."""
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(1))
    content = bytearray(file_of(store, 1).read_bytes())
    content[place] ^= 4
    file_of(store, 1).write_bytes(content)
    assert kept(store) == [1]


def test_a_head_that_was_cut_short_is_written_again(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(1))
    whole = file_of(store, 1).read_bytes()
    file_of(store, 1).write_bytes(whole[:10])
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(2))
    assert kept(store) == [2]


def test_a_disk_that_fails_loses_nothing_that_can_be_written_later(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with closing(Journal(store, KEY)) as box:
        box.note(envelope(0))
        box.next_file()
        with monkeypatch.context() as patched:
            patched.setattr(journal, "_write_all", full)
            box.note(envelope(1))
            with pytest.raises(Trouble, match="full"):
                box.next_file()
            assert box.failing == "No space left on device"
        box.note(envelope(2))
    assert kept(store) == [0, 1, 2]


def test_a_new_file_is_found_by_the_next_start(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(0))
        assert box.next_file() == 2
    with closing(Journal(store, KEY)) as box:
        box.note(envelope(1))
    assert [json.loads(text)["stamp"] for text in Found(store, KEY, 2)] == [1]


def test_the_box_of_a_store_that_was_here_before_is_passed_over(store: Path) -> None:
    with closing(Journal(store, OTHER_KEY)) as box:
        box.note(envelope(7))
    with closing(Journal(store, KEY)) as box:
        box.next_file()
        box.note(envelope(1))
    box_found = Found(store, KEY)
    assert [json.loads(text)["stamp"] for text in box_found] == [1]
    assert box_found.spoilt == 0


def test_files_that_no_backup_needs_are_removed(store: Path) -> None:
    with closing(Journal(store, KEY)) as box:
        for number in range(5):
            box.note(envelope(number))
            box.next_file()
    assert numbers(store) == [1, 2, 3, 4, 5, 6]
    assert journal.remove_before(store, 3) == 2
    assert journal.remove_before(store, 3, most=0, held=5) == 2
    assert numbers(store) == [5, 6]
