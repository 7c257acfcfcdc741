"""The handbook's pictures from the guided tour: `fettle demo --shots FOLDER`, then `python packaging/pictures.py FOLDER`.

They are committed, small and few, so that help shows them without building a demo first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

HOME = Path(__file__).resolve().parents[1] / "resources" / "handbook" / "pictures"
WIDE, COLOURS = 960, 24
TAKEN = {  # a picture of the handbook, and the step of the tour that it shows
    "door": "sign-in",
    "job": "s1-job-tag",
    "issued": "s1-after",
    "many": "s2-card-10",
    "undone": "undo-card-undo",
    "cards": "cards-card-cards",
}


def small(source: Path) -> Image.Image:
    """A picture in as many colours and pixels as it takes to read it."""
    with Image.open(source) as whole:
        size = (WIDE, round(whole.height * WIDE / whole.width))
        return (
            whole.convert("RGB")
            .resize(size, Image.Resampling.LANCZOS)
            .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        )


def main() -> int:
    """Writes each, and says how large it is; 1 where the folder lacks a step."""
    folder, lacking = Path(sys.argv[1]), 0
    for name, step in TAKEN.items():
        source = next(iter(sorted(folder.glob(f"??-{step}.png"))), None)
        if source is None:
            print(f"{folder} has no picture of {step}")
            lacking = 1
            continue
        small(source).save(HOME / f"{name}.png", optimize=True)
        print(f"{name}: {(HOME / f'{name}.png').stat().st_size} bytes")
    return lacking


if __name__ == "__main__":
    sys.exit(main())
