"""A label as ZPL II: its dots as one `^GFA` field, so that the printer draws nothing of its own."""

from __future__ import annotations

from PIL import Image, ImageChops


def page(picture: Image.Image, copies: int = 1) -> bytes:
    """One label format: page width and length in dots, home at the corner, the bitmap in hexadecimal, and how many to print."""
    rows = ImageChops.invert(picture).tobytes()  # ZPL burns ones; Pillow's ones are paper. Rows are padded to bytes with zeros
    row = (picture.width + 7) // 8
    field = f"^GFA,{len(rows)},{len(rows)},{row},{rows.hex().upper()}^FS"
    return f"^XA^PW{picture.width}^LL{picture.height}^LH0,0^FO0,0{field}^PQ{copies}^XZ\n".encode("ascii")
