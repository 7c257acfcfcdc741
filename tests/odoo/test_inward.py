"""What is changed in Odoo is changed here: taken once, by its own number, and what cannot be taken is said in a sentence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from odoo_fixture import There
from odoo_town import Town
from sqlalchemy import select

from app.access.model import Appointment, Person
from app.kernel.access import actor
from app.kernel.money import Money
from app.kernel.records import Discrepancy
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.odoo.commands import MatchInOdoo, TryAgainInOdoo
from app.odoo.model import OdooLetter, OdooMatch, match_id
from app.odoo.records import OdooMapping, OdooWaiting
from app.parties.model import Customer
from app.parts.model import Barcode, Part
from app.places.model import Bin
from app.work_orders.model import PartLine, WorkOrder
from sync.odoo import coming
from sync.odoo.arrivals import choices, packs, parties, parts, people, places, repairs
from sync.odoo.arriving import Arrival
from sync.odoo.inward import Counts, Inward
from sync.odoo.transport import Odoo
from world import World

SIZES = [500, pytest.param(10_000, marks=pytest.mark.prove)]


class Shop(Town):
    """A workshop whose parts are kept in Odoo. All tests share one Odoo: each looks at what bears its own tag."""

    def __init__(self, world: World, there: There, odoo: Odoo) -> None:
        super().__init__(world, odoo, parts=1)
        self.there = there
        world.save("setting_value", key="parts.master", value="odoo")
        self.inward = Inward(world.app, world.org, odoo, {})
        with world.session() as session:
            self.inward.facts |= coming.facts_of(session, world.org, self.places) or {}
        choices.read(self.inward)
        own = ("default_code", "=like", f"%{self.tag}%")
        named = ("name", "=like", f"%{self.tag}%")
        self.products = replace(parts.PRODUCTS, domain=(*parts.PRODUCTS.domain, "|", own, named))
        self.partners = replace(parties.PARTNERS, domain=(named, *parties.PARTNERS.domain))

    def product(self, code: str = "A", **more: Any) -> int:
        told = {"name": f"Disc {code} {self.tag}", "default_code": f"{code}-{self.tag}", "type": "consu", "is_storable": True}
        return self.made("product.product", told | more)

    def made(self, model: str, values: dict[str, Any]) -> int:
        [number] = self.odoo.call(model, "create", vals_list=[values])
        return int(number)

    def write(self, model: str, number: int, **values: Any) -> None:
        self.odoo.call(model, "write", [number], vals=values)

    def pull(self, arrival: Arrival | None = None) -> Counts:
        return self.inward.pull(arrival or self.products)

    def ours(self, entity: type[Any], number: int, model: str = "product.product") -> Any:
        wanted = select(OdooMapping.row_id).where(OdooMapping.model == model, OdooMapping.number == number)
        with self.world.session() as session:
            return session.get_one(entity, session.scalars(wanted.where(OdooMapping.entity == entity.__tablename__)).one())

    def action(self, code: str) -> int:
        """A server action of Odoo's on products."""
        [model] = self.odoo.search_read("ir.model", [("model", "=", "product.product")], ["id"])
        return self.made("ir.actions.server", {"name": self.tag, "model_id": model["id"], "state": "code", "code": code})

    def press(self, action: int, product: int, odoo: Odoo | None = None) -> Any:
        context = {"active_model": "product.product", "active_ids": [product], "active_id": product}
        return (odoo or self.odoo).call("ir.actions.server", "run", [action], context=context)

    def letters(self) -> dict[str, OdooLetter]:
        """Open letters by their findings."""
        return {row.code: row for row in self.world.rows(OdooLetter) if row.state == "open"}


@pytest.fixture
def shop(hub: World, there: There, odoo: Odoo) -> Shop:
    return Shop(hub, there, odoo)


# ------------------------------------------------------------------------------------------------------------ products


def test_a_product_is_a_part_with_its_unit_prices_and_barcode(shop: Shop) -> None:
    code = "5901234123457"
    with_code = {"barcode": code} if not shop.odoo.search_read("product.product", [("barcode", "=", code)], ["id"]) else {}
    number = shop.product(list_price=19.99, standard_price=7.5, description_sale="Drilled", **with_code)
    assert shop.pull().kept >= 1
    part = shop.ours(Part, number)
    assert (part.code, part.name, part.unit) == (f"A-{shop.tag}", f"Disc A {shop.tag}", "pcs")
    assert (part.price, part.cost, part.description) == (Money(1999), Money(750), "Drilled")
    if with_code:
        assert {row.code for row in shop.world.rows(Barcode) if row.part_id == part.id} == {code}
        meaning = shop.world.app.meaning(code, shop.world.actor)
        assert meaning.match is not None
        assert meaning.match.id == part.id


