"""A customer is erased: nobody finds out any more who they were, and what was done, counted and chained stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cores.model import Core
from app.kernel import blobs, drafts, erasing, outbox, scan_log, squeezing
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.records import EnvelopeRow
from app.kernel.retention import tidy
from app.kernel.scan_log import Outcome, Scanned, ScanRow
from app.kernel.standard import AddNote, AttachFile, SaveMany, SaveRecord
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.parties.erasing import EraseCustomer
from app.parties.model import Customer, Vehicle
from app.parts_issue.commands import IssuePart
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService, CreateOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder
from world import World

WORDS = ("Wilhelmina Quast", "+49 170 5550815", "wilhelmina@quast.example", "Mill Lane 7", "HH-WQ 815", "ZDMH100AAXB0815")


@dataclass(frozen=True)
class Known:
    """The workshop, and what it knows of one customer."""

    world: World
    customer: UUID
    vehicle: UUID
    job: UUID
    photo: str


@pytest.fixture
def known(world: World) -> Known:
    """Somebody whom the workshop knows well: they came by an import, moved, have a motorcycle, a job, a note and a photo."""
    other = {"name": "Otto Other", "phone": "+49 170 5550000", "city": "Hamburg"}
    one = {"id": new_id().hex, "name": WORDS[0], "phone": WORDS[1], "street": "Old Lane 1", "city": "Hamburg"}
    world.done(SaveMany(entity="customer", rows=[one, other]))
    customer = next(row.id for row in world.rows(Customer) if row.name == WORDS[0])
    moved = {"street": ["Old Lane 1", WORDS[3]], "email": [None, WORDS[2]]}
    world.done(SaveRecord(entity="customer", id=customer, fields=moved))
    vehicle = world.save("vehicle", customer_id=customer.hex, plate=WORDS[4], vin=WORDS[5], model="Monster")
    order = CreateOrder(site=world.site, what=f"{WORDS[0]} hears a noise", customer=customer, vehicle=vehicle)
    job = world.done(order).row("work_order")
    world.done(AddNote(entity="customer", id=customer, text=f"Call {WORDS[0]} at {WORDS[1]}"))
    sha256, size = blobs.take_in(world.app.writer, world.org, b"a photo of the plate")
    world.done(AttachFile(entity="work_order", id=job, name="Quast plate.jpg", sha256=sha256, size=size))
    return Known(world, customer, vehicle, job, sha256)


def everything(world: World) -> str:
    """All that the store holds, as one text."""
    with Session(world.app.read_engine) as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'")).all()
        return "\n".join(
            repr(tuple(row)) for table in tables for row in session.execute(select(text("*")).select_from(text(f'"{table}"')))
        )


def erase(known: Known) -> None:
    known.world.done(EraseCustomer(customer=known.customer, reason="Asked by letter"))


def test_nothing_that_says_who_they_were_is_left_in_the_store(known: Known) -> None:
    before = everything(known.world)
    assert [word for word in WORDS if word not in before] == []
    erase(known)
    left = everything(known.world)
    assert [word for word in (*WORDS, "Old Lane 1", "Quast") if word in left] == []
    assert b"a photo of the plate" not in left.encode()


def test_what_was_said_at_check_in_and_hand_over_and_of_old_parts_goes_too(known: Known) -> None:
    world, (part, job) = known.world, (known.world.part, known.job)
    world.save("part", id=part, core=True, deposit=2_500)
    world.done(RecordHealth(order=job, notes=f"{WORDS[0]} hears it too"))
    world.done(CheckDelivery(order=job, explained=True, method="cash", amount=Money(0), notes=f"Fetched by {WORDS[0]}'s brother"))
    world.done(AddCharge(order=job, what=f"Washed for {WORDS[0]}", amount=Money(500)))
    world.done(AddService(order=job, what=f"Noise, as {WORDS[0]} says"))
    world.done(IssuePart(order=job, part=part, bin=world.bin, quantity=Quantity(1), reason="extra"))
    [core] = world.rows(Core)
    world.done(AddNote(entity="core", id=core.id, text="Her brother brings the old one: 0151 5550999"))
    erase(known)
    left = everything(world)
    assert [word for word in (WORDS[0], "brother", "5550999") if word in left] == []


def in_the_clear(world: World) -> bytes:
    """Every page of the store's file as somebody reads it who has the key, also those that no table has any more.

    SQLCipher 4 leaves 80 bytes at the end of a page of 4096: the vector of AES-256-CBC, and the seal.
    """
    store = world.app.store  # type: ignore[attr-defined]
    with store.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    content = store.path.read_bytes()
    return b"".join(_opened(content[at : at + 4096], store.key, 16 if at == 0 else 0) for at in range(0, len(content), 4096))


def _opened(page: bytes, key: bytes, head: int) -> bytes:
    opener = Cipher(algorithms.AES(key), modes.CBC(page[-80:-64])).decryptor()
    return opener.update(page[head:-80]) + opener.finalize()


def test_not_even_the_file_holds_a_word_of_them_once_it_was_squeezed(known: Known) -> None:
    """What was taken out of a table or an index may still stand in a page; here it does not."""
    world = known.world
    world.save("customer", id=known.customer, name="Wilhelmina Sparrow")
    sought = [one.lower().encode() for one in ("Wilhelmina", "Quast", "Sparrow", "5550815", "ZDMH100AAXB0815")]
    assert [one for one in sought if one not in in_the_clear(world).lower()] == []
    erase(known)
    squeezing.squeeze(world.app.writer, lambda: None)
    with Session(world.app.read_engine) as session:
        assert not squeezing.is_wanted(session)
    assert [one for one in sought if one in in_the_clear(world).lower()] == []
    assert world.app.find("otto", world.system), "and others are found as before"


def test_however_somebody_wrote_the_name_it_goes(known: Known) -> None:
    world = known.world
    job = CreateOrder(site=world.site, what="WILHELMINA QUAST calls, hh-wq 815 rattles", customer=known.customer)
    world.done(job)
    erase(known)
    assert [word for word in ("WILHELMINA", "hh-wq") if word in everything(world)] == []


def test_others_of_the_same_import_stay_as_they_are(known: Known) -> None:
    erase(known)
    [other] = [row for row in known.world.rows(Customer) if row.name == "Otto Other"]
    assert (other.phone, other.city) == ("+49 170 5550000", "Hamburg")
    assert "Otto Other" in everything(known.world)


def test_the_job_the_ledger_and_the_chain_stay(known: Known) -> None:
    stock = known.world.on_hand()
    erase(known)
    assert known.world.on_hand() == stock
    with Session(known.world.app.read_engine) as session:
        assert session.get_one(WorkOrder, known.job).customer_id == known.customer
        assert outbox.verify_chain(session, known.world.app.station.id) is None
        assert outbox.erased(session) > 0


def test_a_change_past_the_program_is_still_found(known: Known) -> None:
    erase(known)

    def tamper() -> None:
        with known.world.app.writer.sessions() as session:
            row = session.scalars(select(EnvelopeRow).where(EnvelopeRow.command == "CreateOrder").limit(1)).one()
            row.content = row.content.replace("Front brake", "Rear brake")
            session.commit()

    known.world.app.writer.run(tamper)
    with Session(known.world.app.read_engine) as session:
        assert outbox.verify_chain(session, known.world.app.station.id) is not None


def test_the_hash_of_a_photo_stays_and_its_bytes_go(known: Known) -> None:
    erase(known)
    with Session(known.world.app.read_engine) as session:
        assert blobs.content_of(session, known.world.org, known.photo) is None
        assert blobs.thumb_of(session, known.world.org, known.photo) == b""
    assert known.photo in everything(known.world)


def test_half_filled_forms_and_scans_of_them_go_too(known: Known) -> None:
    actor, now = new_id(), datetime.now(UTC)
    scan = Scanned(known.world.org, now, WORDS[4], "wedge", Outcome.SUCCESS, said=WORDS[0])

    def leave() -> None:
        with known.world.app.writer.sessions() as session:
            drafts.keep(session, actor, f"customer:{known.customer}", now, {"phone": "0170"})
            drafts.keep(session, actor, "work_order:", now, {"what": f"{WORDS[0]} called"})
            drafts.keep(session, actor, "part:", now, {"name": "Brake pad"})
            scan_log.keep(session, scan, new_id())

    known.world.app.writer.run(leave)
    erase(known)
    assert [word for word in WORDS if word in everything(known.world)] == []
    with Session(known.world.app.read_engine) as session:
        assert drafts.find(session, actor, "part:") == {"name": "Brake pad"}
        assert session.scalars(select(ScanRow.said)).all() == [erasing.GONE]


def test_search_and_lists_know_them_no_more(known: Known) -> None:
    erase(known)
    assert known.world.app.find("wilhelmina", known.world.system) == []
    assert known.world.app.find("HH-WQ", known.world.system) == []
    assert all(row.retired for row in known.world.rows(Vehicle) if row.id == known.vehicle)


def test_it_takes_its_own_grant_and_a_reason(known: Known) -> None:
    adviser = known.world.person("Anna", "ADV")
    assert known.world.codes(EraseCustomer(customer=known.customer, reason="?"), adviser) == ["access.denied"]
    assert known.world.codes(EraseCustomer(customer=known.customer)) == ["parties.erase_why"]


def test_old_scans_go_after_their_days_and_younger_ones_stay(world: World) -> None:
    now = world.app.clock.now()
    old = Scanned(world.org, now - timedelta(days=40), "OLD", "wedge", Outcome.SUCCESS)

    def log() -> None:
        with world.app.writer.sessions() as session:
            scan_log.keep(session, old, new_id())
            scan_log.keep(session, replace(old, at=now, text="YOUNG"), new_id())

    world.app.writer.run(log)

    def tidied() -> dict[str, int]:
        with world.app.writer.sessions() as session:
            told = tidy(session, world.app.registry, world.org, now, enrolled=False)
            session.commit()
            return told

    assert world.app.writer.run(tidied)["scans"] == 0
    world.done(SetSetting(key="kernel.scan_days", value=30))
    assert world.app.writer.run(tidied)["scans"] == 1
    with Session(world.app.read_engine) as session:
        assert session.scalars(select(ScanRow.text)).all() == ["YOUNG"]
