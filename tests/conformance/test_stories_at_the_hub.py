"""A day in the workshop on the hub's database: the same commands, the same rules and the same rows as on a terminal."""

from __future__ import annotations

from typing import Any

import pytest
from paying import hand_over
from sqlalchemy import select

from app.access.badges import badge_code
from app.access.commands import GiveBadge, RevokeBadge, SignIn, SignOut
from app.access.model import Presence
from app.kernel import outbox
from app.kernel.standard import AddNote, AttachFile, BlobRow, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts.commands import TeachCode
from app.parts.model import Part
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue
from app.payments.commands import TakePayment
from app.payments.sums import owed
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock, ReserveStock, ReverseMovement
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder, CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from world import World


@pytest.fixture
def workshop(anywhere: World) -> World:
    return anywhere.furnish()


def test_a_job_goes_all_its_way(workshop: World) -> None:
    world = workshop
    max, kim = world.person("Max", "MEC"), world.person("Kim", "KEE")
    avi = world.person("Avi", "ADV")
    customer = world.done(SaveRecord(entity="customer", fields={"name": [None, "Ada"], "phone": [None, "0170"]}), avi).row(
        "customer"
    )
    job = world.done(CreateOrder(site=world.site, what="Brakes", customer=customer), avi).row("work_order")

    def step(move: str, who: Any, reason: str = "") -> None:
        world.done(Transition(entity="work_order", id=job, move=move, reason=reason), who)

    world.done(AssignOrder(order=job, person=max.id, bay="1"), avi)
    step("diagnose", max)
    world.done(PlanPart(order=job, part=world.part, quantity=Quantity(2)), max)
    world.done(AddService(order=job, what="Replace pads", hours=Quantity.parse("1.5")), max)
    step("quote", max)
    world.done(AgreeOrder(order=job, how="Signed"), avi)
    step("begin", max)
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=job, quantity=Quantity(2)), kim)
    world.done(IssuePart(order=job, part=world.part, bin=world.bin, quantity=Quantity(2)), kim)
    world.done(RecordHealth(order=job, odometer=12_000, battery=Quantity.parse("12.6"), notes="Gut"), max)
    step("finish", max)
    hand_over(world, job, avi)
    assert world.get(WorkOrder, job).state == "DELIVERED"
    assert [row["state"] for row in world.app.ask("reservation", world.actor).rows] == ["released"]
    assert world.app.ask("work_orders", max, mine=True).rows[0]["customer"] == "Ada"
    with world.session() as session:
        due = owed(session, session.get_one(WorkOrder, job)).due
    world.done(TakePayment(order=job, channel="cash", amount=due), world.person("Cas", "CAS"))
    assert world.get(WorkOrder, job).state == "CLOSED"


def test_a_storekeeper_s_day(workshop: World) -> None:
    world, kim = workshop, workshop.person("Kim", "KEE")
    sam = world.person("Sam", "SUP")
    world.done(TeachCode(part=world.part, code="4006381333931", quantity=Quantity(2)), kim)
    scanned = world.app.meaning("4006381333931", kim, ("part",)).match
    assert scanned is not None
    issue = IssuePart(order=world.order, part=scanned.id, bin=world.bin, quantity=scanned.quantity, reason="A pair")
    done = world.done(issue, kim)
    world.done(UndoIssue(line=done.row("stock_line")), kim)
    world.done(issue, kim)
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.quarantine, damaged=True), kim)
    world.done(MoveStock(part=world.part, out=world.bin, into=world.other_bin, quantity=Quantity(2)), kim)
    world.done(CountStock(part=world.part, bin=world.bin, counted=Quantity(4)), kim)
    received = world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(10)), kim)
    world.done(ReverseMovement(line=received.row("stock_line"), reason="Wrong parcel"), kim)
    world.done(AdjustStock(part=world.part, bin=world.bin, change=Quantity(-1), reason="Broken"), sam)
    assert (world.on_hand(), world.on_hand(bin=world.other_bin)) == (Quantity(3), Quantity(2))
    assert world.on_hand(bin=world.quarantine) == Quantity(1)
    kinds = [row["kind"] for row in world.app.ask("movements", kim, part=world.part).rows]
    assert kinds.count("reverse") == 2


def test_records_notes_files_and_badges(workshop: World) -> None:
    world = workshop
    rows = [{"code": f"IM-{place}", "name": f"Imported {place}", "price": place} for place in range(50)]
    world.done(SaveMany(entity="part", rows=rows))
    world.done(SaveMany(entity="part", rows=[{**row, "name": "Again"} for row in rows[:10]]))
    names = [row.name for row in world.rows(Part) if row.code.startswith("IM-")]
    assert (len(names), names.count("Again")) == (50, 10)
    world.done(AddNote(entity="part", id=world.part, text="Größer als bestellt"))
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        session.add(BlobRow(org_id=world.org, sha256="0" * 64, content=b"x" * 12))
        session.commit()
    world.done(AttachFile(entity="part", id=world.part, name="bild.jpg", sha256="0" * 64, size=12))
    ada = world.person("Ada", "ADM")
    badge = world.done(GiveBadge(person=ada.id, code_hash="a" * 64)).row("badge")
    assert badge_code()[0].startswith("FT1:US:")
    world.done(SignIn(person=ada.id), ada)
    world.done(SignOut(), ada)
    world.done(RevokeBadge(badge=badge))
    world.gone("part", world.parts[4])
    with world.session() as session:
        assert [row.reason for row in session.scalars(select(Presence))] == ["signed_out"]
        assert outbox.verify_chain(session, world.app.station.id) is None
