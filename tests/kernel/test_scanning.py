"""What a scan's text says: own labels, retail barcodes, supplier labels, and everything else."""

from __future__ import annotations

import string
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.kernel.ids import new_id, short
from app.kernel.problems import Problem, Refused
from app.kernel.scanning import COMMANDS, GS, KINDS, Reading, check_character, human, own_code, read

ORDER = UUID("01936a5c-7f3e-7c21-8d55-0123456789ab")
TAG = own_code("WO", short(ORDER))
ROWS = sorted(set(KINDS) - {"CM", "QT"})
LETTERS = string.digits + string.ascii_uppercase

own_codes = st.one_of(
    st.builds(lambda kind, row: own_code(kind, short(row)), st.sampled_from(ROWS), st.uuids()),
    st.builds(lambda word: own_code("CM", word), st.sampled_from(sorted(COMMANDS))),
    st.builds(lambda count: own_code("QT", str(count)), st.integers(1, 999)),
)


def refusal(text: str) -> Problem:
    with pytest.raises(Refused) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.sentence.endswith(".")
    assert problem.advice.endswith(".")
    assert "{" not in problem.sentence + problem.advice
    return problem


def outcome(text: str) -> Reading | None:
    try:
        return read(text)
    except Refused:
        return None


def is_caught(text: str) -> bool:
    """Damage is caught when the scan is refused, or read as plain with the sentence ready."""
    reading = outcome(text)
    return reading is None or (reading.form != "own" and reading.doubt is not None)


# ------------------------------------------------------------------------------------------------------- our own labels


@pytest.mark.parametrize("kind", ROWS)
def test_a_label_of_ours_is_read_back(kind):
    row = new_id()
    reading = read(own_code(kind, short(row)))
    assert (reading.form, reading.kind, reading.row_id, reading.doubt) == ("own", kind, row, None)


@pytest.mark.parametrize("word", sorted(COMMANDS))
def test_every_barcode_of_the_command_sheet_is_read(word):
    reading = read(own_code("CM", word))
    assert (reading.kind, reading.ident, reading.row_id) == ("CM", word, None)
    assert human(reading) == COMMANDS[word]


@pytest.mark.parametrize("count", [1, 2, 5, 10, 999])
def test_a_quantity_card_says_its_number(count):
    reading = read(own_code("QT", str(count)))
    assert (reading.kind, reading.ident) == ("QT", str(count))
    assert human(reading) == f"× {count}"


@pytest.mark.parametrize(
    ("kind", "ident"),
    [("QT", "0"), ("QT", "05"), ("QT", "1000"), ("QT", "2.5"), ("QT", "-1"), ("CM", "EXPLODE"), ("XX", short(ORDER)),
     ("WO", "WO-1"), ("WO", short(ORDER).replace("0", "O")), ("WO", "8" + short(ORDER)[1:]), ("", "")],
)  # fmt: skip
def test_what_no_label_of_ours_may_carry_is_neither_printed_nor_read(kind, ident):
    with pytest.raises(ValueError, match="no label carries"):
        own_code(kind, ident)
    check = check_character(kind + ident) if set(kind + ident) <= set(LETTERS) else "0"
    assert refusal(f"FT1:{kind}:{ident}:{check}").code == "scan.damaged"


@given(own_codes)
def test_a_scanner_with_caps_lock_on_reads_the_same(code):
    assert read(code.swapcase()) == read(code) == read(code.title())


@given(
    own_codes, st.text(" \r\n\t", max_size=3), st.text(" \r\n\t", max_size=3), st.sampled_from(["", "]Q1", "]d1", "]q1", "]C0"])
)
def test_what_a_scanner_adds_around_a_code_does_not_matter(code, before, after, symbology):
    reading = read(before + symbology + code + after)
    assert (reading.form, reading.text, reading.symbology) == ("own", code, symbology)


@pytest.mark.parametrize(("text", "check"), [("A12425GABC1234002", "M")])
def test_the_check_character_is_that_of_iso_7064(text, check):
    """The example in IFPI's GRid standard, which uses MOD 37,36: A1-2425G-ABC1234002-M."""
    assert check_character(text) == check


@given(own_codes, st.data())
def test_one_wrong_character_is_always_caught(code, data):
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(string.printable[:95]))
    assume(wrong.upper() != code[place])
    assert is_caught(code[:place] + wrong + code[place + 1 :])


