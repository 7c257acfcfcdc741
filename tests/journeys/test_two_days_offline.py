"""Two terminals, two days without a network, six hundred commands and forty photos: then green, and two cards for people."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from replay_chance import evening
from replay_world import ORG, Machine, Trio, morning, named

from app.kernel import blobs
from app.kernel.commands import Command
from app.kernel.records import Discrepancy
from app.kernel.standard import AddNote, AttachFile, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.stock.lots import booked_of
from app.stock.model import Lot, StockLine
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from sync.hub.files import HubFiles
from sync.terminal.files import Carrier

EACH = 300  # commands at each terminal
PHOTOS = 20  # at each terminal
TWO_DAYS = 2 * 86_400_000

Count = Callable[..., None]


class Bench:
    """A terminal with somebody at it, who counts what they did."""

    def __init__(self, trio: Trio, machine: Machine, name: str) -> None:
        self.trio = trio
        self.machine = machine
        self.person = trio.person(name)
        self.done = 0
        self.photos: dict[str, bytes] = {}

    def do(self, command: Command) -> UUID:
        self.trio.wall.ms += TWO_DAYS // (2 * EACH)
        answer = self.machine.done(command, self.person)
        self.done += 1
        return answer.id

    def job(self, what: str) -> UUID:
        self.trio.wall.ms += 1000
        self.done += 1
        return self.machine.done(CreateOrder(site=named("site", "M"), what=what), self.person).row("work_order")

    def photo(self, order: UUID) -> None:
        content = picture(len(self.photos) + sum(self.person.name.encode()) % 97)  # each person's own, the same in every run
        sha, size = blobs.take_in(self.machine.app.writer, ORG, content)
        self.photos[sha] = content
        self.do(AttachFile(entity="work_order", id=order, name=f"{len(self.photos)}.jpg", sha256=sha, size=size))

    def busy_until(self, commands: int, order: UUID) -> None:
        """Plans and issues, part by part, until so many commands were done."""
        while self.done < commands - 1:
            self.do(PlanPart(order=order, part=named("part", "P-2"), quantity=Quantity(commands)))
            self.do(IssuePart(order=order, part=named("part", "P-2"), bin=named("bin", "A")))
        if self.done < commands:
            self.do(AddNote(entity="work_order", id=order, text="End of the day"))


def picture(number: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((320, 240), 40 + number).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def trio() -> Trio:
    """A morning at which there is enough of everything, and one fuel pump with its serial number."""
    made = morning()
    hub, program = made.hub, made.program
    hub.done(ReceiveStock(part=named("part", "P-2"), bin=named("bin", "A"), quantity=Quantity(5000)), program)
    fields = {"code": [None, "PUMP"], "name": [None, "Fuel pump"], "tracking": [None, "serial"]}
    pump = hub.done(SaveRecord(entity="part", fields=fields), program).row("part")
    hub.done(ReceiveStock(part=pump, bin=named("bin", "A"), quantity=Quantity(1), lot="SN-4711"), program)
    order = hub.all(WorkOrder)[0].id
    hub.done(Transition(entity="work_order", id=order, move="check_in"), program)
    made.quiesce()
    return made


def two_days(trio: Trio) -> tuple[Bench, Bench]:
    """What is done at both terminals while the network is away."""
    left, right = Bench(trio, trio.left, "Ann"), Bench(trio, trio.right, "Ben")
    shared = trio.left.all(WorkOrder)[0]
    lot = trio.left.all(Lot)[0]
    jobs = {bench: bench.job(f"Job of {bench.person.name}") for bench in (left, right)}
    for bench, order in jobs.items():
        bench.do(PlanPart(order=order, part=lot.part_id, quantity=Quantity(1)))
        bench.do(IssuePart(order=order, part=lot.part_id, bin=named("bin", "A"), lot=lot.id))  # the same piece, twice
    left.do(SaveRecord(entity="work_order", id=shared.id, fields={"what": [shared.what, "Front brake and hose"]}))
    right.do(SaveRecord(entity="work_order", id=shared.id, fields={"priority": [shared.priority, "urgent"]}))
    left.do(Transition(entity="work_order", id=shared.id, move="cancel", reason="Sold"))
    right.do(Transition(entity="work_order", id=shared.id, move="diagnose"))  # nobody diagnoses what was cancelled
    right.do(AddService(order=jobs[right], what="Bleed the brakes"))
    for bench, order in jobs.items():
        for _one in range(PHOTOS):
            bench.photo(order)
        bench.busy_until(EACH, order)
    return left, right


def test_after_two_days_without_a_network_nothing_is_lost_or_doubled_and_two_cards_wait(trio: Trio, count: Count) -> None:
    benches = two_days(trio)
    assert [bench.done for bench in benches] == [EACH, EACH]
    begun = time.perf_counter()
    trio.quiesce()
    green = time.perf_counter() - begun
    evening(trio)
    cards = trio.hub.all(Discrepancy)
    assert sorted(card.code for card in cards) == ["state.illegal", "stock.serial_gone"]
    for terminal in trio.terminals:
        assert sorted(card.code for card in terminal.all(Discrepancy)) == sorted(card.code for card in cards)
    shared = trio.hub.all(WorkOrder)[0]
    assert (shared.what, shared.priority, shared.state) == ("Front brake and hose", "urgent", "CANCELLED")
    _each_issue_once(trio, benches)
    _photos_there(trio, benches)
    count("two days offline", "commands", sum(bench.done for bench in benches))
    count("two days offline", "photos", sum(len(bench.photos) for bench in benches))
    count("two days offline", "cards", len(cards))
    count("two days offline", "milliseconds to green", round(green * 1000))


def _each_issue_once(trio: Trio, benches: tuple[Bench, Bench]) -> None:
    issued = [line for line in trio.hub.all(StockLine) if line.kind == "issue"]
    assert len({line.id for line in issued}) == len(issued)
    with trio.hub.session() as session:
        lot = trio.hub.all(Lot)[0]
        assert booked_of(session, lot) == Quantity(-1)  # two people say that they took it: somebody looks
    wanted = sum(row.command == "IssuePart" for bench in benches for row in bench.machine.envelopes())
    assert len(issued) == wanted


def _photos_there(trio: Trio, benches: tuple[Bench, Bench]) -> None:
    for bench in benches:
        carrier = Carrier(bench.machine.app, ORG, HubFiles(trio.hub.app, ORG))
        while carrier.step():
            pass
    with trio.hub.session() as session:
        for bench in benches:
            assert {sha: blobs.content_of(session, ORG, sha) for sha in bench.photos} == bench.photos
