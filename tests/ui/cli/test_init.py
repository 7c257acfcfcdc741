"""`fettle init`: a workshop is begun without a window, and what opens it is told this once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ui.cli import main


def told(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, str]], str]:
    said = capsys.readouterr()
    return [json.loads(line) for line in said.out.splitlines()], said.err


def test_one_call_makes_a_workshop_in_which_somebody_can_act(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ["--store", str(tmp_path / "shop")]
    parts = tmp_path / "parts.csv"
    parts.write_text("code,name\nBRK-1,Brake pad\n")
    begin = ["init", "Moto Keller", "--admin", "Nora Keller", "--badge", "--zone", "Europe/Berlin", "--parts", str(parts)]
    assert main([*store, *begin]) == 0
    lines, words = told(capsys)
    [line] = lines
    assert {"username", "pin", "badge", "recovery"} <= set(line)
    assert "1 made" in words
    assert "shown this once" in words
    assert main([*store, "--json", "doctor"]) == 0
    found = {check["check"]: check["state"] for check in told(capsys)[0]}
    assert (found["backups"], found["links"]) == ("ok", "ok")
    monkeypatch.setenv("FETTLE_PIN", line["pin"])
    assert main([*store, "--as", line["username"], "ask", "parts"]) == 0
    assert [one["code"] for one in told(capsys)[0]] == ["BRK-1"]


def test_where_somebody_looks_after_the_workshop_nobody_begins_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "shop")]
    assert main([*store, "init", "Moto Keller"]) == 0
    assert "Nobody can sign in yet" in told(capsys)[1]
    assert main([*store, "init", "Moto Keller", "--admin", "Nora"]) == 0
    assert main([*store, "init", "Another Name", "--admin", "Mallory"]) == 1
    assert "There is an administrator already." in told(capsys)[1]


def test_what_does_not_fit_is_said_and_makes_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", str(tmp_path / "shop")]
    assert main([*store, "init", "Moto Keller", "--zone", "Berlin", "--admin", "Nora"]) == 1
    assert "not a time zone" in told(capsys)[1]
    assert main([*store, "init", "Moto Keller", "--admin", "Nora"]) == 0
