"""What goes wrong at the issue desk gets a sentence with what to do and its own sound; nothing is half-done, nothing lost."""

from __future__ import annotations

from shop_floor import Terminal, card, code, times

from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts.model import Barcode, Part
from app.stock.commands import CountStock, ReceiveStock
from app.work_orders.commands import PlanPart
from ui.kit.sound import Outcome as Tone

NOBODY_KNOWS = "4006381333931"


def issued(terminal: Terminal) -> Quantity:
    return terminal.world.used()[0]


def test_a_bin_where_a_part_was_wanted_changes_only_the_sentence(at_issue: Terminal) -> None:
    context = at_issue.course.context
    outcome, said = at_issue.scan(code("BN", at_issue.world.bin))
    assert (outcome, said) == (Outcome.ERROR, "A-01 is a bin. Scan the part.")
    assert at_issue.course.sentence == said
    assert at_issue.course.context == context
    assert at_issue.sounds() == [Tone.ERROR]
    assert at_issue.window.strip.standing, "an error stays until somebody has seen it"
    at_issue.scan(code("PT", at_issue.world.part))
    assert not at_issue.window.strip.standing, "the next scan has seen it"


def test_a_damaged_label_is_not_guessed_at(at_issue: Terminal) -> None:
    label = code("PT", at_issue.world.part)
    outcome, said = at_issue.scan(label[:-1] + ("0" if label[-1] != "0" else "1"))
    assert outcome is Outcome.ERROR
    assert said == "This label's code is damaged. Clean it and scan again, or type the number printed under it."
    assert issued(at_issue) == Quantity(0)


def test_a_closed_job_is_told_at_its_tag(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="the customer changed their mind"))
    outcome, said = at_issue.scan(code("WO", world.order))
    assert outcome is Outcome.ERROR
    assert "it takes no more parts" in said


def test_a_job_that_closed_meanwhile_takes_no_part(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="the customer changed their mind"))
    outcome, said = at_issue.scan(code("PT", world.part))
    assert outcome is Outcome.ERROR
    assert "it takes no more parts" in said
    assert issued(at_issue) == Quantity(0)


def test_more_than_is_booked_asks_why_and_goes_on(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    at_issue.scan(times(6))
    outcome, said = at_issue.scan(code("PT", world.part))
    assert outcome is Outcome.ASK
    assert "Only 5" in said
    assert at_issue.question is not None
    assert issued(at_issue) == Quantity(0)
    at_issue.window.typist.type("4")  # the number of the tile “The count was wrong”
    at_issue.until(lambda: at_issue.heard[-1] == (Outcome.SUCCESS, "6 × Brake pads front"))
    assert issued(at_issue) == Quantity(6)
    assert at_issue.sounds() == [Tone.HEARD, Tone.ASK, Tone.OK]
    row = at_issue.log()[-1]
    assert (row["outcome"], row["command_id"] is not None) == ("success", True), "the scan's entry says what became of it"


def test_a_part_that_is_booked_nowhere_comes_from_the_bin_that_is_scanned(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:1]:
        world.done(CountStock(part=part, bin=world.bin, counted=Quantity(0)))
    _outcome, said = at_issue.scan(code("PT", world.part))
    assert said == "No Brake pads front is booked anywhere. Scan the bin you took it from"
    outcome, said = at_issue.scan(code("BN", world.bin))
    assert (outcome, said) == (Outcome.ASK, "Only 0 of Brake pads front is booked in A-01. Scan another bin, or say why.")
    at_issue.touch("The count was wrong")
    at_issue.until(lambda: issued(at_issue) == Quantity(1))
    at_issue.until(lambda: at_issue.heard[-1][0] is Outcome.SUCCESS)
    assert world.on_hand() == Quantity(-1)


def test_a_question_can_be_answered_by_a_scan(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(5)))
    outcome, said = at_issue.scan(code("PT", world.part))
    assert (outcome, said) == (Outcome.ASK, "Which bin is Brake pads front from? Scan it")
    outcome, said = at_issue.scan(code("BN", world.other_bin))
    assert (outcome, said) == (Outcome.SUCCESS, "1 × Brake pads front")
    assert world.on_hand(world.part, world.other_bin) == Quantity(4)


