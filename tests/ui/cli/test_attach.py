"""`fettle attach` and `fettle file`: a photo on a job, and back again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image


def test_a_photo_goes_on_a_job_and_comes_back_byte_for_byte(fettle: Callable[..., Any], tmp_path: Path) -> None:
    photo, copy = tmp_path / "brake.png", tmp_path / "copy.png"
    Image.effect_noise((320, 240), 60).save(photo)
    number = fettle("ask", "work_orders").line["number"]
    said = fettle("attach", "work_order", number, str(photo))
    assert (said.code, said.line["status"]) == (0, "done")
    assert fettle("ask", "attachment").line["name"] == "brake.png"
    assert fettle("file", said.line["sha256"], "--to", str(copy)).code == 0
    assert copy.read_bytes() == photo.read_bytes()


def test_what_was_attached_before_a_file_that_is_not_there_is_answered(fettle: Callable[..., Any], tmp_path: Path) -> None:
    there = tmp_path / "torque.txt"
    there.write_text("25 Nm")
    number = fettle("ask", "work_orders").line["number"]
    said = fettle("attach", "work_order", number, str(there), str(tmp_path / "none.jpg"))
    assert (said.code, said.line["status"], "cannot be read" in said.words) == (3, "done", True)
    there_is = fettle("file", said.line["sha256"], "--to", str(tmp_path / "none" / "x"))
    assert (there_is.code, "cannot be written" in there_is.words) == (3, True)


def test_a_file_that_no_record_has_is_not_given_out(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("file", "0" * 64, "--to", str(tmp_path / "x"))
    assert said.code == 1
    assert not (tmp_path / "x").exists()


def test_a_record_that_is_not_there_and_one_that_takes_no_files_say_so(fettle: Callable[..., Any], tmp_path: Path) -> None:
    photo = tmp_path / "note.txt"
    photo.write_text("25 Nm")
    assert fettle("attach", "work_order", "NO-SUCH", str(photo)).code == 1
    said = fettle("attach", "bin", "A-01", str(photo))
    assert (said.code, said.line["status"]) == (1, "refused")


def test_no_file_is_taken_in_while_the_disk_is_short(
    fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "torque.txt"
    photo.write_text("25 Nm")
    number = fettle("ask", "work_orders").line["number"]
    with monkeypatch.context() as short:
        short.setattr("app.kernel.room.shutil.disk_usage", lambda _folder: SimpleNamespace(free=200 << 20))
        said = fettle("attach", "work_order", number, str(photo))
    assert (said.code, "Only 200 MB of the disk are free" in said.words) == (1, True)
    assert fettle("ask", "attachment").lines == []


def test_of_a_file_that_the_record_does_not_take_no_bytes_are_kept(fettle: Callable[..., Any], tmp_path: Path) -> None:
    photo = tmp_path / "note.txt"
    photo.write_text("25 Nm")
    number = fettle("ask", "work_orders").line["number"]
    refused = fettle("attach", "bin", "A-01", str(photo))
    taken = fettle("attach", "work_order", number, str(photo))
    again = fettle("attach", "bin", "A-01", str(photo))
    assert (refused.line["status"], taken.line["status"], again.line["status"]) == ("refused", "done", "refused")
    assert fettle("file", taken.line["sha256"], "--to", str(tmp_path / "copy")).code == 0, "it hangs on the job"