def test_a_packs_barcode_stands_for_as_many_as_are_in_it(shop: Shop) -> None:
    number = shop.product()
    code = f"PK6-{shop.tag}"
    [six] = shop.odoo.search_read("uom.uom", [("name", "=", "Pack of 6")], ["id"])
    pack = shop.made("product.uom", {"product_id": number, "uom_id": six["id"], "barcode": code})
    only = replace(packs.PACKS, domain=(("barcode", "=like", f"%{shop.tag}"),))
    shop.pull()
    shop.pull(only)
    [found] = [row for row in shop.world.rows(Barcode) if row.code == code]
    assert (found.part_id, found.quantity) == (shop.ours(Part, number).id, Quantity(6))
    shop.odoo.call("product.uom", "unlink", [pack])
    assert shop.inward.missing(only).retired == 1


def test_what_is_the_same_is_dropped_and_what_changed_is_changed(shop: Shop) -> None:
    number, other = shop.product("A"), shop.product("B")
    shop.pull()
    assert shop.pull().kept == 0
    shop.write("product.product", number, name=f"Brake disc {shop.tag}", list_price=30.0)
    assert shop.pull().kept == 1
    assert (shop.ours(Part, number).name, shop.ours(Part, number).price) == (f"Brake disc {shop.tag}", Money(3000))
    assert shop.ours(Part, other).name == f"Disc B {shop.tag}"


def test_a_part_that_is_here_already_is_the_product_of_its_code(shop: Shop) -> None:
    number = shop.product("PT0")
    shop.pull()
    assert shop.ours(Part, number).id == shop.parts[0]
    assert shop.world.get(Part, shop.parts[0]).name == f"Disc PT0 {shop.tag}"


def test_archived_is_out_of_use_and_comes_back(shop: Shop) -> None:
    number = shop.product()
    shop.pull()
    shop.write("product.product", number, active=False)
    assert shop.pull().retired == 1
    assert shop.ours(Part, number).retired
    shop.write("product.product", number, active=True)
    shop.pull()
    assert not shop.ours(Part, number).retired


def test_deleted_is_found_by_comparing_numbers(shop: Shop) -> None:
    number, other = shop.product("A"), shop.product("B")
    shop.pull()
    kept, gone = shop.ours(Part, other).id, shop.ours(Part, number).id
    shop.odoo.call("product.product", "unlink", [number])
    assert shop.pull().retired == 0, "no change tells of it"
    assert shop.inward.missing(shop.products).retired == 1
    assert shop.world.get(Part, gone).retired
    assert not shop.world.get(Part, kept).retired


def test_what_still_lies_in_a_bin_stays_in_use_and_a_letter_says_where(shop: Shop) -> None:
    number = shop.product("PT0")
    shop.pull()
    shop.write("product.product", number, active=False)
    assert shop.pull().refused == 1
    assert not shop.world.get(Part, shop.parts[0]).retired
    letter = shop.letters()["stock.part_left"]
    assert letter.detail["bin"] == f"A-{shop.tag}"


def test_bad_products_get_a_letter_each_and_the_others_come(shop: Shop) -> None:
    dozen = shop.made("uom.uom", {"name": f"Dozen {shop.tag}", "relative_factor": 12, "relative_uom_id": 1})
    shop.product("A")
    shop.product("A", name=f"Twin {shop.tag}")
    shop.product("B", default_code=False)
    shop.product("C", uom_id=dozen)
    fine = shop.product("D")
    counts = shop.pull()
    assert (counts.kept, counts.refused) == (2, 3)
    assert shop.ours(Part, fine).code == f"D-{shop.tag}"
    letters = shop.letters()
    assert set(letters) == {"odoo.twin", "odoo.no_code", "odoo.no_unit"}
    assert letters["odoo.no_unit"].verdict == "mapping"
    assert letters["odoo.no_unit"].detail["unit"] == f"Dozen {shop.tag}"
    assert shop.pull().refused == 3
    assert all(row.tries == 0 for row in shop.letters().values()), "nobody is told twice"


