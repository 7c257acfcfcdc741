"""Quotes travel to the hub and the other terminal; two that were published without a line are both kept, to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from replay_world import Machine, Trio, morning, named

from app.kernel.money import Money
from app.kernel.records import Discrepancy
from app.kernel.standard import SaveRecord, Transition
from app.kernel.types import Quantity
from app.labor.commands import ClockOn
from app.parties.erasing import EraseCustomer, sweep
from app.quotes.commands import ConfirmQuote, DraftQuote, PublishQuote, RejectQuote
from app.quotes.model import Quote
from app.quotes.rules import is_confirmed, versions
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder
from app.work_orders.model import WorkOrder

HOUR = 3_600_000
STROKES = [[[0.125, 0.5, 0], [0.25, 0.4, 16]]]


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    assert made.mishaps.told == []
    made.stop()


@pytest.fixture
def job(trio: Trio) -> UUID:
    """A job with a service, known to all."""
    order: UUID = trio.hub.all(WorkOrder)[0].id
    trio.hub.done(AddService(order=order, what="Replace pads", hours=Quantity(1), rate=Money(8000)), trio.program)
    trio.quiesce()
    return order


def publish(trio: Trio, machine: Machine, name: str, job: UUID) -> UUID:
    trio.wall.ms += HOUR
    return machine.done(PublishQuote(order=job), trio.person(name)).row("quote")


def work(trio: Trio, machine: Machine, name: str, job: UUID, what: str) -> None:
    machine.done(AddService(order=job, what=what, hours=Quantity(1), rate=Money(5000)), trio.person(name))


def told(machine: Machine, job: UUID) -> list[tuple[str, str, UUID]]:
    """The versions of a job as a machine knows them."""
    with machine.session() as session:
        return [(one.number.rpartition("-")[2], one.state, one.id) for one in versions(session, job)]


def cards(machine: Machine, trio: Trio) -> list[str]:
    return sorted(card["code"] for card in machine.app.ask("attention", trio.person("Ann")).rows)


def alike(trio: Trio, job: UUID) -> list[tuple[str, str, UUID]]:
    """What all three know of a job's versions: the same."""
    trio.quiesce()
    known = [told(machine, job) for machine in trio.machines]
    assert known[0] == known[1] == known[2]
    assert trio.hub.image() == trio.left.image() == trio.right.image()
    return known[0]


def test_a_quote_signed_at_one_terminal_is_confirmed_at_the_other(trio: Trio, job: UUID) -> None:
    quote = publish(trio, trio.left, "Ann", job)
    trio.left.done(ConfirmQuote(quote=quote, signer="Anna Schubert", strokes=STROKES), trio.person("Ann"))
    assert alike(trio, job) == [("Q1", "confirmed", quote)]
    there: Quote = trio.right.get(Quote, quote)
    assert (there.signer, there.strokes) == ("Anna Schubert", STROKES)
    assert trio.right.get(WorkOrder, job).state == "QUOTED"
    assert trio.right.get(WorkOrder, job).agreed_at is not None
    assert cards(trio.right, trio) == []


@pytest.mark.parametrize("first", ["left", "right"])
def test_of_two_published_offline_the_later_waits_as_a_draft_with_a_card(trio: Trio, job: UUID, first: str) -> None:
    """Whichever terminal reaches the hub first."""
    work(trio, trio.left, "Ann", job, "Bleed the brakes")
    early = publish(trio, trio.left, "Ann", job)
    work(trio, trio.right, "Ben", job, "Oil")
    late = publish(trio, trio.right, "Ben", job)
    lines = {ident: machine.get(Quote, ident).lines for ident, machine in ((early, trio.left), (late, trio.right))}
    assert told(trio.left, job) == [("Q1", "published", early)]
    assert told(trio.right, job) == [("Q1", "published", late)]
    trio.exchange(getattr(trio, first))
    assert alike(trio, job) == [("Q1", "published", early), ("Q2", "draft", late)]
    for machine in trio.machines:
        assert cards(machine, trio) == ["quotes.two"]
        assert {ident: machine.get(Quote, ident).lines for ident in lines} == lines, "each says what it said"


def test_the_draft_that_waited_is_published_when_it_is_the_right_one(trio: Trio, job: UUID) -> None:
    early, late = publish(trio, trio.left, "Ann", job), publish(trio, trio.right, "Ben", job)
    trio.quiesce()
    trio.left.done(Transition(entity="quote", id=late, move="publish"), trio.person("Ann"))
    assert alike(trio, job) == [("Q1", "superseded", early), ("Q2", "published", late)]


def test_what_the_customer_signed_counts_though_another_was_published_before(trio: Trio, job: UUID) -> None:
    early, late = publish(trio, trio.left, "Ann", job), publish(trio, trio.right, "Ben", job)
    trio.right.done(ConfirmQuote(quote=late, signer="Anna Schubert", strokes=STROKES), trio.person("Ben"))
    trio.exchange(trio.left)
    assert alike(trio, job) == [("Q1", "superseded", early), ("Q2", "confirmed", late)]
    assert cards(trio.left, trio) == ["quotes.two"]


def test_a_signed_one_stands_when_an_earlier_one_comes_in_late(trio: Trio, job: UUID) -> None:
    early, late = publish(trio, trio.left, "Ann", job), publish(trio, trio.right, "Ben", job)
    trio.right.done(ConfirmQuote(quote=late, signer="Anna Schubert", strokes=STROKES), trio.person("Ben"))
    trio.exchange(trio.right)
    assert alike(trio, job) == [("Q1", "confirmed", late), ("Q2", "draft", early)]


