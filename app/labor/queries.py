"""What people ask about the clock: one's own, who does what now, attendance day by day, and the hours on a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app.access.model import Person
from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.types import QuantityType, UtcTime
from app.kernel.words import _
from app.labor.finding import HOUR, lasted
from app.labor.model import Stint
from app.labor.states import BREAK, IDLE, JOB, OUT

STANDS = frozenset({"stint", "work_order", "person"})


def _spent(*of: ColumnElement[bool]) -> ColumnElement[Any]:
    """The hours of all stints, or of those of a kind, as far as they have ended."""
    told = case((of[0], lasted()), else_=0) if of else lasted()
    total = cast(func.coalesce(func.sum(told), 0), BigInteger)
    return type_coerce((total + HOUR // 2000) // (HOUR // 1000), QuantityType())


def my_clock(asking: Asking) -> Ask:
    """The own clock that runs, and those that were forgotten and wait for a word."""
    order: Any = asking.registry.entities["work_order"]
    statement = (
        select(
            Stint.id.label("id"),
            Stint.kind.label("kind"),
            Stint.order_id.label("order_id"),
            order.number.label("number"),
            order.what.label("what"),
            Stint.started.label("started"),
            Stint.ended.label("ended"),
            Stint.source.label("source"),
        )
        .outerjoin(order, order.id == Stint.order_id)
        .where(Stint.person_id == asking.actor.id, Stint.retired.is_(False))
        .where(or_(Stint.ended.is_(None), Stint.source == "proposed"))
    )
    columns = (
        Column("kind", _("Kind"), "choice"),
        Column("number", _("Number"), empty=True),
        Column("what", _("What"), empty=True),
        Column("started", _("From"), "moment"),
        Column("ended", _("Until"), "moment", empty=True),
        Column("source", _("How"), "choice"),
    )
    return Ask(statement, columns, order="-started", reads=STANDS)


def people_now(_asking: Asking) -> Ask:
    """Everybody who has a clock: what they do, on which job, and since when."""
    order: Any = _asking.registry.entities["work_order"]
    gone = aliased(Stint)
    last = select(func.max(gone.ended)).where(gone.person_id == Person.id, gone.retired.is_(False)).scalar_subquery()
    any_ = aliased(Stint)
    has_one = select(any_.id).where(any_.person_id == Person.id, any_.retired.is_(False)).exists()
    statement = (
        select(
            Person.id.label("id"),
            Person.name.label("name"),
            func.coalesce(Stint.kind, OUT).label("standing"),
            order.number.label("number"),
            order.what.label("what"),
            func.coalesce(Stint.started, last).label("since"),
        )
        .outerjoin(Stint, (Stint.person_id == Person.id) & Stint.ended.is_(None) & Stint.retired.is_(False))
        .outerjoin(order, order.id == Stint.order_id)
        .where(Person.status == "active", Person.retired.is_(False), has_one)
    )
    columns = (
        Column("name", _("Name")),
        Column("standing", _("Now"), "choice"),
        Column("number", _("Number"), empty=True),
        Column("what", _("What"), empty=True),
        Column("since", _("Since"), "moment"),
    )
    return Ask(statement, columns, order="name", reads=STANDS)


def times(_asking: Asking, *, person: UUID | None = None) -> Ask:
    """Time after time on the clock, the latest first."""
    return _times(_asking, person)


def my_times(asking: Asking) -> Ask:
    """One's own times on the clock, the latest first."""
    return _times(asking, asking.actor.id)


