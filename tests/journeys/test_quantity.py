"""How many: a card counts for the part it was pulled for and for no other, and litres may be broken."""

from __future__ import annotations

from shop_floor import Terminal, card, code, times

from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.work_orders.commands import PlanPart
from ui.kit.pad import Pad


def planned(at_issue: Terminal, quantity: int) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        world.done(PlanPart(order=world.order, part=part, quantity=Quantity(quantity)))
        world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(quantity)))


def test_a_card_ends_with_the_question_of_its_part(at_issue: Terminal) -> None:
    world = at_issue.world
    at_issue.scan(times(10))
    assert at_issue.scan(code("PT", world.parts[0]))[0] is Outcome.ASK, "far more than planned: a colleague signs it off"
    at_issue.scan(card("CANCEL"))
    assert at_issue.scan(code("PT", world.parts[1])) == (Outcome.SUCCESS, "1 × Brake disc 320 mm")
    assert world.used(world.parts[1])[0] == Quantity(1)


def test_a_part_that_was_kept_behind_the_question_is_not_counted_by_its_card(at_issue: Terminal) -> None:
    world = at_issue.world
    at_issue.scan(times(10))
    at_issue.scan(code("PT", world.parts[0]))
    at_issue.scan(code("PT", world.parts[1]))
    at_issue.scan(card("CANCEL"))
    at_issue.until(lambda: world.used(world.parts[1])[0] == Quantity(1))


def test_a_card_that_waits_can_be_seen_after_an_error(at_issue: Terminal) -> None:
    at_issue.scan(times(3))
    assert at_issue.scan(code("BN", at_issue.world.bin))[0] is Outcome.ERROR
    assert "× 3" in at_issue.words().split("\n")
    at_issue.scan(card("CANCEL"))
    assert "× 3" not in at_issue.words().split("\n")


def test_a_card_pulled_twice_warns_and_counts_once(at_issue: Terminal) -> None:
    planned(at_issue, 10)
    world = at_issue.world
    at_issue.scan(code("PT", world.parts[0]))
    at_issue.scan(times(10))
    outcome, said = at_issue.scan(times(10))
    assert (outcome, said) == (Outcome.DUPLICATE, "10 × Brake pads front: × 10 is counted already. Scan the part.")
    at_issue.scan(code("PT", world.parts[1]))
    assert [world.used(part)[0] for part in world.parts[:2]] == [Quantity(10), Quantity(1)]


def test_times_one_says_that_nothing_changes(at_issue: Terminal) -> None:
    assert at_issue.scan(times(1))[1] == "× 1: nothing changes. Scan the part."
    at_issue.scan(times(3))
    assert at_issue.scan(times(1))[1] == "× 1: the next part counts once. Scan the part."


def test_two_and_a_half_litres_go_to_a_job_by_the_number_pad(at_issue: Terminal) -> None:
    world = at_issue.world
    oil = world.save("part", code="OIL", name="Engine oil", unit="l", cost=900, price=1800)
    world.done(ReceiveStock(part=oil, bin=world.bin, quantity=Quantity(20)))
    world.done(PlanPart(order=world.order, part=oil, quantity=Quantity(3)))
    at_issue.scan(code("PT", oil))
    at_issue.touch("Quantity")
    for key in "2.5":
        at_issue.touch(key)
    at_issue.touch("Take this number")
    at_issue.until(lambda: world.used(oil)[0] == Quantity.parse("2.5"))
    at_issue.until(lambda: at_issue.heard[-1] == (Outcome.SUCCESS, "2.5 × Engine oil (1.5 more)"))


def test_the_pad_writes_no_half_of_a_piece(at_issue: Terminal) -> None:
    at_issue.scan(code("PT", at_issue.world.part))
    at_issue.touch("Quantity")
    at_issue.until(lambda: at_issue.window.findChild(Pad) is not None and at_issue.question is not None)
    assert at_issue.find("9") is not None
    assert at_issue.find(".") is None
