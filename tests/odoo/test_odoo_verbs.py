"""`fettle odoo …` against a real Odoo: it is set up once and harmlessly again, checked, run, and looked after."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from odoo_fixture import There
from sqlalchemy import URL

from app.odoo.records import OdooInstance
from sync.hub.main import Hub
from sync.odoo.check import examine
from sync.odoo.instances import instance_of
from sync.odoo.jsonrpc import JsonRpc
from sync.odoo.keys import key_of
from sync.odoo.transport import Odoo
from ui.cli import main

HUB = "http://127.0.0.1:9"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def fettle(postgres: URL, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `fettle ARGUMENTS…` for a hub with one organisation; exit code, output and words."""
    monkeypatch.setenv("DATABASE_URL", postgres.render_as_string(hide_password=False))
    monkeypatch.delenv("FETTLE_ODOO_KEY", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--store", str(folder), *arguments])
        return code, *capsys.readouterr()

    run("hub", "users", "add", "Nora", "--found", "Moto Keller")
    return run


@pytest.fixture
def instance(postgres: URL, folder: Path) -> Callable[[], tuple[UUID, OdooInstance]]:
    """What the hub's database says of its Odoo."""

    def read() -> tuple[UUID, OdooInstance]:
        hub = Hub.open(postgres, folder)
        try:
            [org] = hub.organisations()
            found = instance_of(hub.app, org)
            assert found is not None
            return org, found
        finally:
            hub.close()

    return read


@pytest.fixture
def set_up(fettle: Run, there: There, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A hub that works with this test process's Odoo."""
    monkeypatch.setenv("FETTLE_ODOO_KEY", there.key)
    assert fettle("odoo", "setup", "--url", there.account.url, "--db", there.account.db)[0] == 0
    return fettle


@pytest.fixture
def hooked(odoo: Odoo) -> Iterator[Odoo]:
    """An Odoo that may be told to call a hub; not for long, as other tests change records too and nobody hears the calls."""
    yield odoo
    odoo.call("base.automation", "unlink", odoo.call("base.automation", "search", domain=[["name", "like", "Fettle:"]]))


# --------------------------------------------------------------------------------------------------------------- setup


def test_a_key_that_is_given_lies_in_a_file_that_only_the_hub_reads(
    fettle: Run, there: There, folder: Path, instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", _Piped(there.key))
    code, _out, words = fettle("odoo", "setup", "--url", there.account.url, "--db", there.account.db)
    assert (code, "Fettle bridge" in words) == (0, True)
    org, row = instance()
    [file] = folder.glob("odoo-*.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key_of(folder, org, {}) == there.key
    assert (row.version.startswith("19"), row.company > 0, bool(row.places["places"]["wip"])) == (True, True, True)
    assert there.key not in json.dumps([row.places, row.url, row.login])


def test_the_first_time_an_administrators_key_is_enough_and_is_not_kept(
    fettle: Run, there: There, odoo: Odoo, folder: Path, instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", _Piped(""))
    monkeypatch.setenv("FETTLE_ODOO_ADMIN_KEY", there.key)
    where = ("--url", there.account.url, "--db", there.account.db)
    code, _out, words = fettle("odoo", "setup", *where, "--make-user", "--login", "bridge-first")
    assert (code, "“bridge-first” is the bridge's own user" in words or "was there already" in words) == (0, True)
    assert instance()[1].login == "bridge-first"
    assert list(folder.glob("odoo-*.key")) == []
    monkeypatch.delenv("FETTLE_ODOO_ADMIN_KEY")
    code, _out, words = fettle("odoo", "check")
    assert (code, "The hub has no key to Odoo." in words) == (3, True)


def test_setting_up_twice_makes_everything_once(set_up: Run, hooked: Odoo) -> None:
    def made() -> list[int]:
        models = ("stock.location", "res.groups", "ir.model.access", "res.users", "base.automation", "ir.actions.server")
        return [hooked.call(model, "search_count", domain=[], context={"active_test": False}) for model in models]

    words = ("odoo", "setup", "--make-user", "--login", "bridge-twice", "--hub", HUB, "--json")
    first = set_up(*words)
    counts = made()
    again = set_up(*words)
    assert (first[0], again[0], made()) == (0, 0, counts)
    steps = [json.loads(line) for line in again[1].splitlines()]
    assert [(one["step"], one["there"]) for one in steps] == [("places", True), ("group", True), ("user", True), ("hooks", True)]


def test_a_new_secret_is_called_from_now_on_and_the_old_one_lives_until_it_is_forgotten(
    set_up: Run, hooked: Odoo, instance: Any
) -> None:
    set_up("odoo", "setup", "--hub", HUB)
    first = instance()[1].secret_a
    assert called(hooked) == {f"{HUB}/odoo/hook/{first}"}
    set_up("odoo", "setup", "--hub", HUB, "--rotate")
    row = instance()[1]
    assert (row.secret_b, row.secret_a != first, len(row.secret_a)) == (first, True, 64)
    assert called(hooked) == {f"{HUB}/odoo/hook/{row.secret_a}"}
    set_up("odoo", "setup", "--forget-old")
    assert (instance()[1].secret_a, instance()[1].secret_b) == (row.secret_a, "")


def test_the_bridge_rests_and_goes_on_when_it_is_told_to(set_up: Run, instance: Any) -> None:
    assert set_up("odoo", "setup", "--pause")[0] == 0
    assert instance()[1].paused
    assert json.loads(set_up("odoo", "status", "--json")[1])["state"] == "paused"
    set_up("odoo", "setup", "--resume")
    assert not instance()[1].paused


@pytest.mark.parametrize("verb", [("check",), ("status",), ("map",), ("dead",), ("sync", "--once")])
def test_without_an_odoo_every_verb_says_how_to_begin(fettle: Run, verb: tuple[str, ...]) -> None:
    code, out, words = fettle("odoo", *verb)
    assert (code, out) == (2, "")
    assert "fettle odoo setup" in words


# --------------------------------------------------------------------------------------------------------------- check


def test_the_check_says_what_answers_and_as_whom(set_up: Run, there: There) -> None:
    code, out, _words = set_up("odoo", "check", "--json")
    told = json.loads(out)
    assert (code, told["fits"], told["database"], told["login"]) == (0, True, there.account.db, "admin")
    assert told["version"].startswith("19")
    assert "odoo.too_mighty" in [one["code"] for one in told["advice"]]


def test_a_wrong_key_is_refused_in_words_and_an_odoo_that_is_away_is_lacking(
    set_up: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_ODOO_KEY", "0" * 40)
    code, _out, words = set_up("odoo", "check")
    assert (code, "wrong, or has expired" in words) == (1, True)
    code, _out, words = set_up("odoo", "setup", "--url", "http://127.0.0.1:9")
    assert (code, "cannot be reached" in words) == (3, True)
    monkeypatch.setenv("FETTLE_ODOO_KEY", "")
    assert set_up("odoo", "check")[0] == 3


def test_the_bridges_own_user_may_do_what_it_needs_and_is_no_administrator(least: JsonRpc, there: There) -> None:
    found = examine(least, there.account)
    assert (found.lacking, found.login) == ((), "bridge-least")
    assert "odoo.too_mighty" not in [one.code for one in found.advice]


@pytest.mark.parametrize(("digits", "advised"), [(2, True), (3, False)])
def test_the_check_says_where_odoo_keeps_fewer_decimals_of_a_quantity(
    odoo: Odoo, there: There, digits: int, advised: bool
) -> None:
    [kept] = odoo.search_read("decimal.precision", [["name", "=like", "Product Unit%"]], ["digits"])
    odoo.call("decimal.precision", "write", [kept["id"]], vals={"digits": digits})
    try:
        assert ("odoo.coarse" in [one.code for one in examine(odoo, there.account).advice]) == advised
    finally:
        odoo.call("decimal.precision", "write", [kept["id"]], vals={"digits": kept["digits"]})


@pytest.mark.parametrize(("way", "advised"), [("round_globally", True), ("round_per_line", False)])
def test_an_odoo_that_rounds_taxes_another_way_is_told_before_a_cent_differs(
    odoo: Odoo, there: There, way: str, advised: bool
) -> None:
    [user] = odoo.call("res.users", "read", [odoo.user()], fields=["company_id"])
    odoo.call("res.company", "write", [user["company_id"][0]], vals={"tax_calculation_rounding_method": way})
    assert ("odoo.rounding" in [one.code for one in examine(odoo, there.account).advice]) == advised


def test_a_right_that_is_lacking_is_named_in_a_sentence(odoo: Odoo, least: JsonRpc, there: There) -> None:
    [group] = odoo.search_read("res.groups", [["name", "=", "Fettle bridge"]], ["implied_ids"])
    odoo.call("res.users", "write", [least.user()], vals={"group_ids": [[6, 0, [_number(odoo, "base.group_user")]]]})
    try:
        found = examine(least, there.account)
    finally:
        odoo.call("res.users", "write", [least.user()], vals={"group_ids": [[6, 0, [group["id"]]]]})
    sentences = [one.sentence for one in found.lacking]
    assert "The bridge's user may not read, change, make repair orders (repair.order)." in sentences
    assert "The bridge's user may not read external names (ir.model.data)." in sentences
    assert not found.fits


# ------------------------------------------------------------------------------------------------- run and looked after


def test_a_pass_says_what_it_did_and_the_status_what_is_left(set_up: Run) -> None:
    code, out, _words = set_up("odoo", "sync", "--once")
    assert (code, json.loads(out)["state"] in ("in_step", "sending")) == (0, True)
    told = json.loads(set_up("odoo", "status", "--json")[1])
    assert (told["dead"], told["problem"]) == (0, "")
    assert set_up("odoo", "dead") == (0, "id  subject  verdict  since  owner  tries  said  hint\n", "")


def test_the_maps_are_listed_with_what_they_have_placed(set_up: Run) -> None:
    told = json.loads(set_up("odoo", "map", "--json")[1])
    ways = {(one["way"], one["here"], one["odoo"]) for one in told["maps"]}
    assert ("out", "work_order", "repair.order") in ways
    assert ("in", "part", "product.product") in ways


def test_a_letter_that_is_none_is_wrong_usage(set_up: Run) -> None:
    code, _out, words = set_up("odoo", "dead", "--again", "seven")
    assert (code, "fettle odoo dead" in words) == (2, True)


class _Piped:
    """A key that a program pipes in."""

    def __init__(self, text: str) -> None:
        self._text = text

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return f"{self._text}\n"


def called(odoo: Odoo) -> set[str]:
    found = odoo.search_read("ir.actions.server", [["name", "like", "Fettle:"]], ["webhook_url"])
    return {row["webhook_url"] for row in found}


def _number(odoo: Odoo, name: str) -> int:
    module, _dot, rest = name.partition(".")
    return int(odoo.search_read("ir.model.data", [["module", "=", module], ["name", "=", rest]], ["res_id"])[0]["res_id"])
