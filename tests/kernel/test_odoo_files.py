"""What a real Odoo 19 exports comes in with the mappings that we ship: every line is taken, skipped, or refused with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.kernel.exchange.fingerprints import fingerprint
from app.kernel.exchange.intake import intake_of
from app.kernel.exchange.mapping import planned, recipe, shipped
from app.kernel.exchange.report import Finding, Summary
from app.kernel.exchange.running import import_file
from app.kernel.problems import Refused
from app.kernel.types import Quantity
from app.parties.model import Customer
from app.parts.model import Barcode, Part
from app.places.model import Bin, Warehouse
from app.stock.model import Balance, StockLine
from world import World

DATA = Path(__file__).resolve().parents[1] / "data"
Take = Callable[..., tuple[Summary, list[Finding]]]
ENTITIES = {"odoo_products": "part", "odoo_partners": "customer", "odoo_quants": "stock_line"}


@pytest.fixture
def take(bare: World) -> Take:
    """Imports one of Odoo's files into a workshop that has a site and nothing else."""
    bare.save("organisation", id=bare.org, name="Moto Keller", currency="USD")
    bare.save("site", code="M", name="Main workshop", zone="Europe/Berlin")

    def run(name: str, path: Path | None = None, **more: Any) -> tuple[Summary, list[Finding]]:
        found: list[Finding] = []
        source = path or DATA / f"{name}.csv"
        summary = import_file(bare.app, bare.actor, ENTITIES[name], source, map=name, tell=found.append, **more)
        return summary, found

    return run


def ends(summary: Summary) -> dict[str, int]:
    return {name: getattr(summary, name) for name in ("lines", "made", "changed", "unchanged", "skipped", "refused")}


def test_the_products(bare: World, take: Take) -> None:
    summary, found = take("odoo_products")
    assert ends(summary) == {"lines": 61, "made": 44, "changed": 0, "unchanged": 0, "skipped": 9, "refused": 8}
    assert (summary.also["barcode"].made, summary.unread) == (9, [])
    parts = {row.code: row for row in bare.rows(Part)}
    assert len(parts) == 44
    desk, drawer = parts["FURN_0098"], parts["FURN_8855"]
    assert (desk.name, desk.cost.minor, desk.price.minor, desk.unit) == ("Customizable Desk", 50000, 80040, "pcs")
    assert (drawer.tracking, parts["FURN_9666"].tracking, desk.tracking) == ("lot", "serial", "none")
    assert Counter(finding.state for finding in found) == {"skipped": 9, "refused": 8, "noted": 2}
    assert {finding.column for finding in found if finding.state == "refused"} == {"default_code"}
    assert all(finding.advice for finding in found)


def test_a_barcode_means_its_product(bare: World, take: Take) -> None:
    take("odoo_products")
    lamp = next(row for row in bare.rows(Part) if row.code == "FURN_8888")
    assert {row.code: row.quantity for row in bare.rows(Barcode) if row.part_id == lamp.id} == {"40164785534112": Quantity(1)}
    meaning = bare.app.meaning("40164785534112", bare.actor)
    assert meaning.match is not None
    assert meaning.match.id == lamp.id


def test_the_partners(bare: World, take: Take) -> None:
    summary, [finding] = take("odoo_partners")
    assert ends(summary) == {"lines": 41, "made": 40, "changed": 0, "unchanged": 0, "skipped": 0, "refused": 1}
    assert (finding.line, finding.column, finding.value) == (40, "phone", "+1 555-555-5556")
    customers = {row.reference: row for row in bare.rows(Customer)}
    wood, ron = customers["base.res_partner_1"], customers["base.res_partner_address_2"]
    assert (wood.name, wood.company, wood.vat, wood.zip) == ("Wood Corner", True, "US12345672", "95380")
    assert (ron.company, customers["base.partner_demo_portal"].zip) == (False, "07002")


def test_the_quants(bare: World, take: Take) -> None:
    take("odoo_products")
    summary, found = take("odoo_quants")
    assert ends(summary) == {"lines": 34, "made": 33, "changed": 0, "unchanged": 0, "skipped": 0, "refused": 1}
    assert [(finding.line, finding.column) for finding in found if finding.state == "refused"] == [
        (32, "product_id/default_code")
    ]
    rooms = {row.id: row.code for row in bare.rows(Warehouse)}
    assert {(rooms[row.warehouse_id], row.code) for row in bare.rows(Bin)} == {("WH", "Stock"), ("WH", "Stock/Shelf 2")}
    parts = {row.id: row.code for row in bare.rows(Part)}
    booked = {parts[row.part_id]: row.on_hand for row in bare.rows(Balance)}
    assert (booked["FURN_0789"], booked["E-COM10"], booked["FURN_8522"]) == (Quantity(16), Quantity(0), Quantity(5))
    assert booked["FURN_8855"] == Quantity(183)  # three lots in one bin
    assert any("0000000000029 (80)" in row.reason for row in bare.rows(StockLine))


