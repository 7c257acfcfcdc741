"""What several of these tests ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from odoo_fixture import There

from sync.odoo.jsonrpc import JsonRpc
from sync.odoo.places import company_of
from sync.odoo.setup import prepare
from sync.odoo.transport import Odoo

LEAST, WORD = "bridge-least", "let-me-in-here"


@pytest.fixture
def least(odoo: Odoo, there: There) -> Iterator[JsonRpc]:
    """The user that the set-up makes. Only a person can make it a key, so it comes in by a password here."""
    steps = {step.name: step for step in prepare(odoo, company_of(odoo), login=LEAST)}
    odoo.call("res.users", "write", [steps["user"].values["user"]], vals={"password": WORD})
    with closing(JsonRpc(there.account.url, there.account.db, LEAST, WORD)) as made:
        yield made
