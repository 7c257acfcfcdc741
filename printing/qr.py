"""A QR code by itself, for a screen or a sheet of paper: as text of half blocks, or as a picture."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image

QUIET, DOTS = 4, 8  # modules around it, and dots a module in a picture
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def modules(text: str) -> list[list[bool]]:
    """Rows of modules, true where it is dark, with the quiet zone that a reader needs."""
    made = zxingcpp.create_barcode(text, zxingcpp.QRCode)
    picture = Image.fromarray(made.to_image(scale=1, add_quiet_zones=False, add_hrt=False))
    bare = [[picture.getpixel((x, y)) == 0 for x in range(picture.width)] for y in range(picture.height)]
    width = picture.width + 2 * QUIET
    side = [False] * QUIET
    rim = [[False] * width for _line in range(QUIET)]
    return [*rim, *([*side, *row, *side] for row in bare), *rim]


def as_text(text: str) -> str:
    """Two rows of modules a line, light on dark as terminals are: every camera reads it from a screen."""
    rows = modules(text)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(_HALVES[not upper, not lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs)


def as_file(text: str, suffix: str) -> bytes:
    """What a file holds whose name ends so: a picture for .png, else text."""
    if suffix.lower() != ".png":
        return (as_text(text) + "\n").encode()
    out = BytesIO()
    _picture(text).save(out, "PNG")
    return out.getvalue()


def _picture(text: str) -> Image.Image:
    rows = modules(text)
    made = Image.new("1", (len(rows[0]), len(rows)), 1)
    made.putdata([not dark for row in rows for dark in row])
    return made.resize((made.width * DOTS, made.height * DOTS), Image.Resampling.NEAREST)