def _times(asking: Asking, person: UUID | None) -> Ask:
    order: Any = asking.registry.entities["work_order"]
    statement = (
        select(
            Stint.id.label("id"),
            Stint.day.label("day"),
            Person.name.label("name"),
            Stint.kind.label("kind"),
            order.number.label("number"),
            Stint.started.label("started"),
            Stint.ended.label("ended"),
            Stint.source.label("source"),
        )
        .outerjoin(Person, Person.id == Stint.person_id)
        .outerjoin(order, order.id == Stint.order_id)
        .where(Stint.retired.is_(False))
    )
    columns = (
        Column("day", _("Day"), "day"),
        Column("name", _("Who"), empty=True),
        Column("kind", _("Kind"), "choice"),
        Column("number", _("Number"), empty=True),
        Column("started", _("From"), "moment"),
        Column("ended", _("Until"), "moment", empty=True),
        Column("source", _("How"), "choice"),
    )
    asked = statement if person is None else statement.where(Stint.person_id == person)
    return Ask(asked, columns, order="-started", reads=STANDS)


def attendance(_asking: Asking, *, person: UUID | None = None) -> Ask:
    """Per person and day of the site: first in, last out, and the hours on jobs, between jobs and in breaks."""
    running = func.max(case((Stint.ended.is_(None), 1), else_=0))
    doubtful = func.max(case((Stint.source == "proposed", 1), else_=0))
    last = func.max(type_coerce(Stint.ended, BigInteger))
    statement = (
        select(
            Stint.day.label("day"),
            Person.id.label("id"),
            Person.name.label("name"),
            func.min(Stint.started).label("first_in"),
            type_coerce(case((running == 1, None), else_=last), UtcTime()).label("last_out"),
            _spent(Stint.kind == JOB).label("on_jobs"),
            _spent(Stint.kind == IDLE).label("between"),
            _spent(Stint.kind == BREAK).label("breaks"),
            _spent().label("whole"),
            (doubtful == 1).label("proposed"),
        )
        .join(Person, Person.id == Stint.person_id)
        .where(Stint.retired.is_(False))
        .group_by(Stint.day, Person.id, Person.name)
    )
    columns = (
        Column("day", _("Day"), "day"),
        Column("name", _("Who")),
        Column("first_in", _("First in"), "moment"),
        Column("last_out", _("Last out"), "moment", empty=True),
        Column("on_jobs", _("On jobs, h"), "quantity"),
        Column("between", _("Between, h"), "quantity"),
        Column("breaks", _("Breaks, h"), "quantity"),
        Column("whole", _("Together, h"), "quantity"),
        Column("proposed", _("To be confirmed"), "flag"),
    )
    asked = statement if person is None else statement.where(Stint.person_id == person)
    return Ask(asked, columns, order="-day", key=("day", "id"), reads=STANDS)


def order_time(_asking: Asking, *, order: UUID) -> Ask:
    """Who worked on a job for how many hours, and whose clock runs on it now."""
    running = func.max(case((Stint.ended.is_(None), type_coerce(Stint.started, BigInteger)), else_=None))
    statement = (
        select(
            Person.id.label("id"),
            Person.name.label("name"),
            _spent(Stint.ended.is_not(None)).label("hours"),
            type_coerce(running, UtcTime()).label("since"),
        )
        .join(Person, Person.id == Stint.person_id)
        .where(Stint.order_id == order, Stint.kind == JOB, Stint.retired.is_(False))
        .group_by(Person.id, Person.name)
    )
    columns = (
        Column("name", _("Who")),
        Column("hours", _("Hours"), "quantity"),
        Column("since", _("On it since"), "moment", empty=True),
    )
    return Ask(statement, columns, order="name", reads=STANDS)


QUERIES = (
    Query("my_clock", my_clock, "labor.clock", _("One's own clock that runs, and ends that were proposed.")),
    Query("my_times", my_times, "labor.clock", _("One's own times on the clock, the latest first.")),
    Query("people_now", people_now, "labor.read", _("Who is on which job, between jobs, in a break or out, and since when.")),
    Query("times", times, "labor.read", _("Times on the clock, the latest first; person=… shows one person's.")),
    Query("attendance", attendance, "labor.read", _("Hours per person and day: on jobs, between jobs and in breaks.")),
    Query("order_time", order_time, "work_orders.read", _("Who worked on a job for how long, and who is on it now.")),
)
