"""Every route of the API against everybody: without a token, from another organisation, without the grant, and with it.

The list of routes is the API's own, so one that is added tomorrow is walked tomorrow; what is open to all is named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.access.model import Person
from app.capabilities import registry
from app.kernel.exchange.fingerprints import fingerprint
from app.kernel.records import EnvelopeRow
from sync.hub.api import operations
from sync.hub.api.document import example_of
from sync.hub.api.operations import Operation
from sync.hub.main import asgi

CALLBACK = "/api/v1/payments/{provider}/callback"  # signed by whoever calls
PUBLIC = {"/health", "/ready", "/metrics", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/auth/login", "/api/v1/auth/refresh"}
HOOK = "/odoo/hook/{secret}"  # who calls knows the secret, and only wakes the bridge
PUBLIC |= {CALLBACK, HOOK}
OWN = {"log_out", "me", "logins", "end_login", "change_pin", "all_commands", "all_queries", "all_entities", "search", "scan"}
"""What everybody who has come in may do: it shows what they may see, or is about themselves alone."""
NOBODY = "0199c0de-7a1b-7c2d-8e3f-40516273849a"


@dataclass
class Walk:
    """Sends what an operation takes, about the records of the workshop."""

    served: Any
    verifier: str

    def path(self, operation: Operation) -> str:
        path = operation.path.replace("{id}", str(self._record(operation)))
        needed = [one.name for one in operation.takes if one.required]
        return path + ("?" + "&".join(f"{name}={self.served.world.part}" for name in needed) if needed else "")

    def body(self, operation: Operation) -> Any:
        if operation.body is None:
            return None
        body = example_of({**operation.body, "required": [*operation.body.get("required", []), *OURS.keys()]})
        return {
            name: self._fitting(operation, name, value) for name, value in body.items() if name in operation.body["properties"]
        }

    def send(self, caller: Any, operation: Operation) -> Any:
        return caller(operation.method, self.path(operation), self.body(operation))

    def _record(self, operation: Operation) -> UUID | str:
        world = self.served.world
        known = {
            "part": world.part,
            "bin": world.bin,
            "work_order": world.order,
            "site": world.site,
            "warehouse": world.warehouse,
        }
        known |= {"person": self.served.people["kim"].id, "organisation": world.org}
        return known.get(operation.tag, NOBODY)

    def _fitting(self, operation: Operation, name: str, value: Any) -> Any:
        world = self.served.world
        given = {"entity": "part", "row": str(world.part), "move": "diagnose", "verifier": self.verifier, "what": "part"}
        given |= {"order": str(world.order), "part": str(world.part), "bin": str(world.bin), "fields": {}, "rows": []}
        if operation.name == "do_Transition":
            given |= {"entity": "work_order", "row": str(world.order)}
        return given.get(name, value) if operation.tag == "commands" else value


OURS = dict.fromkeys(("entity", "row", "move"))


@pytest.fixture
def walk(served: Any, verifier: str) -> Walk:
    return Walk(served, verifier)


@pytest.fixture(scope="module")
def every() -> tuple[Operation, ...]:
    found = operations(registry())
    assert len(found) > 200
    return found


def holder(served: Any) -> Callable[[tuple[str, ...]], Any]:
    """Makes somebody who holds these grants and no others."""
    number = iter(range(1000))

    def make(grants: tuple[str, ...]) -> Any:
        world, place = served.world, next(number)
        role = world.save("role", code=f"R{place}", name=f"Role {place}", grants=list(grants))
        person = world.save("person", username=f"person{place}", name=f"Person {place}")
        world.save("appointment", person_id=person.hex, role_id=role.hex)
        with world.session() as session:
            row = session.get_one(Person, person)
            actor = served.people["vic"].__class__(row.id, row.org_id, row.name)
        return served.caller(served.hub.app.current(actor))

    return make


def test_every_route_is_one_of_the_declared_ones(standing: Any, every: tuple[Operation, ...]) -> None:
    """A route that somebody adds beside the list would escape this walk."""
    routes = {(method, route.path) for route in routes_of(asgi(standing.hub)) for method in getattr(route, "methods", ()) or ()}
    ours = {(method, path) for method, path in routes if path.startswith("/api/") or path in PUBLIC}
    declared = {(one.method, "/api/v1" + one.path) for one in every}
    assert {one for one in ours if one[0] != "HEAD" and one[1] not in PUBLIC} == {one for one in declared if one[1] not in PUBLIC}
    assert {"/api/v1" + one.path for one in every if one.public} <= PUBLIC
    assert [path for _method, path in routes if not path.startswith(("/api/v1/", "/sync/v1/")) and path not in PUBLIC] == []


def test_without_a_token_there_is_nothing(walk: Walk, every: tuple[Operation, ...]) -> None:
    for operation in every:
        if operation.public:
            continue
        for headers in ({}, {"Authorization": "Bearer x.y.z"}):
            told = walk.served.client.request(
                operation.method, "/api/v1" + walk.path(operation), json=walk.body(operation), headers=headers
            )
            assert told.status_code == 401, operation.name
            assert told.json()["code"] == "api.token", operation.name


def test_without_the_grant_nothing_is_shown_or_done(walk: Walk, every: tuple[Operation, ...]) -> None:
    served = walk.served
    caller = holder(served)(())
    before = state_of(served)
    for operation in every:
        if operation.public or operation.name in OWN:
            continue
        told = walk.send(caller, operation)
        assert told.status_code == 403, f"{operation.name}: {told.status_code} {told.text[:300]}"
        assert told.json()["code"] == "access.denied", operation.name
        assert operation.grant, f"{operation.name} names no grant"
    assert state_of(served) == before


def test_from_another_organisation_nothing_is_seen_or_touched(walk: Walk, every: tuple[Operation, ...]) -> None:
    served = walk.served
    olga = served.caller(served.people["olga"])
    ours = ids_of(served)
    before = state_of(served)
    for operation in every:
        if operation.public or operation.name in ("log_out", "change_pin"):
            continue
        told = walk.send(olga, operation)
        assert told.status_code < 500, f"{operation.name}: {told.text[:300]}"
        if "{id}" in operation.path:
            assert told.status_code in (403, 404, 409, 422), f"{operation.name}: {told.status_code}"
        seen = ours & set(strings(told.json())) - set(walk.path(operation).split("/"))
        assert not (seen and told.status_code < 400), f"{operation.name} shows {seen}"
    assert state_of(served) == before


def test_with_the_very_grant_it_goes_through(walk: Walk, every: tuple[Operation, ...]) -> None:
    make = holder(walk.served)
    callers: dict[str, Any] = {}
    for operation in every:
        if operation.public or operation.name in ("log_out", "change_pin", "do_ChangePin"):
            continue
        if operation.grant not in callers:
            depends = operation.grant in ("", "depends on the record")
            callers[operation.grant] = make(("*",) if depends else tuple(operation.grant.split(", ")))
        told = walk.send(callers[operation.grant], operation)
        assert told.status_code < 500, f"{operation.name}: {told.text[:300]}"
        assert told.json().get("code") not in ("access.denied", "api.token"), f"{operation.name}: {told.text[:300]}"


def routes_of(app: Any) -> list[Any]:
    """All routes, also those of the routers that were included."""
    inner = [(route, getattr(route, "original_router", None)) for route in app.routes]
    return [one for route, router in inner for one in (router.routes if router is not None else [route])]


def state_of(served: Any) -> Any:
    """All that the workshop holds, and how many commands were kept for it."""
    with served.world.session() as session:
        kept = session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.org_id == served.world.org))
        return fingerprint(session, served.hub.app.registry), kept


def ids_of(served: Any) -> set[str]:
    """The ids of every record of the workshop."""
    found: set[str] = set()
    with served.world.session() as session:
        for entity in served.hub.app.registry.synced():
            found |= {str(ident) for ident in session.scalars(select(entity.id))}
    return found


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in strings(one)]
        case dict():
            return [text for one in value.values() for text in strings(one)]
    return []
