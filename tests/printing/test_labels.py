"""A label that is given out scans, in every form in which it is given out; one that would not is refused with what would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.kernel.problems import Refused
from printing import labels

TEMPLATES = [template.name for template in labels.templates()]
GOLDEN = Path(__file__).parent / "golden"


def codes_of(label):
    return sorted(code.text for code in label.codes)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("template", TEMPLATES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_label_scans_from_the_bytes_on_the_wire(template, dpi, data, fields, burnt, pages, opened, scanned):
    values = data.draw(fields[template])
    label = labels.render(template, values, dpi=dpi)
    wire = burnt(label.to_zpl())
    assert scanned(wire) == codes_of(label)
    assert values["scan"] in codes_of(label)
    assert [page.tobytes() for page in pages(label.to_pdf())] == [wire.tobytes()]
    assert opened(label.to_png()).tobytes() == wire.tobytes()


def test_the_shop_has_a_label_for_each_thing_that_is_scanned():
    assert TEMPLATES == ["badge", "bin", "card", "core", "drop_off", "package", "part", "procedure", "wo_tag"]
    assert all("scan" in template.needs and template.title for template in labels.templates())


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_label_looks_as_it_was_agreed(template, usual, tmp_path):
    drawn, agreed = tmp_path / f"{template}.png", GOLDEN / f"{template}.png"
    drawn.write_bytes(labels.render(template, usual[template]).to_png())
    with Image.open(drawn) as now, Image.open(agreed) as then:
        assert now.size == then.size
        assert now.tobytes() == then.tobytes(), f"Look at {drawn}: if it is better than {agreed}, put it there."


@pytest.mark.parametrize(("dpi", "dots"), [(203, (400, 200)), (300, (591, 295))])
def test_a_label_has_the_dots_of_its_printer(dpi, dots, usual, burnt):
    assert burnt(labels.render("part", usual["part"], dpi=dpi).to_zpl()).size == dots


def test_a_part_label_carries_its_ean_only_when_it_has_one(usual):
    with_ean = labels.render("part", usual["part"])
    without = labels.render("part", usual["part"] | {"ean": ""})
    assert codes_of(with_ean) == sorted([usual["part"]["scan"], "4006381333931"])
    assert codes_of(without) == [usual["part"]["scan"]]


def test_a_code_of_twelve_digits_is_printed_as_the_ean_that_it_is(usual):
    label = labels.render("part", usual["part"] | {"ean": "036000291452"})
    assert "0036000291452" in codes_of(label)


@pytest.mark.parametrize(("short", "printed"), [("WO-2026-00042", True), ("WO-" + "7X" * 20, False), ("größer", False)])
def test_the_human_number_is_a_barcode_where_it_fits(short, printed, usual):
    label = labels.render("wo_tag", usual["wo_tag"] | {"short": short})
    assert (short in codes_of(label)) is printed


def test_a_pdf_page_is_exactly_the_label(usual):
    pdf = labels.render("wo_tag", usual["wo_tag"]).to_pdf()
    width, height = (float(number) for number in re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf).groups())
    assert width == pytest.approx(100 / 25.4 * 72, abs=0.001)
    assert height == pytest.approx(50 / 25.4 * 72, abs=0.001)


def test_a_sheet_has_a_page_for_each_label_and_keeps_the_same_picture_once(usual, pages):
    badge, card = (labels.render(name, usual[name]) for name in ("badge", "card"))
    sheet = labels.sheet([badge, card, badge])
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 3
    assert [page.size for page in pages(sheet)] == [badge.picture.size, card.picture.size]


def test_the_same_labels_give_the_same_bytes(usual):
    one, two = (labels.render("bin", usual["bin"]) for _ in range(2))
    assert (one.to_pdf(), one.to_zpl(), one.to_png()) == (two.to_pdf(), two.to_zpl(), two.to_png())


def test_a_png_opens_at_the_size_of_the_label(usual, opened):
    picture = opened(labels.render("badge", usual["badge"]).to_png())
    assert picture.mode == "1"
    assert picture.info["dpi"] == pytest.approx((203.2, 203.2), abs=0.1)


def test_copies_are_the_printers_work(usual):
    label = labels.render("bin", usual["bin"])
    assert b"^PQ25^XZ" in label.to_zpl(copies=25)
    for copies in (0, -1, labels.MOST_COPIES + 1):
        with pytest.raises(Refused, match="cannot be printed at once"):
            label.to_zpl(copies=copies)


@pytest.mark.parametrize("target", ["out.zpl", "OUT.ZPL", "tcp://printer:9100"])
def test_labels_for_a_printer_follow_each_other(target, usual):
    label = labels.render("bin", usual["bin"])
    assert labels.encode([label, label], target) == label.to_zpl() * 2


def test_the_ending_of_a_file_says_its_form(usual):
    label = labels.render("bin", usual["bin"])
    assert labels.encode([label], "shelf.png") == label.to_png()
    assert labels.encode([label, label], "shelf.pdf") == labels.sheet([label, label])
    with pytest.raises(Refused, match="holds one label; these are 2"):
        labels.encode([label, label], "shelf.png")
    with pytest.raises(Refused, match="does not say in which form"):
        labels.encode([label], "shelf.docx")


@pytest.mark.parametrize(
    ("template", "change", "sentence"),
    [
        ("wo_tag", {"number": ""}, "needs number, which is empty"),
        ("wo_tag", {"scan": "  "}, "needs scan, which is empty"),
        ("wo_tag", {"problem": "x" * 4096}, "problem has 4096 characters, and a label takes 2000"),
        ("wo_tag", {"customer": "A\x07da"}, r"customer holds a hidden character that cannot be printed \(U\+0007\)"),
        ("wo_tag", {"customer": "A\ud800da"}, r"hidden character that cannot be printed \(U\+D800\)"),
        ("wo_tag", {"scan": "FT1:WO:\x1d"}, r"hidden character that cannot be printed \(U\+001D\)"),
        ("wo_tag", {"scan": "FT1:WO:\n"}, "cannot be written as this kind of barcode"),
        ("wo_tag", {"scan": "X" * 900}, "its code would be too fine to scan"),
        ("wo_tag", {"number": "N" * 120}, "is too long for this label"),
        ("badge", {"name": "山田"}, r"cannot show the letter 山 \(U\+5C71\)"),
        ("badge", {"name": "Ann 🙂"}, r"cannot show the letter 🙂"),
        ("poster", {}, "There is no label template poster"),
        ("../fonts/x", {}, "There is no label template"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_a_sentence(template, change, sentence, usual):
    with pytest.raises(Refused, match=sentence) as refusal:
        labels.render(template, usual.get(template, {}) | change)
    assert all(problem.advice for problem in refusal.value.problems)


def test_every_field_that_will_not_do_is_named_at_once(usual):
    with pytest.raises(Refused) as refusal:
        labels.render("wo_tag", usual["wo_tag"] | {"number": "", "customer": "\x00"})
    assert [problem.field for problem in refusal.value.problems] == ["number", "customer"]


def test_an_unknown_resolution_is_refused(usual):
    with pytest.raises(Refused, match="Labels cannot be drawn for 72 dots an inch"):
        labels.render("bin", usual["bin"], dpi=72)


@pytest.mark.parametrize("hostile", ["{{7*7}}", "{0.__class__}", "{number}", "%s%n", "^XA^FD", "~JR", "</text>", "../../etc"])
def test_what_a_customer_is_called_is_only_ever_letters(hostile, usual, burnt):
    called = labels.render("wo_tag", usual["wo_tag"] | {"customer": hostile})
    other = labels.render("wo_tag", usual["wo_tag"] | {"customer": hostile[::-1]})
    assert burnt(called.to_zpl()).size == (800, 400)
    assert called.picture.tobytes() != other.picture.tobytes()


def test_lines_tabs_and_invisible_marks_print_as_plain_words(usual):
    said = labels.render("wo_tag", usual["wo_tag"] | {"problem": "No spark. Battery 11.9 V"})
    pasted = labels.render("wo_tag", usual["wo_tag"] | {"problem": "\ufeffNo\u200b spark.\r\n\tBattery  11.9 V\u200e\n"})
    assert pasted.picture.tobytes() == said.picture.tobytes()


def test_fields_that_the_template_does_not_know_are_left_aside(usual):
    label = labels.render("bin", usual["bin"] | {"price": "12.00"})
    assert label.picture.tobytes() == labels.render("bin", usual["bin"]).picture.tobytes()