@pytest.mark.parametrize("name", ["odoo_products", "odoo_partners", "odoo_quants"])
def test_the_same_file_again_changes_nothing(bare: World, take: Take, name: str) -> None:
    take("odoo_products")
    first, _found = take(name)
    with bare.session() as session:
        before = fingerprint(session, bare.app.registry)
    again, _found = take(name)
    assert (again.made, again.changed, again.unchanged) == (0, 0, first.made + first.unchanged)
    with bare.session() as session:
        assert fingerprint(session, bare.app.registry) == before


@pytest.mark.parametrize("name", ["odoo_products", "odoo_partners", "odoo_quants"])
def test_a_rehearsal_of_them_keeps_nothing_and_tells_the_same(bare: World, take: Take, name: str) -> None:
    if name == "odoo_quants":
        take("odoo_products")
    waiting = bare.outbox()
    rehearsed, foretold = take(name, dry_run=True)
    assert bare.outbox() == waiting
    assert not bare.rows(Warehouse)
    done, found = take(name)
    assert (ends(rehearsed), foretold) == (ends(done), found)


def test_the_hub_takes_them_as_a_terminal_does(anywhere: World) -> None:
    anywhere.save("organisation", id=anywhere.org, name="Moto Keller", currency="USD")
    anywhere.save("site", code="M", name="Main workshop", zone="Europe/Berlin")
    found = []
    for dry_run in (True, False, False):
        for name in ("odoo_products", "odoo_partners", "odoo_quants"):
            path = DATA / f"{name}.csv"
            summary = import_file(anywhere.app, anywhere.actor, ENTITIES[name], path, map=name, dry_run=dry_run)
            found.append((summary.made, summary.unchanged))
    assert found == [(44, 0), (40, 0), (0, 0), (44, 0), (40, 0), (33, 0), (0, 44), (0, 40), (0, 33)]


# ---------------------------------------------------------------------------------------------------------- the mappings


def test_every_mapping_that_we_ship_fits_our_records(bare: World) -> None:
    assert shipped() == ["odoo_partners", "odoo_products", "odoo_quants"]
    for name in shipped():
        read = recipe(name)
        names = {read.entity, *(one["entity"] for one in read.tables.get("also", ()))}
        plan = planned(read, {entity: intake_of(bare.app.registry, entity) for entity in names})
        assert set(plan.needed()) <= plan.columns()
        assert read.about


def mapped(tmp_path: Path, text: str) -> str:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    return str(tmp_path / "own.toml")


def test_a_mapping_of_ones_own_may_fall_back_to_another_column(bare: World, tmp_path: Path, take: Take) -> None:
    own = mapped(
        tmp_path,
        'entity = "part"\n[fields.code]\ncolumn = "default_code"\nor = ["id"]\n[fields.name]\ncolumn = "name"\n'
        '[fields.unit]\nvalue = "pcs"\n[fields.cost]\ncolumn = "standard_price"\nround = true\n',
    )
    path = tmp_path / "file.csv"
    path.write_text("id,default_code,name,standard_price,more\nx.1,,Chain,1.005,\nx.2,N-2,Disc,2.5,\n", "utf-8")
    found: list[Finding] = []
    summary = import_file(bare.app, bare.actor, "part", path, map=own, tell=found.append)
    assert {row.code: row.cost.minor for row in bare.rows(Part)} == {"x.1": 101, "N-2": 250}
    assert (summary.unread, [finding.state for finding in found]) == (["more"], ["noted"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("entity = ", "Invalid value"),
        ('entity = "part"', "it needs `entity`"),
        ('entity = "part"\n[fields.colour]\ncolumn = "c"', "has no field “colour”"),
        ('entity = "part"\n[fields.code]\ncolumm = "c"', "has no “columm”"),
        ('entity = "part"\n[fields.code]\ncolumn = "c"\n[[skip]]\ncolumn = "d"', "is"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(bare: World, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "file.csv").write_text("c\nN-1\n")
    with pytest.raises(Refused) as told:
        import_file(bare.app, bare.actor, "part", tmp_path / "file.csv", map=mapped(tmp_path, text))
    [problem] = told.value.problems
    assert problem.code == "import.bad_map"
    assert why in problem.sentence


def test_a_mapping_fills_what_it_says(bare: World) -> None:
    with pytest.raises(Refused) as told:
        import_file(bare.app, bare.actor, "customer", DATA / "odoo_products.csv", map="odoo_products")
    assert told.value.problems[0].code == "import.other_entity"


def test_an_unknown_mapping_is_told_with_those_there_are(bare: World) -> None:
    with pytest.raises(Refused) as told:
        import_file(bare.app, bare.actor, "part", DATA / "odoo_products.csv", map="odoo_prodcuts")
    assert "odoo_products" in told.value.problems[0].advice


def test_a_column_that_a_mapping_needs_is_missed_by_name(bare: World, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("id,default_cod,name\n")
    with pytest.raises(Refused) as told:
        import_file(bare.app, bare.actor, "part", tmp_path / "file.csv", map="odoo_products")
    first = told.value.problems[0]
    assert first.sentence == "The column “default_code” is missing."
    assert first.advice.startswith("Did you mean default_cod?")


def test_odoos_columns_without_a_mapping_are_recognised(bare: World) -> None:
    with pytest.raises(Refused) as told:
        import_file(bare.app, bare.actor, "part", DATA / "odoo_products.csv")
    assert told.value.problems[0].advice == "Add: --map odoo_products"
