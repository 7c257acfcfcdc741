"""Seen: each picture told in one line of text, so that what looks different now can be named without keeping the pictures.

A line holds the picture's name, a checksum of its pixels, and a mosaic of 16 by 10 cells: how light a cell is and how much is
drawn in it, each in eight steps, as one letter. The checksum tells that something is different, the mosaic where, and whether
it is more than another machine's way of smoothing letters.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

ACROSS, DOWN, STEPS = 16, 10, 8
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_INK = (2, 4, 7, 11, 16, 23, 32)  # from how much drawing on the next step begins, of 255
_SMOOTHING = 1  # steps by which a cell may differ on another machine


@dataclass(frozen=True)
class Sight:
    """What is remembered of a picture."""

    exact: str
    mosaic: str

    @staticmethod
    def of(picture: Path) -> Sight:
        """Reads a picture."""
        with Image.open(picture) as opened:
            image = opened.convert("RGB")
        grey = image.convert("L")
        light = grey.resize((ACROSS, DOWN), Image.Resampling.BOX).tobytes()
        drawn = ImageChops.difference(grey, ImageChops.offset(grey, 1, 0)).resize((ACROSS, DOWN), Image.Resampling.BOX).tobytes()
        cells = zip(light, drawn, strict=True)
        mosaic = "".join(LETTERS[bright * STEPS // 256 * STEPS + sum(ink >= least for least in _INK)] for bright, ink in cells)
        return Sight(f"{zlib.crc32(image.tobytes()):08x}", mosaic)

    def cells_unlike(self, other: Sight) -> list[int]:
        """The cells that differ by more than smoothing."""
        pairs = zip(self.mosaic, other.mosaic, strict=True)
        return [place for place, (one, two) in enumerate(pairs) if _apart(one, two) > _SMOOTHING]


def _apart(one: str, other: str) -> int:
    """The greater of the two distances, in steps."""
    (light, ink), (other_light, other_ink) = (divmod(LETTERS.index(letter), STEPS) for letter in (one, other))
    return max(abs(light - other_light), abs(ink - other_ink))


@dataclass(frozen=True)
class Change:
    """A picture that is not as it was: `how` is new, gone, changed or slightly; `box` is where, as shares of the picture."""

    name: str
    how: str
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def sentence(self, picture: Path | None) -> str:
        """In words, with the picture to look at."""
        if self.how in ("new", "gone") or picture is None:
            return f"{self.how}: {self.name}" + (f", see {picture}" if picture else "")
        if self.how == "slightly":
            return f"slightly: {self.name}, by a word or a few pixels, see {picture}"
        with Image.open(picture) as image:
            wide, high = image.size
        left, top, right, bottom = self.box
        place = f"{left * wide:.0f},{top * high:.0f} to {right * wide:.0f},{bottom * high:.0f}"
        return f"changed: {self.name} at {place}, see {picture}"


def pictures(folder: Path) -> dict[str, Path]:
    """Every picture below a folder, by its look and its name; the number before a name only tells the order."""
    found = sorted(folder.glob("*/*.png"))
    return {f"{path.parent.name}/{re.sub(r'^[0-9]+-', '', path.stem)}": path for path in found}


def read(file: Path) -> dict[str, Sight]:
    """What was seen last, by name; nothing where there is no such file."""
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return {name: Sight(exact, mosaic) for name, exact, mosaic in (line.split() for line in lines)}


def keep(file: Path, seen: Mapping[str, Sight]) -> None:
    """Writes what is seen now, a line each, in the order of names."""
    lines = [f"{name} {sight.exact} {sight.mosaic}\n" for name, sight in sorted(seen.items())]
    file.write_text("".join(lines), "ascii")


def changes(before: Mapping[str, Sight], now: Mapping[str, Sight]) -> Iterator[Change]:
    """What is not as it was, in the looks that were taken now."""
    looks = {name.partition("/")[0] for name in now}
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            if name.partition("/")[0] in looks:
                yield Change(name, "gone")
        elif name not in before:
            yield Change(name, "new")
        elif before[name].exact != now[name].exact:
            yield _change(name, before[name].cells_unlike(now[name]))


def _change(name: str, cells: list[int]) -> Change:
    if not cells:
        return Change(name, "slightly")
    columns, rows = [cell % ACROSS for cell in cells], [cell // ACROSS for cell in cells]
    box = (min(columns) / ACROSS, min(rows) / DOWN, (max(columns) + 1) / ACROSS, (max(rows) + 1) / DOWN)
    return Change(name, "changed", box)