def test_every_one_of_the_wrong_characters_in_a_job_tag_is_caught():
    for place, right in enumerate(TAG):
        for wrong in set(LETTERS + " :;-]") - {right}:
            assert is_caught(TAG[:place] + wrong + TAG[place + 1 :])


@given(own_codes, st.data())
def test_two_swapped_neighbours_are_caught_wherever_the_check_character_can(code, data):
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    kind, ident, check = [*swapped.split(":"), "", "", ""][1:4]
    assume(swapped != code)
    assert is_caught(swapped) or check_character(kind + ident) == check


def test_the_check_character_misses_one_swapped_pair_in_630():
    """A first character brings the sum into each of its 36 states; in each, one pair of the 630 slips through."""
    missed = sum(
        check_character(first + a + b) == check_character(first + b + a) for first in LETTERS for a, b in combinations(LETTERS, 2)
    )
    assert missed == 36


@given(own_codes, st.data())
def test_half_a_label_is_never_taken_for_another(code, data):
    start, end = sorted((data.draw(st.integers(0, len(code))), data.draw(st.integers(0, len(code)))))
    reading = outcome(code[start:end])
    assert reading is None or reading.form != "own" or reading.text == code


def test_a_damaged_label_says_what_to_do():
    problem = refusal(TAG[:-1] + ("A" if TAG[-1] != "A" else "B"))
    assert problem.code == "scan.damaged"
    assert problem.sentence == "This label's code is damaged."
    assert problem.advice == "Clean it and scan again, or type the number printed under it."


def test_a_label_that_lost_its_first_characters_is_known_as_ours_and_damaged():
    reading = read(TAG[2:])
    assert reading.form == "plain"
    assert reading.doubt is not None
    assert reading.doubt.code == "scan.damaged"


@pytest.mark.parametrize("text", ["FT100-200", "FT1", "FT1-PT-7", "00:1A:2B:3C", "12:30", "M8:1.25"])
def test_a_part_code_that_resembles_our_labels_is_still_a_part_code(text):
    reading = read(text)
    assert (reading.form, reading.text, reading.doubt) == ("plain", text, None)


# -------------------------------------------------------------------------------------------------------- retail barcodes

PUBLISHED = [
    ("4006381333931", "04006381333931"),  # EAN-13, a highlighter
    ("5901234123457", "05901234123457"),  # EAN-13, the encyclopedia's example
    ("9780306406157", "09780306406157"),  # a book: ISBN 0-306-40615-2
    ("036000291452", "00036000291452"),  # UPC-A, paper tissues
    ("0036000291452", "00036000291452"),  # the same as a scanner sends it that turns UPC into EAN
    ("73513537", "00000073513537"),  # EAN-8
    ("96385074", "00000096385074"),  # EAN-8
    ("09506000134352", "09506000134352"),  # GTIN-14 of GS1's own examples
    ("80614141123458", "80614141123458"),  # GTIN-14 of the EPC Tag Data Standard
]


@pytest.mark.parametrize("symbology", ["", "]C0", "]I1"])
@pytest.mark.parametrize(("digits", "gtin"), PUBLISHED)
def test_published_retail_numbers_are_read(digits, gtin, symbology):
    reading = read(symbology + digits)
    assert (reading.form, reading.text, reading.gtin, reading.symbology) == ("retail", digits, gtin, symbology)
    assert human(reading) == digits


@pytest.mark.parametrize(
    ("scan", "gtin"),
    [
        ("]E04006381333931", "04006381333931"),
        ("]e04006381333931", "04006381333931"),  # caps lock
        ("]E0036000291452", "00036000291452"),
        ("]E473513537", "00000073513537"),
        ("]E096385074", "00000096385074"),  # a scanner that calls EAN-8 the wrong name
        ("]E3978030640615751250", "09780306406157"),  # with the price beside it
        ("]E39780306406157 51250", "09780306406157"),
        ("]E1977147396801201", "09771473968012"),  # a magazine with its issue
    ],
)
def test_the_scanner_may_name_the_symbol(scan, gtin):
    reading = read(scan)
    assert (reading.form, reading.gtin, reading.symbology) == ("retail", gtin, scan[:3])


@pytest.mark.parametrize(
    ("short_form", "long_form"),
    [
        ("04252614", "042100005264"),  # the encyclopedia's example
        ("01234505", "012000003455"),  # one for each way of widening
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
    ],
)
def test_the_short_upc_is_widened_where_the_scanner_names_it(short_form, long_form):
    assert read(f"]E0{short_form}").gtin == long_form.zfill(14) == read(long_form).gtin


