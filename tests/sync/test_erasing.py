"""A customer who is erased anywhere is gone everywhere, and every chain still holds."""

from __future__ import annotations

from uuid import UUID

from replay_world import LEFT, ORG, RIGHT, Machine, Trio, named
from sqlalchemy import select, text

from app.access.model import Person, Role
from app.kernel import rls
from app.kernel.access import Actor
from app.kernel.erasing import GONE
from app.kernel.money import Money
from app.kernel.records import ChangeRow, EnvelopeRow
from app.kernel.standard import AddNote, SaveRecord
from app.parties.erasing import EraseCustomer, sweep
from app.parties.model import Customer
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService, CreateOrder
from app.work_orders.model import ServiceLine

NAME, PHONE = "Wilhelmina Quast", "+49 170 5550815"


def boss(trio: Trio) -> Actor:
    """Somebody who may do everything, at every machine."""
    [role] = [one for one in trio.hub.all(Role) if one.code == "ADM"]
    if not any(one.username == "nora" for one in trio.hub.all(Person)):
        fields = {"username": [None, "nora"], "name": [None, "Nora"]}
        trio.hub.done(SaveRecord(entity="person", id=named("person", "Nora"), fields=fields), trio.program)
        held = {"person_id": [None, named("person", "Nora").hex], "role_id": [None, role.id.hex]}
        trio.hub.done(SaveRecord(entity="appointment", fields=held), trio.program)
        trio.quiesce()
    return trio.person("Nora")


def known_at_the_left(trio: Trio) -> UUID:
    """A customer whom the left terminal wrote down, and all know."""
    fields = {"name": [None, NAME], "phone": [None, PHONE]}
    customer = trio.left.run(SaveRecord(entity="customer", fields=fields), boss(trio)).row("customer")
    trio.left.run(AddNote(entity="customer", id=customer, text=f"{NAME} pays late"), boss(trio))
    trio.quiesce()
    return customer


def everything(machine: Machine) -> str:
    with machine.session() as session:
        wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'"
        tables = session.scalars(text(wanted)).all()
        return "\n".join(
            repr(tuple(row)) for table in tables for row in session.execute(select(text("*")).select_from(text(f'"{table}"')))
        )


def swept(machine: Machine) -> int:
    with machine.session() as session:
        count = sweep(session, machine.registry, ORG, enrolled=True)
        session.commit()
        return count


def test_what_the_hub_erases_goes_from_each_terminal_with_its_own_history(trio: Trio) -> None:
    customer = known_at_the_left(trio)
    trio.hub.done(EraseCustomer(customer=customer, reason="By letter"), boss(trio))
    assert NAME not in everything(trio.hub)
    trio.quiesce()
    for machine in (trio.left, trio.right):
        assert machine.get(Customer, customer).name == GONE
        swept(machine)
        assert [word for word in (NAME, PHONE) if word in everything(machine)] == []
        assert swept(machine) == 0
    assert trio.left.broken_chain(LEFT) is None
    assert trio.hub.broken_chain(LEFT) is None


def test_a_name_that_another_terminal_typed_into_free_words_goes_from_its_history_too(trio: Trio) -> None:
    """The right terminal never wrote the customer down: it knows the name by the hub's word alone."""
    customer, right = known_at_the_left(trio), trio.right
    at_the_counter = boss(trio)
    order = right.done(CreateOrder(site=named("site", "M"), what=f"{NAME}: chain", customer=customer), at_the_counter)
    job = order.row("work_order")
    right.done(AddService(order=job, what=f"Noise, as {NAME} says"), at_the_counter)
    right.done(AddCharge(order=job, what=f"Washed for {NAME}", amount=Money(500)), at_the_counter)
    right.run(CreateOrder(site=named("site", "M"), what=f"{NAME} rang up {PHONE}", customer=customer), at_the_counter)
    trio.quiesce()
    trio.hub.done(EraseCustomer(customer=customer, reason="By letter"), at_the_counter)
    trio.quiesce()
    assert NAME in everything(right)
    swept(right)
    assert [word for word in (NAME, PHONE) if word in everything(right)] == []
    assert swept(right) == 0
    assert right.broken_chain(RIGHT) is None
    assert [one.what for one in right.all(ServiceLine)] == ["Noise, as – says"]


def test_what_a_terminal_erases_reaches_the_hub_and_the_other_terminal(trio: Trio) -> None:
    customer = known_at_the_left(trio)
    trio.left.run(EraseCustomer(customer=customer, reason="At the counter"), boss(trio))
    assert trio.left.get(Customer, customer).name == GONE
    trio.quiesce()
    swept(trio.left)
    swept(trio.right)
    for machine in (trio.hub, trio.left, trio.right):
        assert machine.get(Customer, customer).name == GONE
        assert [word for word in (NAME, PHONE) if word in everything(machine)] == []


def test_work_goes_on_in_step_after_commands_were_written_over(trio: Trio) -> None:
    customer = known_at_the_left(trio)
    trio.left.run(EraseCustomer(customer=customer, reason="At the counter"), boss(trio))
    trio.quiesce()
    swept(trio.left)
    other = trio.left.run(SaveRecord(entity="customer", fields={"name": [None, "Otto"]}), boss(trio)).row("customer")
    trio.quiesce()
    assert trio.right.get(Customer, other).name == "Otto"
    assert trio.hub.broken_chain(LEFT) is None
    assert trio.left.image() == trio.right.image()


def test_what_still_waits_for_the_hub_stays_whole_until_the_hub_has_it(trio: Trio) -> None:
    """Somebody writes them down without network; the hub must see that before it can forget it."""
    customer = known_at_the_left(trio)
    trio.left.run(AddNote(entity="customer", id=customer, text=f"{NAME} called"), boss(trio))
    trio.left.run(EraseCustomer(customer=customer, reason="At the counter"), boss(trio))
    with trio.left.session() as session:
        waiting = list(session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.state == "waiting")))
    assert any(NAME in content for content in waiting)
    trio.quiesce()
    swept(trio.left)
    trio.peer.tidy()
    assert NAME not in everything(trio.left)
    assert NAME not in everything(trio.hub)


def test_a_hub_on_postgresql_forgets_them_too(trio_on_postgresql: Trio) -> None:
    trio = trio_on_postgresql
    customer = known_at_the_left(trio)
    trio.left.run(EraseCustomer(customer=customer, reason="At the counter"), boss(trio))
    trio.quiesce()
    trio.peer.tidy()
    with trio.hub.session() as session:
        rls.serve_all(session)
        contents = list(session.scalars(select(EnvelopeRow.content)))
        images = [image for pair in session.execute(select(ChangeRow.before, ChangeRow.after)) for image in pair]
    assert [one for one in contents if NAME in one] == []
    assert NAME not in repr(images)
    assert trio.right.get(Customer, customer).name == GONE
