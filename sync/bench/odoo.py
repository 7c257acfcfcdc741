"""`fettle bench odoo`: a backlog of issues goes to a real Odoo, beside one call chain for each of them in the same run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.access import system
from app.kernel.measuring import Result, tell
from app.kernel.postgres import passing_folder
from app.kernel.problems import Trouble
from app.kernel.types import Quantity
from app.kernel.words import _
from app.odoo.records import OdooMapping
from app.parts_issue.commands import IssuePart
from app.stock.model import StockLine
from app.work_orders.model import WorkOrder
from sync.bench.hall import ORG, hall, part_id
from sync.bench.odoo_pull import PRODUCTS, pull_rate
from sync.bench.odoo_server import LOGIN, Server
from sync.bench.process import hub_app
from sync.bench.shop import PLANNED, Shop, furnish
from sync.odoo import waiting
from sync.odoo.maps.order import OUT
from sync.odoo.outward import Outward
from sync.odoo.places import Places, learned
from sync.odoo.transport import Account, Odoo, connect

ISSUES = 1_000
ORDERS = 50
PARTS = ORDERS * PLANNED
STOCKED = 1_000  # of each part, for the naive chain to take from
NAIVE = 20  # issues by one chain each, before and again after: what else the machine does weighs on both alike
SHOP = Shop(0, 1, PARTS, PARTS)
OURS = {"orgs": {ORG}}
SENT = ("warehouse", "bin", "part", "stock_line", "work_order")
TARGETS: dict[str, tuple[str, float]] = {
    "times_naive": (">=", 4),
    "lost": ("<=", 0),
    "double": ("<=", 0),
    "pull_per_s": (">=", 4_000),
}


@dataclass(frozen=True)
class Ground:
    """A hub with its jobs begun, and an Odoo that knows them, their parts and their bins."""

    app: App
    odoo: Odoo
    places: Places

    def outward(self, *names: str) -> Outward:
        return Outward(self.app, ORG, self.odoo, self.places, maps=[out for out in OUT if out.name in names])


def bench(n: int | None = None) -> Result:
    """`n` issues over fifty jobs wait and are sent; each is read back as posted, once."""
    count = n or ISSUES
    with _ground(count) as here:
        before = _naive(here)
        begun = time.perf_counter()
        here.outward(*SENT[:-1]).once()
        posted = time.perf_counter() - begun
        _wait(here.app, [(WorkOrder.__tablename__, SHOP.at("job", job)) for job in range(min(count, ORDERS))])
        here.outward(*SENT).once()
        whole = time.perf_counter() - begun
        naive = 2 * NAIVE / (before + _naive(here))
        there = _moved(here)
        pulled = pull_rate(here.app, ORG, here.odoo, PRODUCTS if n is None else count)
    rate = count / posted
    return Result(
        "odoo",
        count,
        {"issues_per_s": round(rate, 1), "with_repairs_per_s": round(count / whole, 1), "lost": max(0, count - there)}
        | {"double": max(0, there - count)}
        | pulled,
        {"naive_per_s": round(naive, 2)},
        {"times_naive": round(rate / naive, 1), "with_repairs_times_naive": round(count / whole / naive, 1)},
        TARGETS,
        did=f"{count:,} issues over {ORDERS} jobs, posted and read back; naive is create, confirm, assign, validate for each",
    )


# ------------------------------------------------------------------------------------------------------------ the ground


@contextmanager
def _ground(count: int) -> Iterator[Ground]:
    with served() as odoo, hall(PARTS) as hub, hub_app(hub, SHOP.number) as app:
        furnish(app, hub, [SHOP])
        here = Ground(app, odoo, learned(odoo))
        here.outward(*SENT).once()
        tell(f"{ORDERS} jobs and {count} parts are made known to Odoo.")
        _wait(app, _named(count))
        here.outward(*SENT).once()
        for number in range(count):
            app.run(_issue(number), system(ORG)).or_refused()
        yield here


def _wait(app: App, lines: Sequence[waiting.Line]) -> None:
    with app.writer.sessions(info=OURS) as session:
        waiting.let_wait(session, ORG, lines, app.clock.now(), again=True)
        session.commit()


def _place(number: int) -> int:
    """The issues go round the jobs: each time another of a job's planned parts."""
    return number % ORDERS * PLANNED + number // ORDERS % PLANNED


