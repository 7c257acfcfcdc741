"""Letters on labels: as large as fits, broken before they are cut, never a part number short, never outside their area."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.kernel.problems import Refused
from printing import lettering, letters, raster, templates
from printing.lettering import Room
from printing.letters import face, plain
from printing.printers import PRINTERS
from printing.template import Area, Code, Text, asked

DOTS_PER_POINT = PRINTERS[203].per_mm * 25.4 / 72
WORDS = st.text("AVWTyjfgÅÉ-_/.,1234567890 mil|Ωж", min_size=1, max_size=300).filter(str.strip)


def text(**more):
    return Text(**({"say": "{x}", "area": Area(0, 0, 10, 10), "points": (6, 24), "lines": 2} | more))


def ink(words, room=Room(300, 80), **more):
    return lettering.ink(text(**more), plain(words), room, DOTS_PER_POINT)


def lines(words, room=Room(300, 80), **more):
    return lettering.fit(text(**more), words, room, DOTS_PER_POINT)[1]


def height(words, room=Room(300, 80), **more):
    return lettering.fit(text(**more), words, room, DOTS_PER_POINT)[0].height


@settings(max_examples=100, deadline=None)
@given(words=WORDS, size=st.integers(12, 120), weight=st.sampled_from(["regular", "semibold"]))
def test_the_ink_is_where_the_letters_were_measured(words, size, weight):
    line = plain(words)[:40]
    inter = face(weight, size)
    paper = Image.new("1", (40 * size, 4 * size), 0)
    ImageDraw.Draw(paper).text((size, 2 * size), line, fill=255, font=inter.font, anchor="ls")
    left, top, right, bottom = paper.getbbox()
    assert (left, top, bottom) == (size + inter.left(line), 2 * size - inter.rise(line), 2 * size + inter.drop(line))
    assert 0 <= left + inter.width(line) - right <= 2


@settings(max_examples=60, deadline=None)
@given(words=WORDS, width=st.integers(60, 400), high=st.integers(20, 120))
@example(words="00mÅΩΩ000000", width=60, high=48)  # the ring on the first line once stood above the area
def test_words_are_drawn_whole_inside_their_area(words, width, high):
    """The same letters on endless paper have the same ink: nothing was clipped at the area's edge."""
    said, seen, room = text(cut=True, lines=4, points=(5, 20)), plain(words), Room(width, high)
    inter, drawn = lettering.fit(said, seen, room, DOTS_PER_POINT)
    paper = Image.new("1", (width + 400, high + 400), 0)
    pen = ImageDraw.Draw(paper)
    for row, line in enumerate(drawn):
        pen.text((200 - inter.left(line), 200 + row * inter.pitch), line, fill=255, font=inter.font, anchor="ls")
    inside = lettering.ink(said, seen, room, DOTS_PER_POINT)
    assert inside.crop(inside.getbbox()).tobytes() == paper.crop(paper.getbbox()).tobytes()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("template", templates.names())
def test_no_text_ever_reaches_a_code_or_its_quiet_zone(template, data, usual):
    made = templates.load(template)
    cut = {field for element in made.elements if isinstance(element, Text) and element.cut for field in asked(element)}
    codes = {field for element in made.elements if isinstance(element, Code) for field in asked(element)}
    values = dict(usual[template])
    for field in sorted({*made.needs, *made.may} - codes):
        values[field] = data.draw(WORDS if field in cut else WORDS.map(lambda words: words.strip()[:16]), label=field)
    picture, _codes = raster.draw(made, values, PRINTERS[203])
    agreed, _codes = raster.draw(made, usual[template], PRINTERS[203])
    for element in made.elements:
        if isinstance(element, Code):
            spot = raster.place(element.area, PRINTERS[203])
            assert picture.crop(spot).tobytes() == agreed.crop(spot).tobytes()


def test_words_shrink_before_they_are_broken():
    assert height("Bolt") > height("Brake pad set front ceramic") > height("Brake pad set, front, ceramic, with wear sensor")
    assert lines("BRK-PAD-0042-XL") == ["BRK-PAD-0042-XL"]


def test_a_long_code_breaks_at_its_signs_first():
    assert lines("WH2/STOCK/R03-S11-B004-LEFT", Room(300, 60), points=(8, 12)) == ["WH2/STOCK/R03-", "S11-B004-LEFT"]


def test_a_part_number_is_never_cut():
    number = "5GF-F5803-10-00-ABCDEFGHIJ-123456789012"
    assert "".join(lines(number)) == number
    with pytest.raises(Refused, match="is too long for this label") as refusal:
        ink("N" * 200)
    assert "Shorten it" in refusal.value.problems[0].advice


@settings(max_examples=60, deadline=None)
@given(code=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=20))
def test_a_bin_of_twenty_letters_always_stands_on_a_part_label(code):
    assert "".join(lines(code, Room(112, 56), points=(5, 16), weight="semibold", lines=3)) == code


def test_a_description_is_cut_where_the_label_ends():
    cut = lines("It rattles when it is cold and it squeaks when it is warm. " * 20, cut=True, lines=3)
    assert len(cut) <= 3
    assert cut[-1].endswith("…")
    assert " ".join(cut)[:30] == "It rattles when it is cold and"


def test_letters_stand_where_the_template_says():
    left, top, right, bottom = ink("II", align="left", stand="top", points=(6, 6)).getbbox()
    assert (left, top) == (0, 0)
    _left, _top, right, bottom = ink("II", align="right", stand="bottom", points=(6, 6)).getbbox()
    assert (right, bottom) == (299, 80)
    left, _top, right, _bottom = ink("II", align="center", points=(6, 6)).getbbox()
    assert abs(left - (300 - right)) <= 2


@pytest.mark.parametrize(
    "word", ["Łódź", "Örebro", "Ελλάδα", "Київ", "Đà Nẵng", "A\u0301da", "½ × 10 µm ≤ 20 °C – “ok” €", "→ bay 3"]
)
def test_the_languages_of_the_shop_have_their_letters(word):
    assert ink(word).getbbox()


@pytest.mark.parametrize("word", ["東京", "שלום", "🔧", "\ue000"])
def test_a_letter_that_the_font_lacks_is_refused_and_not_printed_as_a_box(word):
    with pytest.raises(Refused, match="cannot show the letter"):
        ink(word)


def test_the_fonts_that_come_with_the_product_carry_their_licence():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (letters.FOLDER / "OFL.txt").read_text("utf-8")
    assert all((letters.FOLDER / file).is_file() for file in letters.FILES.values())


def test_ink_is_one_bit_a_dot():
    assert isinstance(ink("Ada"), Image.Image)
    assert ink("Ada").mode == "1"
