"""The workshops of a measured hub: people, bins, jobs with planned parts in stock, and terminals whose work waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from app.access.model import Role
from app.access.roles import standard_roles
from app.assemble import App
from app.kernel import outbox, postgres
from app.kernel.access import system
from app.kernel.clock import stamp_of
from app.kernel.commands import Authority, Command, Envelope, encode
from app.kernel.ids import derived_id
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity, moment
from app.parts_issue.commands import IssuePart
from app.places.model import Bin
from app.work_orders.model import WorkOrder
from sync.bench.hall import MADE_BY, ORG, Hall, part_id
from sync.protocol import Push, Sent

PLANNED = 50  # parts planned on each job
BINS = 100  # in each workshop
OURS = {"orgs": {ORG}}
IN_STOCK = 100_000  # thousandths of each planned part
STAMP = 1 << 16  # of the scenery: older than any command
START = 1_700_000_000_000  # when the terminals' work began, in milliseconds since 1970


@dataclass(frozen=True)
class Shop:
    """One workshop and its terminal. It is one of `of` that share the hub's `count` parts, and its jobs plan `wanted` of them."""

    number: int
    of: int
    count: int
    wanted: int

    def at(self, kind: str, number: int = 0) -> UUID:
        return derived_id(ORG, kind, f"{self.number}/{number}")

    @property
    def terminal(self) -> UUID:
        return self.at("terminal")

    @property
    def jobs(self) -> int:
        return -(-self.wanted // PLANNED)

    def part(self, place: int) -> int:
        """Which part is planned at a place: far apart, and never one of another workshop's."""
        among = self.count // self.of
        return place * 7919 % among * self.of + self.number


def furnish(app: App, hub: Hall, shops: list[Shop], role: str = "KEE") -> None:
    """People and places by commands; bins, jobs, plans and stock straight into the tables."""
    app.run(standard_roles(), system(ORG))
    with Session(app.read_engine, info=OURS) as session:
        held = session.scalars(select(Role.id).where(Role.code == role)).one()
    for shop in shops:
        _save(app, "site", shop.at("site"), code=f"T{shop.number}", name="Bench", zone="Europe/Berlin")
        _save(app, "warehouse", shop.at("warehouse"), site_id=shop.at("site").hex, code=f"R{shop.number}", name="Store room")
        _save(app, "person", shop.at("person"), username=f"kim{shop.number}", name="Kim", home="KEE")
        place = {"place_id": shop.at("warehouse").hex} if role == "KEE" else {}  # parts are everybody's
        _save(app, "appointment", shop.at("appointment"), person_id=shop.at("person").hex, role_id=held.hex, **place)
    owner = postgres.owner_engine(hub.url)
    for shop in shops:
        _stock(owner, shop)
    with owner.begin() as connection:
        connection.execute(text("ANALYZE"))
    owner.dispose()


def _save(app: App, entity: str, ident: UUID, **fields: Any) -> None:
    values = {name: [None, value] for name, value in fields.items()}
    app.run(SaveRecord(entity=entity, id=ident, fields=values), system(ORG)).or_refused()


def _stock(owner: Engine, shop: Shop) -> None:
    made = {"org_id": ORG, "stamp": STAMP, "made_at": moment(START), "made_by": ORG, "retired": False}
    bins = [
        {**made, "id": shop.at("bin", one), "warehouse_id": shop.at("warehouse"), "code": f"A-{one:03d}", "kind": "pick"}
        for one in range(BINS)
    ]
    job = {**made, "site_id": shop.at("site"), "warehouse_id": shop.at("warehouse"), "what": "Bench", "state": "IN_PROGRESS"}
    jobs = [
        {**job, "id": shop.at("job", one), "number": f"T{shop.number}-{one}", "priority": "normal"} for one in range(shop.jobs)
    ]
    with Session(owner, info=OURS) as session:
        session.execute(insert(Bin), bins)
        session.execute(insert(WorkOrder), jobs)
        session.execute(text("CREATE TEMPORARY TABLE planned (place bigint, job uuid, part uuid, bin uuid) ON COMMIT DROP"))
        raw: Any = session.connection().connection.driver_connection
        with raw.cursor().copy("COPY planned FROM STDIN") as lines:
            for place in range(shop.wanted):
                lines.write_row((place, shop.at("job", place // PLANNED), part_id(shop.part(place)), _bin(shop, place)))
        given = {
            "org": ORG,
            "stamp": STAMP,
            "now": START,
            "room": shop.at("warehouse"),
            "stock": IN_STOCK,
            "base": shop.number << 40,
        }
        for statement in _PLANS:
            session.execute(text(statement), given)
        session.commit()


def _bin(shop: Shop, place: int) -> UUID:
    return shop.at("bin", place % BINS)


_NEW = "('" + str(MADE_BY)[:14] + "7{}-9000-' || lpad(to_hex(:base + place), 12, '0'))::uuid"
_PLANS = (
    f"""INSERT INTO part_line (id, org_id, stamp, made_at, made_by, retired, order_id, part_id, planned)
SELECT {_NEW.format("001")}, :org, :stamp, :now, :org, false, job, part, 1000 FROM planned""",  # noqa: S608
    f"""INSERT INTO stock_line (id, org_id, stamp, made_at, made_by, retired, kind, part_id, bin_id, warehouse_id, quantity, unit)
SELECT {_NEW.format("002")}, :org, :stamp, :now, :org, false, 'receipt', part, bin, :room, :stock, 'pcs' FROM planned""",  # noqa: S608
    "INSERT INTO balance (org_id, part_id, bin_id, on_hand, counted) SELECT :org, part, bin, :stock, 0 FROM planned",
)


def issues(shop: Shop, first: int, last: int) -> Iterator[Envelope]:
    """What the terminal did: one planned part after the other went to its job; numbers from `first` up to `last`."""
    room = shop.at("warehouse").hex
    for number in range(first, last + 1):
        place = number - 1
        known = part_id(shop.part(place))
        do = IssuePart(order=shop.at("job", place // PLANNED), part=known, bin=_bin(shop, place), quantity=Quantity(1))
        drawn = {f"may:parts_issue.over@{room}": False, f"policy:{room}": "warn", f"cost:{known.hex}": None}
        yield envelope(shop, number, do, "parts_issue.issue", drawn)


def envelope(shop: Shop, number: int, do: Command, grant: str, drawn: dict[str, Any]) -> Envelope:
    """A command of the shop's storekeeper, as their terminal wrote it down."""
    when = START + number * 1000
    return Envelope(
        id=derived_id(UUID(int=when << 80 | shop.terminal.int & (1 << 80) - 1), "command", ""),
        command=type(do).__name__,
        version=do.version,
        body=encode(do),
        org_id=ORG,
        actor_id=shop.at("person"),
        terminal_id=shop.terminal,
        stamp=stamp_of(when),
        occurred_at=moment(when),
        business_date=moment(when).date(),
        authority=Authority(do.authority),
        number=number,
        site_id=shop.at("site"),
        zone="Europe/Berlin",
        granted=(grant,),
        drawn={"station": shop.number, "enrolled": True, **drawn},
    )


def pushes(shop: Shop, envelopes: Iterator[Envelope], most: int) -> list[Push]:
    """The envelopes as the terminal would send them, at most so many at a time."""
    made: list[Push] = []
    some: list[Sent] = []
    number, chain, before = 1, "", ""
    for one in envelopes:
        some.append(Sent(one.text()))
        chain = outbox.chained(chain, some[-1].content)
        if len(some) == most:
            made.append(Push(shop.terminal.hex, number, before, tuple(some)))
            number, before, some = number + len(some), chain, []
    if some:
        made.append(Push(shop.terminal.hex, number, before, tuple(some)))
    return made
