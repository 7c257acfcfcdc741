"""`ask`, `scan`, and the lists of what there is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.catalogue import first_sentence
from app.kernel.scanning import own_code


def test_a_query_prints_its_rows_as_json_lines(fettle: Callable[..., Any]) -> None:
    said = fettle("ask", "stock")
    assert [row["code"] for row in said.lines] == [f"PT-{place}" for place in range(5)]
    assert said.lines[0]["on_hand"] == "5"


def test_an_entity_can_be_listed_like_a_query(fettle: Callable[..., Any]) -> None:
    assert [row["code"] for row in fettle("ask", "bin").lines] == ["A-01", "A-02", "Q-01"]


def test_a_limit_is_kept_and_all_pages_come_without_one(fettle: Callable[..., Any]) -> None:
    assert len(fettle("ask", "stock", "--limit", "2").lines) == 2
    assert len(fettle("ask", "movements").lines) == 5


@pytest.mark.parametrize("limit", ["0", "-1", "many", "\u0663"])
def test_a_limit_that_is_no_number_of_rows_is_wrong_usage(fettle: Callable[..., Any], limit: str) -> None:
    assert fettle("ask", "stock", f"--limit={limit}").code == 2


def test_a_misspelt_query_gets_a_proposal(fettle: Callable[..., Any]) -> None:
    said = fettle("ask", "stok")
    assert (said.code, said.out) == (1, "")
    assert "Did you mean stock?" in said.words


def test_a_query_says_what_it_needs_to_know(fettle: Callable[..., Any]) -> None:
    said = fettle("ask", "order_parts")
    assert (said.code, said.words) == (1, "“order_parts” needs to know “order”. Write order= and its value.\n")


@pytest.mark.parametrize(
    ("argument", "code", "word"),
    [
        ("colour=red", 1, "takes no “colour”"),
        ("part=x", 1, "does not fit “part”"),
        ("low", 2, "not key=value"),
        ("=1", 2, "key=value"),
    ],
)
def test_an_argument_that_does_not_fit_is_said(fettle: Callable[..., Any], argument: str, code: int, word: str) -> None:
    said = fettle("ask", "stock", argument)
    assert (said.code, said.out) == (code, "")
    assert word in said.words


def test_a_sheet_never_carries_a_formula(shop: Any, fettle: Callable[..., Any]) -> None:
    name = '=HYPERLINK("http://example.org")'
    fields = {"code": [None, "EVIL-1"], "name": [None, name]}
    assert fettle("do", "SaveRecord", json.dumps({"entity": "part", "fields": fields})).code == 0
    rows = list(csv.DictReader(io.StringIO(fettle("ask", "part", "--format", "csv").out)))
    assert [row["name"] for row in rows if row["code"] == "EVIL-1"] == ["'" + name]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_a_number_stays_one_in_a_sheet(shop: Any, fettle: Callable[..., Any]) -> None:
    assert fettle("do", "IssuePart", json.dumps(shop.issue(quantity=6, reason="It lies here"))).code == 0
    rows = list(csv.DictReader(io.StringIO(fettle("ask", "stock", "--format", "csv").out)))
    assert [row["on_hand"] for row in rows if row["code"] == "PT-0"] == ["-1"]


def test_a_table_is_for_people(fettle: Callable[..., Any]) -> None:
    head, first, *_rest = fettle("ask", "stock", "--format", "table").out.splitlines()
    assert head.split() == ["code", "name", "bin", "warehouse", "on_hand", "unit", "least"]
    assert first.startswith("PT-0")


def test_scans_are_told_as_json_one_a_line(fettle: Callable[..., Any]) -> None:
    said = fettle("scan", "PT-0", own_code("QT", "10"), own_code("CM", "UNDO"), "PT-0 and more")
    assert [line["kind"] for line in said.lines] == ["row", "quantity", "command", "unknown"]
    assert said.lines[0]["matches"][0]["title"] == "Brake pads front"
    assert said.lines[3]["problem"]["hint"]
    assert said.code == 0


@pytest.mark.parametrize("damaged", ["FT1:QT:10:X", "", "a\x01b", "x" * 5000])
def test_what_no_scanner_can_have_meant_is_refused_in_a_sentence(fettle: Callable[..., Any], damaged: str) -> None:
    said = fettle("scan", damaged)
    assert (said.code, said.line["kind"]) == (1, "refused")
    assert said.line["problem"]["hint"]


@pytest.mark.parametrize("listed", ["commands", "queries", "entities"])
def test_everything_there_is_has_a_grant_a_sentence_and_a_schema(fettle: Callable[..., Any], listed: str) -> None:
    entries = fettle(listed, "--json").lines
    assert entries
    assert [entry["name"] for entry in entries if not (entry["grant"] and entry["about"].endswith("."))] == []
    assert {entry["schema"]["type"] for entry in entries} == {"object"}
    assert fettle(listed).out.count("\n") == len(entries) + 1


def test_a_schema_says_what_do_takes(fettle: Callable[..., Any]) -> None:
    entries = {entry["name"]: entry for entry in fettle("commands", "--json").lines}
    issue = entries["IssuePart"]["schema"]
    assert issue["required"] == ["order", "part", "bin"]
    assert set(issue["properties"]) == {"order", "part", "bin", "quantity", "lot", "reason", "supplement"}
    assert "row" in entries["Transition"]["schema"]["required"], "id is the command's own"
    assert not [name for name, entry in entries.items() if {"id", "do"} & set(entry["schema"]["properties"])]


def test_no_schema_of_an_entity_shows_a_secret(fettle: Callable[..., Any]) -> None:
    entries = {entry["name"]: entry for entry in fettle("entities", "--json").lines}
    assert "pin" not in entries["person"]["schema"]["properties"]
    assert entries["part"]["schema"]["properties"]["unit"]["enum"][0] == "pcs"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("One. Two.", "One."), ("One\nstill one. Two.", "One still one."), ("One", "One."), (None, ""), ("One.\n\nTwo.", "One.")],
)
def test_the_first_sentence_of_a_docstring(text: str | None, sentence: str) -> None:
    assert first_sentence(text) == sentence
