"""Thirty days at the demo workshop: jobs that came, were worked on and went, and the parts that went with them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.demo.catalogue import MODELS, S1_PARTS, S2_PART, Item, items
from app.demo.folk import ADVISER, KEEPER, MANAGER, MECHANICS, customers
from app.demo.shop import bin_of, receive
from app.demo.stage import Stage
from app.demo.today import open_up
from app.demo.working import ALL_BUT_THE_LAST, THE_LAST, procedure_for, tick_off
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.standard import AddNote, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart
from app.payments.commands import TakePayment
from app.payments.sums import owed
from app.quotes.commands import PublishQuote
from app.stock.balances import stocked_bins, used
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder, CreateOrder, PlanPart
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import Delivery, WorkOrder
from app.work_orders.procedures import ChooseProcedure

DAYS = 30
HOURLY = Money(8900)
WORK = (  # what is wrong, what is done, hours in tenths, families of parts (the model's own) and parts for every model
    ("Oil service", "Change oil and filter", 10, ("FLT-OI",), ("OIL-10W40", "WSH-AL14")),
    ("Front brake worn", "Renew front brake pads", 12, ("BRK-PF",), ("FLD-DOT4", "FLD-CLEAN")),
    ("Rear brake squeals", "Renew rear brake pads", 10, ("BRK-PR",), ("FLD-CLEAN", "LUB-COPPER")),
    ("Chain jumps", "Renew chain and sprockets", 18, ("CHN-KT",), ("LUB-CHAIN", "PIN-SPLIT")),
    ("Runs rough", "Renew plugs and air filter", 15, ("SPK-PL", "FLT-AI"), ("OIL-5W40",)),
    ("Fork leaks", "Renew fork seals", 25, ("FRK-SL",), ("OIL-FORK10", "BLT-M8X25")),
    ("Wheel hums", "Renew wheel bearings", 16, ("BRG-WF",), ("LUB-GREASE", "NUT-AXLE")),
    ("Clutch slips", "Renew clutch plates", 28, ("CLU-KT", "GSK-VC"), ("OIL-15W50", "BLT-M6X20")),
    ("Will not start", "Test and renew the battery", 8, ("BAT-12",), ("FUS-30",)),
    ("Inspection", "Yearly inspection", 20, ("FLT-OI", "SPK-PL"), ("OIL-10W40", "FLD-COOL")),
)
ALL, HANDED_OVER = 8, 7  # steps of a job: quote, agree, begin, parts, health, finish, deliver, close
OPEN_JOBS = (0, 0, 1, 1, 2, 3, 4, 5, 6, 7)  # how many of the steps the newest jobs have come, one job each
TOUR = "Front brake overhaul"
BOLTS = "Engine cover bolts"


class Job(NamedTuple):
    """A job on the stage: its order, and what is planned on it."""

    order: UUID
    parts: tuple[Item, ...]
    title: str
    hours: int
    procedure: UUID | None


class History:
    """Plays the days; the dice fall the same way every time."""

    def __init__(self, stage: Stage, days: int = DAYS) -> None:
        self.stage = stage
        self.days = days
        self.dice = Random("thirty days")  # noqa: S311 - the same days every time, nothing to hide
        self.kept = {one.code: one for one in items()}
        self._steps = (
            self._quote, self._agree, self._begin, self._parts, self._health, self._finish, self._deliver, self._close,
        )  # fmt: skip
        self.garage = [(plate, model) for one in customers() for plate, model, _year, _km in one.vehicles]

    def play(self) -> None:
        for days_ago in range(self.days, 1, -1):
            if (self.stage.today.toordinal() - days_ago) % 7 != 0:  # closed on Sundays
                self.stage.progress(f"Day {self.days - days_ago + 1} of {self.days}")
                self._day(days_ago)
        open_up(self.stage, self._yesterday())

    def _day(self, days_ago: int) -> None:
        for number in range(self.dice.choice((2, 2, 3))):
            self.stage.at(days_ago, 8 + number, self.dice.randrange(50))
            job = self._check_in()
            cancelled = self.dice.random() < 0.06
            self.stage.at(days_ago, 12 + number, self.dice.randrange(50))
            if cancelled:
                self._move(job, "cancel", MANAGER, reason="The customer changed their mind")
            else:
                self._advance(job, ALL)
        if days_ago % 7 == 3:
            self._delivery()

    def _yesterday(self) -> list[UUID]:
        """Jobs that are still here, in every state that a job can be in."""
        here = []
        for number, steps in enumerate(OPEN_JOBS):
            self.stage.at(1, 8 + number, self.dice.randrange(40))
            job = self._check_in(checked_in=number > 0)
            here.append(job.order)
            self._advance(job, steps)
            if steps == HANDED_OVER:
                note = AddNote(entity="work_order", id=job.order, text="Calls back on Friday: wants the old parts.")
                self.stage.do(note, self.stage.actor(ADVISER))
        return here

    # --------------------------------------------------------------------------------------------------------- one job

    def _check_in(self, *, checked_in: bool = True) -> Job:
        plate, model = self.dice.choice(self.garage)
        what, title, hours, families, usual = self.dice.choice(WORK)
        suffix = next(code for code, bike in MODELS if bike == model)
        codes = (*(f"{family}-{suffix}" for family in families), *usual)
        adviser = self.stage.actor(ADVISER)
        made = self.stage.do(
            CreateOrder(
                site=self.stage.ident("site", "M"), vehicle=self.stage.ident("vehicle", plate), what=what, checked_in=checked_in
            ),
            adviser,
        )
        procedure = procedure_for(self.stage, title, model)
        job = Job(made.row("work_order"), tuple(self.kept[code] for code in codes), title, hours, procedure)
        if checked_in:
            self._plan(job)
        return job

    def _plan(self, job: Job) -> None:
        mechanic = self.dice.choice(MECHANICS)
        hours = Quantity.of_thousandths(job.hours * 100)
        by_hand = AddService(order=job.order, what=job.title, hours=hours, rate=HOURLY)
        by_the_book = ChooseProcedure(order=job.order, procedure=job.procedure) if job.procedure is not None else None
        self.stage.do(by_the_book or by_hand, self.stage.actor(mechanic))
        for one in job.parts:
            self.stage.do(PlanPart(order=job.order, part=self.stage.ident("part", one.code)), self.stage.actor(mechanic))
        assign = AssignOrder(order=job.order, person=self.stage.ident("person", mechanic), bay=f"Bay {self.dice.randint(1, 5)}")
        self.stage.do(assign, self.stage.actor(ADVISER))

    def _advance(self, job: Job, steps: int) -> None:
        if steps == 1:
            self._move(job, "diagnose", ADVISER)
            return
        for step in self._steps[:steps]:
            step(job)

    def _move(self, job: Job, move: str, username: str, reason: str = "") -> None:
        self.stage.do(Transition(entity="work_order", id=job.order, move=move, reason=reason), self.stage.actor(username))

    def _quote(self, job: Job) -> None:
        self.stage.do(PublishQuote(order=job.order), self.stage.actor(ADVISER))

    def _agree(self, job: Job) -> None:
        how = self.dice.choice(("By telephone", "At the counter", "By e-mail"))
        self.stage.do(AgreeOrder(order=job.order, how=how), self.stage.actor(ADVISER))

    def _begin(self, job: Job) -> None:
        self._move(job, "begin", MECHANICS[0])

    def _parts(self, job: Job) -> None:
        """The storekeeper hands the parts out, now and then one comes back, and the work is done but for its last step."""
        keeper = self.stage.actor(KEEPER)
        for one in job.parts:
            why = "" if self._there(one) else "It lies here"
            part, bin = self._shelf(one)
            self.stage.do(IssuePart(order=job.order, part=part, bin=bin, reason=why), keeper)
        if self.dice.random() < 0.15:
            part, bin = self._shelf(job.parts[-1])
            self.stage.do(ReturnPart(order=job.order, part=part, bin=bin, reason="Not needed"), keeper)
        tick_off(self.stage, job.order, self.stage.actor(MECHANICS[0]), ALL_BUT_THE_LAST)

    def _shelf(self, one: Item) -> tuple[UUID, UUID]:
        return self.stage.ident("part", one.code), self.stage.ident("bin", bin_of(one))

    def _there(self, one: Item) -> bool:
        return any(quantity > Quantity(0) for _bin, quantity in stocked(self.stage, one))

    def _health(self, job: Job) -> None:
        readings = RecordHealth(
            order=job.order,
            battery=Quantity.of_thousandths(self.dice.randint(124, 128) * 100),
            front_tyre=Quantity.of_thousandths(2500),
            rear_tyre=Quantity.of_thousandths(2900),
        )
        mechanic = self.stage.actor(self.dice.choice(MECHANICS))
        self.stage.do(readings, mechanic)
        tick_off(self.stage, job.order, mechanic, THE_LAST)

    def _finish(self, job: Job) -> None:
        self._move(job, "finish", MECHANICS[0])

    def _deliver(self, job: Job) -> None:
        method = self.dice.choice(("card", "card", "transfer"))
        checked = CheckDelivery(order=job.order, explained=True, method=method, amount=self._due(job), hand_over=True)
        self.stage.do(checked, self.stage.actor(MANAGER))

    def _close(self, job: Job) -> None:
        """The payment closes it; what costs nothing is closed already."""
        if due := self._due(job):
            self.stage.do(TakePayment(order=job.order, channel="card", amount=due), self.stage.actor(MANAGER))

    def _due(self, job: Job) -> Money:
        """What was told at the hand-over; before it, what the bill says. A build that goes on says the same as before."""
        with self.stage.session() as session:
            told = session.get(Delivery, derived_id(job.order, Delivery.__tablename__))
            return told.amount if told is not None else owed(session, session.get_one(WorkOrder, job.order)).due

    def _delivery(self) -> None:
        """Once a week some of what runs low comes in."""
        keeper = self.stage.actor(KEEPER)
        for one in list(self.kept.values())[:: self.dice.randint(11, 19)]:
            receive(self.stage, one, max(1, one.least), keeper)


# ------------------------------------------------------------------------------------------------ jobs for trying out


def stocked(stage: Stage, one: Item) -> list[tuple[UUID, Quantity]]:
    with stage.session() as session:
        return stocked_bins(session, stage.ident("part", one.code))


def waiting_job(stage: Stage, what: str, planned: Sequence[tuple[str, int]]) -> UUID:
    """A job of this name with nothing issued yet: the one that waits, or a new one; what it plans lies on the shelves."""
    kept = {one.code: one for one in items()}
    keeper = stage.actor(KEEPER)
    for code, quantity in planned:
        if sum((left for _bin, left in stocked(stage, kept[code])), Quantity(0)) < Quantity(quantity * 2):
            receive(stage, kept[code], quantity * 2, keeper)
    there = _untouched(stage, what, [stage.ident("part", code) for code, _quantity in planned])
    if there is not None:
        return there
    adviser = stage.actor(ADVISER)
    plate = next(plate for one in customers() for plate, model, _year, _km in one.vehicles if model == MODELS[0][1])
    made = CreateOrder(site=stage.ident("site", "M"), vehicle=stage.ident("vehicle", plate), what=what)
    order = stage.do(made, adviser).row("work_order")
    for code, quantity in planned:
        stage.do(PlanPart(order=order, part=stage.ident("part", code), quantity=Quantity(quantity)), adviser)
    return order


def _untouched(stage: Stage, what: str, parts: Sequence[UUID]) -> UUID | None:
    wanted = select(WorkOrder.id).where(WorkOrder.what == what, WorkOrder.state == "CHECKIN").order_by(WorkOrder.number.desc())
    with stage.session() as session:
        for order in session.scalars(wanted):
            if all(used(session, order, part) == (Quantity(0), Quantity(0)) for part in parts):
                return order
    return None


def tour_jobs(stage: Stage) -> tuple[UUID, UUID]:
    """The two jobs of the guided tour: five different parts, and twelve of one."""
    return (
        waiting_job(stage, TOUR, [(code, 1) for code in S1_PARTS]),
        waiting_job(stage, BOLTS, [(S2_PART, 12)]),
    )
