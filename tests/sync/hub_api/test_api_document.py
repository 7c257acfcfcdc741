"""The API's description fits what it does, asks no other host for anything, and the handbook's page of routes is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access.badges import badge_code
from app.access.families import of_person
from app.access.model import Role
from app.access.pins import pin_verifier
from app.capabilities import registry
from app.kernel.attached import BlobRow, blob
from app.kernel.commands import decode
from app.kernel.ids import new_id
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.stock.model import Lot
from sync.hub.api import operations
from sync.hub.api.document import example_of, openapi, page
from sync.hub.api.operations import Operation

PAGE = Path(__file__).resolve().parents[3] / "resources" / "handbook" / "developer" / "api.md"
ROUTE = re.compile(r"`(GET|POST|PATCH|DELETE) (/[^`?]+)`")
BESIDE = {"/metrics", "/health", "/ready"}


@pytest.fixture(scope="module")
def every() -> tuple[Operation, ...]:
    return operations(registry())


@pytest.fixture(scope="module")
def document(every: tuple[Operation, ...]) -> dict[str, Any]:
    return openapi(registry(), every)


def found(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for one in value.values():
            yield from found(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from found(one, name)


def test_no_two_operations_share_a_path_or_a_name(every: tuple[Operation, ...]) -> None:
    assert len({(one.method, one.path) for one in every}) == len(every)
    assert len({one.name for one in every}) == len(every)


def test_the_document_refers_to_nothing_that_is_not_in_it(document: dict[str, Any]) -> None:
    for reference in found(document, "$ref"):
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]
    assert json.loads(json.dumps(document)) == document


def test_every_entity_query_and_command_is_in_it(document: dict[str, Any]) -> None:
    paths = document["paths"]
    whole = registry()
    assert {f"/api/v1/commands/{name}" for name in whole.commands} <= paths.keys()
    assert {f"/api/v1/queries/{name}" for name in whole.queries} <= paths.keys()
    listed = {one["get"]["operationId"] for one in paths.values() if "get" in one}
    assert {f"list_{name}" for name in whole.entities} <= listed


def test_everything_says_what_it_is_and_what_it_wants(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for told in methods.values():
            assert told["summary"], path
            assert told["description"], path
            assert "401" in told["responses"], path
            assert {one["name"] for one in told["parameters"] if one["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
            assert "x-grant" in told or told.get("security") == [] or told["tags"] == ["auth"] or told["tags"] == ["lists"], path


def test_every_example_can_be_read_as_its_command() -> None:
    whole = registry()
    for operation in operations(whole):
        if operation.tag == "commands" and operation.body is not None:
            kind = whole.commands[operation.path.rpartition("/")[2]]
            if kind.__name__ not in ("SetPin", "ChangePin"):  # whose verifier nobody writes by hand
                body = example_of(operation.body)
                decode(kind, {"id" if name == "row" else name: value for name, value in body.items() if name != "id"})


def test_the_page_for_people_asks_no_other_host_and_runs_nothing(document: dict[str, Any], every: tuple[Operation, ...]) -> None:
    text = page(document, every)
    assert "/api/v1/commands/IssuePart" in text
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//|<script|<iframe|@import|url\(", text)


def test_document_and_page_are_served(served: Any, document: dict[str, Any]) -> None:
    given = served.client.request("GET", "/api/v1/openapi.json")
    assert given.json() == document
    shown = served.client.request("GET", "/api/v1/docs")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]


# ------------------------------------------------------------------------------------------------------ the handbook's page


def mapped() -> set[tuple[str, str]]:
    """The routes that the page promises, method and path."""
    table = PAGE.read_text(encoding="utf-8").partition("## Where what was asked for is")[2]
    cells = [line.split("|")[2] for line in table.splitlines() if line.startswith("|")]
    return {route for cell in cells for route in ROUTE.findall(cell)}


def test_every_row_of_the_page_says_where_it_is_or_that_it_is_not() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Where what was asked for is")[2]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) > 35
    for asked, here in rows:
        assert ROUTE.search(here) or "not there yet" in here or any(one in here for one in BESIDE), asked


def test_what_the_page_promises_is_in_the_document(document: dict[str, Any]) -> None:
    missing = [(method, path) for method, path in mapped() if method.lower() not in document["paths"].get("/api/v1" + path, {})]
    assert not missing
    assert len(mapped()) > 60


def test_what_the_page_promises_answers(served: Any) -> None:
    world = served.world
    caller = served.caller(served.people["nora"])
    lost = served.login("nora").json()
    bodies = good_bodies(served, lost["refresh_token"])
    for method, path in sorted(mapped(), key=lambda route: (route[0] == "DELETE", route)):
        leaves = path in ("/auth/logout", "/auth/pin")
        who = served.caller(served.people["vic"]) if leaves else caller
        whole = path.replace("{id}", str(record(served, path))) if "{id}" in path else path
        told = who(method, whole, bodies.get((method, path)))
        assert told.status_code in expected(method, path), f"{method} {path}: {told.status_code} {told.text[:400]}"
    for path in BESIDE:
        assert served.client.request("GET", path).status_code == 200
    assert world.on_hand() is not None


def expected(method: str, path: str) -> set[int]:
    if path.startswith("/auth/") and method != "GET":
        return {200, 204}
    if method == "DELETE" and path != "/vehicles/{id}":
        return {200, 204, 422}  # a rule may keep what is still in use
    return {200} if method == "GET" else {200, 201}


def record(served: Any, path: str) -> Any:
    """The record that a path with an id is asked about."""
    world = served.world
    if path.startswith("/auth/logins"):
        with served.hub.session(world.org) as session:
            return of_person(session, served.people["nora"].id, served.hub.app.clock.now())[0].id
    known = {
        "people": served.people["kim"].id,
        "roles": lambda: role(served),
        "organisations": world.org,
        "warehouses": world.warehouse,
        "parts": world.part,
        "work-orders": world.order,
        "vehicles": lambda: world.save(
            "vehicle", customer_id=customer(served), plate=f"KN {new_id().hex[-6:]}", make="Honda", model="CB500F"
        ),
        "lots": lambda: lot(served),
    }
    one = known[path.split("/")[1]]
    return one() if callable(one) else one


def customer(served: Any) -> str:
    return str(served.world.save("customer", name="Frida Falk"))


def role(served: Any) -> Any:
    return next(one.id for one in served.world.rows(Role) if one.code == "VIE" and one.org_id == served.world.org)


def lot(served: Any) -> Any:
    world = served.world
    tracked = world.save("part", code=f"OIL-{new_id().hex[-6:]}", name="Oil", tracking="lot")
    world.done(ReceiveStock(part=tracked, bin=world.bin, quantity=Quantity(1), lot="L1"))
    return world.rows(Lot)[0].id


def good_bodies(served: Any, refresh_token: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What each promised route is sent, so that it goes well."""
    world = served.world
    part, bin, order = str(world.part), str(world.bin), str(world.order)
    received = world.done(ReceiveStock(part=world.parts[2], bin=world.bin, quantity=Quantity(7))).row("stock_line")
    blob = attached(served)
    nora = {"username": "nora", "pin": "407192", "organisation": "Moto Keller"}
    kim = str(served.people["kim"].id)
    return {
        ("POST", "/auth/login"): nora,
        ("POST", "/auth/refresh"): {"refresh_token": refresh_token},
        ("POST", "/auth/pin"): {"old": "407192", "new": "582914"},
        ("POST", "/people"): {"username": "ada", "name": "Ada"},
        ("PATCH", "/people/{id}"): {"email": "kim@example.com"},
        ("POST", "/commands/SetPin"): {"person": kim, "verifier": pin_verifier("582914")},
        ("POST", "/commands/GiveBadge"): {"person": kim, "code_hash": badge_code()[1]},
        ("POST", "/roles"): {"code": "WEB", "name": "Web shop", "grants": ["parts.read"]},
        ("PATCH", "/roles/{id}"): {"name": "Looks only"},
        ("POST", "/appointments"): {"person_id": kim, "role_id": str(role(served))},
        ("POST", "/organisations"): {"name": "Brembo", "kind": "supplier"},
        ("PATCH", "/organisations/{id}"): {"currency": "CHF"},
        ("POST", "/warehouses"): {"site_id": str(world.site), "code": "W2", "name": "Second store room"},
        ("PATCH", "/warehouses/{id}"): {"name": "First store room"},
        ("POST", "/parts"): {"code": "BLT-M6", "name": "Socket screw M6"},
        ("PATCH", "/parts/{id}"): {"price": 950},
        ("POST", "/vehicles"): {"customer_id": customer(served), "plate": "KN-MK 78", "make": "Honda", "model": "CB500F"},
        ("PATCH", "/vehicles/{id}"): {"odometer": 12000},
        ("PATCH", "/work-orders/{id}"): {"bay": "2"},
        ("POST", "/scan"): {"text": "PT-3"},
        ("POST", "/commands/TeachCode"): {"part": part, "code": "4006381333931"},
        ("POST", "/commands/MoveStock"): {"part": part, "out": bin, "into": str(world.other_bin)},
        ("POST", "/commands/AdjustStock"): {"part": part, "bin": bin, "change": "1", "reason": "Found behind the shelf"},
        ("POST", "/commands/CountStock"): {"part": part, "bin": bin, "counted": "5"},
        ("POST", "/commands/ReceiveStock"): {"part": part, "bin": bin, "quantity": "2"},
        ("POST", "/commands/ReverseMovement"): {"line": str(received), "reason": "Wrong parcel"},
        ("POST", "/commands/IssuePart"): {"order": order, "part": part, "bin": bin},
        ("POST", "/commands/ReturnPart"): {"order": order, "part": part, "bin": bin},
        ("POST", "/commands/CreateOrder"): {"site": str(world.site), "what": "Chain kit"},
        ("POST", "/commands/Transition"): {"entity": "work_order", "row": order, "move": "diagnose"},
        ("POST", "/commands/AttachFile"): {"entity": "part", "row": part, "name": "drawing.pdf", **blob},
    }


def attached(served: Any) -> dict[str, Any]:
    """A file that the hub has, by its hash."""
    hash, size = blob(b"drawing")
    with served.hub.session(served.world.org) as session, session.begin():
        session.add(BlobRow(org_id=served.world.org, sha256=hash, content=b"drawing"))
    return {"sha256": hash, "size": size}
