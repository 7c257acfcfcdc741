"""`fettle do`: one answer a line, after the commit, and a sentence for every line that cannot be done."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from ui.cli.do import MOST, lines


def batch(*given: Any) -> bytes:
    """Lines of a batch; what is bytes stays as it is."""
    return b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in given)


def test_a_command_is_answered_with_the_rows_it_touched(shop: Any, fettle: Callable[..., Any]) -> None:
    said = fettle("do", "IssuePart", json.dumps(shop.issue()))
    assert said.code == 0
    assert said.line.keys() == {"id", "do", "status", "problems", "rows"}
    assert (said.line["do"], said.line["status"], said.line["problems"]) == ("IssuePart", "done", [])
    assert "stock_line" in {row["entity"] for row in said.line["rows"]}


def test_the_same_id_is_answered_again_and_applied_once(shop: Any, fettle: Callable[..., Any]) -> None:
    one = {"do": "IssuePart", "id": str(new_id()), **shop.issue()}
    first, second = fettle("do", "--batch", "-", stdin=batch(one, one)).lines
    assert first == second == fettle("do", "--batch", "-", stdin=batch(one)).line
    assert first["id"] == one["id"]
    left = fettle("ask", "stock", f"part={shop.ids['part']}").line
    assert left["on_hand"] == "4"


def test_a_misspelt_command_gets_a_proposal(fettle: Callable[..., Any]) -> None:
    said = fettle("do", "IssuePrat", "{}")
    assert said.code == 1
    assert said.line["problems"][0]["hint"] == "Did you mean IssuePart?"


def test_unknown_missing_and_unreadable_fields_are_all_said_at_once(fettle: Callable[..., Any]) -> None:
    said = fettle("do", "IssuePart", '{"ordre": "x", "part": "y"}')
    assert said.code == 1
    found = {(problem["code"], problem["field"]) for problem in said.line["problems"]}
    assert found == {
        ("command.unknown_field", "ordre"),
        ("command.missing", "order"),
        ("command.unreadable", "part"),
        ("command.missing", "bin"),
    }
    assert all(problem["message"] and problem["hint"] for problem in said.line["problems"])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('"1e9"', "quantity.exponent"),
        ("1e9", "quantity.exponent"),
        ('"-3"', "parts.quantity"),
        ("-3", "parts.quantity"),
        ('"\u0661\u0662"', "quantity.digits"),
        ('"99999999999"', "quantity.too_much"),
        ('"1,000"', "quantity.ambiguous"),
        ("0", "parts.quantity"),
        ("true", "command.unreadable"),
        ("NaN", "cli.broken_line"),
    ],
)
def test_a_quantity_that_cannot_be_meant_is_refused_and_nothing_is_booked(
    shop: Any, fettle: Callable[..., Any], written: str, code: str
) -> None:
    fields = json.dumps(shop.issue())[:-1] + f', "quantity": {written}}}'
    said = fettle("do", "--batch", "-", stdin=b'{"do": "IssuePart", ' + fields[1:].encode())
    assert (said.code, said.codes) == (1, [code])
    assert fettle("ask", "stock", f"part={shop.ids['part']}").line["on_hand"] == "5"


def test_a_closed_job_and_more_than_is_booked_are_sentences_with_what_to_do(shop: Any, fettle: Callable[..., Any]) -> None:
    short = fettle("do", "IssuePart", json.dumps(shop.issue(quantity=6))).line["problems"]
    assert {problem["code"] for problem in short} == {"parts_issue.over", "stock.short"}
    move = {"entity": "work_order", "row": shop.ids["order"], "move": "cancel", "reason": "Sold"}
    assert fettle("do", "Transition", json.dumps(move)).code == 0
    closed = fettle("do", "IssuePart", json.dumps(shop.issue()))
    assert closed.codes == ["parts_issue.closed"]
    assert closed.line["problems"][0]["hint"] == "Issue to another order; what is left over can still be returned."


def test_a_refused_line_does_not_stop_those_after_it(shop: Any, fettle: Callable[..., Any]) -> None:
    good = {"do": "IssuePart", **shop.issue()}
    said = fettle("do", "--batch", "-", stdin=batch(good, {"do": "Nothing"}, b"{broken\n", b"\n", good | {"reason": "One more"}))
    assert said.code == 1
    assert [line["status"] for line in said.lines] == ["done", "refused", "refused", "done"]
    assert said.lines[2]["problems"][0]["message"].startswith("Line 3 is not a JSON object")


@pytest.mark.parametrize(
    "broken",
    [
        b'["do"]',
        b'"do"',
        b"{",
        b'{"do": "IssuePart", "do": "Retire"}',
        b'{"do": "\xff"}',
        b'{"do": "\\ud800"}',
        b'{"do": ' + b"[" * 100_000,
        b'{"do": ' + b"9" * 10_000 + b"}",
        "{}".encode("utf-16"),
    ],
    ids=["list", "text", "cut off", "twice", "bytes", "half a character", "deep", "endless number", "UTF-16"],
)
def test_a_broken_line_is_a_sentence_with_its_number(fettle: Callable[..., Any], broken: bytes) -> None:
    said = fettle("do", "--batch", "-", stdin=b"\n" + broken + b"\n" if not broken.startswith(b"\xff\xfe") else broken)
    assert (said.code, said.codes) == (1, ["cli.broken_line"])
    assert said.line["problems"][0]["message"].startswith("Line ")
    assert said.words == ""


@pytest.mark.parametrize("command", ["5", "null", '["IssuePart"]', '{"a": 1}'])
def test_a_command_that_has_no_name_is_refused(fettle: Callable[..., Any], command: str) -> None:
    assert fettle("do", "--batch", "-", stdin=f'{{"do": {command}}}'.encode()).codes == ["unknown.name"]


@pytest.mark.parametrize("ident", ['"x"', "5", '"01a1f74c"', "[]"])
def test_an_id_that_is_none_is_refused(shop: Any, fettle: Callable[..., Any], ident: str) -> None:
    line = json.dumps({"do": "IssuePart", **shop.issue()})[:-1] + f', "id": {ident}}}'
    assert fettle("do", "--batch", "-", stdin=line.encode()).codes == ["command.unreadable"]


def test_a_file_may_begin_with_a_byte_order_mark_and_end_its_lines_as_windows_does(
    shop: Any, fettle: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "commands.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + batch({"do": "IssuePart", **shop.issue()}).replace(b"\n", b"\r\n"))
    assert fettle("do", "--batch", str(file)).line["status"] == "done"


def test_a_file_that_is_not_there_is_said(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("do", "--batch", str(tmp_path / "none.jsonl"))
    assert said.code == 3
    assert "cannot be read" in said.words


class Endless(RawIOBase):
    """One line of many bytes that are never held together, and a short one after it."""

    def __init__(self, size: int) -> None:
        self._left, self._end = size, b"\n{}\n"

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0, "a line is never read whole"
        if self._left:
            taken = min(self._left, size)
            self._left -= taken
            return b"x" * taken
        cut = self._end.index(b"\n") + 1 if self._end else 0
        line, self._end = self._end[:cut], self._end[cut:]
        return line


def test_a_line_of_200_megabytes_is_refused_in_bounded_memory_and_the_next_one_is_read() -> None:
    tracemalloc.start()
    try:
        found = list(lines(Endless(200 * 1024 * 1024)))  # type: ignore[arg-type]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [(1, None), (2, b"{}\n")]
    assert most < 4 * MOST


def test_a_line_that_is_too_long_says_so_and_where_such_files_go(shop: Any, fettle: Callable[..., Any]) -> None:
    long = b'{"do": "AddNote", "text": "' + b"x" * MOST + b'"}\n'
    said = fettle("do", "--batch", "-", stdin=long + batch({"do": "IssuePart", **shop.issue()}))
    assert [line["status"] for line in said.lines] == ["refused", "done"]
    assert said.lines[0]["problems"][0]["message"] == "Line 1 is longer than any command: nothing of it was done."


def test_a_command_with_a_record_of_its_own_calls_it_row(shop: Any, fettle: Callable[..., Any]) -> None:
    ident = str(new_id())
    note = {"do": "AddNote", "id": ident, "entity": "work_order", "row": shop.ids["order"], "text": "Calls back"}
    assert fettle("do", "--batch", "-", stdin=batch(note)).line["id"] == ident
    del note["row"]
    without = fettle("do", "--batch", "-", stdin=batch(note | {"id": str(new_id()), "texts": "x"}))
    assert without.codes == ["command.unknown_field", "command.missing"]
    unknown, missing = without.line["problems"]
    assert unknown["hint"] == "Its fields are: entity, row, text."
    assert (missing["message"], missing["field"]) == ("AddNote needs “row”.", "row")


@pytest.mark.parametrize("arguments", [(), ("IssuePart", "{}", "--batch", "-")])
def test_a_name_or_a_batch_is_wanted_and_not_both(fettle: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    said = fettle("do", *arguments)
    assert said.code == 2
    assert "--batch" in said.words
