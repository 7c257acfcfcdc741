"""What happens in the workshop is in Odoo: each thing once, as it stands here, and read back before it counts."""

from __future__ import annotations

import pytest
from odoo_fixture import There
from odoo_town import STOCKED, Busy, Town

from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.odoo.commands import TryAgainInOdoo
from app.odoo.model import OdooLink, letter_id, link_id
from app.parts_issue.commands import ReturnPart, UndoIssue
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock, ReverseMovement
from app.work_orders.commands import AssignOrder, CreateOrder, PlanPart
from sync.odoo import waiting
from sync.odoo.jsonrpc import JsonRpc
from sync.odoo.transport import Odoo
from world import World

THERE = STOCKED.thousandths / 1000


@pytest.fixture
def town(hub: World, odoo: Odoo) -> Town:
    return Town(hub, odoo)


def test_a_part_leaves_the_bin_when_it_is_issued_and_is_built_in_when_the_vehicle_is_handed_over(town: Town) -> None:
    order = town.job()
    town.send()
    assert (town.in_bin(), town.in_wip()) == (THERE, 0)
    assert town.repair(order)["state"] == "under_repair"
    town.issue(order, quantity=3)
    town.send()
    assert (town.in_bin(), town.in_wip()) == (THERE - 3, 3)
    town.hand_over(order)
    town.send()
    assert (town.in_bin(), town.in_wip()) == (THERE - 3, 0)
    repair = town.repair(order)
    assert repair["state"] == "done"
    [used] = town.moves(("id", "in", repair["move_ids"]))
    assert (used["state"], used["quantity"]) == ("done", 3)
    assert town.waits() == {}


def test_over_the_older_protocol_it_goes_the_same_way(hub: World, there: There) -> None:
    account = there.account
    town = Town(hub, JsonRpc(account.url, account.db, account.login or "admin", there.key))
    order = town.job()
    town.issue(order, quantity=3)
    town.hand_over(order)
    town.send()
    assert (town.in_bin(), town.in_wip(), town.repair(order)["state"]) == (THERE - 3, 0, "done")
    assert town.waits() == {}
    town.odoo.close()


def test_customer_vehicle_and_job_bear_their_names_there_and_people_see_where_they_stand(town: Town) -> None:
    order = town.job("Front <brake> squeals")
    town.send()
    repair = town.repair(order)
    assert repair["partner_id"][1] == f"Ada {town.tag}"
    assert repair["lot_id"][1] == town.tag[-8:]
    lot = town.read("stock.lot", town.number("vehicle", town.vehicle), "product_id")
    assert lot["product_id"][1] == "BMW R 1250 GS"
    notes = town.read("repair.order", town.number("work_order", order), "internal_notes")["internal_notes"]
    assert "Front &lt;brake&gt; squeals" in notes
    assert "Brake service" in notes
    link = town.world.get(OdooLink, link_id(order))
    assert (link.name, link.state) == (repair["name"], "there")
    assert link.address == f"https://odoo.example/web#id={repair['id']}&model=repair.order&view_type=form"


def test_a_job_without_customer_and_vehicle_goes_too(town: Town) -> None:
    world = town.world
    order = world.done(CreateOrder(site=world.site, what="Stock bike")).row("work_order")
    world.done(PlanPart(order=order, part=town.parts[0], quantity=Quantity(2)))
    town.send()
    repair = town.repair(order)
    assert (repair["state"], repair["partner_id"], repair["lot_id"]) == ("draft", False, False)
    notes = town.read("repair.order", repair["id"], "internal_notes")["internal_notes"]
    assert f"2 × Part PT0 {town.tag}" in notes


def test_a_customer_who_is_changed_here_is_changed_there_and_stays_one(town: Town) -> None:
    town.send()
    number = town.number("customer", town.customer)
    town.world.save("customer", id=town.customer, city="Berlin", name=f"Ada Lovelace {town.tag}")
    town.send()
    assert town.number("customer", town.customer) == number
    assert town.read("res.partner", number, "city", "name") == {
        "id": number,
        "city": "Berlin",
        "name": f"Ada Lovelace {town.tag}",
    }
    assert not town.send(), "nothing more to do"