def test_a_draft_gives_its_number_to_what_was_given_out(trio: Trio, job: UUID) -> None:
    draft = trio.left.done(DraftQuote(order=job), trio.person("Ann")).row("quote")
    quote = publish(trio, trio.right, "Ben", job)
    trio.exchange(trio.left)
    assert alike(trio, job) == [("Q1", "published", quote), ("Q2", "draft", draft)]
    assert cards(trio.left, trio) == []


def test_a_number_that_was_gone_is_told(trio: Trio, job: UUID) -> None:
    first = publish(trio, trio.left, "Ann", job)
    trio.left.done(RejectQuote(quote=first, reason="Too dear"), trio.person("Ann"))
    second = publish(trio, trio.right, "Ben", job)
    trio.exchange(trio.left)
    assert alike(trio, job) == [("Q1", "rejected", first), ("Q2", "published", second)]
    assert [card.code for card in trio.hub.all(Discrepancy)] == ["quotes.renumbered"]


def test_a_signature_on_a_version_that_was_superseded_elsewhere_is_kept(trio: Trio, job: UUID) -> None:
    quote = publish(trio, trio.left, "Ann", job)
    trio.quiesce()
    trio.wall.ms += HOUR
    trio.left.done(ConfirmQuote(quote=quote, signer="Anna Schubert", strokes=STROKES), trio.person("Ann"))
    work(trio, trio.right, "Ben", job, "Oil")
    newer = publish(trio, trio.right, "Ben", job)
    trio.exchange(trio.right)
    assert alike(trio, job) == [("Q1", "superseded", quote), ("Q2", "published", newer)]
    assert trio.hub.get(Quote, quote).signer == "Anna Schubert"


def test_a_yes_on_the_phone_that_comes_in_late_is_none_to_what_was_published_behind_it(trio: Trio, job: UUID) -> None:
    trio.left.done(AgreeOrder(order=job, how="By phone"), trio.person("Ann"))
    quote = publish(trio, trio.right, "Ben", job)
    trio.exchange(trio.right)
    assert alike(trio, job) == [("Q1", "published", quote)]


def test_a_customer_erased_at_the_hub_leaves_no_signature_at_the_terminal_where_it_was_drawn(trio: Trio) -> None:
    fields = {"name": [None, "Wilhelmina Quast"], "phone": [None, "0170 5550815"]}
    customer = trio.hub.done(SaveRecord(entity="customer", fields=fields), trio.program).row("customer")
    site = named("site", "M")
    order = trio.hub.done(CreateOrder(site=site, what="Noise", customer=customer), trio.program).row("work_order")
    trio.hub.done(AddService(order=order, what="Look for it"), trio.program)
    trio.quiesce()
    quote = publish(trio, trio.left, "Ann", order)
    trio.left.done(ConfirmQuote(quote=quote, signer="Bo", strokes=STROKES), trio.person("Ann"))
    trio.quiesce()
    trio.hub.done(EraseCustomer(customer=customer, reason="Asked by letter"), trio.program)
    trio.quiesce()
    trio.left.app.writer.run(lambda: swept(trio))
    kept: Quote = trio.left.get(Quote, quote)
    assert (kept.signer, kept.strokes) == (None, {})
    [signed] = [row.content for row in trio.left.envelopes() if row.command == "ConfirmQuote"]
    assert '"strokes":[]' in signed
    assert "0.125" not in signed
    assert trio.left.broken_chain(trio.left.station.id) is None


def swept(trio: Trio) -> None:
    """What a terminal's upkeep does by itself."""
    with trio.left.session() as session:
        sweep(session, trio.left.registry, trio.program.org_id, enrolled=True)
        session.commit()


def test_a_signature_on_the_version_before_is_no_yes_to_the_newer_one_that_the_customer_never_saw(trio: Trio, job: UUID) -> None:
    quote = publish(trio, trio.left, "Ann", job)
    trio.quiesce()
    work(trio, trio.right, "Ben", job, "Oil")
    newer = publish(trio, trio.right, "Ben", job)
    trio.wall.ms += HOUR
    trio.left.done(ConfirmQuote(quote=quote, signer="Anna Schubert", strokes=STROKES), trio.person("Ann"))
    trio.exchange(trio.right)
    assert alike(trio, job) == [("Q1", "superseded", quote), ("Q2", "published", newer)]
    with trio.hub.session() as session:
        assert (problem := is_confirmed(session.get_one(WorkOrder, job), SimpleNamespace(session=session)))  # type: ignore[arg-type]
    assert problem.code == "quotes.undecided"
    assert [card.code for card in trio.hub.all(Discrepancy)] == ["quotes.undecided"], "somebody looks at it"


def test_work_that_a_clock_began_is_begun_everywhere_though_the_customer_said_no_elsewhere(trio: Trio, job: UUID) -> None:
    quote = publish(trio, trio.left, "Ann", job)
    trio.quiesce()
    trio.right.done(RejectQuote(quote=quote, reason="Too dear"), trio.person("Ben"))
    trio.wall.ms += HOUR
    trio.left.done(ClockOn(person=trio.person("Ann").id, order=job), trio.person("Ann"))
    assert trio.left.get(WorkOrder, job).state == "IN_PROGRESS"
    trio.exchange(trio.right)
    alike(trio, job)
    assert trio.hub.get(WorkOrder, job).state == "IN_PROGRESS"
    assert [card.code for card in trio.hub.all(Discrepancy)] == ["quotes.rejected"]
