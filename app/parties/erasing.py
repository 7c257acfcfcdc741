"""Erasing a customer: who they were is overwritten everywhere; what was done, counted and paid stays, as somebody's whom nobody
knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import erasing, meta
from app.kernel.commands import Command
from app.kernel.entity import Entity
from app.kernel.erasing import Traces
from app.kernel.events import Event
from app.kernel.problems import Problem
from app.kernel.records import MetaRow
from app.kernel.registry import Registry
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.merging import put_into
from app.parties.model import Customer, Vehicle

SWEPT = "erased_here"  # the fact that says of customers up to which change nothing of them is left in this database
SOUGHT = "erased_sought"  # the fact that says by which words customers were known here, until nothing of them is left


@dataclass(frozen=True, kw_only=True)
class EraseCustomer(Command):
    """Overwrites what says who a customer is, with their vehicles, notes, photos and history. It cannot be taken back."""

    label = _("Customer erased")
    about = {"customer": "customer"}
    needs = "parties.erase"
    customer: UUID
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerErased(Event):
    """A customer is being erased; who keeps records about them adds those to `rows`, to be overwritten together."""

    customer: Customer
    vehicles: tuple[Vehicle, ...]
    rows: list[Entity] = field(default_factory=list)


def erase_customer(do: EraseCustomer, work: Work) -> None:
    customer = work.get(Customer, do.customer, even_retired=True)
    work.check(_why(do))
    people = [customer, *put_into(work.session, customer)]
    vehicles = _vehicles(work.session, people)
    for vehicle in vehicles:  # of one that was put together with theirs, too: it is found by them wherever it is known
        vehicle.customer_id = customer.id
    found = erasing.erase_rows(work, _rows(work, people, vehicles))
    for one in people:
        one.erased = one.erased or work.now
    for row in (*people, *vehicles):
        row.retired = True
    work.session.flush()
    erasing.forget_before(work.session.info["capture"], found)
    waits = bool(work.envelope.drawn.get("enrolled"))  # what the hub has not seen yet it must see whole
    erasing.scrub(work.session, work.registry, found, sent_only=waits and not work.envelope.drawn.get("hub"))


def _rows(work: Work, people: Sequence[Customer], vehicles: Sequence[Vehicle]) -> list[Entity]:
    event = CustomerErased(customer=people[0], vehicles=tuple(vehicles))
    work.emit(event)
    return [*people, *vehicles, *event.rows]


def _vehicles(session: Session, people: Sequence[Customer]) -> list[Vehicle]:
    """Theirs, and those that were put together into them; each once."""
    own = vehicles_of(session, [one.id for one in people])
    return list({one.id: one for vehicle in own for one in (vehicle, *put_into(session, vehicle))}.values())


def vehicles_of(session: Session, customers: Collection[UUID]) -> list[Vehicle]:
    return list(session.scalars(select(Vehicle).where(Vehicle.customer_id.in_(list(customers))).order_by(Vehicle.id)))


def _why(do: EraseCustomer) -> Problem | None:
    if do.reason.strip():
        return None
    return Problem("parties.erase_why", _("It is not said why."), field="reason", hint=_("Write who asked for it, and when."))


# ------------------------------------------------------------------------------- what was erased elsewhere, in this database


def sweep(session: Session, registry: Registry, org_id: UUID, *, enrolled: bool) -> int:
    """Overwrites what this database still knows of customers who were erased, here or elsewhere; of how many it knew something.
    The caller commits. What waits for the hub is swept once the hub has it, and what came late with the next look."""
    swept: dict[str, int] = meta.read(session, SWEPT) or {}
    sought: dict[str, list[str]] = meta.read(session, SOUGHT) or {}
    erased = select(Customer).where(Customer.org_id == org_id, Customer.erased.is_not(None)).order_by(Customer.id)
    count = 0
    for customer in session.scalars(erased).all():
        words = sought.get(customer.id.hex, [])
        found = _known(session, registry, customer, words)
        last = erasing.last_change(session, found)
        if swept.get(customer.id.hex) == last and not words:
            continue
        count += 1
        if erasing.scrub(session, registry, found, sent_only=enrolled):
            swept[customer.id.hex] = last
            sought.pop(customer.id.hex, None)
    if count:
        erasing.drop_erased_files(session, org_id)
        meta.keep(session, SWEPT, swept)
        meta.keep(session, SOUGHT, sought)
    return count


def remember(session: Session, idents: Collection[UUID]) -> None:
    """Before the word of the hub that they were erased is laid over customers: by which words they are known here. What people
    typed of them in free words is found by these, and then they are forgotten, too. The caller commits."""
    sought: dict[str, list[str]] = session.scalar(select(MetaRow.value).where(MetaRow.key == SOUGHT)) or {}
    known = select(Customer.id).where(Customer.id.in_(list(idents)), Customer.erased.is_(None))
    for ident in session.scalars(known).all():
        theirs = select(Vehicle.id).where(Vehicle.customer_id == ident)
        words = erasing.words_of(session, Customer, [ident]) | erasing.words_of(session, Vehicle, session.scalars(theirs).all())
        sought[ident.hex] = sorted(words)
        meta.keep(session, SOUGHT, sought)


def _known(session: Session, registry: Registry, customer: Customer, words: Collection[str]) -> Traces:
    """What this database knows of them, with their jobs and what hangs on all of these; and by which words."""
    rows = erasing.linked(session, registry, [customer, *vehicles_of(session, [customer.id])])
    found = erasing.traces(session, rows, erasing.hanging(session, [row.id for row in rows]))
    return replace(found, words=found.words | frozenset(words))