@given(st.sampled_from(PUBLISHED), st.data())
def test_a_wrong_digit_is_refused_if_the_scanner_says_retail_and_doubted_if_it_says_nothing(published, data):
    digits = published[0]
    assume(len(digits) != 8)  # a short UPC and an EAN-8 share their length, so ]E0 leaves two ways to be right
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = digits[:place] + data.draw(st.sampled_from(sorted(set(string.digits) - {digits[place]}))) + digits[place + 1 :]
    assert refusal(f"]E0{wrong}").code == "scan.check_digit"
    reading = read(wrong)
    assert (reading.form, reading.text, reading.gtin) == ("plain", wrong, "")
    assert reading.doubt is not None
    assert wrong in reading.doubt.sentence


def test_a_number_in_another_symbol_than_retail_owes_no_check_digit():
    reading = read("]C04006381333932")
    assert (reading.form, reading.doubt) == ("plain", None)


@pytest.mark.parametrize("scan", ["]E0425261", "]E0PN-48213", "]E012345678901", "]E112"])
def test_a_retail_symbol_without_all_its_digits_is_refused(scan):
    assert refusal(scan).code == "scan.retail_length"


# --------------------------------------------------------------------------------------------------------- supplier labels


@pytest.mark.parametrize("symbology", ["]C1", "]d2", "]D2", "]Q3", "]e0", "]J1", "]c1"])
def test_a_supplier_label_is_taken_apart(symbology):
    reading = read(f"{symbology}01095060001343521729022810LOT/7-a{GS}30125")
    assert reading.form == "gs1"
    assert reading.fields == {"01": "09506000134352", "17": "290228", "10": "LOT/7-a", "30": "125"}
    assert (reading.gtin, reading.unread) == ("09506000134352", ())


@pytest.mark.parametrize(
    ("elements", "fields"),
    [
        ("00106141412345678908", {"00": "106141412345678908"}),
        (
            "0109506000134352" + "112408001524123117241200",
            {"01": "09506000134352", "11": "240800", "15": "241231", "17": "241200"},
        ),
        (f"21SN-0001{GS}3712", {"21": "SN-0001", "37": "12"}),
        ("3103001250", {"3103": "001250"}),
        ("4140614141123452", {"414": "0614141123452"}),
        ("4100614141123452" + "10A", {"410": "0614141123452", "10": "A"}),
        (f"{GS}10A{GS}", {"10": "A"}),
        (f"10A{GS}10A", {"10": "A"}),
    ],
)
def test_the_fields_of_a_workshop_are_read(elements, fields):
    assert dict(read(f"]C1{elements}").fields) == fields


def test_a_field_not_known_here_is_kept_whole_and_the_others_count():
    reading = read(f"]d20109506000134352240ABC-1{GS}10L7")
    assert (reading.fields, reading.unread) == ({"01": "09506000134352", "10": "L7"}, ("240ABC-1",))


def test_an_over_long_lot_is_refused_and_never_cut():
    assert read("]C110" + "X" * 20).fields == {"10": "X" * 20}
    problem = refusal("]C110" + "X" * 20 + "99")
    assert problem.code == "scan.gs1_long"
    assert problem.sentence == "Field (10) of this label has 22 characters; it may have 20."


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ("0109506000134353", "scan.check_digit"),
        ("00106141412345678907", "scan.check_digit"),
        ("4140614141123453", "scan.check_digit"),
        ("010950600013", "scan.gs1_short"),
        ("10", "scan.gs1_short"),
        ("30123456789", "scan.gs1_long"),
        ("17241301", "scan.gs1_value"),
        ("17230229", "scan.gs1_value"),
        ("17AB0101", "scan.gs1_value"),
        ("310A001250", "scan.gs1_value"),
        ("3012A", "scan.gs1_value"),
        ("10LOT 7", "scan.gs1_value"),
        ("10LOT#7", "scan.gs1_value"),
        (f"10A{GS}10B", "scan.gs1_twice"),
        ("", "scan.empty"),
        (GS, "scan.empty"),
    ],
)
def test_a_supplier_label_that_cannot_be_right_is_refused(elements, code):
    assert refusal(f"]C1{elements}").code == code