def test_what_was_put_right_comes_when_somebody_tries_it_again(shop: Shop) -> None:
    dozen = shop.made("uom.uom", {"name": f"Crate {shop.tag}", "relative_factor": 12, "relative_uom_id": 1})
    number = shop.product("C", uom_id=dozen)
    shop.pull()
    choices.read(shop.inward)
    shop.world.done(MatchInOdoo(match=match_id(shop.world.org, "unit", "box"), theirs=dozen))
    shop.world.done(TryAgainInOdoo(letter=shop.letters()["odoo.no_unit"].id))
    shop.send()
    choices.read(shop.inward)
    shop.pull()
    assert shop.ours(Part, number).unit == "box"
    assert shop.letters() == {}
    assert not [row for row in shop.world.rows(OdooWaiting) if row.entity == "product.product"]


def test_what_a_terminal_changed_before_it_knew_is_put_back_and_said(shop: Shop) -> None:
    number = shop.product("A")
    shop.pull()
    part = shop.ours(Part, number)
    keeper = shop.world.person("Kim", "ADM")
    refused = shop.world.run(SaveRecord(entity="part", id=part.id, fields={"name": [part.name, "Mine"]}), keeper)
    assert [problem.code for problem in refused.problems] == ["record.mastered"]
    _master(shop.world, "hub")
    shop.world.done(SaveRecord(entity="part", id=part.id, fields={"name": [part.name, "Mine"]}), keeper)
    _master(shop.world, "odoo")
    shop.pull()
    assert shop.ours(Part, number).name == f"Disc A {shop.tag}"
    assert shop.letters()["odoo.put_back"].detail["labels"] == "Name"


def _master(world: World, where: str) -> None:
    from app.kernel.settings import SettingValue

    with world.session() as session:
        ident = session.scalars(select(SettingValue.id).where(SettingValue.key == "parts.master")).one()
    world.done(SaveRecord(entity="setting_value", id=ident, fields={"value": [world.get(SettingValue, ident).value, where]}))


def test_where_parts_are_kept_here_a_product_is_found_and_left_alone(shop: Shop) -> None:
    _master(shop.world, "hub")
    number = shop.product("PT0", list_price=99.0)
    shop.pull()
    assert shop.ours(Part, number).id == shop.parts[0]
    assert shop.world.get(Part, shop.parts[0]).price == Money(900)
    _master(shop.world, "odoo")
    shop.pull()
    assert shop.world.get(Part, shop.parts[0]).price == Money(9900), "from now on Odoo's word stands"
    assert "odoo.put_back" not in shop.letters()


def test_a_slow_writer_that_commits_behind_the_cursor_is_found(shop: Shop) -> None:
    slow, quick = shop.product("A"), shop.product("B")
    shop.pull()
    sleeps = f"SELECT pg_sleep(2) /* {shop.tag} */"
    writing = shop.action(f"records.write({{'name': 'Slow {shop.tag}'}})\nenv.cr.flush()\nenv.cr.execute('{sleeps}')")
    asking = f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%{shop.tag}%%'"  # noqa: S608 (a tag of our own)
    looking = shop.action(f"env.cr.execute({asking!r})\naction = {{'type': 'none', 'count': env.cr.fetchone()[0]}}")
    with ThreadPoolExecutor(1) as beside, closing(shop.there.connect()) as other:
        written = beside.submit(shop.press, writing, slow, other)
        while not shop.press(looking, slow)["count"]:
            assert not written.done()
        shop.write("product.product", quick, name=f"Quick {shop.tag}")
        shop.pull()
        assert (shop.ours(Part, quick).name, shop.ours(Part, slow).name) == (f"Quick {shop.tag}", f"Disc A {shop.tag}")
        written.result()
    shop.pull()
    assert shop.ours(Part, slow).name == f"Slow {shop.tag}"


# --------------------------------------------------------------------------------------------- contacts, people, places


