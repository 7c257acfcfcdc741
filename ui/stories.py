"""Stories: what the guided tour plays, as steps with their budgets, on the jobs, people and shelves of the demo workshop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from sqlalchemy import select

from app.assemble import Terminal
from app.demo import ALONE, KEEPER, PIN, Stage, badge_text, tour_jobs
from app.demo.catalogue import MODELS, S1_PARTS, S2_PART, items
from app.demo.elsewhere import came_back
from app.demo.folk import MECHANICS, customers
from app.kernel.ids import short
from app.kernel.scan_log import Outcome
from app.kernel.scanning import own_code
from app.kernel.types import Quantity
from app.labor.model import Stint
from app.payments.model import Payment
from app.payments.sums import owed
from app.work_orders.model import WorkOrder

S5_PARTS = ("BRK-PF", "FLD-CLEAN")  # what the procedure of the front brake wants, of the model's own and of all
READ = (("battery", "12.6"), ("rpm", "1150"), ("front_tyre", "2.5"), ("rear_tyre", "2.9"), ("coolant", "80"), ("oil", "75"))


class By(Enum):
    """How a step is done: the scanner, a touch, a group of keys (which counts as one touch), or the customer's own hand."""

    SCAN, TOUCH, KEYS, PEN = "scan", "touch", "keys", "pen"


@dataclass(frozen=True)
class Step:
    """One thing done: what it shows; the code, or what is touched, or what is typed; how it should end; and how it is done.

    `into` names the field that is typed into; without one the keys go wherever they go now. A text may be known only then.
    """

    name: str
    text: str | Callable[[], str]
    outcome: Outcome = Outcome.SUCCESS
    by: By = By.SCAN
    into: str = ""


@dataclass(frozen=True)
class Chapter:
    """A story with its budget. `holds` asks the store, at the end, whether what the story promises is so."""

    name: str
    title: str
    steps: tuple[Step, ...]
    scans: int
    holds: Callable[[], bool]
    touches: int = 0


def chapters(terminal: Terminal, stage: Stage) -> tuple[Chapter, ...]:
    """The stories, in the order in which they are told."""
    return (*_parts(terminal, stage), *_repair(stage), _day(stage))


# ------------------------------------------------------------------------------------------------------------------ parts


def _parts(terminal: Terminal, stage: Stage) -> tuple[Chapter, ...]:
    """On jobs of the demo that wait for their parts."""
    five, twelve = tour_jobs(stage)
    eans = {one.code: one.ean for one in items()}
    names = {one.code: one.name for one in items()}
    bolt = Step(names[S2_PART], eans[S2_PART])
    issue = (
        Step("badge", badge_text(KEEPER)),
        Step("job tag", _tag(five)),
        *(Step(names[code], eans[code]) for code in S1_PARTS),
    )
    many = (Step("job tag", _tag(twelve)), bolt, Step("card × 10", own_code("QT", "10")), bolt, bolt)
    undo = (Step("card UNDO", own_code("CM", "UNDO")),)
    came_back(stage, KEEPER)
    let_go = (
        Step("card CARDS", own_code("CM", "CARDS")),
        Step("card × 2", own_code("QT", "2")),
        Step("card DONE", own_code("CM", "DONE")),
    )
    keeper = stage.actor(KEEPER)
    planned = {stage.ident("part", code): Quantity(1) for code in S1_PARTS}

    def out(order: UUID) -> Quantity:
        return sum(_issued(terminal, stage, order).values(), Quantity(0))

    return (
        Chapter("S1", "Five different parts to a job", issue, 7, lambda: _issued(terminal, stage, five) == planned),
        Chapter("S2", "Twelve of one part, with a quantity card", many, 5, lambda: out(twelve) == Quantity(12)),
        Chapter("UNDO", "The last one taken back", undo, 1, lambda: out(twelve) == Quantity(11)),
        Chapter("CARDS", "What the hub turned down is let go", let_go, 3, lambda: not terminal.app.count("attention", keeper)),
    )


def _tag(order: UUID) -> str:
    return own_code("WO", short(order))


def _issued(terminal: Terminal, stage: Stage, order: UUID) -> dict[UUID, Quantity]:
    page = terminal.app.ask("order_parts", stage.actor(KEEPER), order=order)
    return {row["id"]: row["issued"] - row["returned"] for row in page.rows}


