"""`fettle label`: labels from whatever a scan could say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from app.kernel.scanning import read

PIN = "407192"


def codes_on(picture: Path) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(picture).convert("L"))]


@pytest.mark.parametrize(
    ("template", "code", "kind"), [("part", "PT-0", "PT"), ("bin", "A-01", "BN"), ("card", "UNDO", "CM"), ("card", "10", "QT")]
)
def test_a_label_carries_the_code_of_what_was_named(
    fettle: Callable[..., Any], tmp_path: Path, template: str, code: str, kind: str
) -> None:
    picture = tmp_path / "label.png"
    said = fettle("label", template, code, "--to", str(picture))
    assert (said.code, said.line["codes"]) == (0, [code])
    assert [read(text).kind for text in codes_on(picture)] == [kind]


def test_a_job_tag_is_found_by_its_number_and_scans_both_ways(fettle: Callable[..., Any], tmp_path: Path) -> None:
    number = fettle("ask", "work_orders").line["number"]
    picture = tmp_path / "tag.png"
    assert fettle("label", "wo_tag", number, "--to", str(picture)).code == 0
    found = codes_on(picture)
    assert number in found
    assert "WO" in [read(text).kind for text in found]


@pytest.mark.parametrize("ending", ["zpl", "pdf"])
def test_many_labels_go_into_one_file(fettle: Callable[..., Any], tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"labels.{ending}"
    assert fettle("label", "part", "PT-0", "PT-1", "PT-2", "--to", str(file)).code == 0
    content = file.read_bytes()
    assert content.count(b"^XA") == 3 if ending == "zpl" else content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("template", "code", "target", "exit_code", "word"),
    [
        ("pert", "PT-0", "x.png", 1, "Choose one of: badge, bin, card, core, drop_off, package, part, procedure, wo_tag"),
        ("part", "nobody", "x.png", 1, "Nobody knows the code nobody"),
        ("part", "A-01", "x.png", 1, "This is a bin. Scan a part."),
        ("card", "FLY", "x.png", 1, "There is no card FLY"),
        ("part", "PT-0", "x.doc", 1, "does not say in which form"),
        ("part", "PT-0", "none/x.png", 3, "cannot be written"),
        ("part", "PT-0", "tcp://127.0.0.1:1", 3, "Nothing was printed."),
        ("part", "FT1:PT:0000:0", "x.png", 1, "This label's code is damaged."),
    ],
)
def test_what_cannot_be_printed_is_said_and_no_file_is_left(
    fettle: Callable[..., Any], tmp_path: Path, template: str, code: str, target: str, exit_code: int, word: str
) -> None:
    to = target if "://" in target else str(tmp_path / target)
    said = fettle("label", template, code, "--to", to)
    assert (said.code, said.out) == (exit_code, "")
    assert word in said.words
    assert not [left for left in tmp_path.iterdir() if left.name != "shop"]


def test_a_badge_is_a_new_one_that_signs_its_owner_in(
    staffed: Any, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_PIN", PIN)
    picture = tmp_path / "badge.png"
    assert fettle("label", "badge", "kim", "--to", str(picture), "--as", "nora").code == 0
    [text] = codes_on(picture)
    assert fettle("scan", text, "--as", "nora").line["kind"] == "badge"
    assert [row["active"] for row in fettle("ask", "badges", "--as", "nora").lines] == [True]


def test_a_badge_that_could_not_be_printed_is_taken_back(
    staffed: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_PIN", PIN)
    assert fettle("label", "badge", "kim", "--to", "tcp://127.0.0.1:1", "--as", "nora").code == 3
    assert [row["active"] for row in fettle("ask", "badges", "--as", "nora").lines] == [False]


def test_a_badge_wants_somebody_who_may_give_one(
    staffed: Any, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_PIN", PIN)
    said = fettle("label", "badge", "nora", "--to", str(tmp_path / "badge.png"), "--as", "kim")
    assert (said.code, said.out) == (1, "")
    assert "may not do this" in said.words