def test_a_contact_is_a_customer_and_what_both_sides_changed_is_kept(shop: Shop) -> None:
    number = shop.made("res.partner", {"name": f"Wood {shop.tag}", "phone": f"+49 {shop.tag}", "city": "Ulm", "is_company": True})
    shop.pull(shop.partners)
    customer = shop.ours(Customer, number, "res.partner")
    assert (customer.name, customer.city, customer.company) == (f"Wood {shop.tag}", "Ulm", True)
    shop.world.save("customer", id=customer.id, street="Am Markt 1")
    shop.write("res.partner", number, city="Bonn")
    shop.pull(shop.partners)
    shop.send()
    customer = shop.world.get(Customer, customer.id)
    assert (customer.city, customer.street) == ("Bonn", "Am Markt 1")
    assert shop.read("res.partner", number, "city", "street") == {"id": number, "city": "Bonn", "street": "Am Markt 1"}
    assert not shop.world.rows(Discrepancy)


def test_where_both_changed_the_same_the_later_one_stands_and_the_other_is_on_a_card(shop: Shop) -> None:
    number = shop.made("res.partner", {"name": f"Wood {shop.tag}", "city": "Ulm"})
    shop.pull(shop.partners)
    ident = shop.ours(Customer, number, "res.partner").id
    shop.world.done(SaveRecord(entity="customer", id=ident, fields={"city": ["Ulm", "Köln"]}))
    shop.write("res.partner", number, city="Bonn")
    shop.pull(shop.partners)
    assert shop.world.get(Customer, ident).city == "Bonn"
    [card] = shop.world.rows(Discrepancy)
    assert (card.code, card.mine["value"], card.theirs["value"], card.base) == ("record.conflict", "Bonn", "Köln", "Ulm")


def test_a_contact_whose_phone_somebody_has_comes_without_it(shop: Shop) -> None:
    first = shop.made("res.partner", {"name": f"Firm {shop.tag}", "phone": f"+49 1 {shop.tag}"})
    second = shop.made("res.partner", {"name": f"Fred {shop.tag}", "phone": f"+49 1 {shop.tag}", "parent_id": first})
    shop.pull(shop.partners)
    phones = {shop.ours(Customer, one, "res.partner").phone for one in (first, second)}
    assert phones & {None, ""}
    assert f"+49 1 {shop.tag}" in phones


def test_who_was_taken_out_of_use_here_does_not_come_back_with_the_next_change(shop: Shop) -> None:
    number = shop.made("res.partner", {"name": f"Wood {shop.tag}"})
    shop.pull(shop.partners)
    ident = shop.ours(Customer, number, "res.partner").id
    shop.world.gone("customer", ident)
    shop.write("res.partner", number, city="Bonn")
    shop.pull(shop.partners)
    assert shop.world.get(Customer, ident).retired


def test_users_are_people_who_cannot_sign_in(shop: Shop) -> None:
    shop.pull(people.USERS)
    found = {row.username: row for row in shop.world.rows(Person)}
    assert "admin" in found
    assert not shop.world.rows(Appointment)
    ident = found["admin"].id
    assert not shop.world.app.can(actor(ident, shop.world.org, ()), "access.sign_in")


def test_warehouses_and_locations_are_found_or_made(shop: Shop) -> None:
    rooms = replace(places.WAREHOUSES, domain=(("code", "=", "WH"),))
    shop.pull(rooms)
    above = shop.places.own[shop.places.codes["WH"]]["stock"]
    there = shop.made("stock.location", {"name": f"A-{shop.tag}", "location_id": above, "usage": "internal"})
    fresh = shop.made("stock.location", {"name": f"N-{shop.tag}", "location_id": above, "usage": "internal"})
    shop.pull(replace(places.LOCATIONS, domain=(*places.LOCATIONS.domain, ("name", "=like", f"%{shop.tag}"))))
    assert shop.ours(Bin, there, "stock.location").id == shop.world.bin
    assert shop.ours(Bin, fresh, "stock.location").code == f"N-{shop.tag}"


def test_units_are_matched_where_it_is_plain(shop: Shop) -> None:
    matches = {(row.kind, row.ours): row for row in shop.world.rows(OdooMatch)}
    assert matches["unit", "pcs"].theirs_name == "Units"
    assert matches["unit", "box"].state == "open"


