"""What the label tests share: believable fields for every template, and eyes that see only the bytes of an output."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

import pytest
import zxingcpp
from hypothesis import strategies as st
from PIL import Image, ImageChops

from app.kernel import ids
from app.kernel.scanning import own_code

SHOP_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.DataMatrix, zxingcpp.QRCode, zxingcpp.Code128, zxingcpp.EAN13, zxingcpp.EAN8])


def _own(kind: str) -> st.SearchStrategy[str]:
    return st.uuids().map(lambda row: own_code(kind, ids.short(row)))


def _gtin(digits: str) -> str:
    """The digits with their check digit (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighted % 10}"


_CODE = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-_/.", min_size=1, max_size=24).map(lambda code: f"P{code}")
_WORDS = st.text("abc deéfghijklmß noöprstuvwxyz ABCÄЖΩ 0123456789 .,-+&'\"()#/%×µ°€", max_size=160)
_NAME = _WORDS.map(lambda words: f"N {words}")
_EAN = st.one_of(st.just(""), *(st.text("0123456789", min_size=size, max_size=size).map(_gtin) for size in (7, 11, 12)))
_CARD = st.one_of(
    st.sampled_from(["UNDO", "DONE", "CANCEL", "PRINT", "PLUS1", "MINUS1", "RETURN", "SIGNOUT", "DAMAGED", "CORE"]).map(
        lambda word: own_code("CM", word)
    ),
    st.integers(1, 999).map(lambda count: own_code("QT", str(count))),
)

FIELDS = {
    "wo_tag": st.fixed_dictionaries(
        {"number": _CODE, "scan": _own("WO")},
        optional={name: _WORDS for name in ("customer", "vehicle", "problem", "due")} | {"plate": _CODE, "short": _CODE},
    ),
    "drop_off": st.fixed_dictionaries(
        {"number": _CODE, "scan": _own("WO")},
        optional={name: _WORDS for name in ("shop", "received", "vehicle", "odometer", "customer", "problem", "ready")}
        | {"plate": _CODE},
    ),
    "part": st.fixed_dictionaries(
        {"code": _CODE, "name": _NAME, "scan": _own("PT"), "ean": _EAN}, optional={"unit": _WORDS, "bin": _CODE}
    ),
    "bin": st.fixed_dictionaries({"code": _CODE, "scan": _own("BN")}, optional={"name": _WORDS, "warehouse": _WORDS}),
    "core": st.fixed_dictionaries(
        {"number": _CODE, "scan": _own("CO")},
        optional={name: _WORDS for name in ("part", "word")} | {"order": _CODE, "due": _CODE},
    ),
    "package": st.fixed_dictionaries({"code": _CODE, "name": _NAME, "scan": _own("PK")}),
    "procedure": st.fixed_dictionaries(
        {"code": _CODE, "name": _NAME, "scan": _own("PR")}, optional={name: _WORDS for name in ("make", "model", "hours")}
    ),
    "badge": st.fixed_dictionaries({"name": _NAME, "scan": _own("US")}, optional={"role": _WORDS, "shop": _WORDS}),
    "card": st.fixed_dictionaries(
        {"word": st.sampled_from(["UNDO", "DONE", "× 10", "1000"]), "scan": _CARD}, optional={"help": _WORDS}
    ),
}


@pytest.fixture(scope="session")
def fields() -> dict[str, st.SearchStrategy[dict[str, str]]]:
    """Random fields for each template, of the sizes that a shop has."""
    return FIELDS