def _issue(number: int) -> IssuePart:
    place = _place(number)
    order, bin = SHOP.at("job", place // PLANNED), SHOP.at("bin", place % 100)
    return IssuePart(order=order, part=part_id(SHOP.part(place)), bin=bin, quantity=Quantity(1), reason="Bench")


def _named(count: int) -> list[tuple[str, UUID]]:
    issues = [_issue(number) for number in range(count)]
    lines = [("warehouse", SHOP.at("warehouse")), *(("bin", one.bin) for one in issues), *(("part", one.part) for one in issues)]
    return list(dict.fromkeys([*lines, *((WorkOrder.__tablename__, one.order) for one in issues)]))


def _moved(here: Ground) -> int:
    """How many of the issues stand in Odoo as done, each a movement of its own."""
    with Session(here.app.read_engine, info=OURS) as session:
        issues = select(OdooMapping.number).join(StockLine, StockLine.id == OdooMapping.row_id).where(StockLine.kind == "issue")
        numbers = list(session.scalars(issues))
        lines = session.scalar(select(func.count()).select_from(StockLine).where(StockLine.kind == "issue")) or 0
    found = here.odoo.search_read("stock.move", [("id", "in", numbers), ("state", "=", "done")], ["state"])
    return len(found) + lines - len(set(numbers))


# --------------------------------------------------------------------------------------------------------- the naive chain


def _naive(here: Ground) -> float:
    """Seconds for some issues, one chain of calls after the other."""
    own = next(iter(here.places.own.values()))
    with Session(here.app.read_engine, info=OURS) as session:
        products = list(session.scalars(select(OdooMapping.number).where(OdooMapping.entity == "part").limit(NAIVE)))
    _stock(here.odoo, products, own["stock"])
    begun = time.perf_counter()
    for number in range(NAIVE):
        _chain(here.odoo, products[number % len(products)], own)
    return time.perf_counter() - begun


def _stock(odoo: Odoo, products: Sequence[int], location: int) -> None:
    counted = [{"product_id": one, "location_id": location, "inventory_quantity": STOCKED} for one in products]
    made = odoo.call("stock.quant", "create", vals_list=counted, context={"inventory_mode": True})
    odoo.call("stock.quant", "action_apply_inventory", made)


def _chain(odoo: Odoo, product: int, own: Mapping[str, int]) -> None:
    ends = {"location_id": own["stock"], "location_dest_id": own["wip"]}
    move = {"product_id": product, "product_uom_qty": 1, **ends}
    told = {"picking_type_id": own["internal"], "move_ids": [[0, 0, move]], **ends}
    made = odoo.call("stock.picking", "create", vals_list=[told])
    for method in ("action_confirm", "action_assign", "button_validate"):
        odoo.call("stock.picking", method, made if isinstance(made, list) else [made])


# ------------------------------------------------------------------------------------------------------------------ Odoo


@contextmanager
def served() -> Iterator[Odoo]:
    """The Odoo that ODOO_URL names, else one of our own; Trouble where this machine can have none."""
    given = os.environ
    if given.get("ODOO_URL"):
        odoo = connect(Account(given["ODOO_URL"], given.get("ODOO_DB", "")), given.get("ODOO_API_KEY", ""))
        yield odoo
        odoo.close()
        return
    folder = passing_folder(f"odoo-bench-{os.getpid()}", quick=True)
    folder.mkdir(mode=0o711, parents=True)
    process = subprocess.Popen([sys.executable, "-m", "sync.bench.odoo_server", str(folder)], stdin=subprocess.PIPE)  # noqa: S603
    try:
        server = Server(**_state(folder, process))
        odoo = connect(Account(server.url, server.create(), LOGIN), server.key)
        yield odoo
        odoo.close()
    finally:
        assert process.stdin is not None  # noqa: S101
        process.stdin.close()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _state(folder: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    """How it is reached, once it is there."""
    told = folder / "state.json"
    while not told.exists() and process.poll() is None:
        time.sleep(0.2)
    state: dict[str, str] = json.loads(told.read_text()) if told.exists() else {"lacking": "it ended by itself"}
    if "lacking" in state:
        message, hint = _("There is no Odoo to measure: {reason}."), _("Set ODOO_URL, ODOO_DB and ODOO_API_KEY.")
        raise Trouble("odoo.bench", message, hint, {"reason": state["lacking"]})
    return state
