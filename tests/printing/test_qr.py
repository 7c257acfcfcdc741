"""A QR code by itself: a reader gets its text back from the picture, and from what a screen shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from app.kernel.problems import Trouble
from printing import qr

LINK = "fettle:enrol?hub=https%3A%2F%2Fhub.example%3A8423&code=7K2M-9QXW-4TRD&key=lusab-babad-gutih-tugad"


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


def test_the_picture_is_read_back(tmp_path: Path) -> None:
    qr.save(LINK, tmp_path / "code.png")
    with Image.open(tmp_path / "code.png") as picture:
        assert read(picture) == [LINK]


@pytest.mark.parametrize("text", [LINK, "short"])
def test_what_a_dark_screen_shows_is_read_back(text: str, tmp_path: Path) -> None:
    qr.save(text, tmp_path / "code.txt")
    lines = (tmp_path / "code.txt").read_text("utf-8").splitlines()
    picture = Image.new("L", (8 * len(lines[0]), 16 * len(lines)))
    lit = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
    for y, line in enumerate(lines):
        for x, letter in enumerate(line):
            for half, light in enumerate(lit[letter]):
                picture.paste(light, (8 * x, 16 * y + 8 * half, 8 * x + 8, 16 * y + 8 * half + 8))
    assert read(picture) == [text]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(Trouble):
        qr.save(LINK, tmp_path / "nowhere" / "code.png")
