"""S1 and S2: parts go to a job by scans alone, and a slip of the hand is taken back."""

from __future__ import annotations

from pathlib import Path

from paying import hand_over
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, card, code, times

from app.kernel.access import Actor
from app.kernel.saving import SaveRecord
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import ReturnPart
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from ui.kit.declared import Place
from ui.kit.sound import Outcome as Tone
from world import World


def with_the_job(world: World) -> Quantity:
    """What went to the job and did not come back."""
    issued, returned = world.used()
    return issued - returned


def test_five_parts_go_to_a_job_by_seven_scans_and_no_touch(terminal: Terminal, keeper: Actor) -> None:
    world = terminal.world
    terminal.scan(badge(world, keeper))
    terminal.scan(code("WO", world.order))
    for part in world.parts:
        outcome, _said = terminal.scan(code("PT", part))
        assert outcome is Outcome.SUCCESS
    assert [world.used(part)[0] for part in world.parts] == [Quantity(1)] * 5
    assert (terminal.scans, terminal.touches) == (7, 0)
    assert terminal.sounds() == [Tone.OK, Tone.HEARD, *[Tone.OK] * 5]


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
    assert {"× 3", "Scan the part"} <= set(at_issue.words().split("\n"))
    at_issue.scan(code("PT", world.part))
    assert world.used()[0] == Quantity(3)
    assert "× 3" not in at_issue.words().split("\n")


def test_undo_takes_back_scan_by_scan(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        at_issue.scan(code("PT", part))
    _outcome, said = at_issue.scan(card("UNDO"))
    assert said.startswith("Taken back: 1 × Brake disc 320 mm, M-"), "it says of which job"
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


def test_one_more_and_one_less_by_cards(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    at_issue.scan(code("PT", world.part))
    at_issue.scan(times(3))
    assert at_issue.scan(card("PLUS1"))[1] == "4 × Brake pads front (1 more)"
    assert at_issue.scan(card("MINUS1"))[1] == "3 × Brake pads front (1 less)"
    assert at_issue.scan(card("MINUS1"))[1] == "2 × Brake pads front (1 less)"
    assert with_the_job(world) == Quantity(2)
    assert at_issue.scan(card("PLUS1"))[1] == "3 × Brake pads front (1 more)"


def test_one_less_is_one_act_and_one_undo_takes_it_back(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    at_issue.scan(code("PT", world.part))
    at_issue.scan(times(4))
    at_issue.scan(card("MINUS1"))
    assert with_the_job(world) == Quantity(3)
    at_issue.scan(card("UNDO"))
    assert with_the_job(world) == Quantity(4)
    at_issue.scan(card("UNDO"))
    assert with_the_job(world) == Quantity(1)


def test_one_less_of_a_single_one_takes_it_back(at_issue: Terminal) -> None:
    at_issue.scan(code("PT", at_issue.world.part))
    assert at_issue.scan(card("MINUS1"))[1].startswith("Taken back: 1 × Brake pads front")
    assert at_issue.world.used() == (Quantity(0), Quantity(0))


def test_one_less_that_is_refused_changes_nothing(at_issue: Terminal) -> None:
    world = at_issue.world
    at_issue.scan(code("PT", world.part))
    at_issue.scan(card("PLUS1"))
    at_issue.window.typist.type("1")
    at_issue.until(lambda: with_the_job(world) == Quantity(2))
    at_issue.until(at_issue.settled)
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(2)))  # at another terminal
    assert at_issue.scan(card("MINUS1"))[0] is Outcome.ERROR
    assert world.used() == (Quantity(2), Quantity(2))


def test_a_pack_counts_as_many_as_are_in_it(at_issue: Terminal) -> None:
    world = at_issue.world
    world.save("barcode", part_id=world.part.hex, code="PACK-2", quantity="2")
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    assert at_issue.scan("PACK-2")[1] == "2 × Brake pads front"
    assert at_issue.scan(times(2))[1] == "4 × Brake pads front (2 more)"


def test_a_code_of_two_parts_asks_which_by_a_number_key(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        world.done(SaveRecord(entity="part", id=part, fields={"mpn": [None, "07BB33"]}))
    outcome, said = at_issue.scan("07BB33")
    assert (outcome, said) == (Outcome.ASK, "07BB33 can mean more than one thing. Which is it?")
    at_issue.window.typist.type("2")
    at_issue.until(lambda: at_issue.heard[-1][0] is Outcome.SUCCESS)
    assert sum(world.used(part)[0] == Quantity(1) for part in world.parts[:2]) == 1


def test_a_card_without_use_says_so(at_issue: Terminal) -> None:
    assert at_issue.scan(card("DAMAGED")) == (Outcome.ERROR, "That card has no use here. Scan the part.")


def test_the_number_pad_does_what_a_card_does(at_issue: Terminal) -> None:
    world = at_issue.world
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(9)))
    at_issue.scan(code("PT", world.part))
    at_issue.touch("Quantity")
    at_issue.touch("3")
    at_issue.touch("Take this number")
    at_issue.until(lambda: world.used()[0] == Quantity(3))


