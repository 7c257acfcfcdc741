"""S1 and S2: parts go to a job by scans alone, and a slip of the hand is taken back."""

from __future__ import annotations

from shop_floor import Terminal, badge, card, code, times

from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.work_orders.commands import CreateOrder, PlanPart
from ui.kit.sound import Outcome as Tone


def test_five_parts_go_to_a_job_by_seven_scans_and_no_touch(terminal: Terminal, keeper: Actor) -> None:
    world = terminal.world
    terminal.scan(badge(world, keeper))
    terminal.scan(code("WO", world.order))
    for part in world.parts:
        outcome, _said = terminal.scan(code("PT", part))
        assert outcome is Outcome.SUCCESS
    assert [world.used(part)[0] for part in world.parts] == [Quantity(1)] * 5
    assert (terminal.scans, terminal.touches) == (7, 0)
    assert terminal.sounds() == [Tone.OK, Tone.ASK, *[Tone.OK] * 5]


def test_the_screen_says_where_one_is_what_to_scan_and_what_is_done(at_issue: Terminal) -> None:
    at_issue.scan(code("PT", at_issue.world.part))
    at_issue.until(lambda: "1 booked" in at_issue.words())
    words = at_issue.words()
    assert "M-" in words
    assert "Scan the part" in words
    assert "Undo: 1 × Brake pads front" in words


def test_ten_more_by_a_card_and_two_by_hand_are_twelve(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(12)))
    pads = code("PT", world.part)
    assert at_issue.scan(pads)[0] is Outcome.SUCCESS
    _outcome, said = at_issue.scan(times(4))
    assert said == "4 × Brake pads front (3 more)"
    at_issue.scan(pads)
    assert world.used()[0] == Quantity(5)
    assert (at_issue.scans, at_issue.touches) == (3, 0)


def test_a_card_before_the_part_waits_for_it_and_says_so(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(3)))
    _outcome, said = at_issue.scan(times(3))
    assert said == "× 3 counts for the next part. Scan the part."
    assert at_issue.course.sentence == "× 3 · Scan the part"
    at_issue.scan(code("PT", world.part))
    assert world.used()[0] == Quantity(3)
    assert at_issue.course.sentence == "Scan the part"


def test_undo_takes_back_scan_by_scan(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        at_issue.scan(code("PT", part))
    _outcome, said = at_issue.scan(card("UNDO"))
    assert said == "Taken back: 1 × Brake disc 320 mm"
    at_issue.scan(card("UNDO"))
    outcome, said = at_issue.scan(card("UNDO"))
    assert (outcome, said) == (Outcome.ERROR, "There is nothing to take back.")
    assert [world.used(part)[0] for part in world.parts[:2]] == [Quantity(0)] * 2


def test_undo_is_a_touch_as_well(at_issue: Terminal) -> None:
    at_issue.scan(code("PT", at_issue.world.part))
    at_issue.touch("Undo: 1 × Brake pads front")
    at_issue.until(lambda: at_issue.world.used()[0] == Quantity(0))
    at_issue.until(lambda: at_issue.find("Undo") is None)


def test_the_next_job_tag_changes_the_job_and_done_ends_it(at_issue: Terminal) -> None:
    world = at_issue.world
    other = world.done(CreateOrder(site=world.site, what="Chain")).row("work_order")
    at_issue.scan(code("PT", world.part))
    at_issue.scan(code("WO", other))
    assert at_issue.course.context is not None
    assert at_issue.course.context.id == other
    assert at_issue.course.count == 0
    _outcome, said = at_issue.scan(card("DONE"))
    assert said.endswith("Scan the job tag.")
    assert at_issue.course.context is None


def test_return_mode_brings_a_part_back_and_a_damaged_one_goes_apart(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        at_issue.scan(code("PT", part))
    at_issue.scan(card("RETURN"))
    assert at_issue.course.flow.id == "parts_issue.return"
    assert at_issue.scan(code("PT", world.parts[0]))[1] == "1 × Brake pads front back"
    at_issue.scan(card("DAMAGED"))
    at_issue.scan(code("PT", world.parts[1]))
    assert world.on_hand(world.parts[0]) == Quantity(5)
    assert world.on_hand(world.parts[1], world.quarantine) == Quantity(1)
    assert at_issue.touches == 0
