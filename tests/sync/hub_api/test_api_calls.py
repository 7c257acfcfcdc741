"""What other programs do over HTTP: list, look, save, move and run commands, and what they are told when it may not be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel.ids import new_id
from app.kernel.types import Quantity


@pytest.fixture
def nora(served: Any) -> Any:
    return served.caller(served.people["nora"])


@pytest.fixture(scope="module")
def asker(standing: Any) -> Any:
    """Nora, where she only asks."""
    return standing.caller(standing.people["nora"])


def test_a_list_comes_page_after_page(asker: Any) -> None:
    first = asker.done("GET", "/parts?limit=3&sort=code&total=true")
    rest = asker.done("GET", f"/parts?limit=3&sort=code&after={first['next']}")
    assert [row["code"] for row in first["rows"] + rest["rows"]] == [f"PT-{number}" for number in range(5)]
    assert (first["total"], rest["next"]) == (5, None)


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ("code=PT-1", ["PT-1"]),
        ("name[has]=brake", ["PT-0", "PT-1", "PT-2"]),
        ("code[in]=PT-3,PT-4", ["PT-3", "PT-4"]),
        ("code[gt]=PT-2&price[ge]=900", ["PT-3", "PT-4"]),
        ("core=false&code[le]=PT-0", ["PT-0"]),
        ("category[empty]=true&code[ne]=PT-0&code[lt]=PT-2", ["PT-1"]),
    ],
)
def test_a_list_is_filtered_by_its_address(asker: Any, filters: str, codes: list[str]) -> None:
    found = asker.done("GET", f"/parts?sort=code&fields=code&{filters}")
    assert found["rows"] == [{"code": code} for code in codes]


def test_links_come_with_their_ids_and_their_titles(standing: Any, asker: Any) -> None:
    [row] = asker.done("GET", "/bins?code=A-01")["rows"]
    assert (row["warehouse"], row["warehouse_id"]) == ("WH", str(standing.world.warehouse))


@pytest.mark.parametrize(
    "address",
    [
        "/parts?limit=0",
        "/parts?limit=9999",
        "/parts?colour=red",
        "/parts?core=perhaps",
        "/parts?price=much",
        "/parts?sort=colour",
        "/parts?code[like]=P",
        "/parts?fields=colour",
        "/parts?after=nonsense",
        "/parts?code=a&code=b",
        "/parts?name';--=x",
        "/queries/roles_held",
        "/queries/stock?part=x",
        "/search",
        "/search?q=a&entity=unicorn",
        "/parts?name[has]=%00",
        "/parts?price[has]=4",
        "/bins?warehouse_id[has]=2",
    ],
)
def test_an_address_that_means_nothing_is_told_so(asker: Any, address: str) -> None:
    told = asker.get(address)
    assert told.status_code in (400, 404, 422)
    assert told.json()["hint"]


def test_a_record_its_steps_and_what_was_done_to_it(served: Any, nora: Any) -> None:
    path = f"/work-orders/{served.world.order}"
    nora.done("POST", f"{path}/diagnose")
    row = nora.done("GET", path)
    assert (row["state"], row["moves"]) == ("DIAGNOSING", ["quote", "cancel"])
    latest = nora.done("GET", f"{path}/history")["rows"][0]
    assert (latest["command"], latest["name"]) == ("Transition", "Nora")
    assert {"field": "state", "before": "CHECKIN", "after": "DIAGNOSING"} in latest["fields"]


def test_a_step_that_does_not_lead_on_is_a_conflict(served: Any, nora: Any) -> None:
    told = nora("POST", f"/work-orders/{served.world.order}/finish")
    assert (told.status_code, told.json()["code"]) == (409, "state.illegal")
    assert told.json()["answer"]["status"] == "refused"


def test_a_step_that_wants_a_reason_asks_for_it(served: Any, nora: Any) -> None:
    path = f"/work-orders/{served.world.order}/cancel"
    refused = nora("POST", path).json()
    assert (refused["code"], refused["field"]) == ("state.reason", "reason")
    nora.done("POST", path, {"reason": "Customer called it off"})


def test_a_record_is_made_changed_and_retired_by_the_verbs_of_http(nora: Any) -> None:
    made = nora("POST", "/parts", {"code": "BLT-M6", "name": "Socket screw M6"})
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/api/v1")
    nora.done("PATCH", path, {"name": "Socket screw M6 × 25", "price": 35})
    row = nora.get(path)
    assert (row.json()["name"], row.json()["price"]) == ("Socket screw M6 × 25", 35)
    nora.done("DELETE", path)
    assert nora.done("GET", path)["retired"] is True
    assert nora.done("GET", "/parts?code=BLT-M6")["rows"] == []


def test_a_change_that_was_read_too_long_ago_is_refused_by_its_tag(served: Any, nora: Any) -> None:
    path = f"/parts/{served.world.part}"
    tag = nora.get(path).headers["ETag"]
    nora.done("PATCH", path, {"price": 950}, If_Match=tag)
    late = nora("PATCH", path, {"price": 999}, If_Match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "api.changed")
    assert nora.done("GET", path)["price"] == 950


def test_a_secret_field_is_neither_shown_nor_written(served: Any, nora: Any) -> None:
    path = f"/people/{served.people['kim'].id}"
    assert "pin" not in nora.done("GET", path)
    assert "argon2" not in nora.get(f"{path}/history").text
    assert nora("PATCH", path, {"pin": "407193"}).json()["code"] == "api.secret"


def issue(served: Any) -> dict[str, str]:
    world = served.world
    return {"order": str(world.order), "part": str(world.part), "bin": str(world.bin), "quantity": "1"}


def test_a_command_is_applied_once_however_often_it_is_sent(served: Any, nora: Any) -> None:
    key = str(new_id())
    first = nora("POST", "/commands/IssuePart", issue(served), Idempotency_Key=key)
    again = nora("POST", "/commands/IssuePart", {**issue(served), "id": key})
    assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
    assert (first.json()["id"], first.json()["do"], first.json()["status"]) == (key, "IssuePart", "done")
    assert served.world.on_hand() == Quantity(4)


def test_a_change_sent_twice_is_the_same_change(served: Any, nora: Any) -> None:
    key, path = str(new_id()), f"/parts/{served.world.part}"
    first = nora.done("PATCH", path, {"price": 950}, Idempotency_Key=key)
    nora.done("PATCH", path, {"price": 960})
    assert nora.done("PATCH", path, {"price": 950}, Idempotency_Key=key) == first
    assert nora.done("GET", path)["price"] == 960


def test_an_id_belongs_to_one_command(served: Any, nora: Any) -> None:
    key = str(new_id())
    nora.done("POST", "/commands/IssuePart", issue(served), Idempotency_Key=key)
    other = nora("POST", "/commands/IssuePart", {**issue(served), "quantity": "2"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (409, "command.id_taken")
    two = nora("POST", "/commands/IssuePart", {**issue(served), "id": str(new_id())}, Idempotency_Key=key)
    assert (two.status_code, two.json()["code"]) == (400, "api.key")


def test_a_command_about_a_record_calls_it_row(served: Any, nora: Any) -> None:
    nora.done("POST", "/commands/AddNote", {"entity": "work_order", "row": str(served.world.order), "text": "Calls back"})
    nora.done("POST", f"/work-orders/{served.world.order}/notes", {"text": "Called"})
    notes = nora.done("GET", f"/notes?row_id={served.world.order}&fields=text")["rows"]
    assert {one["text"] for one in notes} == {"Calls back", "Called"}


def test_what_is_wrong_with_a_command_is_told_field_by_field(asker: Any) -> None:
    told = asker("POST", "/commands/IssuePart", {"order": "x", "colour": "red"})
    assert told.status_code == 422
    assert told.headers["Content-Type"] == "application/problem+json"
    assert {one["field"] for one in told.json()["problems"]} == {"order", "part", "bin", "colour"}


def test_search_scan_and_what_there_is(standing: Any, asker: Any) -> None:
    found = asker.done("GET", "/search?q=banjo")["rows"]
    assert [one["title"] for one in found] == ["Banjo bolt M10"]
    assert asker.done("POST", "/scan", {"text": "PT-3"})["matches"][0]["id"] == found[0]["id"]
    assert "IssuePart" in {one["name"] for one in asker.done("GET", "/commands")["rows"]}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": NaN}', 400),
        (b"\xff\xfe{", 400),
        (b'{"a": "\\ud800"}', 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (b'{"a":' * 9 + b"1" + b"}" * 9, 413),
        (b'{"a": "' + b"x" * 8193 + b'"}', 413),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', 413),
    ],
)
def test_a_body_that_cannot_be_ours_is_turned_away(asker: Any, content: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {asker.token}", "Content-Type": "application/json"}
    told = asker.client.request("POST", "/api/v1/commands/IssuePart", content=content, headers=headers)
    assert told.status_code == status
    assert told.json()["code"] in ("api.json", "api.size")


def test_every_answer_carries_the_trace_that_was_asked_for(asker: Any) -> None:
    told = asker("GET", "/parts/nowhere", X_Request_Id="till-7.42")
    assert (told.status_code, told.json()["trace_id"], told.headers["X-Request-Id"]) == (404, "till-7.42", "till-7.42")
    made = asker("GET", "/auth/me", X_Request_Id="<script>").headers["X-Request-Id"]
    assert made != "<script>"
    assert len(made) == 32


def test_a_mistake_of_the_hubs_shows_nothing_of_its_inside(
    served: Any, nora: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(served.hub.app, "meaning", broken)
    told = nora("POST", "/scan", {"text": "PT-3"})
    assert (told.status_code, told.json()["code"]) == (500, "hub.bug")
    assert "secret inside" not in told.text
    assert told.json()["trace_id"] in caplog.text


@pytest.mark.parametrize("trouble", [OperationalError("SELECT 1", {}, Exception("gone")), PoolTimeout()])
def test_a_database_that_is_away_is_no_mistake(
    served: Any, nora: Any, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def away(*_arguments: Any) -> None:
        raise trouble

    monkeypatch.setattr(served.hub.app, "meaning", away)
    told = nora("POST", "/scan", {"text": "PT-3"})
    assert (told.status_code, told.json()["code"], told.headers["Retry-After"]) == (503, "hub.database", "5")


def test_what_is_not_there_is_a_problem_too(asker: Any) -> None:
    assert asker.get("/unicorns").json()["code"] == "api.no_route"
    assert asker("PUT", "/parts", {}).status_code == 405
    assert json.loads(asker.get("/unicorns").content)["status"] == 404


def test_one_person_may_not_keep_the_hub_busy(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.hub.allowance import Allowance

    kim = served.caller(served.people["kim"])
    monkeypatch.setattr(Allowance, "take", lambda *_arguments: 1.0)
    told = kim.get("/auth/me")
    assert (told.status_code, told.json()["code"]) == (429, "api.too_many")


def test_a_refusal_is_told_in_the_language_of_whoever_asks(served: Any) -> None:
    vic = served.people["vic"]
    served.world.done(_speaking(vic.id))
    told = served.caller(vic)("POST", "/commands/IssuePart", issue(served)).json()
    assert told["code"] == "access.denied"
    assert told["title"] != "Vic may not do this."


def _speaking(person: Any) -> Any:
    from app.kernel.standard import SaveRecord

    return SaveRecord(entity="person", id=person, fields={"language": ["en", "en-XA"]})
