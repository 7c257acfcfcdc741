"""A label as a PNG of one bit a dot: the preview on screen, and for printers that take pictures."""

from __future__ import annotations

import io

from PIL import Image


def page(picture: Image.Image, per_mm: float) -> bytes:
    """The PNG, which carries the printer's resolution so that it opens at the label's true size."""
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(per_mm * 25.4, per_mm * 25.4))
    return target.getvalue()