def test_every_kind_of_movement_is_a_posted_one_there(town: Town) -> None:
    world, order = town.world, town.job()
    moved, counted, adjusted = town.parts
    town.issue(order, quantity=4)
    world.done(ReturnPart(order=order, part=town.parts[0], bin=world.bin, quantity=Quantity(1)))
    taken_back = town.issue(order, quantity=2)
    world.done(UndoIssue(line=taken_back))
    world.done(MoveStock(part=moved, out=world.bin, into=world.other_bin, quantity=Quantity(5)))
    undone = world.done(MoveStock(part=moved, out=world.bin, into=world.other_bin, quantity=Quantity(1)))
    world.done(ReverseMovement(line=undone.row("stock_line"), reason="wrong shelf"))
    world.done(CountStock(part=counted, bin=world.bin, counted=Quantity(17)))
    world.done(AdjustStock(part=adjusted, bin=world.bin, change=Quantity(2), reason="found"))
    world.done(AdjustStock(part=adjusted, bin=world.bin, change=Quantity(-1), reason="broken"))
    world.done(ReceiveStock(part=adjusted, bin=world.other_bin, quantity=Quantity.parse("1")))
    town.send()
    assert (town.in_bin(), town.in_bin(bin=world.other_bin), town.in_wip()) == (THERE - 3 - 5, 5, 3)
    assert town.in_bin(counted) == 17
    assert (town.in_bin(adjusted), town.in_bin(adjusted, world.other_bin)) == (THERE + 1, 1)
    assert {row["state"] for part in town.parts for row in town.transfers_of(part)} == {"done"}
    for part in town.parts:
        assert town.in_bin(part) == world.on_hand(part).thousandths / 1000
    assert not town.send()
    assert town.waits() == {}


def test_what_comes_back_after_the_hand_over_does_not_leave_the_shelf_in_debt(town: Town) -> None:
    order = town.job()
    town.issue(order, quantity=3)
    town.hand_over(order)
    town.send()
    town.world.done(ReturnPart(order=order, part=town.parts[0], bin=town.world.bin, quantity=Quantity(1)))
    town.send()
    assert (town.in_bin(), town.in_wip()) == (THERE - 2, 0)


def test_a_second_count_tells_only_what_it_changed(town: Town) -> None:
    world = town.world
    for counted in (18, 18, 21):
        world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(counted)))
        town.send()
        assert town.in_bin() == counted
    assert len(town.moves_of()) == 3, "the receipt, and two differences"


def test_an_issue_of_before_a_count_that_comes_late_leaves_the_counted_number_as_it_is(town: Town) -> None:
    world, order = town.world, town.job()
    count = world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(18))).row("stock_line")
    town.send()
    late = town.issue(order, quantity=3)
    town.made_before(late, count)
    town.send()
    town.send()
    assert (town.in_bin(), town.in_wip()) == (18, 3)
    assert town.waits() == {}


def test_a_cancelled_job_is_cancelled_there(town: Town) -> None:
    order = town.job()
    line = town.issue(order)
    town.send()
    town.world.done(UndoIssue(line=line))
    town.world.done(Transition(entity="work_order", id=order, move="cancel", reason="not wanted"))
    town.send()
    assert (town.in_bin(), town.in_wip()) == (THERE, 0)
    assert town.repair(order)["state"] == "cancel"


def test_a_lot_goes_along_with_its_part(town: Town) -> None:
    world = town.world
    part = world.save("part", code=f"OIL-{town.tag}", name="Oil", unit="l", tracking="lot")
    lot = world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(9), lot=f"L1-{town.tag}")).row("lot")
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(9), lot=f"L2-{town.tag}"))
    order = town.job()
    town.issue(order, part, 2, lot=lot)
    town.send()
    assert (town.in_bin(part), town.in_wip(part)) == (16, 2)
    town.hand_over(order)
    town.send()
    assert (town.in_bin(part), town.in_wip(part)) == (16, 0)
    domain = [("lot_id", "=", town.number("lot", lot)), ("location_id", "=", town.number("bin", world.bin))]
    assert [row["quantity"] for row in town.odoo.search_read("stock.quant", domain, ["quantity"])] == [7]


# ------------------------------------------------------------------------------------------------------------ refusals


def test_what_odoo_has_archived_becomes_a_letter_and_everything_else_goes_on(town: Town) -> None:
    order = town.job()
    town.send()
    bad, good = town.parts[0], town.parts[1]
    number = town.number("part", bad)
    town.odoo.call("product.product", "write", [number], vals={"active": False})
    lines = [town.issue(order, part, 1) for part in (good, bad, good, good)]
    town.send()
    letter = town.letter(lines[1])
    assert letter is not None
    assert (letter.state, letter.code, letter.verdict) == ("open", "odoo.archived", "mapping")
    assert letter.subject.startswith("Issue · Part PT0")
    assert town.in_wip(good) == 3
    assert town.waits() == {"stock_line": "odoo.archived"}
    town.odoo.call("product.product", "write", [number], vals={"active": True})
    town.world.done(TryAgainInOdoo(letter=letter_id(lines[1])))
    town.send()
    assert (town.in_bin(bad), town.in_wip(bad)) == (THERE - 1, 1)
    again = town.letter(lines[1])
    assert again is not None
    assert again.state == "done"


