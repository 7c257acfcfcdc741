"""A real Odoo is asked over both of its protocols; what it refuses, and what the line does, is understood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from odoo_fixture import There
from proxy import Proxy

from app.kernel.problems import Refused
from sync.bench.odoo_server import Server
from sync.odoo import json2, jsonrpc
from sync.odoo.errors import HUMAN, MAPPING, RETRY, Away, BadRows, Said, Verdict, verdict_of
from sync.odoo.json2 import Json2
from sync.odoo.jsonrpc import JsonRpc
from sync.odoo.transport import Account, Odoo, connect, version_of
from sync.pool import Reply

_opened: list[Odoo] = []


def speaking(kind: str, account: Account, key: str, **more: float) -> Odoo:
    """A line over that protocol, which is closed when the test ends, however it ends."""
    json2, db = kind == "JSON-2", account.db
    made = Json2(account.url, db, key, **more) if json2 else JsonRpc(account.url, db, account.login, key, **more)
    _opened.append(made)
    return made


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(params=["JSON-2", "JSON-RPC"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def either(kind: str, there: There) -> Iterator[Odoo]:
    """The same database over one protocol, and then over the other."""
    made = speaking(kind, there.account, there.key)
    yield made
    made.close()


def own() -> str:
    """A name that nothing else in the database has."""
    return f"fettle.try_{uuid4().hex}"


def refused(act: Callable[[], object]) -> Verdict:
    with pytest.raises(Said) as found:
        act()
    return verdict_of(found.value)


# ---------------------------------------------------------------------------------------------------- asking and loading


def test_a_version_is_asked_without_signing_in_and_says_how_to_speak(there: There, either: Odoo) -> None:
    assert version_of(there.account.url).major >= 19
    assert either.version() == version_of(there.account.url)
    assert isinstance(there.connect(), Json2)
    assert isinstance(connect(Account("http://odoo.invalid", "x", "y", "18.0+e"), "key"), JsonRpc)


def test_a_record_loaded_twice_by_our_id_is_one_and_the_later_words_stand(either: Odoo) -> None:
    name = own()
    first = either.load("res.partner", ["id", "name"], [[name, "Ann"]])
    assert either.load("res.partner", ["id", "name"], [[name, "Ann Lee"]]) == first
    assert either.search_read("res.partner", [["id", "in", first]], ["name"]) == [{"id": first[0], "name": "Ann Lee"}]


def test_both_protocols_find_make_change_and_read_alike(either: Odoo) -> None:
    made = either.call("res.partner", "create", vals_list=[{"name": own()}, {"name": own()}])
    assert len(made) == 2
    either.call("res.partner", "write", made, vals={"city": "Graz"})
    assert [row["city"] for row in either.call("res.partner", "read", made, fields=["city"])] == ["Graz", "Graz"]
    either.call("res.partner", "write", made[:1], vals={"active": False})
    assert either.call("res.partner", "search", domain=[["id", "in", made]]) == made[1:]
    everybody = {"active_test": False}
    found = either.search_read("res.partner", [["id", "in", made]], ["id"], order="id desc", limit=1, context=everybody)
    assert [row["id"] for row in found] == made[1:]


def test_a_button_that_answers_nothing_was_pressed_all_the_same(either: Odoo) -> None:
    [product] = either.load("product.product", ["id", "name", "is_storable"], [[own(), "Brake pad", "1"]])
    [shelf] = either.search_read("stock.warehouse", [], ["lot_stock_id"], order="id", limit=1)
    quant = {"product_id": product, "location_id": shelf["lot_stock_id"][0], "inventory_quantity": 4.0}
    [made] = either.call("stock.quant", "create", vals_list=[quant], context={"inventory_mode": True})
    assert either.call("stock.quant", "action_apply_inventory", [made]) is None
    assert either.call("product.product", "read", [product], fields=["qty_available"])[0]["qty_available"] == 4.0


def test_of_a_batch_with_one_bad_row_nothing_is_kept_and_the_row_is_named(either: Odoo) -> None:
    good, bad = own(), own()
    with pytest.raises(BadRows) as found:
        either.load("res.partner", ["id", "name", "country_id/id"], [[good, "Ann", ""], [bad, "Bob", "base.nowhere"]])
    assert [(one.row, one.field) for one in found.value.rows] == [(1, "country_id")]
    assert verdict_of(found.value).kind == MAPPING
    assert either.search_read("ir.model.data", [["name", "=", good.partition(".")[2]]], ["res_id"]) == []


# ------------------------------------------------------------------------------------------------------- what it refuses


def test_what_is_lacking_in_odoo_is_told_from_what_is_wrong_with_a_record(either: Odoo) -> None:
    assert refused(lambda: either.call("no.such", "read", [1])).code == "odoo.module"
    assert refused(lambda: either.call("res.partner", "no_such", [1])).code == "odoo.module"
    assert refused(lambda: either.call("res.partner", "write", [1], vals={"no_such": 1})).code == "odoo.module"
    assert refused(lambda: either.call("res.partner", "write", [1 << 30], vals={"city": "Graz"})).code == "odoo.gone"
    assert refused(lambda: either.call("res.partner", "_compute_display_name", [1])).code == "odoo.rights"


def test_a_button_pressed_twice_is_told_in_odoos_own_words(either: Odoo) -> None:
    [product] = either.load("product.product", ["id", "name"], [[own(), "Brake pad"]])
    [repair] = either.load("repair.order", ["id", "product_id/.id"], [[own(), str(product)]])
    for button in ("action_validate", "action_repair_start", "action_repair_end"):
        either.call("repair.order", button, [repair])
    again = refused(lambda: either.call("repair.order", "action_repair_end", [repair]))
    assert (again.kind, again.code, again.everywhere) == (HUMAN, "odoo.refuses", False)
    assert "must be under repair" in again.problem.sentence


def test_a_closed_period_is_for_whoever_keeps_the_books(fresh_odoo: Callable[[], There]) -> None:
    with closing(fresh_odoo().connect()) as odoo:
        company = odoo.search_read("res.company", [], ["id"], order="id", limit=1)[0]["id"]
        odoo.call("res.company", "write", [company], vals={"sale_lock_date": "2030-12-31"})
        [partner] = odoo.call("res.partner", "create", vals_list=[{"name": "Ann"}])
        line = [0, 0, {"name": "Work", "price_unit": 10.0}]
        dated = {"invoice_date": "2030-05-01", "date": "2030-05-01"}
        wanted = {"move_type": "out_invoice", "partner_id": partner, "invoice_line_ids": [line], **dated}

        def posted() -> object:
            [number] = odoo.call("account.move", "create", vals_list=[wanted], context={"allowed_company_ids": [company]})
            return odoo.call("account.move", "action_post", [number])

        try:
            verdict = refused(posted)
        finally:
            odoo.call("res.company", "write", [company], vals={"sale_lock_date": False})
        assert (verdict.kind, verdict.code) == (HUMAN, "odoo.period")


def test_a_key_that_is_wrong_stops_everything_and_blames_no_record(kind: str, there: There) -> None:
    odoo = speaking(kind, there.account, "0" * 40)
    verdict = refused(lambda: odoo.search_read("res.partner", [], ["id"], limit=1))
    assert (verdict.kind, verdict.code, verdict.everywhere) == (HUMAN, "odoo.key", True)
    odoo.close()


def test_a_database_that_is_not_there_is_said_so(kind: str, there: There) -> None:
    odoo = speaking(kind, Account(there.account.url, "no_such_database", there.account.login), there.key)
    verdict = refused(lambda: odoo.search_read("res.partner", [], ["id"], limit=1))
    assert (verdict.code, verdict.everywhere) == ("odoo.database", True)
    odoo.close()


def test_what_is_no_address_is_refused_and_a_password_in_it_is_not_shown() -> None:
    with pytest.raises(Refused) as found:
        Json2("http://ann:secret@odoo.example", "x", "key")
    assert found.value.problem.code == "odoo.address"
    assert "secret" not in str(found.value)


# ------------------------------------------------------------------------------------------------------ what the line does


def through(there: There, kind: str, *faults: str, deadline: float = 20.0) -> tuple[Proxy, Odoo]:
    port = urlsplit(there.account.url).port or 80
    proxy = Proxy(lambda: [port], faults=dict.fromkeys(faults or ("passes",), 1))
    return proxy, speaking(kind, Account(proxy.address, there.account.db, there.account.login), there.key, deadline=deadline)


def test_an_answer_that_is_lost_is_given_up_at_the_deadline_and_sent_again_does_no_harm(there: There, kind: str) -> None:
    name = own()
    proxy, odoo = through(there, kind, deadline=1.5)
    odoo.search_read("res.partner", [], ["id"], limit=1)
    proxy.faults = {"no answer": 1}
    with pytest.raises(Away) as found:
        odoo.load("res.partner", ["id", "name"], [[name, "Ann"]])
    assert (found.value.problem.code, verdict_of(found.value).kind) == ("odoo.silent", RETRY)
    proxy.heal()
    odoo.load("res.partner", ["id", "name"], [[name, "Ann"]])
    where = [["module", "=", "fettle"], ["name", "=", name.partition(".")[2]]]
    assert len(odoo.search_read("ir.model.data", where, ["res_id"])) == 1
    odoo.close()
    proxy.close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("a proxy's 502", "odoo.busy"),
        ("a portal's page", "odoo.stranger"),
        ("a portal's redirect", "odoo.stranger"),
        ("dropped before the request", "odoo.away"),
        ("cut after the hub has answered", "odoo.away"),
        ("cut in the answer", "odoo.away"),
    ],
)
def test_whatever_the_line_does_is_away_and_may_be_tried_again(there: There, kind: str, fault: str, code: str) -> None:
    proxy, odoo = through(there, kind, fault)
    with pytest.raises(Away) as found:
        odoo.search_read("res.partner", [], ["id"], limit=1)
    verdict = verdict_of(found.value)
    assert (verdict.kind, verdict.code, verdict.everywhere) == (RETRY, code, True)
    proxy.heal()
    assert odoo.search_read("res.partner", [], ["id"], limit=1)
    odoo.close()
    proxy.close()


def test_nothing_is_ever_sent_twice_by_the_line_itself(there: There, kind: str) -> None:
    """A button that was pressed and whose answer was lost must not be pressed again before somebody looked."""
    proxy, odoo = through(there, kind)
    odoo.search_read("res.partner", [], ["id"], limit=1)
    asked = proxy.struck.total()
    proxy.faults = {"cut after the hub has answered": 1}
    with pytest.raises(Away):
        odoo.search_read("res.partner", [], ["id"], limit=1)
    assert proxy.struck.total() == asked + 1
    odoo.close()
    proxy.close()


def test_an_odoo_that_is_stopped_and_started_is_asked_on(odoo_server: Server | None, there: There, kind: str) -> None:
    if odoo_server is None:
        pytest.skip("the Odoo that ODOO_URL names is not ours to stop")
    process = odoo_server.another()
    process.start()
    odoo = speaking(kind, Account(process.url, there.account.db, there.account.login), there.key)
    before = odoo.search_read("res.partner", [], ["name"], order="id", limit=3)
    process.stop(at_once=True)
    with pytest.raises(Away):
        odoo.search_read("res.partner", [], ["name"], limit=3)
    process.start()
    assert odoo.search_read("res.partner", [], ["name"], order="id", limit=3) == before
    odoo.close()
    process.stop()


def test_closing_the_line_ends_what_is_going_on(there: There, kind: str) -> None:
    odoo = there.connect()
    odoo.close()
    with pytest.raises(Away) as found:
        odoo.search_read("res.partner", [], ["id"], limit=1)
    assert found.value.problem.code == "odoo.ended"


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_us_to_wait_is_waited_for(status: int) -> None:
    """Such as the provider of an Odoo in the cloud, when a backlog comes all at once."""
    reply = Reply(status, {"content-type": "text/html", "retry-after": "7"}, b"<html>slow down</html>")
    for judged in (json2.answered, jsonrpc.result):
        with pytest.raises(Away) as found:
            judged(reply)
        assert (found.value.seconds, verdict_of(found.value).kind) == (7, RETRY)


def test_what_odoo_says_is_shown_on_one_line_and_its_traceback_never() -> None:
    told = {"name": "odoo.exceptions.UserError", "message": "Not\nlike this. " + "x" * 900, "debug": "Traceback: secret.py"}
    with pytest.raises(Said) as found:
        json2.answered(Reply(422, {"content-type": "application/json"}, json.dumps(told).encode()))
    sentence = verdict_of(found.value).problem.sentence
    assert sentence.startswith("Odoo does not take it: Not like this.")
    assert ("\n" in sentence, "Traceback" in sentence, len(sentence) < 500) == (False, False, True)