@pytest.fixture(scope="session")
def usual() -> dict[str, dict[str, str]]:
    """One believable label of each template."""
    row = "01HZX3K8Q2M4N6P8R0S2T4V6W8"
    return {
        "wo_tag": {
            "number": "WO-2026-00042",
            "short": "WO-2026-00042",
            "customer": "Kroll & Söhne Spedition, +49 30 555 0100",
            "vehicle": "Yamaha Crypton 115 (2019)",
            "plate": "B-FT 4711",
            "problem": "Won't start when warm. Cranks, no spark after twenty minutes; began after the last wash.",
            "due": "Fri 17:00",
            "scan": own_code("WO", row),
        },
        "drop_off": {
            "shop": "Moto Keller · Main workshop",
            "number": "M-20261120-0042",
            "received": "Handed in 2026-11-20 10:12",
            "customer": "Kroll & Söhne Spedition",
            "vehicle": "Yamaha Crypton 115",
            "plate": "B-FT 4711",
            "odometer": "12345 km",
            "problem": "Front brake, Chain, rattles when cold",
            "ready": "Ready: 2026-11-21 17:00",
            "scan": own_code("WO", row),
        },
        "part": {
            "code": "BRK-PAD-0042",
            "name": "Brake pad set, front, ceramic",
            "unit": "set",
            "bin": "A-03-2",
            "ean": "4006381333931",
            "scan": own_code("PT", row),
        },
        "bin": {"code": "A-03-2", "name": "Shelf 3, level 2", "warehouse": "Main workshop", "scan": own_code("BN", row)},
        "core": {
            "word": "Old part",
            "number": "COR-20261120-0042",
            "part": "Brake caliper, front left, remanufactured",
            "order": "M-20261120-0042",
            "due": "2026-12-20",
            "scan": own_code("CO", row),
        },
        "package": {"code": "BRK-996", "name": "Brakes front and rear Ducati 996", "scan": own_code("PK", row)},
        "procedure": {
            "code": "BPF-996",
            "name": "Renew front brake pads",
            "make": "Ducati",
            "model": "996",
            "hours": "1.2",
            "scan": own_code("PR", row),
        },
        "badge": {"name": "Grâce Nyambura", "role": "Warehouse keeper", "shop": "Fettle Motors", "scan": own_code("US", row)},
        "card": {"word": "UNDO", "help": "Takes back the last scan.", "scan": own_code("CM", "UNDO")},
    }


@pytest.fixture(scope="session")
def scanned() -> Callable[[Image.Image], list[str]]:
    """Every text that a scanner with no hint finds on a picture, sorted: also what nobody asked for."""

    def scan(picture: Image.Image) -> list[str]:
        found = zxingcpp.read_barcodes(picture.convert("L"), SHOP_FORMATS, try_downscale=False, text_mode=zxingcpp.TextMode.Plain)
        return sorted(code.text for code in found)

    return scan


@pytest.fixture(scope="session")
def burnt() -> Callable[[bytes], Image.Image]:
    """The dots that a ZPL printer would burn: page, field origin and one `^GFA` in plain hexadecimal."""

    def burn(wire: bytes) -> Image.Image:
        text = wire.decode("ascii")
        told = re.fullmatch(r"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^FO0,0\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS\^PQ\d+\^XZ\n", text)
        assert told
        width, height, total, count, row = (int(number) for number in told.groups()[:5])
        dots = bytes.fromhex(told[6])
        assert len(dots) == total == count == row * height
        assert row == (width + 7) // 8
        return ImageChops.invert(Image.frombytes("1", (width, height), dots))

    return burn


@pytest.fixture(scope="session")
def pages() -> Callable[[bytes], list[Image.Image]]:
    """The pictures that a PDF keeps, bit for bit."""
    shape = re.compile(rb"<<[^<>]*/BitsPerComponent 1 [^<>]*>>\s*stream\r?\n", re.DOTALL)

    def open_pdf(data: bytes) -> list[Image.Image]:
        pictures = []
        for head in shape.finditer(data):
            told = {key: int(value) for key, value in re.findall(rb"/(Width|Height) (\d+)", head[0])}
            dots = zlib.decompressobj().decompress(data[head.end() :])
            pictures.append(Image.frombytes("1", (told[b"Width"], told[b"Height"]), dots))
        return pictures

    return open_pdf


@pytest.fixture(scope="session")
def opened() -> Callable[[bytes], Image.Image]:
    """The picture in a PNG."""
    return lambda data: Image.open(io.BytesIO(data))