def test_a_tax_is_matched_with_the_one_that_is_in_the_prices_as_ours_is(shop: Shop) -> None:
    percent = 10 + int(shop.tag[:8], 16) % 80_000 / 1000  # its own in every run: an Odoo that ODOO_URL names keeps them all
    told = {"amount": percent, "amount_type": "percent", "type_tax_use": "sale"}
    included, _on_top = (
        shop.made("account.tax", told | {"name": f"{kind} {shop.tag}", "price_include_override": f"tax_{kind}"})
        for kind in ("included", "excluded")
    )
    code = shop.world.save("tax_code", code=f"T{shop.tag}"[:16], name="Reduced", percent=f"{percent:.3f}")
    choices.read(shop.inward)
    [match] = [row for row in shop.world.rows(OdooMatch) if row.ours == code.hex]
    assert (match.state, match.theirs) == ("matched", included)


# ------------------------------------------------------------------------------------------------------------- repairs


def _repair(shop: Shop, product: int) -> int:
    partner = shop.made("res.partner", {"name": f"Rider {shop.tag}"})
    told = {"partner_id": partner, "product_id": product, "internal_notes": f"<p>Squeals {shop.tag} &amp; shakes</p>"}
    line = {"repair_line_type": "add", "product_id": product, "product_uom_qty": 2}
    number = shop.made("repair.order", told | {"move_ids": [[0, 0, line]]})
    shop.odoo.call("repair.order", "action_validate", [number])
    return number


def _narrow(shop: Shop) -> Arrival:
    return replace(repairs.REPAIRS, domain=(("internal_notes", "ilike", shop.tag),))


def test_a_repair_that_was_made_in_odoo_is_a_job_here_once(shop: Shop) -> None:
    product = shop.product("A")
    number = _repair(shop, product)
    shop.pull()
    shop.pull(shop.partners)
    shop.pull(_narrow(shop))
    shop.pull(_narrow(shop))
    order = shop.ours(WorkOrder, number, "repair.order")
    assert order.what.startswith(f"Squeals {shop.tag} & shakes")
    assert shop.world.get(Customer, order.customer_id).name == f"Rider {shop.tag}"
    assert len([row for row in shop.world.rows(WorkOrder) if shop.tag in row.what]) == 1
    [line] = [row for row in shop.world.rows(PartLine) if row.order_id == order.id]
    assert (line.part_id, line.planned) == (shop.ours(Part, product).id, Quantity(2))
    shop.send()
    assert shop.number("work_order", order.id) == number, "it stays that one repair"


def test_a_job_that_was_cancelled_in_odoo_is_said_in_a_letter(shop: Shop) -> None:
    order = shop.job(f"Front brake {shop.tag}")
    shop.send()
    number = shop.number("work_order", order)
    shop.odoo.call("repair.order", "action_repair_cancel", [number])
    shop.pull(replace(repairs.REPAIRS, domain=(("id", "=", number),)))
    shop.send()
    assert shop.world.get(WorkOrder, order).state == "IN_PROGRESS"
    assert "odoo.job_changed" in shop.letters() or "odoo.over_there" in shop.letters()
    letter: Any = shop.letter(order)
    assert (letter.code, letter.state) == ("odoo.over_there", "open")


# ---------------------------------------------------------------------------------------------------------------- many


@pytest.mark.parametrize("size", SIZES)
def test_many_products_are_changed_on_both_sides_and_in_step(shop: Shop, size: int) -> None:
    fields = ["name", "default_code", "type", "list_price"]
    numbers: list[int] = []
    for start in range(0, size, 500):
        rows = [
            [f"Disc {n} {shop.tag}", f"{n:05d}-{shop.tag}", "Goods", str(n / 4)] for n in range(start, min(size, start + 500))
        ]
        numbers += shop.odoo.load("product.product", fields, rows)
    assert shop.pull().kept == size
    some = numbers[:: max(1, size // 50)]
    for number in some[::2]:
        shop.write("product.product", number, name=f"Changed {number} {shop.tag}")
    _master(shop.world, "hub")
    for number in some[1::2]:
        shop.world.save("part", id=shop.ours(Part, number).id, name="Changed here")
    _master(shop.world, "odoo")
    shop.pull()
    asked = shop.odoo.search_read("product.product", [("id", "in", numbers)], ["name", "default_code", "list_price"])
    theirs = {row["default_code"]: (row["name"], round(row["list_price"] * 100)) for row in asked}
    ours = {row.code: (row.name, row.price.minor) for row in shop.world.rows(Part) if row.code in theirs}
    assert ours == theirs
    assert len(ours) == size
    assert shop.pull().kept == 0
