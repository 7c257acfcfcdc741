"""Sets the demo workshop up: who owns it, who works there, its shelves and what lies on them."""

from __future__ import annotations

from typing import Any

from app.access.badges import badge_hash
from app.access.commands import GiveBadge, SetPin
from app.access.pins import pin_verifier
from app.access.roles import standard_roles
from app.demo.catalogue import Item, items
from app.demo.folk import ALONE, ALSO, KEEPER, PIN, WORKERS, Worker, badge_text, customers
from app.demo.procedures import describe
from app.demo.stage import ZONE, Stage
from app.kernel.money import Money
from app.kernel.queries import rows as rows_of
from app.kernel.standard import SaveMany, SaveRecord
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.labor.reactions import EVERYBODY, JOB_SCAN
from app.stock.commands import ReceiveStock
from app.taxes.rules import DEFAULT as TAXED

RACKS = (("A", 20, "pick"), ("B", 20, "pick"), ("C", 12, "pick"), ("D", 5, "bulk"))
APART = (("Q-01", "quarantine"), ("CORE-01", "core"), ("SCRAP-01", "scrap"))
TAX = "19"  # the code of the usual tax, and its rate
RUNNING_LOW = 9  # every so many parts came in below their minimum


def furnish(stage: Stage) -> None:
    """Everything that was there before the first job."""
    stage.at(30, 6)
    _places(stage)
    stage.progress("The people")
    _people(stage)
    stage.progress("The parts")
    _parts(stage)
    _customers(stage)
    describe(stage)
    stage.progress("The shelves")
    stage.at(30, 7)
    _stock(stage)


def record(stage: Stage, entity: str, called: str, /, **fields: Any) -> str:
    """Makes a record under the id that its name gives it; its id as plain data."""
    ident = stage.ident(entity, called)
    stage.do(SaveRecord(entity=entity, id=ident, fields={field: [None, value] for field, value in fields.items()}))
    return ident.hex


def _many(stage: Stage, entity: str, rows: list[tuple[str, dict[str, Any]]]) -> None:
    """Makes records of one entity with one command; each row comes with the name that gives it its id."""
    stage.do(SaveMany(entity=entity, rows=[{"id": stage.ident(entity, name).hex, **fields} for name, fields in rows]))


def _places(stage: Stage) -> None:
    stage.do(
        SaveRecord(
            entity="organisation",
            id=stage.org,
            fields={"name": [None, "Keller Motorcycles"], "currency": [None, "EUR"], "kind": [None, "owner"]},
        )
    )
    site = record(stage, "site", "M", code="M", name="Main workshop", zone=ZONE)
    main = record(stage, "warehouse", "MAIN", site_id=site, code="MAIN", name="Store room", policy="warn")
    yard = record(stage, "warehouse", "YARD", site_id=site, code="YARD", name="Tyre and oil store", policy="block")
    shelves = [(f"{rack}-{place:02d}", kind) for rack, count, kind in RACKS for place in range(1, count + 1)] + list(APART)
    record(stage, "tax_code", TAX, code=TAX, name="VAT 19 %", percent=TAX)
    stage.do(SetSetting(key=TAXED, value=TAX))
    _many(
        stage,
        "bin",
        [(code, {"warehouse_id": yard if code[0] == "D" else main, "code": code, "kind": kind}) for code, kind in shelves],
    )


def _people(stage: Stage) -> None:
    stage.do(standard_roles())
    with stage.app.read(stage.host) as session:
        roles = {row["code"]: row["id"] for row in _all(stage, session, "role")}
    _many(stage, "person", [(one.username, _person(one)) for one in WORKERS])
    held = [(one.username, one.role, one.username) for one in WORKERS] + [(who, role, f"{who} {role}") for who, role in ALSO]
    rows = [(name, {"person_id": stage.ident("person", who).hex, "role_id": roles[role].hex}) for who, role, name in held]
    _many(stage, "appointment", rows)
    stage.do(SetSetting(key=JOB_SCAN.key, value=EVERYBODY, place=stage.ident("person", ALONE)))
    verifier = pin_verifier(PIN, salt=stage.ident("salt", "pin").bytes)
    for one in WORKERS:
        person = stage.ident("person", one.username)
        stage.do(GiveBadge(person=person, code_hash=badge_hash(badge_text(one.username))))
        stage.do(SetPin(person=person, verifier=verifier))


def _all(stage: Stage, session: Any, entity: str) -> list[dict[str, Any]]:
    return list(rows_of(session, stage.app.asked(session, entity, stage.host)))


def _person(worker: Worker) -> dict[str, Any]:
    return {
        "username": worker.username,
        "name": worker.name,
        "email": f"{worker.username}@keller-motorcycles.example",
        "home": worker.role,
    }


def _parts(stage: Stage) -> None:
    kept = items()
    _many(stage, "part", [(one.code, _part(one)) for one in kept])
    codes = [(one.code, {"part_id": stage.ident("part", one.code).hex, "code": one.ean, "quantity": "1"}) for one in kept]
    codes += [
        (one.code + " pack", {"part_id": stage.ident("part", one.code).hex, "code": one.pack_ean, "quantity": str(one.pack)})
        for one in kept
        if one.pack
    ]
    _many(stage, "barcode", codes)
    places = [
        (one.code, {"part_id": stage.ident("part", one.code).hex, "bin_id": stage.ident("bin", bin_of(one)).hex, "fixed": True})
        for one in kept
    ]
    _many(stage, "part_bin", places)


def _part(one: Item) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "category": one.category,
        "unit": one.unit,
        "cost": one.cost,
        "price": one.price,
        "least": str(one.least),
        "reorder": str(one.least + max(1, one.least // 2)),
        "most": str(one.most),
        "core": one.code.startswith("BAT-"),
        "mpn": f"{one.category[:3].upper()}{31000 + one.place * 7}",
    }


def bin_of(one: Item) -> str:
    """The shelf place of a part: tyres and oil in the yard's racks, everything else side by side."""
    if one.category in ("Tyres", "Fluids"):
        return f"D-{one.place % 5 + 1:02d}" if one.category == "Tyres" else f"C-{one.place % 12 + 1:02d}"
    rack = "AB"[one.place // 20 % 2]
    return f"{rack}-{one.place % 20 + 1:02d}"


def _customers(stage: Stage) -> None:
    people = customers()
    _many(
        stage,
        "customer",
        [
            (one.phone, {"name": one.name, "phone": one.phone, "street": one.street, "zip": one.zip, "city": one.city})
            for one in people
        ],
    )
    _many(
        stage,
        "vehicle",
        [
            (
                plate,
                {
                    "customer_id": stage.ident("customer", one.phone).hex,
                    "plate": plate,
                    "model": model,
                    "year": year,
                    "odometer": km,
                },
            )
            for one in people
            for plate, model, year, km in one.vehicles
        ],
    )


def _stock(stage: Stage) -> None:
    """The first delivery. Some parts came short, so that there is something to reorder."""
    keeper = stage.actor(KEEPER)
    for one in items():
        low = one.place % RUNNING_LOW == RUNNING_LOW - 1 and one.least > 1
        receive(stage, one, one.least - 1 if low else one.most, keeper)


def receive(stage: Stage, one: Item, quantity: int, keeper: Any) -> None:
    """A part comes in and goes to its shelf place."""
    stage.do(
        ReceiveStock(
            part=stage.ident("part", one.code),
            bin=stage.ident("bin", bin_of(one)),
            quantity=Quantity(quantity),
            cost=Money(one.cost),
        ),
        keeper,
    )
