"""A workshop at a hub and the real Odoo that it is kept in step with, as tests of what goes there see both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from paying import hand_over
from sqlalchemy import func, select, update

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.odoo.model import OdooLetter, letter_id
from app.odoo.records import OdooMapping, OdooWaiting
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.stock.model import StockLine
from app.work_orders.check_in import CheckIn
from app.work_orders.commands import AddService, AgreeOrder
from app.work_orders.health import RecordHealth
from sync.odoo.errors import Away, Said
from sync.odoo.maps.order import OUT
from sync.odoo.outward import Outward
from sync.odoo.places import Places, learned
from sync.odoo.transport import Odoo, Row
from world import World

STOCKED = Quantity(20)
MONEY = ("quote", "delivery", "payment")  # what of a job's money goes there is told elsewhere
_numbers = count(1)


class Town:
    """The workshop and its Odoo. Names of its own in every test, as all tests of a process share one Odoo."""

    def __init__(self, world: World, odoo: Odoo, *, parts: int = 3) -> None:
        self.world, self.odoo = world, odoo
        self.maps = [out for out in OUT if out.name not in MONEY]
        self.places: Places = learned(odoo)
        self.tag = f"{new_id().hex[-8:]}{next(_numbers)}"
        world.save("organisation", id=world.org, name="Moto Keller")
        self.out = self.through(odoo)
        self.out.once()  # from here on whatever changes goes there
        world.site = world.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
        world.warehouse = world.save("warehouse", site_id=world.site.hex, code="WH", name="Store room")
        world.bin, world.other_bin = self.bin("A"), self.bin("B")
        self.parts = [self.part(f"PT{place}") for place in range(parts)]
        world.part = self.parts[0]
        self.customer = world.save("customer", name=f"Ada {self.tag}", phone=f"0170 {self.tag}")
        self.vehicle = world.save("vehicle", customer_id=self.customer.hex, make="BMW", model="R 1250 GS", plate=self.tag[-8:])

    # ----------------------------------------------------------------------------------------------------- the workshop

    def bin(self, name: str) -> UUID:
        return self.world.save("bin", warehouse_id=self.world.warehouse.hex, code=f"{name}-{self.tag}")

    def part(self, name: str, **more: Any) -> UUID:
        """A part of which there are some in the bin."""
        part = self.world.save("part", code=f"{name}-{self.tag}", name=f"Part {name} {self.tag}", cost=450, price=900, **more)
        self.world.done(ReceiveStock(part=part, bin=self.world.bin, quantity=STOCKED))
        return part

    def job(self, what: str = "Front brake") -> UUID:
        """A job whose work has begun."""
        world = self.world
        order = world.done(CheckIn(site=world.site, what=what, vehicle=self.vehicle)).row("work_order")
        world.done(AddService(order=order, what="Brake service", rate=Money(6_900)))
        world.done(Transition(entity="work_order", id=order, move="quote"))
        world.done(AgreeOrder(order=order, how="By phone"))
        world.done(Transition(entity="work_order", id=order, move="begin"))
        return order

    def issue(self, order: UUID, part: UUID | None = None, quantity: int = 3, **more: Any) -> UUID:
        bin = more.pop("bin", self.world.bin)
        issued = IssuePart(order=order, part=part or self.parts[0], bin=bin, quantity=Quantity(quantity), reason="needed", **more)
        return self.world.done(issued).row("stock_line")

    def hand_over(self, order: UUID) -> None:
        world = self.world
        world.done(RecordHealth(order=order, battery=Quantity(12)))
        world.done(Transition(entity="work_order", id=order, move="finish"))
        hand_over(world, order)

    def made_before(self, line: UUID, other: UUID) -> None:
        """A line came from a terminal that was offline: it was made before another one that is there already."""
        when = self.world.get(StockLine, other).stamp - 1
        late = update(StockLine).where(StockLine.id == line).values(stamp=when)

        def written() -> None:
            with self.world.app.writer.sessions(info={"orgs": {self.world.org}}) as session:
                session.execute(late)
                session.commit()

        self.world.app.writer.run(written)

    # ------------------------------------------------------------------------------------------------------------ sending

    def through(self, odoo: Odoo) -> Outward:
        """What sends through this line."""
        return Outward(self.world.app, self.world.org, odoo, self.places, url="https://odoo.example", maps=self.maps)

    def send(self) -> Counter[str]:
        return self.out.once()

    def waits(self) -> dict[str, str]:
        """What is not in Odoo yet, by kind of record, with why."""
        return {row.entity: row.code for row in self.world.rows(OdooWaiting)}

    def letter(self, row: UUID) -> OdooLetter | None:
        found: OdooLetter | None = self.world.get(OdooLetter, letter_id(row))
        return found

    # ------------------------------------------------------------------------------------------------------------ in Odoo

    def number(self, entity: str, ident: UUID) -> int:
        with self.world.session() as session:
            wanted = select(OdooMapping.number).where(OdooMapping.entity == entity, OdooMapping.row_id == ident)
            found = session.scalar(wanted)
        assert found, f"{entity} {ident} is not in Odoo"
        return found

    def in_bin(self, part: UUID | None = None, bin: UUID | None = None) -> float:
        return self.lying(part, self.number("bin", bin or self.world.bin))

    def in_wip(self, part: UUID | None = None) -> float:
        wip = self.places.own[self.number("warehouse", self.world.warehouse)]["wip"]
        return self.lying(part, wip)

    def lying(self, part: UUID | None, location: int) -> float:
        """How much of a part Odoo says lies somewhere."""
        domain = [("product_id", "=", self.number("part", part or self.parts[0])), ("location_id", "=", location)]
        return sum(row["quantity"] for row in self.odoo.search_read("stock.quant", domain, ["quantity"]))

    def repair(self, order: UUID) -> Row:
        return self.read("repair.order", self.number("work_order", order), "name", "state", "move_ids", "partner_id", "lot_id")

    def read(self, model: str, number: int, *fields: str) -> Row:
        [row] = self.odoo.call(model, "read", [number], fields=list(fields))
        found: Row = row
        return found

    def moves(self, *domain: Any) -> list[Row]:
        fields = ["state", "quantity", "location_id", "location_dest_id"]
        return self.odoo.search_read("stock.move", list(domain), fields, order="id")

    def moves_of(self, part: UUID | None = None) -> list[Row]:
        """All that Odoo ever moved of a part."""
        return self.moves(("product_id", "=", self.number("part", part or self.parts[0])))

    def transfers_of(self, part: UUID | None = None) -> list[Row]:
        """What was moved of it between places, and not by a repair."""
        return self.moves(("product_id", "=", self.number("part", part or self.parts[0])), ("picking_id", "!=", False))

    def known(self, kind: str) -> int:
        """How many records of ours stand in Odoo, as we know it."""
        with self.world.session() as session:
            wanted = select(func.count()).select_from(OdooMapping).where(OdooMapping.entity == kind)
            return session.scalar(wanted) or 0


class Cut:
    """A line that is cut once: at its n-th call, before it was sent or after it was done and its answer lost."""

    def __init__(self, odoo: Odoo, at: int, *, done: bool) -> None:
        self._odoo, self._at, self._done = odoo, at, done
        self.calls = 0
        self.cut = False

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        return self._cut(lambda: self._odoo.call(model, method, ids, context=context, **named))

    def load(
        self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]], *, context: Mapping[str, Any] | None = None
    ) -> list[int]:
        found: list[int] = self._cut(lambda: self._odoo.load(model, fields, rows, context=context))
        return found

    def search_read(self, *asked: Any, **more: Any) -> list[Row]:
        found: list[Row] = self._cut(lambda: self._odoo.search_read(*asked, **more))
        return found

    def version(self) -> Any:
        return self._odoo.version()

    def close(self) -> None:
        """The line behind it is somebody else's."""

    def _cut(self, ask: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls != self._at:
            return ask()
        self.cut = True
        if self._done:
            ask()
        raise Away("odoo.away", "The line is cut.")


class Busy(Cut):
    """A line to an Odoo in which somebody else always writes just then what is to be posted."""

    def __init__(self, odoo: Odoo) -> None:
        super().__init__(odoo, 0, done=False)

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        if method == "button_validate":
            raise Said("psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update")
        return super().call(model, method, ids, context=context, **named)
