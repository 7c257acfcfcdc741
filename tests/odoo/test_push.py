"""What is changed in Odoo is known at the hub within seconds, as Odoo itself calls it; and within a minute where it does not."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from counts import Count
from odoo_fixture import There
from sqlalchemy import URL, select

from app.kernel.rows import table_of
from app.odoo.model import OdooHealth
from app.odoo.records import OdooEvent
from app.parts.model import Part
from sync.hub.main import Hub, asgi
from sync.hub.odoo_hooks import Hooks
from sync.odoo import instances, setup, side
from sync.odoo.transport import Odoo
from world import World

SOON = 5.0  # seconds in which it is to show
PATIENCE = 120.0


@dataclass
class Served:
    """A hub that listens, its workshop, and the address at which Odoo calls it."""

    hub: Hub
    world: World
    hook: str

    def part(self, code: str) -> Any:
        with self.hub.session(self.world.org) as session:
            return session.execute(select(table_of(Part)).where(Part.code == code)).first()

    def settled(self) -> bool:
        """The first pass has read all that Odoo has."""
        return any(row.taken_at or row.answered_at for row in self.world.rows(OdooHealth))


@pytest.fixture
def served(postgres: URL, tmp_path: Path, there: There, odoo: Odoo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(side, "BETWEEN_LOOKS", 3600.0)  # only the call itself can be what makes it look
    hub = Hub.open(postgres, tmp_path / "hub")
    world = World(hub.app)
    world.save("organisation", id=world.org, name="Moto Keller")
    world.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
    world.save("setting_value", key="parts.master", value="odoo")
    instances.store_key(hub.folder, world.org, there.key)
    instances.keep(hub.app, world.org, {"url": there.account.url, "db": there.account.db, "login": there.account.login})
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi(hub), log_config=None))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    secret = instances.hook_secret(hub.app, world.org)
    yield Served(hub, world, f"http://127.0.0.1:{listening.getsockname()[1]}/odoo/hook/{secret}")
    rules = odoo.call("base.automation", "search", domain=[["name", "like", "Fettle:"]])
    odoo.call("base.automation", "unlink", rules)
    hub.stopping.set()
    server.should_exit = True
    thread.join()
    listening.close()
    hub.close()


def until(so: Any, longest: float = PATIENCE) -> float:
    """Waits until something is so; the seconds that it took."""
    began, pause = time.monotonic(), threading.Event()
    while not so():
        assert time.monotonic() - began < longest, "it takes too long"
        pause.wait(0.05)
    return time.monotonic() - began


def test_a_call_that_another_process_of_the_hub_took_is_heard_too(served: Served, odoo: Odoo) -> None:
    """Behind a proxy any of them may be called; one has the bridge."""
    code = f"ELSE-{served.world.org.hex[:8]}"
    made = {"name": "Brake disc", "default_code": code, "type": "consu", "is_storable": True, "list_price": 90.0}
    [number] = odoo.call("product.product", "create", vals_list=[made])
    until(lambda: served.part(code) is not None)
    odoo.call("product.product", "write", [number], vals={"list_price": 95.5})
    hint = json.dumps({"_model": "product.product", "_id": number, "write_date": "now"}).encode()
    elsewhere = Hooks(served.hub.app, lambda _org: None)
    assert elsewhere.take(served.hook.rpartition("/")[2], hint) == 204
    assert until(lambda: served.part(code).price.minor == 9550) < SOON


def test_a_change_in_odoo_is_here_within_five_seconds_of_its_call(served: Served, odoo: Odoo, there: There, count: Count) -> None:
    company = odoo.call("res.users", "read", [odoo.user()], fields=["company_id"])[0]["company_id"][0]
    code = f"HOOK-{served.world.org.hex[:8]}"
    made = {"name": "Brake disc", "default_code": code, "type": "consu", "is_storable": True, "list_price": 90.0}
    [number] = odoo.call("product.product", "create", vals_list=[made])
    until(lambda: served.part(code) is not None)
    steps = list(setup.prepare(odoo, company, hook=served.hook))
    assert [step.there for step in steps] == [True, True, True]
    odoo.call("product.product", "write", [number], vals={"list_price": 95.5})
    took = until(lambda: served.part(code).price.minor == 9550)
    count("a change in Odoo until it is at the hub", "ms", round(took * 1000))
    assert took < SOON
    assert any(row.number == number for row in served.world.rows(OdooEvent))
    assert served.settled()