def test_a_scan_while_a_question_is_open_is_kept_and_has_its_turn(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(5)))
    at_issue.scan(code("PT", world.part))
    outcome, said = at_issue.scan(code("PT", world.parts[1]))
    assert (outcome, said) == (Outcome.ASK, "Kept: Brake disc 320 mm. Answer the question first.")
    at_issue.shoot(code("BN", world.bin))
    at_issue.until(lambda: world.used(world.parts[1])[0] == Quantity(1))
    assert issued(at_issue) == Quantity(1)
    assert at_issue.touches == 0


def test_scans_that_wait_are_booked_nowhere_when_their_flow_is_left(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(5)))
    at_issue.scan(code("PT", world.part))
    at_issue.scan(code("PT", world.parts[1]))
    assert at_issue.scan(code("PT", world.parts[2]))[1].endswith("2 waiting. Answer the question first.")
    at_issue.begin()
    at_issue.touch("Return")
    at_issue.until(at_issue.settled)
    said = "Not booked, because you went elsewhere: {}, {}. Scan it again where it belongs."
    names = [row.title for part in world.parts[1:3] for row in world.rows(Part) if row.id == part]
    assert at_issue.heard[-1] == (Outcome.ERROR, said.format(*names)), "in one sentence, and no part is tried in the return"
    assert len(at_issue.heard) == 2
    assert [row["outcome"] for row in at_issue.log()[-3:]] == ["error"] * 3
    assert [world.used(part)[0] for part in world.parts] == [Quantity(0)] * 5


def test_a_question_is_left_by_the_cancel_card_and_nothing_is_booked(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(5)))
    at_issue.scan(code("PT", world.part))
    _outcome, said = at_issue.scan(card("CANCEL"))
    assert said == "Left: nothing was booked. Scan the part."
    assert at_issue.sounds() == [Tone.ASK, Tone.HEARD]
    assert at_issue.question is None
    assert issued(at_issue) == Quantity(0)


def test_an_unknown_code_is_taught_in_two_touches_and_the_issue_goes_on(at_issue: Terminal) -> None:
    outcome, said = at_issue.scan(NOBODY_KNOWS)
    assert outcome is Outcome.NOT_FOUND
    assert said == "Nobody knows the code 4006381333931 yet. What is it?"
    at_issue.window.typist.type("disc")
    at_issue.until(lambda: at_issue.row("Brake disc 320 mm") is not None)
    at_issue.touch_row("Brake disc 320 mm")
    at_issue.touch("Yes, learn it")
    at_issue.until(lambda: at_issue.heard[-1] == (Outcome.SUCCESS, "1 × Brake disc 320 mm"))
    assert at_issue.touches == 2
    assert [row.code for row in at_issue.world.rows(Barcode)] == [NOBODY_KNOWS]
    assert at_issue.world.used(at_issue.world.parts[1])[0] == Quantity(1)


def test_an_unknown_code_is_taught_by_a_label_that_is_known(at_issue: Terminal) -> None:
    at_issue.scan(NOBODY_KNOWS)
    at_issue.shoot(code("PT", at_issue.world.part))
    at_issue.touch("Yes, learn it")
    at_issue.until(lambda: issued(at_issue) == Quantity(1))
    assert at_issue.scan(NOBODY_KNOWS)[0] is Outcome.ASK, "known from now on: it is more than the plan, and asks why"


def test_fifty_scans_in_one_second_are_all_booked_in_order(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts:
        world.done(PlanPart(order=world.order, part=part, quantity=Quantity(10)))
        world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(20)))
    wanted = [world.parts[number % 5] for number in range(50)]
    for part in wanted:
        at_issue.window.typist.scan(code("PT", part), gap=1)
    at_issue.until(lambda: len(at_issue.heard) == 50 and at_issue.window.router.idle)
    assert {outcome for outcome, _said in at_issue.heard} == {Outcome.SUCCESS}
    assert [world.used(part)[0] for part in world.parts] == [Quantity(10)] * 5
    logged = [row["text"] for row in at_issue.log()][-50:]
    assert logged == [code("PT", part) for part in wanted]


def test_every_scan_is_logged_with_what_became_of_it(at_issue: Terminal) -> None:
    at_issue.scan(code("BN", at_issue.world.bin))
    at_issue.scan(code("PT", at_issue.world.part))
    badge, tag, bin, part = at_issue.log()
    assert badge["text"] == "FT1:US:…", "nobody finds a badge in the log"
    assert tag["text"] == code("WO", at_issue.world.order)
    assert (bin["outcome"], bin["command_id"]) == ("error", None)
    assert (part["outcome"], part["context"], part["source"]) == ("success", "flow:parts_issue.issue", "wedge")
    assert part["command_id"] is not None