def test_a_part_that_odoo_keeps_in_another_unit_is_not_booked_as_pieces(town: Town) -> None:
    order = town.job()
    [kilogram] = town.odoo.search_read("uom.uom", [("name", "=", "kg")], ["name"])
    cells = [f"Paste {town.tag}", f"KG-{town.tag}", "consu", "1", str(kilogram["id"])]
    town.odoo.load("product.product", ["name", "default_code", "type", "is_storable", "uom_id/.id"], [cells])
    part = town.world.save("part", code=f"KG-{town.tag}", name="Paste")
    line = town.world.done(ReceiveStock(part=part, bin=town.world.bin, quantity=Quantity(1))).row("stock_line")
    town.send()
    letter = town.letter(line)
    assert letter is not None
    assert (letter.code, letter.verdict) == ("odoo.unit", "mapping")
    assert letter.said.format(**letter.detail) == f"[KG-{town.tag}] Paste {town.tag} is kept in kg in Odoo, and in “pcs” here."
    assert town.repair(order)["state"] == "under_repair", "the job goes on"


def test_of_a_batch_that_odoo_does_not_take_the_one_bad_line_is_found(town: Town) -> None:
    order, gone = town.job(), town.bin("GONE")
    town.send()
    town.odoo.call("stock.location", "unlink", [town.number("bin", gone)])
    lines = [
        town.issue(order, town.parts[0], 1),
        town.issue(order, town.parts[1], 1, bin=gone),
        town.issue(order, town.parts[2], 1),
    ]
    town.send()
    assert [town.in_wip(part) for part in town.parts] == [1, 0, 1]
    letter = town.letter(lines[1])
    assert letter is not None
    assert letter.verdict in ("mapping", "human")
    assert {row.row_id for row in town.world.rows(type(letter)) if row.state == "open"} == {lines[1]}
    town.world.done(TryAgainInOdoo(letter=letter_id(lines[1])))
    town.send()
    assert town.in_wip(town.parts[1]) == 1, "the location was made anew"


def test_who_was_deleted_in_odoo_is_there_again_once_somebody_tries_again(town: Town) -> None:
    town.send()
    town.odoo.call("res.partner", "unlink", [town.number("customer", town.customer)])
    town.world.save("customer", id=town.customer, city="Berlin")
    town.send()
    letter = town.letter(town.customer)
    assert letter is not None
    assert letter.code == "odoo.gone"
    town.world.done(TryAgainInOdoo(letter=letter_id(town.customer)))
    town.send()
    assert town.read("res.partner", town.number("customer", town.customer), "city")["city"] == "Berlin"


def test_a_job_is_not_ended_there_while_one_of_its_parts_is_stuck(town: Town) -> None:
    order, other = town.job(), town.job("Oil")
    town.send()
    number = town.number("part", town.parts[0])
    town.odoo.call("product.product", "write", [number], vals={"active": False})
    line = town.issue(order, town.parts[0], 1)
    for one in (order, other):
        town.hand_over(one)
    town.send()
    assert (town.repair(order)["state"], town.repair(other)["state"]) == ("under_repair", "done")
    town.odoo.call("product.product", "write", [number], vals={"active": True})
    town.world.done(TryAgainInOdoo(letter=letter_id(line)))
    town.send()
    assert town.repair(order)["state"] == "done"
    assert (town.in_bin(), town.in_wip()) == (THERE - 1, 0)


def test_a_repair_that_was_ended_in_odoo_by_itself_is_a_letter_and_changed_by_nobody(town: Town) -> None:
    order = town.job()
    town.send()
    town.odoo.call("repair.order", "action_repair_cancel", [town.number("work_order", order)])
    town.world.done(AssignOrder(order=order, person=town.world.person("Ann", "MEC").id))
    town.send()
    letter = town.letter(order)
    assert letter is not None
    assert letter.code == "odoo.over_there"
    assert town.repair(order)["state"] == "cancel"


def test_while_somebody_else_writes_in_odoo_it_is_tried_again_and_nobody_is_asked(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "pause", lambda _tries: 0.0)
    order = town.job()
    town.send()
    lines = [town.issue(order, part, 1) for part in town.parts]
    town.through(Busy(town.odoo)).once()
    assert town.waits() == {"stock_line": "odoo.locked"}
    assert [town.letter(line) for line in lines] == [None, None, None]
    town.send()
    assert [town.in_wip(part) for part in town.parts] == [1, 1, 1]
    assert [len(town.transfers_of(part)) for part in town.parts] == [2, 2, 2]
