"""Reading files of rows: however they were saved, what cannot be read is told by its line, and memory stays small."""

from __future__ import annotations

import resource
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.kernel.exchange.others import BookSheet, LineSheet, escaped, open_sheet, unescaped
from app.kernel.exchange.sheets import LONGEST, Broken, Row, SeparatedSheet, armed, disarmed
from app.kernel.problems import Refused, Trouble


def saved(tmp_path: Path, content: bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def read(path: Path, *known: str) -> list[tuple[int, list[str] | str]]:
    """The rows by line: their cells, or the code of what stands in the way."""
    sheet = open_sheet(path, known)
    return [(one.line, list(one.cells.values()) if isinstance(one, Row) else one.problem.code) for one in sheet.rows()]


def refused(path: Path) -> str:
    with pytest.raises(Refused) as told:
        open_sheet(path)
    return told.value.problems[0].code


# --------------------------------------------------------------------------------------------------------- how it was saved


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_however_it_was_saved(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [delimiter.join(cells) for cells in (("code", "name"), ("A-1", "Öse für Gehäuse"), ("A-2", "Bremse"))]
    path = saved(tmp_path, (end.join(lines) + end).encode(encoding))
    assert read(path) == [(2, ["A-1", "Öse für Gehäuse"]), (3, ["A-2", "Bremse"])]


def test_expected_columns_decide_between_separators(tmp_path: Path) -> None:
    path = saved(tmp_path, b"code;name, long;price, net\nA-1;Brake;1,5\n")
    assert read(path, "code", "name, long") == [(2, ["A-1", "Brake", "1,5"])]


def test_excels_own_first_line_is_understood(tmp_path: Path) -> None:
    assert read(saved(tmp_path, b"sep=;\r\ncode;name\r\nA-1;Brake\r\n")) == [(3, ["A-1", "Brake"])]


def test_a_cell_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    path = saved(tmp_path, b'code,name\nA-1,"Brake ""front"",\nleft"\n\nA-2,Disc\n')
    assert read(path) == [(2, ["A-1", 'Brake "front",\nleft']), (5, ["A-2", "Disc"])]


def test_one_damaged_letter_costs_its_own_line_only(tmp_path: Path) -> None:
    path = saved(tmp_path, "code,name\nA-1,Öse\nA-2,Hülse\n".encode() + b"A-3,\xff\n" + "A-4,Bügel\n".encode())
    assert read(path) == [(2, ["A-1", "Öse"]), (3, ["A-2", "Hülse"]), (4, "import.letters"), (5, ["A-4", "Bügel"])]


# ----------------------------------------------------------------------------------------------------------- broken lines


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    path = saved(tmp_path, b'code,name\nA-1,"Brake\nA-2,Disc\nA-3,Bolt\n')
    assert read(path) == [(2, "import.quotes"), (3, ["A-2", "Disc"]), (4, ["A-3", "Bolt"])]


def test_a_line_with_too_few_or_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, b"code,name\nA-1\nA-2,Disc,,\nA-3,Bolt,M10\n")
    assert read(path) == [(2, "import.width"), (3, ["A-2", "Disc"]), (4, "import.width")]


def test_an_endless_line_is_refused_by_its_number_and_never_held(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"code,name\nA-1,Brake\nA-2,")
        for _count in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b"\nA-3,Bolt\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read(path) == [(2, ["A-1", "Brake"]), (3, "import.long_line"), (4, ["A-3", "Bolt"])]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024)
    assert grown < 40_000_000


def test_a_quote_that_swallows_the_file_is_given_up_in_time(tmp_path: Path) -> None:
    lines = b"".join(b"A-%d,Bolt\n" % count for count in range(40_000))
    found = read(saved(tmp_path, b'code,name\nA-X,"Brake\n' + lines))
    assert found[0] == (2, "import.quotes")
    assert len(found) == 40_001
    assert len(lines) > LONGEST


# ------------------------------------------------------------------------------------------------------------- as a whole


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    assert refused(saved(tmp_path, content)) == "import.empty"


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, b"code,name,code\n")) == "import.column_twice"


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as told:
        open_sheet(tmp_path / "none.csv")
    assert told.value.problem.code == "file.unreadable"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = saved(tmp_path_factory.mktemp("any"), content)
    try:
        found = list(open_sheet(path).rows())
    except Refused:
        return
    assert all(isinstance(one, Row | Broken) for one in found)


# ------------------------------------------------------------------------------------------------------- JSON and sheets


def test_json_lines_keep_numbers_as_they_were_written(tmp_path: Path) -> None:
    content = '{"code": "A-1", "least": 1e9, "core": true, "mpn": null, "names": {"de": "Öse"}}\n[1]\n{\n\n{"code": "A-2"}\n'
    path = saved(tmp_path, content.encode(), "file.ndjson")
    assert read(path) == [
        (1, ["A-1", "1e9", "true", "", '{"de":"Öse"}']),
        (2, "import.no_object"),
        (3, "import.no_object"),
        (5, ["A-2"]),
    ]


def book(tmp_path: Path, *rows: list[object]) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    made.save(tmp_path / "file.xlsx")
    return tmp_path / "file.xlsx"


def test_a_spreadsheet_is_read_by_its_first_sheet(tmp_path: Path) -> None:
    path = book(tmp_path, ["code", "least", "core"], ["A-1", 2.5, True], [40164785534112, 3.0, None], [None, None, None])
    assert isinstance(open_sheet(path), BookSheet)
    assert read(path) == [(2, ["A-1", "2.5", "true"]), (3, ["40164785534112", "3", ""])]


def test_a_file_is_known_by_what_it_is_and_not_by_its_name(tmp_path: Path) -> None:
    path = book(tmp_path, ["code"], ["A-1"]).rename(tmp_path / "really.csv")
    assert read(path) == [(2, ["A-1"])]
    assert isinstance(open_sheet(saved(tmp_path, b'{"code": "A-1"}\n', "lines.txt")), LineSheet)
    assert isinstance(open_sheet(saved(tmp_path, b"code\nA-1\n", "rows.xlsx")), SeparatedSheet)


def test_a_spreadsheet_that_swells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    assert refused(path) == "import.swollen"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(300)])
def test_a_package_that_is_no_spreadsheet_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(saved(tmp_path, content, "file.xlsx")) == "import.no_book"


# ---------------------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0", "'=1"])
def test_no_spreadsheet_runs_what_we_wrote(text: str) -> None:
    assert armed(text).startswith("'")


@given(st.text())
def test_what_was_quoted_comes_back_as_it_was(text: str) -> None:
    assert disarmed(armed(text)) == text
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    "head", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b'[{"code": "A-1"}]', b"<html>", b"\x1f\x8b\x08"]
)
def test_a_file_of_another_kind_is_told_to_be_one(tmp_path: Path, head: bytes) -> None:
    assert refused(saved(tmp_path, head + b"\n")) == "import.other_kind"


def test_an_apostrophe_of_its_own_stays() -> None:
    assert armed("'s-Hertogenbosch") == disarmed("'s-Hertogenbosch") == "'s-Hertogenbosch"
