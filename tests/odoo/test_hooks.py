"""Odoo says that a record changed: whoever knows the secret wakes the bridge, once for each change, and nobody else does."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from wired import Client

from app.odoo.records import OdooEvent, OdooInstance
from sync.hub.door import Door
from sync.hub.odoo_hooks import KEPT, LARGEST, Hooks, read, router
from sync.hub.watching import Counted
from world import World

OLD, NEW = "a" * 64, "b" * 64
CHANGE = {
    "_action": "Fettle: product.product(#7)",
    "_id": 42,
    "_model": "product.product",
    "write_date": "2026-11-20 21:00:00.123456",
}


class Town:
    """A hub that works with an Odoo, and hears hooks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.woken: list[UUID] = []
        self.now = 0.0
        self.secrets(OLD, "")
        self.hooks = Hooks(world.app, self.woken.append, clock=lambda: self.now)
        asgi = FastAPI()
        asgi.add_middleware(Door)
        asgi.include_router(router(self.hooks))
        self.client = Client(asgi)

    def secrets(self, one: str, other: str) -> None:
        with self.world.app.writer.sessions(info={"orgs": frozenset({self.world.org})}) as session:
            row = session.get(OdooInstance, self.world.org) or OdooInstance(org_id=self.world.org, url="http://odoo", db="x")
            row.secret_a, row.secret_b = one, other
            session.add(row)
            session.commit()
        self.now += 60

    def says(self, told: Any, secret: str = OLD) -> int:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.client.ask("POST", f"/odoo/hook/{secret}", body, {"Content-Type": "application/json"}).status_code

    def noted(self) -> int:
        with Session(self.world.app.read_engine, info={"orgs": frozenset({self.world.org})}) as session:
            return session.scalar(select(func.count()).select_from(OdooEvent)) or 0


@pytest.fixture
def town(hub: World) -> Town:
    hub.save("organisation", id=hub.org, name="Moto Keller")
    return Town(hub)


def test_a_change_wakes_the_bridge_and_the_same_said_again_does_not(town: Town) -> None:
    assert town.says(CHANGE) == 204
    assert town.woken == [town.world.org]
    assert town.says(CHANGE) == 204
    assert (len(town.woken), town.noted()) == (1, 1)
    assert town.says(CHANGE | {"write_date": "2026-11-20 21:00:07.5"}) == 204
    assert (len(town.woken), town.noted()) == (2, 2)


@pytest.mark.parametrize("secret", ["x", "a" * 63, "a" * 65, "A" * 64, "%00", "é" * 40, "a" * 5000])
def test_who_does_not_know_the_secret_finds_nothing_there(town: Town, secret: str) -> None:
    assert town.says(CHANGE, secret) == 404
    assert (town.woken, town.noted()) == ([], 0)


def test_an_odoo_that_was_never_set_up_has_no_empty_secret(town: Town) -> None:
    town.secrets("", "")
    assert town.says(CHANGE, "") == 404
    assert town.hooks.take("", b"{}") == 404


def test_while_the_secret_is_changed_both_are_live_and_then_only_the_new_one(town: Town) -> None:
    town.secrets(NEW, OLD)
    assert town.says(CHANGE, OLD) == 204
    assert town.says(CHANGE | {"_id": 43}, NEW) == 204
    town.secrets(NEW, "")
    assert town.says(CHANGE | {"_id": 44}, OLD) == 404
    assert town.says(CHANGE | {"_id": 44}, NEW) == 204


@pytest.mark.parametrize(
    "told",
    [b"", b"no", b"[]", b"[" * 9000, b"{}", b"\xff", {"_model": "product.product"}, {"_id": 1}, {"_model": "", "_id": 1},
     {"_model": "p" * 65, "_id": 1}, {"_model": "a\nb", "_id": 1}, {"_model": "product.product", "_id": 0},
     {"_model": "product.product", "_id": True}, {"_model": "product.product", "_id": "7"},
     {"_model": "product.product", "_id": 1 << 40}],
)  # fmt: skip
def test_what_is_no_hint_wakes_nobody(town: Town, told: Any) -> None:
    assert town.says(told) == 400
    assert (town.woken, town.noted()) == ([], 0)


def test_a_body_without_end_is_not_read(town: Town) -> None:
    assert town.says(b"x" * (LARGEST + 1)) == 413


def test_what_came_long_ago_is_forgotten(town: Town) -> None:
    town.says(CHANGE)
    with town.world.app.writer.sessions(info={"orgs": frozenset({town.world.org})}) as session:
        session.execute(update(OdooEvent).values(at=town.world.app.clock.now() - KEPT - timedelta(hours=1)))
        session.commit()
    town.now += 7200
    town.says(CHANGE | {"_id": 43})
    assert town.noted() == 1


def test_the_secret_stands_in_no_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    asgi = FastAPI()
    asgi.include_router(router(town.hooks))
    with caplog.at_level(logging.INFO):
        client = Client(Counted(asgi, _Unnoted()))  # type: ignore[arg-type]
        client.ask("POST", f"/odoo/hook/{OLD}", json.dumps(CHANGE).encode())
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("sync")]
    assert any("/odoo/hook/" in line for line in ours)
    assert not any(OLD in line for line in ours)


class _Unnoted:
    def note(self, *_what: object) -> None:
        """Nobody counts here."""


def test_a_hint_is_told_apart_by_all_it_says() -> None:
    one, other = read(json.dumps(CHANGE).encode()), read(json.dumps(CHANGE | {"write_date": "later"}).encode())
    assert one is not None
    assert other is not None
    assert (one.model, one.number) == ("product.product", 42)
    assert one.sha != other.sha
