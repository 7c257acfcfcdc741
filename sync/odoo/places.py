"""The places of one company in Odoo: its warehouses with their locations and kinds of transfer, and where stock comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.odoo.transport import Odoo

WIP = "Workshop WIP"
_UNITS = {
    "pcs": "uom.product_uom_unit",
    "set": "uom.product_uom_unit",
    "pair": "uom.product_uom_unit",
    "box": "uom.product_uom_unit",
}
_UNITS |= {"m": "uom.product_uom_meter", "kg": "uom.product_uom_kgm", "l": "uom.product_uom_litre"}
_UNITS |= {"h": "uom.product_uom_hour", "day": "uom.product_uom_day"}
_TYPES = {
    "internal": "int_type_id",
    "incoming": "in_type_id",
    "repair": "repair_type_id",
    "stock": "lot_stock_id",
    "view": "view_location_id",
}


@dataclass
class Places:
    """What was learned of them: `shared` by name, `own` of each warehouse by Odoo's number, and the units that every Odoo has."""

    company: int
    shared: dict[str, int] = field(default_factory=dict)
    own: dict[int, dict[str, int]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)  # warehouses by their code
    units: dict[str, int] = field(default_factory=dict)
    roots: dict[int, int] = field(default_factory=dict)  # of every unit the one that it is reckoned in, such as g of kg

    def of(self, name: str, warehouse: int | None = None) -> int | None:
        return self.shared.get(name) if warehouse is None else self.own.get(warehouse, {}).get(name)

    def usual(self, kind: str, ours: str) -> int | None:
        """What something of ours is in every Odoo, where nobody said otherwise."""
        return self.units.get(ours) if kind == "unit" else None


def learned(odoo: Odoo, company: int = 0) -> Places:
    """Asks Odoo for the places of a company (its user's own where none is named); makes each warehouse its WIP location."""
    company = company or company_of(odoo)
    found = Places(company)
    for row in odoo.search_read("stock.warehouse", [("company_id", "=", company)], ["code", *_TYPES.values()], order="id"):
        found.own[row["id"]] = {name: row[theirs][0] for name, theirs in _TYPES.items() if row.get(theirs)}
        found.codes[str(row["code"])] = row["id"]
    _shared(odoo, found)
    for warehouse, own in found.own.items():
        own.update(_consumed(odoo, own.get("repair")), wip=_wip(odoo, warehouse, own["view"]))
    for name in ("wip", "repair"):
        first = next((own[name] for own in found.own.values() if name in own), None)
        found.shared |= {f"first_{name}": first} if first is not None else {}
    found.units, found.roots = _units(odoo), _roots(odoo)
    return found


def company_of(odoo: Odoo) -> int:
    """The company that the user works in where none is named."""
    [user] = odoo.call("res.users", "read", [odoo.user()], fields=["company_id"])
    return int(user["company_id"][0])


def _shared(odoo: Odoo, found: Places) -> None:
    """Where stock comes from and goes to outside of warehouses: the company's own before everybody's."""
    usages = ("supplier", "inventory", "customer", "production")
    domain = [("usage", "in", usages), ("company_id", "in", [found.company, False])]
    rows = odoo.search_read("stock.location", domain, ["name", "usage", "company_id"], order="id")
    for row in sorted(rows, key=lambda one: not one["company_id"]):
        scraps = row["usage"] == "inventory" and "scrap" in str(row["name"]).lower()
        usage = "loss" if row["usage"] == "inventory" else str(row["usage"])
        found.shared.setdefault("scrap" if scraps else usage, row["id"])
    found.shared.setdefault("scrap", found.shared.get("loss", 0))


def _wip(odoo: Odoo, warehouse: int, above: int) -> int:
    """The location in a warehouse, beside its stock, where parts are that were handed out and not yet built in."""
    cells = [f"fettle.wip_{warehouse}", WIP, str(above), "internal"]
    return odoo.load("stock.location", ["id", "name", "location_id/.id", "usage"], [cells])[0]


def _consumed(odoo: Odoo, repair_type: int | None) -> Mapping[str, int]:
    """Where a finished repair leaves its parts."""
    if repair_type is None:
        return {}
    [row] = odoo.call("stock.picking.type", "read", [repair_type], fields=["default_location_dest_id"])
    return {"consumed": row["default_location_dest_id"][0]}


def _units(odoo: Odoo) -> dict[str, int]:
    domain = [("module", "=", "uom"), ("model", "=", "uom.uom")]
    known = {f"uom.{row['name']}": row["res_id"] for row in odoo.search_read("ir.model.data", domain, ["name", "res_id"])}
    return {ours: known[theirs] for ours, theirs in _UNITS.items() if theirs in known}


def _roots(odoo: Odoo) -> dict[int, int]:
    above = {
        row["id"]: row["relative_uom_id"]
        for row in odoo.search_read("uom.uom", [], ["relative_uom_id"], context={"active_test": False})
    }

    def root(unit: int) -> int:
        return root(above[unit][0]) if above.get(unit) else unit

    return {unit: root(unit) for unit in above}
