"""Barcodes on labels: whole dots, quiet all around, and a sentence with what would scan instead of one that would not."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.kernel.problems import Refused
from printing import readback, symbols
from printing.lettering import Room
from printing.printers import PRINTERS
from printing.symbols import Asked
from printing.template import Area, Code

LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=40)


def code(kind, dots, **more):
    return Code(kind=kind, of="{x}", area=Area(0, 0, 10, 10), dots=dots, **more)


def on_paper(ink):
    return Image.eval(ink.convert("L"), lambda light: 255 - light)


@pytest.mark.parametrize(("millimetres", "most"), [(38, 8), (48, 12)])
def test_a_code_128_holds_what_scans_and_no_more(millimetres, most):
    """Eight characters on a label of 38 mm; twelve between the margins of one of 50 mm."""
    room = Room(millimetres * 8, 80)
    assert symbols.symbol(code("code128", (2, 2)), "A" * most, room, PRINTERS[203])
    with pytest.raises(
        Refused, match=f"has {most + 1} characters: as a Code 128 that scans, this label has room for {most}"
    ) as no:
        symbols.symbol(code("code128", (2, 2)), "A" * (most + 1), room, PRINTERS[203])
    assert "DataMatrix" in no.value.problems[0].advice


def test_forty_characters_fit_a_data_matrix_where_a_code_128_holds_eight():
    assert symbols.symbol(code("datamatrix", (3, 3)), "PN-48213/A" * 4, Room(38 * 8, 19 * 8), PRINTERS[203])


@pytest.mark.parametrize(
    ("kind", "dpi", "least"), [("code128", 203, 2), ("code128", 300, 3), ("datamatrix", 203, 3), ("qr", 300, 4)]
)
def test_a_module_is_never_finer_than_a_camera_reads(kind, dpi, least):
    template = code(kind, (2, 9) if kind == "code128" else (3, 9))
    modules = symbols.symbol(template, "A1", Room(2000, 2000), PRINTERS[203])
    assert modules
    narrow = next(width for width in range(1, 600) if _fits(template, Room(width, 600), dpi))
    drawn = symbols.symbol(template, "A1", Room(narrow, 600), PRINTERS[dpi])
    assert _finest(drawn) == least


def _fits(template, room, dpi):
    try:
        return symbols.symbol(template, "A1", room, PRINTERS[dpi]) is not None
    except Refused:
        return False


def _finest(ink):
    """The shortest run of dots along the middle of the ink."""
    left, top, right, bottom = ink.getbbox()
    row = [ink.getpixel((x, (top + bottom) // 2)) for x in range(left, right)]
    runs, start = [], 0
    for place in range(1, len(row) + 1):
        if place == len(row) or row[place] != row[start]:
            runs.append(place - start)
            start = place
    return min(runs)


@pytest.mark.parametrize("align", ["left", "center", "right"])
@pytest.mark.parametrize(("kind", "modules"), [("datamatrix", 1), ("qr", 4), ("code128", 10), ("retail", 11)])
@settings(max_examples=25, deadline=None)
@given(width=st.integers(260, 420))
def test_every_code_keeps_its_quiet_zone(kind, modules, align, width):
    least = 2 if kind in ("code128", "retail") else 3
    ink = symbols.symbol(code(kind, (least, 6), align=align), "40063812", Room(width, 200), PRINTERS[203])
    left, top, right, bottom = ink.getbbox()
    dots = _finest(ink)
    assert min(left, width - right) >= modules * dots
    if kind in ("datamatrix", "qr"):
        assert min(top, 200 - bottom) >= modules * dots


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("retail", "4006381333930"),
        ("retail", "123"),
        ("retail", "ABCDEFGH"),
        ("code128", "größer"),
        ("code128", "a\nb"),
        ("qr", "a\x00"),
    ],
)
def test_a_text_that_the_code_cannot_hold_is_refused(kind, text):
    with pytest.raises(Refused, match="cannot be written as this kind of barcode"):
        symbols.symbol(code(kind, (3, 3)), text, Room(800, 400), PRINTERS[203])


def test_a_spare_code_is_left_out_instead():
    assert symbols.symbol(code("retail", (2, 2), spare=True), "123", Room(800, 400), PRINTERS[203]) is None


@pytest.mark.parametrize("kind", ["datamatrix", "qr"])
@settings(max_examples=60, deadline=None)
@given(text=LETTERS)
def test_part_numbers_read_back_at_three_and_at_four_dots(kind, text):
    for dots in (3, 4):
        ink = symbols.symbol(code(kind, (dots, dots)), text, Room(300, 300), PRINTERS[203])
        readback.prove(on_paper(ink), [Asked(kind, text)])


def label_of(text):
    return on_paper(symbols.symbol(code("datamatrix", (4, 4)), text, Room(200, 200), PRINTERS[203]))


def test_a_label_that_says_something_else_is_not_given_out():
    with pytest.raises(Refused, match="would also be read as “FT1:PT:A”") as refusal:
        readback.prove(label_of("FT1:PT:A"), [Asked("datamatrix", "FT1:PT:B")])
    assert "Nothing was printed" in refusal.value.problems[0].advice


def test_a_label_that_says_more_than_it_should_is_not_given_out():
    both = Image.new("L", (400, 200), 255)
    both.paste(label_of("FT1:PT:A"), (0, 0))
    both.paste(label_of("FT1:PT:B"), (200, 0))
    readback.prove(both, [Asked("datamatrix", "FT1:PT:A"), Asked("datamatrix", "FT1:PT:B")])
    with pytest.raises(Refused, match="would also be read as “FT1:PT:B”, which is not on it"):
        readback.prove(both, [Asked("datamatrix", "FT1:PT:A")])


def test_a_label_with_a_line_through_its_code_is_not_given_out():
    picture = label_of("FT1:PT:A")
    ImageDraw.Draw(picture).line((0, 100, 200, 100), fill=0, width=24)
    with pytest.raises(Refused, match="does not read back"):
        readback.prove(picture, [Asked("datamatrix", "FT1:PT:A")])


def test_a_code_39_that_was_changed_in_silence_is_caught():
    """Code 39 has no small letters: the writer makes capitals of them and says nothing."""
    changed = Image.fromarray(zxingcpp.create_barcode("Ab12", zxingcpp.Code39).to_image(scale=3))
    with pytest.raises(Refused, match="does not read back"):
        readback.prove(changed, [Asked("code128", "Ab12")])


def test_a_large_code_may_also_be_read_from_half_its_size():
    picture = label_of("FT1:PT:A").resize((800, 800), Image.Resampling.NEAREST)
    for place in range(0, 800, 2):
        ImageDraw.Draw(picture).line((place, 0, place, 800), fill=128)
    readback.prove(picture, [Asked("datamatrix", "FT1:PT:A")])
