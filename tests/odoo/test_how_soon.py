"""How soon something that is changed in Odoo shows at a terminal: through the real hub, by Odoo's own automation or without."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from counts import Count
from hub_town import Town, founded
from killing import KEEPER
from odoo_fixture import There
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.assemble import Terminal, open_terminal
from app.kernel.access import system
from app.kernel.ids import new_id
from app.kernel.standard import SaveRecord
from app.parts.model import Part
from sync.hub.main import Hub
from sync.odoo import instances, setup
from sync.odoo.places import company_of
from sync.odoo.transport import Odoo
from sync.terminal.joined import joined

BY_PUSH, BY_PULL = 5.0, 60.0  # seconds
PATIENCE = 120.0


@pytest.fixture
def town(tmp_path: Path, postgres: URL) -> Iterator[Town]:
    made = founded(tmp_path, postgres, 1)
    yield made
    made.end()


@pytest.fixture
def own(fresh_odoo: Callable[[], There]) -> There:
    return fresh_odoo()


@pytest.fixture
def odoo(own: There) -> Iterator[Odoo]:
    with closing(own.connect()) as odoo:
        yield odoo
        rules = odoo.search_read("base.automation", [("name", "like", "Fettle: ")], ["id"])
        odoo.call("base.automation", "write", [row["id"] for row in rules], vals={"active": False})


def test_a_change_in_odoo_shows_at_a_terminal_within_seconds(town: Town, own: There, odoo: Odoo, count: Count) -> None:
    with closing(Shown(town, own, odoo)) as shown:
        shown.hook()
        soon = shown.after(shown.product())
    count("Odoo to terminal", "ms by push", round(soon * 1000))
    assert soon <= BY_PUSH


@pytest.mark.prove
def test_a_change_in_odoo_of_which_nobody_tells_shows_within_a_minute(town: Town, own: There, odoo: Odoo, count: Count) -> None:
    with closing(Shown(town, own, odoo)) as shown:
        soon = shown.after(shown.product())
    count("Odoo to terminal", "ms by pull", round(soon * 1000))
    assert soon <= BY_PULL


class Shown:
    """A hub process with its Odoo, and a terminal that goes on exchanging with it."""

    def __init__(self, town: Town, own: There, odoo: Odoo) -> None:
        self._town, self._odoo = town, odoo
        self._tag = new_id().hex[-8:]
        self._know(own)
        town.open(1)
        town.reached_by(cast(Any, SimpleNamespace(address=f"http://127.0.0.1:{town.hubs[0].port}")))
        self._terminal: Terminal = open_terminal(town.desks[0].shop.path, keeper=KEEPER)
        self._engine = joined(self._terminal, KEEPER).engine
        self._engine.start()
        self.after(self.product())  # the first pass reads all that there is

    def _know(self, own: There) -> None:
        with closing(Hub.open(self._town.url, self._town.folder / "hub")) as hub:
            [self._org] = hub.organisations()
            account = own.account
            instances.store_key(hub.folder, self._org, own.key)
            company = company_of(self._odoo)
            told = {"url": account.url, "db": account.db, "login": account.login, "company": company}
            instances.keep(hub.app, self._org, told)
            self._secret = instances.hook_secret(hub.app, self._org)
            fields = {"key": [None, "parts.master"], "value": [None, "odoo"]}
            hub.app.run(SaveRecord(entity="setting_value", fields=fields), system(self._org)).or_refused()

    def hook(self) -> None:
        """Odoo tells the hub from now on."""
        address = f"http://127.0.0.1:{self._town.hubs[0].port}/odoo/hook/{self._secret}"
        steps = list(setup.prepare(self._odoo, company_of(self._odoo), hook=address))
        assert all(step.there for step in steps), steps

    def product(self) -> str:
        """Somebody in Odoo makes a product."""
        code = f"{new_id().hex[-4:]}-{self._tag}"
        told = {"name": f"Disc {code}", "default_code": code, "type": "consu", "is_storable": True}
        self._odoo.call("product.product", "create", vals_list=[told])
        return code

    def after(self, code: str) -> float:
        """How long it takes until the terminal has a part of this code."""
        began, pause = time.monotonic(), threading.Event()
        while not self._has(code):
            assert time.monotonic() - began < PATIENCE, "it never came"
            pause.wait(0.05)
        return time.monotonic() - began

    def _has(self, code: str) -> bool:
        with Session(self._terminal.app.read_engine) as session:
            return session.scalar(select(Part.id).where(Part.code == code)) is not None

    def close(self) -> None:
        self._engine.close()
        self._terminal.close()