def test_without_a_name_for_the_symbol_a_supplier_label_must_prove_itself():
    assert read("010950600013435210LOT7").fields == {"01": "09506000134352", "10": "LOT7"}
    assert read(f"{GS}010950600013435210LOT7").fields == {"01": "09506000134352", "10": "LOT7"}
    assert read("0109506000134352999").form == "plain"
    doubtful = read("0109506000134353")
    assert doubtful.form == "plain"
    assert doubtful.doubt is not None
    assert doubtful.doubt.code == "scan.check_digit"


def test_a_supplier_label_is_shown_with_its_fields_in_brackets():
    assert human(read("]C1010950600013435210LOT7")) == "(01) 09506000134352 (10) LOT7"


# --------------------------------------------------------------------------------------------------------- everything else


@pytest.mark.parametrize(
    "text",
    ["PN-48213", "S1-20261120-0007", "京A12345", "B-MW 1234", "Müller & Söhne", "1", "]", "]x", "10LOT7", "123456789012345",
     "'; DROP TABLE part; --", "%s %n {0} {text}", "${jndi:ldap://x}", "<b>bold</b>", "https://example.com/01/09506000134352",
     "M8 ось", "\U0001f529"],
)  # fmt: skip
def test_part_codes_plates_names_and_mischief_are_plain_texts(text):
    reading = read(f"  {text}\r\n")
    assert (reading.form, reading.text, reading.doubt) == ("plain", text, None)
    assert human(reading) == text


def test_a_letter_with_its_accent_apart_is_the_same_letter():
    assert read("Mu\u0308ller") == read("Müller")


@pytest.mark.parametrize("text", ["", "   ", "\r\n", "\t", GS, "]C0", "]E0\r"])
def test_an_empty_scan_says_so(text):
    assert refusal(text).code == "scan.empty"


@pytest.mark.parametrize(("letter", "count"), [("A", 4097), ("ü", 2049), ("9", 200_000_000)])
def test_what_is_longer_than_any_barcode_is_refused_at_once(letter, count):
    problem = refusal(letter * count)
    assert problem.code == "scan.too_long"
    assert len(problem.sentence) < 100


def test_the_fullest_qr_code_is_read_and_shown_in_short():
    reading = read("Z" * 2953)
    assert reading.form == "plain"
    assert human(reading) == "Z" * 39 + "…"


@pytest.mark.parametrize(
    "text", ["PN\x00-1", "PN\x07", "\x02PN-1", "PN\x1b[2J", "PN\x7f1", "PN\x851", "PN\u200b1", "PN\u202e1", "PN\ud8001"]
)
def test_characters_that_cannot_be_seen_are_refused(text):
    problem = refusal(text)
    assert problem.code == "scan.control"
    assert "U+" in problem.sentence


@pytest.mark.parametrize("text", [f"{TAG}\r{TAG}", "PN-1\nPN-2", "PN-1\tPN-2"])
def test_two_scans_run_together_are_refused(text):
    assert refusal(text).code == "scan.two"


@pytest.mark.parametrize(
    ("text", "letter", "place"),
    [
        ("P\u041d-48213", "cyrillic capital letter en", 2),
        ("\u0391BC", "greek capital letter alpha", 1),
        ("F\u04221:WO:1:1", "cyrillic capital letter te", 2),
        (f"FT1:W\u041e{TAG[6:]}", "cyrillic capital letter o", 6),
        ("PN\uff0d\uff11A\uff22", "fullwidth hyphen-minus", 3),
    ],
)
def test_a_look_alike_letter_among_latin_ones_is_named(text, letter, place):
    problem = refusal(text)
    assert problem.code == "scan.lookalike"
    assert letter in problem.sentence
    assert f"Character {place}," in problem.sentence


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\u0410123\u0412\u0421", "A123BC"),  # a Russian plate, or a slip
        ("PN\u201348213", "PN-48213"),  # a word processor's dash
        ("\uff14\uff10\uff10\uff16", "4006"),
        ("\u0661\u0662", "12"),
    ],
)
def test_a_text_that_may_be_right_in_its_own_script_waits_for_the_look_up(text, meant):
    reading = read(text)
    assert (reading.form, reading.text) == ("plain", text)
    assert reading.doubt is not None
    assert meant in reading.doubt.advice


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(LETTERS + ":]" + GS, max_size=60),
        st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    )
)
def test_any_text_is_read_or_refused_in_a_sentence(text):
    reading = outcome(text)
    if reading is None:
        refusal(text)
    else:
        assert reading.text
        assert human(reading)
        assert hash(reading) == hash(read(text))
