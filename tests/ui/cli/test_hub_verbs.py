"""`fettle hub …`: what whoever looks after a hub does before and beside serving it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from ui.cli import main


@pytest.fixture
def hub(
    postgres: URL, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Runs `fettle hub ARGUMENTS…` on a database whose tables are there; exit code, output and words."""
    monkeypatch.setenv("DATABASE_URL", postgres.render_as_string(hide_password=False))

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--store", str(tmp_path / "hub"), "hub", *arguments])
        return code, *capsys.readouterr()

    return run


def test_the_first_administrator_is_made_with_their_organisation_and_a_pin(hub: Any) -> None:
    code, out, _words = hub("users", "add", "Nora Keller", "--found", "Moto Keller")
    made = json.loads(out)
    assert (code, made["username"], len(made["pin"])) == (0, "nora.keller", 6)
    _code, out, _words = hub("users", "--json")
    assert json.loads(out) == {
        "organisation": "Moto Keller",
        "username": "nora.keller",
        "name": "Nora Keller",
        "roles": "ADM",
        "status": "active",
    }


def test_the_next_ones_need_no_organisation_named_while_there_is_one(hub: Any) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    code, out, _words = hub("users", "add", "Kim", "--role", "KEE", "--username", "kim.k")
    assert (code, json.loads(out)["username"]) == (0, "kim.k")
    hub("users", "add", "Olga", "--found", "Rad und Tat")
    code, _out, words = hub("users", "add", "Ada")
    assert code == 2
    assert "Moto Keller, Rad und Tat" in words
    assert hub("users", "add", "Ada", "--organisation", "rad und tat")[0] == 0


def test_an_organisation_is_founded_once_and_for_nobody_who_cannot_be_made(hub: Any) -> None:
    for unfit in (("X",), ("Nora", "--role", "BOSS"), ("Nora", "--username", "Nora K!")):
        assert hub("users", "add", *unfit, "--found", "Moto Keller")[0] == 1
    assert json.loads(hub("status", "--json")[1])["organisations"] == 0
    assert hub("users", "add", "Nora", "--found", "Moto Keller")[0] == 0
    code, _out, words = hub("users", "add", "Olga", "--found", " moto  keller")
    assert (code, "there already" in words) == (2, True)
    assert hub("users", "add", "Olga")[0] == 0


def test_no_code_is_made_for_what_is_no_address(hub: Any) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    for address in ("hub", "ftp://hub.example"):
        code, out, words = hub("enrol-code", "--url", address)
        assert (code, out, address in words) == (1, "", True)
    assert "--url" in hub("enrol-code", "--json")[2]


def test_files_that_cannot_be_read_or_written_are_told_in_words(hub: Any, tmp_path: Path) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    taken = tmp_path / "taken"
    taken.write_text("no folder")
    for verb in (
        ("restore", str(tmp_path / "none")),
        ("restore", str(tmp_path)),
        ("backup", "--no-drill", "--to", str(taken)),
        ("parcel", str(tmp_path / "none"), "--answer", str(tmp_path / "answer")),
        ("recover", str(tmp_path / "none")),
    ):
        code, out, words = hub(*verb)
        assert (verb, code, out) == (verb, 3, "")
        assert "cannot be" in words


def test_an_empty_hub_says_what_to_do_first(hub: Any) -> None:
    code, _out, words = hub("users", "add", "Nora")
    assert (code, "--found" in words) == (2, True)
    assert hub("users")[0] == 0


def test_what_cannot_be_is_refused_in_words(hub: Any) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    code, _out, words = hub("users", "add", "Kim", "--role", "BOSS")
    assert (code, "MEC" in words) == (1, True)
    assert hub("users", "add", "Kim", "--username", "Kim Kim!")[0] == 1


def test_status_and_fingerprint_tell_how_it_stands(hub: Any) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    _code, out, words = hub("status", "--json")
    assert out, words
    told = json.loads(out)
    assert (told["organisations"], told["people"], told["parked"]) == (1, 1, 0)
    _code, out, _words = hub("fingerprint")
    assert json.loads(out)["person"]["count"] == 1
    code, _out, words = hub("fingerprint", "--device", "nobody")
    assert (code, "nobody" in words) == (2, True)


def test_tables_are_made_once_and_again_for_nothing(hub: Any) -> None:
    assert [hub("migrate")[0] for _time in range(2)] == [0, 0]


def test_a_place_that_is_taken_is_told_in_words(hub: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _out, words = hub("serve", "--port", str(taken.getsockname()[1]))
    assert (code, "--port" in words) == (3, True)


def test_a_database_that_is_away_is_told_in_words_without_its_password(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://fettle:canary@127.0.0.1:1/fettle")
    code, _out, words = hub("status")
    assert code == 3
    assert "canary" not in words
    assert "DATABASE_URL" in words


def test_tables_of_another_program_are_left_alone(hub: Any, postgres: URL) -> None:
    from sqlalchemy import create_engine, text

    owner = create_engine(postgres)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    owner.dispose()
    code, _out, words = hub("status")
    assert (code, "fettle hub migrate" in words) == (3, True)


def test_who_restores_a_hub_is_told_that_its_keys_are_in_no_backup(
    hub: Any, postgres_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub("users", "add", "Nora", "--found", "Moto Keller")
    file = tmp_path / "night.fettle-hub"
    assert hub("backup", "--no-drill", "--to", str(file))[0] == 0
    empty = postgres_server.create()
    monkeypatch.setenv("DATABASE_URL", empty.render_as_string(hide_password=False))
    keys = tmp_path / "hub" / "hub.keys"
    safe = keys.rename(tmp_path / "safe")
    try:
        code, _out, words = hub("restore", str(file))
        assert (code, str(keys) in words) == (0, True)
        assert hub("users")[0] == 3
        safe.rename(keys)
        assert "Nora" in hub("users")[1]
    finally:
        postgres_server.drop(empty)
