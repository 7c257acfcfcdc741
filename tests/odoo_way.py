"""The whole way: a terminal, the hub that it reaches over HTTP, and the real Odoo behind the hub."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import UUID

import uvicorn
from killing import KEEPER
from odoo_fixture import There
from repair_loop import Loop, repair, set_up
from sqlalchemy import URL

from app.assemble import make_terminal, open_terminal
from app.kernel.ids import derived_id, new_id
from app.kernel.types import Quantity
from app.odoo.commands import MatchInOdoo
from app.odoo.model import MATCHED, OdooMatch, match_id
from app.odoo.records import OdooMapping, OdooWaiting
from app.parties.model import Vehicle
from app.stock.commands import ReceiveStock
from sync.hub.enrolling import invite_first
from sync.hub.main import Hub, asgi
from sync.odoo import instances
from sync.odoo.maps.order import OUT
from sync.odoo.places import company_of, learned
from sync.odoo.transport import Odoo, Row
from sync.terminal.enrol import Call, enrol
from sync.terminal.joined import joined
from world import World

STOCKED = Quantity(20)
THERE = STOCKED.thousandths / 1000


class Way:
    """A workshop at a terminal that has joined a hub, and the hub's Odoo, in which its tax, its till and its stock are known.

    Neither the terminal's engine nor the bridge runs by itself: they meet when a test says so.
    """

    def __init__(self, folder: Path, url: URL, there: There, odoo: Odoo) -> None:
        self.odoo, self._there = odoo, there
        self._ends = ExitStack()
        try:
            self._open(folder, url)
            self._furnish()
        except BaseException:
            self._ends.close()
            raise

    def close(self) -> None:
        self._ends.close()

    # --------------------------------------------------------------------------------------------------------- made once

    def _open(self, folder: Path, url: URL) -> None:
        self.hub = self._ends.enter_context(closing(Hub.open(url, folder / "hub")))
        address = self._ends.enter_context(served(self.hub))
        path = folder / "terminal" / "terminal.fettle"
        with closing(make_terminal(path, keeper=KEEPER)) as made:
            self.world = World(made.app, made.org_id)
            self.world.furnish(stocked=0).save("organisation", id=made.org_id, currency="USD")
            self.loop: Loop = set_up(self.world)
            self.mechanic = self.world.person("Kim", "ADM")
        enrol(path, Call(address, invite_first(self.hub.app, self.hub.keys).code, "Counter"), keeper=KEEPER)
        terminal = self._ends.enter_context(closing(open_terminal(path, keeper=KEEPER)))
        self.world.app = terminal.app
        self.engine = joined(terminal, KEEPER).engine
        self._ends.callback(self.engine.close)

    def _furnish(self) -> None:
        self.meets()
        self.at_hub = World(self.hub.app, self.world.org)
        company = company_of(self.odoo)
        self.odoo.call("res.company", "write", [company], vals={"tax_calculation_rounding_method": "round_per_line"})
        tax = self._tax()
        account = self._there.account
        instances.store_key(self.hub.folder, self.world.org, self._there.key)
        told = {"url": account.url, "db": account.db, "login": account.login, "company": company}
        instances.keep(self.hub.app, self.world.org, told)
        self.hub.bridge.once()
        self.meets()
        [code] = [row.ours for row in self.world.rows(OdooMatch) if row.kind == "tax"]
        self._match("tax", code, tax)
        self._match("channel", "cash", self._journal(company))
        for part in self.world.parts:
            self.world.done(ReceiveStock(part=part, bin=self.world.bin, quantity=STOCKED), self.mechanic)
        self.goes()

    def _tax(self) -> int:
        cells = ["fettle.tax_of_the_way", "19 in the price", "19", "percent", "sale", "tax_included"]
        fields = ["id", "name", "amount", "amount_type", "type_tax_use", "price_include_override"]
        return self.odoo.load("account.tax", fields, [cells])[0]

    def _journal(self, company: int) -> int:
        domain = [("type", "in", ["cash", "bank"]), ("company_id", "=", company)]
        return int(self.odoo.search_read("account.journal", domain, ["type"], order="type desc", limit=1)[0]["id"])

    def _match(self, kind: str, ours: str, theirs: int) -> None:
        """Somebody says at the terminal what something of ours is there, where it is not plain."""
        match = match_id(self.world.org, kind, ours)
        if self.world.get(OdooMatch, match).state != MATCHED:
            self.world.done(MatchInOdoo(match=match, theirs=theirs), self.mechanic)

    # ------------------------------------------------------------------------------------------------------------ a job

    @property
    def customer(self) -> UUID:
        owner: UUID = self.world.get(Vehicle, self.loop.vehicle).customer_id
        return owner

    def repairs(self) -> UUID:
        """Somebody does a whole repair at the terminal, from the check-in to the closed job, and nothing leaves it."""
        first, quote = new_id(), new_id()
        ids = [first, new_id(), quote]
        order = derived_id(first, "work_order")
        for command in repair(self.loop, order, derived_id(quote, "quote"), self.mechanic.id):
            answer = self.world.run(command, self.mechanic, id=ids.pop(0) if ids else None)
            assert answer.done, [problem.sentence for problem in answer.problems]
        return order

    def meets(self) -> None:
        """Terminal and hub exchange until both have all."""
        problem = self.engine.exhaust()
        assert problem is None, problem.sentence

    def goes(self) -> None:
        """What was done at the terminal goes all the way to Odoo, and what became of it comes back."""
        self.meets()
        self.hub.bridge.once()
        self.meets()

    # ------------------------------------------------------------------------------------------------------------- looked at

    def known(self, entity: str, *rows: UUID) -> list[int]:
        """Odoo's numbers of these records, or of all of a kind."""
        found = [one for one in self.at_hub.rows(OdooMapping) if one.entity == entity and (not rows or one.row_id in rows)]
        return [one.number for one in found]

    def waits(self) -> dict[str, str]:
        """What of ours is not in Odoo, with why."""
        ours = {out.name for out in OUT}
        return {row.entity: f"{row.code} {row.said}" for row in self.at_hub.rows(OdooWaiting) if row.entity in ours}

    def read(self, model: str, numbers: list[int], *fields: str) -> list[Row]:
        found: list[Row] = self.odoo.call(model, "read", numbers, fields=list(fields))
        return found

    def lying(self, part: UUID) -> tuple[float, float]:
        """How much of a part Odoo says lies in the bin, and at jobs."""
        [product], [bin] = self.known("part", part), self.known("bin", self.world.bin)
        wips = [own["wip"] for own in learned(self.odoo).own.values()]
        rows = self.odoo.search_read("stock.quant", [("product_id", "=", product)], ["location_id", "quantity"])
        at = [(row["location_id"][0], row["quantity"]) for row in rows]
        return sum(many for where, many in at if where == bin), sum(many for where, many in at if where in wips)

    def documents(self) -> dict[str, list[tuple[int, str]]]:
        """All the documents in Odoo, each with when it was last written."""
        found = {model: self.odoo.search_read(model, [], ["write_date"], order="id") for model in MADE}
        return {model: [(row["id"], row["write_date"]) for row in rows] for model, rows in found.items()}

    def made(self, before: dict[str, list[tuple[int, str]]]) -> dict[str, int]:
        """How many of them have been made since."""
        return {model: len(rows) - len(before[model]) for model, rows in self.documents().items()}


# What a repair makes in Odoo: five parts go to the job and five are built in, beside the vehicle's own move; the invoice's
# entry and the payment's.
MADE = {"repair.order": 1, "sale.order": 1, "account.move": 2, "account.payment": 1, "stock.move": 11}


@contextmanager
def served(hub: Hub) -> Iterator[str]:
    """A hub on a port of its own, whose bridge rests; where it is reached."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi(hub), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        hub.stopping.set()
        server.should_exit = True
        thread.join()
        listening.close()
