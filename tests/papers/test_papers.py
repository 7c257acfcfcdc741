"""Papers: what is handed out of a job, a quote and a payment says what the store says, and is kept as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from uuid import UUID

import pytest
import zxingcpp
from paying import given_out, job
from PIL import Image

from app.kernel import blobs
from app.kernel.access import Actor
from app.kernel.attached import Attachment
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.standard import AttachFile, SaveRecord, Transition
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.papers.desk import Desk
from app.papers.keeping import keep, paper_of
from app.papers.makers import KINDS
from app.papers.paper import Letterhead, Paper, Table
from app.parts_issue.commands import IssuePart
from app.payments.commands import AskPayment, RefundPayment, TakePayment
from app.payments.model import Payment
from app.quotes.commands import ConfirmQuote, PublishQuote
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from app.work_orders.procedures import ChooseProcedure
from printing.papers import document
from printing.qr import as_file
from world import World

STROKES = [[[0.1, 0.5, 0], [0.5, 0.2, 40], [0.9, 0.6, 90]]]


def paper(world: World, kind: str, ident: UUID) -> Paper:
    return paper_of(world.app, world.actor, kind, ident)


def quoted(world: World) -> tuple[UUID, UUID]:
    order = world.done(CreateOrder(site=world.site, what="Front brake")).row("work_order")
    world.done(PlanPart(order=order, part=world.part, quantity=Quantity(2)))
    world.done(AddService(order=order, what="Replace brake pads", hours=Quantity(1), rate=Money(8_000)))
    return order, world.done(PublishQuote(order=order)).row("quote")


def picture() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (300, 120), (11, 95, 165)).save(kept, "PNG")
    return kept.getvalue()


def test_a_quote_on_paper_agrees_with_its_version_to_the_cent(world: World) -> None:
    from app.quotes.model import Quote

    _order, ident = quoted(world)
    (row,) = world.rows(Quote)
    said = paper(world, "quote", ident)
    with world.session() as session:
        desk = Desk(session, world.app.registry, world.actor.org_id)
        assert (said.sums[0][1], said.sums[-1][1]) == (desk.money(row.net), desk.money(row.gross))
    assert row.number in said.title
    assert len(said.tables[0].rows) == len(row.lines)


def test_a_signature_stands_on_the_paper_of_the_quote_and_no_line_to_sign(world: World) -> None:
    _order, ident = quoted(world)
    assert paper(world, "quote", ident).sign
    world.done(ConfirmQuote(quote=ident, signer="Ada Byron", strokes=STROKES))
    said = paper(world, "quote", ident)
    assert (said.signer, said.strokes, said.sign) == ("Ada Byron", STROKES, "")


def test_the_pick_list_names_the_bin_and_only_what_is_still_to_be_fetched(world: World) -> None:
    order, _quote = quoted(world)
    (row,) = paper(world, "pick_list", order).tables[0].rows
    assert row[3] == "2"
    world.done(IssuePart(order=order, part=world.part, bin=world.bin, quantity=Quantity(2)))
    assert paper(world, "pick_list", order).tables[0].rows == ()


def test_a_part_of_two_procedures_is_fetched_until_both_have_it_and_stands_on_the_job_card_once(world: World) -> None:
    order, _quote = quoted(world)
    procedure = world.save("procedure", code="BELT", name="Renew the belt", hours="1.2")
    world.save("procedure_part", procedure_id=procedure.hex, part_id=world.part.hex, quantity="1")
    world.done(ChooseProcedure(order=order, procedure=procedure))
    world.done(IssuePart(order=order, part=world.part, bin=world.bin, quantity=Quantity(2)))
    (row,) = paper(world, "pick_list", order).tables[0].rows
    assert row[3] == "1"
    (row,) = paper(world, "job_card", order).tables[-1].rows
    assert row[2:] == ("3", "2")


def test_the_job_card_tells_what_each_torque_may_be_off_also_where_the_procedure_does_not(world: World) -> None:
    order, _quote = quoted(world)
    procedure = world.save("procedure", code="AXLE", name="Tighten the axle", hours="0.2")
    for place, (torque, tolerance) in enumerate((("100", None), ("50", "10"), ("8", "0"), (None, None)), start=1):
        given = {name: value for name, value in (("torque", torque), ("tolerance", tolerance)) if value is not None}
        world.save("procedure_step", procedure_id=procedure.hex, place=place, what=f"Bolt {place}", **given)
    world.done(ChooseProcedure(order=order, procedure=procedure))
    told = {row[0]: row[3] for row in paper(world, "job_card", order).tables[0].rows if row[0].startswith("Bolt")}
    assert told == {"Bolt 1": "100 ± 4 %", "Bolt 2": "50 ± 10 %", "Bolt 3": "8 ± 0 %", "Bolt 4": ""}


def test_what_was_put_in_without_being_planned_stands_on_the_delivery_note(world: World) -> None:
    order, _quote = quoted(world)
    world.done(IssuePart(order=order, part=world.parts[1], bin=world.bin, reason="It was worn"))
    used = {row[0]: row[2:] for row in paper(world, "delivery_note", order).tables[1].rows}
    assert sorted(used.values()) == [("0", "1"), ("2", "0")]


def test_neither_job_card_nor_delivery_note_tells_a_price(world: World) -> None:
    order = job(world, price=Money(98_765))
    for kind in ("job_card", "delivery_note"):
        said = paper(world, kind, order)
        assert said.sums == ()
        assert "987" not in repr(said.tables)
    assert "987.65" in repr(paper(world, "work_order", order).tables)


def test_a_receipt_says_what_was_paid_and_what_is_still_open(world: World) -> None:
    order = given_out(world)
    payment = world.done(TakePayment(order=order, channel="card", amount=Money(10_000))).row("payment")
    assert [value for _label, value in paper(world, "receipt", payment).sums[-2:]] == ["100.00 EUR", "19.00 EUR"]


def test_the_receipt_of_a_refund_says_what_is_net_and_tax_of_what_goes_back(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    world.done(SetSetting(key="taxes.default", value="19"))
    order = given_out(world)
    payment = world.done(TakePayment(order=order, channel="card", amount=Money(11_900))).row("payment")
    refund = RefundPayment(payment=payment, amount=Money(5_950), reason="One pad was ours")
    said = paper(world, "receipt", world.done(refund).row("payment"))
    assert said.sums[-3:] == (
        ("Net of what goes back", "-50.00 EUR"),
        ("Tax 19 of what goes back", "-9.50 EUR"),
        ("Given back by Card", "-59.50 EUR"),
    )


def test_what_is_to_be_paid_online_has_its_address_on_paper_as_text_and_code(world: World) -> None:
    order, quote = quoted(world)
    world.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))
    payment = world.done(AskPayment(order=order, amount=Money(5_000))).row("payment")
    assert paper(world, "receipt", payment).links == (), "no provider is chosen"
    world.done(SetSetting(key="payments.provider", value="sandbox"))
    number = world.get(Payment, payment).number
    address = f"https://sandbox.invalid/pay/{number}?amount=5000"
    for kind, ident in (("receipt", payment), ("quote", quote)):
        said = paper(world, kind, ident)
        assert said.links == (("Pay 50.00 EUR online – Sandbox: no money moves", address),)
        assert document(said).count(b"/Subtype /Image") == 2, "its own code, and the address"
    asked = paper(world, "receipt", payment)
    assert asked.title == f"Payment asked for: {number}"
    assert [label for label, _value in asked.sums[-2:]] == ["Asked for: Online", "Still open"]
    world.done(Transition(entity="payment", id=payment, move="confirm", reason="Seen at the provider's"))
    assert paper(world, "receipt", payment).links == ()
    assert paper(world, "receipt", payment).title == f"Receipt {number}"


def test_a_kept_paper_hangs_on_its_record_and_is_the_same_when_it_is_made_again(world: World) -> None:
    _order, ident = quoted(world)
    one, two = (keep(world.app, world.actor, "quote", ident, document) for _turn in range(2))
    assert one.content == two.content
    assert [(row.row_id, row.sha256) for row in world.rows(Attachment)] == [(ident, one.sha256)] * len(world.rows(Attachment))


def test_the_letterhead_has_the_shops_lines_and_its_logo(world: World) -> None:
    order, _quote = quoted(world)
    for key, value in (("papers.head", "12 Mill Lane\nLeeds"), ("papers.foot", "Bank 4711")):
        world.done(SaveRecord(entity="setting_value", fields={"key": [None, key], "value": [None, value]}))
    logo = picture()
    sha256, size = blobs.take_in(world.app.writer, world.org, logo)
    world.done(AttachFile(entity="organisation", id=world.org, name="Logo.png", sha256=sha256, size=size))
    said = paper(world, "work_order", order)
    letterhead = said.letterhead
    assert (letterhead.head, letterhead.foot, letterhead.logo) == ("12 Mill Lane\nLeeds", "Bank 4711", logo)
    assert len(document(said)) > len(document(replace(said, letterhead=replace(letterhead, logo=b""))))


def test_a_logo_that_is_no_picture_does_not_keep_anybody_from_a_paper(world: World) -> None:
    order, _quote = quoted(world)
    said = paper(world, "work_order", order)
    assert document(replace(said, letterhead=replace(said.letterhead, logo=b"no picture"))).startswith(b"%PDF")


def test_a_scan_of_any_paper_opens_what_it_speaks_of(world: World) -> None:
    order = given_out(world)
    quote = quoted(world)[1]
    payment = world.done(TakePayment(order=order, channel="card", amount=Money(10_000))).row("payment")
    of = {"quote": quote, "receipt": payment}
    for kind in KINDS:
        with Image.open(BytesIO(as_file(paper(world, kind, of.get(kind, order)).code, ".png"))) as printed:
            [read] = zxingcpp.read_barcodes(printed.convert("L"))
        found = world.app.meaning(read.text, world.actor).match
        assert found is not None, kind
        assert (found.entity, found.id) == (KINDS[kind].entity.__tablename__, of.get(kind, order))


def test_nobody_gets_a_paper_of_what_they_may_not_see(world: World) -> None:
    order, _quote = quoted(world)
    stranger = Actor(new_id(), world.org, "Nobody")
    with pytest.raises(Refused) as told:
        paper_of(world.app, stranger, "work_order", order)
    assert told.value.problems[0].code == "access.denied"


def test_a_paper_that_there_is_not_is_told_with_those_there_are(world: World) -> None:
    with pytest.raises(Refused) as told:
        paper(world, "invoice", world.site)
    assert all(kind in told.value.problems[0].advice for kind in KINDS)


def test_a_long_list_goes_on_over_pages_each_with_its_number() -> None:
    rows = tuple((f"Line {number}", "1") for number in range(200))
    said = Paper(
        "job_card", "Job card", "FT1:WO:X:Y", Letterhead("Shop"), tables=(Table("Steps", ("Step", "No."), rows),), page="{number}"
    )
    assert 4 <= len(re.findall(rb"/Type /Page\b", document(said))) <= 8
