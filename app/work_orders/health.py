"""What is read on a vehicle when it comes in and before it is handed over, and what each reading means: in order, watch, act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel import trail
from app.kernel.commands import Authority, Command
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.model import Vehicle
from app.work_orders.model import HANDOVER, HealthRecord, WorkOrder
from app.work_orders.rules import is_open, not_finished_on, odometer_counts, odometer_rises, something_read

Reading = Quantity | int | None


@dataclass(frozen=True)
class Limits:
    """When a reading wants somebody: from `watch` on it is watched, from `act` on something is done; below and above.

    `least` and `most` are what can be read at all.
    """

    most: int
    low: tuple[str, str] | None = None  # watch, act
    high: tuple[str, str] | None = None


LIMITS: Mapping[str, Limits] = {
    "rpm": Limits(20_000, low=("900", "700"), high=("1500", "2000")),  # of a warm engine that idles
    "battery": Limits(60, low=("12.4", "12"), high=("14.8", "15.2")),  # of a 12 V battery, at rest or charged by the engine
    "front_tyre": Limits(12, low=("2.2", "1.8"), high=("3", "3.5")),
    "rear_tyre": Limits(12, low=("2.4", "2"), high=("3.2", "3.6")),
    "coolant": Limits(100, low=("50", "25")),  # between the two marks
    "oil": Limits(100, low=("50", "25")),
}
GREEN, AMBER, RED = "ok", "warn", "danger"  # the tones of the lights
WORDS: Mapping[tuple[str, str], str] = {
    (GREEN, ""): _("In order"),
    (AMBER, "low"): _("A little low: watch it"),
    (RED, "low"): _("Too low: act"),
    (AMBER, "high"): _("A little high: watch it"),
    (RED, "high"): _("Too high: act"),
    (AMBER, "back"): _("Lower than last time: read it again"),
}


@dataclass(frozen=True)
class Light:
    """What a reading means: a tone, and the side on which it is out of order; `sentence` says it, for nobody goes by colours."""

    tone: str
    side: str = ""

    @property
    def sentence(self) -> str:
        """Marked words, not yet in the reader's language."""
        return WORDS[self.tone, self.side]


def light(name: str, value: Reading, before: Reading = None) -> Light | None:
    """What a reading means; None where nothing was read. An odometer is held against the one before it."""
    if value is None:
        return None
    if name not in LIMITS:
        return Light(AMBER, "back") if before is not None and _exact(value) < _exact(before) else Light(GREEN)
    limits, read = LIMITS[name], _exact(value)
    for place, tone in ((1, RED), (0, AMBER)):
        if limits.low is not None and read < Quantity.parse(limits.low[place]):
            return Light(tone, "low")
        if limits.high is not None and read > Quantity.parse(limits.high[place]):
            return Light(tone, "high")
    return Light(GREEN)


def change(value: Reading, before: Reading) -> Quantity | None:
    """By how much a reading is more (or, with a minus, less) than the one before it."""
    return None if value is None or before is None else _exact(value) - _exact(before)


def _exact(value: Quantity | int) -> Quantity:
    return Quantity(value) if isinstance(value, int) else value


@dataclass(frozen=True, kw_only=True)
class RecordHealth(Command):
    """The readings of a vehicle: when it comes in, or before it is handed over."""

    label = _("Health check recorded")
    about = {"order": "work_order"}
    needs = "work_orders.health"
    authority = Authority.FACT
    personal = ("notes",)
    order: UUID
    kind: str = HANDOVER
    odometer: int | None = None
    rpm: int | None = None
    battery: Quantity | None = None
    front_tyre: Quantity | None = None
    rear_tyre: Quantity | None = None
    coolant: Quantity | None = None
    oil: Quantity | None = None
    notes: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return UndoHealth(record=derived_id(command_id, HealthRecord.__tablename__))


@dataclass(frozen=True, kw_only=True)
class UndoHealth(Command):
    """Takes readings back that were written down by mistake; the vehicle's odometer says again what it said before."""

    label = _("Health check taken back")
    about = {"record": "health_record"}
    needs = "work_orders.health"
    authority = Authority.FACT
    record: UUID


def record_health(do: RecordHealth, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    vehicle = work.find(Vehicle, order.vehicle_id) if order.vehicle_id else None
    before = order.odometer if order.odometer is not None else vehicle.odometer if vehicle else None
    read = {name: getattr(do, name) for name in ("odometer", *LIMITS)}
    work.check(
        is_open(order),
        something_read((*read.values(), do.notes.strip())),
        odometer_counts(do.odometer),
        *(can_be_read(name, read[name]) for name in LIMITS),
        odometer_rises(do.odometer, before),
    )
    work.add(HealthRecord(order_id=order.id, kind=do.kind, notes=do.notes.strip(), **read))
    if vehicle is not None:
        follow(work, vehicle, do.odometer)


def can_be_read(name: str, value: Reading) -> Problem | None:
    """A reading that no gauge shows was typed wrong."""
    most = LIMITS[name].most
    if value is None or Quantity(0) <= _exact(value) <= Quantity(most):
        return None
    return Problem(
        "work_orders.reading",
        _("Nothing reads {value} there."),
        field=name,
        hint=_("Read it again: it lies between 0 and {most}."),
        values={"value": value, "most": most},
    )


def follow(work: Work, vehicle: Vehicle, km: int | None) -> None:
    """The vehicle's odometer is the one that was read last. What comes in late from another terminal never turns it back."""
    late = work.overtaken(vehicle) and km is not None and km < (vehicle.odometer or 0)
    if km is not None and not late:
        vehicle.odometer = km


def undo_health(do: UndoHealth, work: Work) -> None:
    record = work.get(HealthRecord, do.record, even_retired=True)
    order = work.get(WorkOrder, record.order_id)
    if record.retired or not work.check(is_open(order), not_finished_on(record, order, work)):
        return
    vehicle = work.find(Vehicle, order.vehicle_id) if order.vehicle_id else None
    if vehicle is not None:
        _turn_back(work, vehicle, record)
    record.retired = True


def _turn_back(work: Work, vehicle: Vehicle, record: HealthRecord) -> None:
    """Only where these readings set it, and nobody has read it since."""

    def before() -> int | None:
        set_by = trail.last(work, vehicle, "odometer")
        return set_by.before if set_by.stamp == record.stamp else vehicle.odometer

    was = work.draw("odometer", before)
    if vehicle.odometer == record.odometer:
        vehicle.odometer = was
