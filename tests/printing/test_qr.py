"""A QR code by itself: a reader gets its text back from the picture, and from what a screen shows."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from printing import qr

LINK = "fettle:enrol?hub=https%3A%2F%2Fhub.example%3A8423&code=7K2M-9QXW-4TRD&key=lusab-babad-gutih-tugad"


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


def test_the_picture_is_read_back() -> None:
    with Image.open(BytesIO(qr.as_file(LINK, ".PNG"))) as picture:
        assert read(picture) == [LINK]


@pytest.mark.parametrize("text", [LINK, "short"])
def test_what_a_dark_screen_shows_is_read_back(text: str) -> None:
    lines = qr.as_file(text, ".txt").decode().splitlines()
    picture = Image.new("L", (8 * len(lines[0]), 16 * len(lines)))
    lit = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
    for y, line in enumerate(lines):
        for x, letter in enumerate(line):
            for half, light in enumerate(lit[letter]):
                picture.paste(light, (8 * x, 16 * y + 8 * half, 8 * x + 8, 16 * y + 8 * half + 8))
    assert read(picture) == [text]