def test_a_job_is_chosen_by_touch_where_its_tag_is_lost(terminal: Terminal, keeper: Actor) -> None:
    terminal.scan(badge(terminal.world, keeper))
    terminal.touch("Issue parts")
    terminal.touch_row("Front brake")
    terminal.until(lambda: terminal.course.context is not None)


def test_a_badge_is_given_by_scanning_it_and_signs_nobody_in(terminal: Terminal, keeper: Actor) -> None:
    world = terminal.world
    chief = world.person("Stefan", "MGR")
    terminal.window.floor.seat(chief)
    terminal.window.floor.go(Place("page", "person", keeper.id))
    terminal.touch("Give a badge")
    assert terminal.scan("04A224B1C95E80") == (Outcome.SUCCESS, "Mara has a new badge.")
    assert terminal.window.floor.who == chief
    assert "04A224B1C95E80" not in [row["text"] for row in terminal.log()]
    terminal.scan(card("SIGNOUT"))
    assert terminal.scan("04A224B1C95E80") == (Outcome.SUCCESS, "Mara is signed in.")


def test_a_pin_is_typed_twice_before_it_holds(terminal: Terminal, keeper: Actor) -> None:
    world = terminal.world
    terminal.window.floor.seat(world.person("Stefan", "MGR"))
    terminal.window.floor.go(Place("page", "person", keeper.id))
    for again, said in (("481628", "The two are not the same."), ("481627", "Mara has a new PIN.")):
        terminal.touch("More")
        terminal.touch("Set a PIN")
        terminal.until(lambda: terminal.question is not None and terminal.question.kind == "pin")
        terminal.window.typist.type("481627\r")
        terminal.until(lambda: terminal.question is not None and "once more" in terminal.question.sentence)
        terminal.window.typist.type(again + "\r")
        terminal.until(lambda said=said: bool(terminal.heard) and terminal.heard[-1][1].startswith(said))  # type: ignore[misc]
    terminal.until(terminal.settled)


def test_without_a_printer_the_print_card_says_what_to_do(at_issue: Terminal) -> None:
    outcome, said = at_issue.scan(card("PRINT"))
    assert outcome is Outcome.ERROR
    assert said == "This terminal has no label printer. Name one in Settings, or in FETTLE_PRINTER."


def test_the_print_card_prints_the_job_tag(world: World, keeper: Actor, qtbot: QtBot, tmp_path: Path) -> None:
    paper = tmp_path / "tag.zpl"
    with at_work(world, qtbot.waitUntil, tmp_path, printer=str(paper)) as terminal:
        terminal.window.floor.seat(keeper)
        terminal.scan(code("WO", world.order))
        assert terminal.scan(card("PRINT"))[0] is Outcome.SUCCESS
        terminal.until(lambda: terminal.heard[-1][1].startswith("The label of M-"))
    assert paper.read_bytes().startswith(b"^XA")


def deliver(world: World) -> None:
    """The job goes all the way to its owner."""
    order = world.order
    world.done(AddService(order=order, what="Replace pads"))
    world.done(AgreeOrder(order=order, how="by phone"))
    world.done(RecordHealth(order=order, notes="good"))
    for move in ("quote", "begin", "finish"):
        world.done(Transition(entity="work_order", id=order, move=move))
    hand_over(world, order)


def test_what_is_left_over_comes_back_from_a_closed_job_too(at_issue: Terminal) -> None:
    world = at_issue.world
    at_issue.scan(code("PT", world.part))
    at_issue.scan(card("RETURN"))
    deliver(world)
    at_issue.scan(card("DONE"))
    outcome, _said = at_issue.scan(code("WO", world.order))
    assert outcome is Outcome.SUCCESS
    assert at_issue.scan(code("PT", world.part)) == (Outcome.SUCCESS, "1 × Brake pads front back")