# ----------------------------------------------------------------------------------------------------------------- repair


def _repair(stage: Stage) -> tuple[Chapter, ...]:
    """Somebody alone in the workshop: one vehicle is checked in, and another is repaired from its key tag to its receipt."""
    (first, _model), (second, suffix) = _bikes()
    door = (Step("badge", badge_text(ALONE), Outcome.ASK), Step("PIN", f"{PIN}\r", by=By.KEYS))

    def job() -> WorkOrder:
        return _newest(stage)

    def came() -> bool:
        return job().state == "CHECKIN" and job().vehicle_id == stage.ident("vehicle", first)

    def paid() -> bool:
        order = job()
        with stage.session() as session:
            wanted = select(Payment.amount).where(Payment.order_id == order.id, Payment.state == "success")
            sums = owed(session, session.get_one(WorkOrder, order.id))
            return order.state == "CLOSED" and [sums.gross] == list(session.scalars(wanted))

    return (
        Chapter("S4", "A motorcycle is checked in", (*door, *_comes(stage, first)), 2, came, 6),
        Chapter("S5", "A whole repair", (*_comes(stage, second), *_agreed(), *_worked(job, suffix), *_given()), 9, paid, 25),
    )


def _bikes() -> list[tuple[str, str]]:
    """The motorcycles of the first two customers: each its plate, and how the parts of its model end."""
    suffixes = {bike: suffix for suffix, bike in MODELS}
    owned = [one.vehicles[0] for one in customers(2)]
    return [(plate, suffixes[model]) for plate, model, _year, _km in owned]


def _newest(stage: Stage) -> WorkOrder:
    with stage.session() as session:
        return session.scalars(select(WorkOrder).order_by(WorkOrder.id.desc()).limit(1)).one()


def _comes(stage: Stage, plate: str) -> tuple[Step, ...]:
    tag = own_code("VE", short(stage.ident("vehicle", plate)))
    return (
        _touch("Check in"),
        Step("key tag", tag),
        _touch("Front brake"),
        _touch("Noise"),
        Step("odometer", "61000", by=By.KEYS, into="Odometer, km"),
        _touch("Check in"),
    )


def _agreed() -> tuple[Step, ...]:
    signs = Step("the customer's hand", "", by=By.PEN)
    return (_touch("Diagnose"), _touch("Renew front brake pads"), _touch("Quote"), _touch("Customer signs"), signs,
            _touch("Keep signature"))  # fmt: skip


def _worked(job: Callable[[], WorkOrder], suffix: str) -> tuple[Step, ...]:
    eans = {one.code: one.ean for one in items()}
    wanted = (f"{S5_PARTS[0]}-{suffix}", S5_PARTS[1])
    return (
        Step("job tag: the clock runs", lambda: _tag(job().id)),
        _touch("Issue parts"),
        *(Step(code, eans[code]) for code in wanted),
        Step("card DONE", own_code("CM", "DONE")),
        _touch("Health check"),
        *(Step(name, value, by=By.KEYS, into=name) for name, value in READ),
        _touch("Save health check"),
        _touch("Finish job"),
    )


def _given() -> tuple[Step, ...]:
    return (_touch("Check the delivery"), _touch("The work was explained"), _touch("Hand over"), _touch("Take "))


def _touch(name: str) -> Step:
    return Step(name.strip(), name, by=By.TOUCH)


# -------------------------------------------------------------------------------------------------------------------- day


def _day(stage: Stage) -> Chapter:
    """A mechanic's day on the clock, on the two jobs of the parts."""
    who, jobs = MECHANICS[0], tour_jobs(stage)
    steps = (
        Step("badge", badge_text(who)),
        Step("job tag: on", _tag(jobs[0])),
        Step("next job tag: switch", _tag(jobs[1])),
        Step("card BREAK", own_code("CM", "BREAK")),
        Step("card OUT", own_code("CM", "OUT")),
    )

    def kinds() -> list[str]:
        wanted = select(Stint.kind).where(Stint.person_id == stage.ident("person", who), Stint.day == stage.today)
        with stage.session() as session:
            return list(session.scalars(wanted.order_by(Stint.started, Stint.id)))

    return Chapter("S6", "A mechanic's day on the clock", steps, 5, lambda: kinds()[-3:] == ["job", "job", "break"])
