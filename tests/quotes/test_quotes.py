"""Quotes: what an adviser may rely on when they publish one, and when the customer decides."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel import blobs
from app.kernel.access import Actor
from app.kernel.attached import Attachment
from app.kernel.commands import Command
from app.kernel.ids import new_id
from app.kernel.looking import unmet
from app.kernel.money import Money
from app.kernel.records import ChangeRow, EnvelopeRow
from app.kernel.rows import row_image
from app.kernel.standard import AddNote, Reinstate, Retire, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parties.erasing import EraseCustomer
from app.quotes.commands import ConfirmQuote, DraftQuote, PublishQuote, RejectQuote
from app.quotes.copies import difference
from app.quotes.model import Quote
from app.quotes.rules import CONTENT, active, content_stays
from app.work_orders.bill import bill
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder
from app.work_orders.model import WorkOrder
from world import World

STROKES = [[[0.1, 0.5, 0], [0.2, 0.4, 16], [0.3, 0.6, 33]], [[0.5, 0.5, 400]]]


@pytest.fixture
def job(world: World) -> World:
    """A job with a service on it, and five parts."""
    world.done(AddService(order=world.order, what="Replace pads", hours=Quantity.parse("1.5"), rate=Money(8000)))
    return world


def publish(world: World, order: UUID | None = None) -> UUID:
    return world.done(PublishQuote(order=order or world.order)).row("quote")


def sign(quote: UUID, **more: Any) -> ConfirmQuote:
    return ConfirmQuote(quote=quote, signer="Anna Schubert", strokes=STROKES, **more)


def quote_of(world: World, ident: UUID) -> Quote:
    return world.get(Quote, ident)


def order_of(world: World) -> WorkOrder:
    return world.get(WorkOrder, world.order)


def step(world: World, move: str, reason: str = "") -> Transition:
    return Transition(entity="work_order", id=world.order, move=move, reason=reason)


def more_work(world: World, what: str = "Bleed the brakes") -> None:
    world.done(AddService(order=world.order, what=what, hours=Quantity(1), rate=Money(6000)))


# ------------------------------------------------------------------------------------------------------------- publishing


def test_a_version_says_what_the_bill_says_to_the_cent(job: World) -> None:
    quote = quote_of(job, publish(job))
    with job.session() as session:
        whole = bill(session, session.get_one(WorkOrder, job.order))
    assert (quote.net, quote.gross) == (whole.totals.net, whole.totals.gross)
    assert quote.net + quote.tax == quote.gross
    assert sum(line["gross"] for line in quote.lines) == quote.gross.minor
    assert [line["what"] for line in quote.lines] == [line.what for line in whole.lines]
    assert (quote.number, quote.version, quote.state) == (f"{order_of(job).number}-Q1", 1, "published")


def test_a_quote_is_found_by_the_number_that_the_customer_reads_out(job: World) -> None:
    quote = publish(job)
    found = job.app.meaning(f" {quote_of(job, quote).number.lower()} ", job.actor).match
    assert found is not None
    assert (found.entity, found.id) == ("quote", quote)


def test_publishing_quotes_the_job_in_the_same_breath(job: World) -> None:
    assert order_of(job).state == "CHECKIN"
    publish(job)
    assert order_of(job).state == "QUOTED"


def test_a_job_without_a_service_is_not_quoted_and_nothing_of_it_is_kept(world: World) -> None:
    assert world.codes(PublishQuote(order=world.order)) == ["work_orders.no_service"]
    assert world.rows(Quote) == []


def test_a_job_with_nothing_on_it_has_no_quote(world: World) -> None:
    empty = world.done(CreateOrder(site=world.site, what="Horn")).row("work_order")
    assert world.codes(PublishQuote(order=empty)) == ["quotes.empty"]
    assert world.codes(DraftQuote(order=empty)) == ["quotes.empty"]


def test_a_newer_version_takes_the_place_of_the_one_before(job: World) -> None:
    first = publish(job)
    more_work(job)
    second = publish(job)
    assert [quote_of(job, one).state for one in (first, second)] == ["superseded", "published"]
    assert quote_of(job, second).number.endswith("-Q2")
    with job.session() as session:
        now = active(session, job.order)
        assert now is not None
        assert now.id == second


def test_the_very_same_is_not_published_twice(job: World) -> None:
    publish(job)
    assert job.codes(PublishQuote(order=job.order)) == ["quotes.same"]


def test_a_draft_binds_nobody_until_it_is_published(job: World) -> None:
    draft = job.done(DraftQuote(order=job.order)).row("quote")
    assert quote_of(job, draft).state == "draft"
    assert order_of(job).state == "CHECKIN"
    job.done(Transition(entity="quote", id=draft, move="publish"))
    assert quote_of(job, draft).published_at is not None
    assert order_of(job).state == "QUOTED"


def test_a_draft_is_taken_back_like_any_slip_of_the_hand(job: World) -> None:
    command = DraftQuote(order=job.order)
    answer = job.done(command)
    job.done(command.undone_by(answer.id))
    assert quote_of(job, answer.row("quote")).state == "rejected"


def test_each_step_of_a_command_keeps_from_where_it_began(job: World) -> None:
    quote = job.done(PublishQuote(order=job.order)).row("quote")
    answer = job.done(Transition(entity="work_order", id=job.order, move="cancel", reason="Sold"))
    with job.session() as session:
        drawn = json.loads(session.query(EnvelopeRow).filter(EnvelopeRow.id == answer.id).one().content)["drawn"]
    assert (drawn["from"], drawn[f"from:{quote.hex}"]) == ("QUOTED", "published")


def test_a_job_that_is_over_is_quoted_no_more(job: World) -> None:
    quote = publish(job)
    job.done(step(job, "cancel", "Sold"))
    assert job.codes(PublishQuote(order=job.order)) == ["work_orders.locked"]
    assert job.codes(sign(quote)) == ["work_orders.locked"]


def test_quoted_again_no_version_counts_until_the_next(job: World) -> None:
    first = publish(job)
    job.done(sign(first))
    job.done(step(job, "requote", "The disc is worn too"))
    assert quote_of(job, first).state == "superseded"
    assert order_of(job).agreed_at is None
    more_work(job)
    second = publish(job)
    assert not quote_of(job, second).supplement, "the yes to the one before was let go"
    assert order_of(job).state == "QUOTED"


# --------------------------------------------------------------------------------------------------------------- deciding


def test_a_signature_is_kept_with_the_version_and_is_the_customer_s_yes(job: World) -> None:
    quote = publish(job)
    sha256, size = blobs.take_in(job.app.writer, job.org, b"a picture of it")
    job.done(sign(quote, picture=sha256, size=size))
    kept = quote_of(job, quote)
    assert (kept.state, kept.signer, kept.strokes, kept.picture) == ("confirmed", "Anna Schubert", STROKES, sha256)
    assert order_of(job).agreed_how == f"Signed {kept.number}"
    assert order_of(job).agreed_at == kept.decided_at
    [file] = job.rows(Attachment)
    assert (file.row_id, file.sha256, file.name) == (quote, sha256, f"{kept.number}.png")


def test_on_paper_a_name_is_enough(job: World) -> None:
    quote = publish(job)
    job.done(ConfirmQuote(quote=quote, signer="Anna Schubert"))
    assert quote_of(job, quote).state == "confirmed"
    assert order_of(job).agreed_how.endswith("on paper")


def test_a_picture_that_is_not_here_is_not_signed_with(job: World) -> None:
    quote = publish(job)
    assert job.codes(sign(quote, picture="0" * 64, size=3)) == ["file.unknown"]
    assert job.codes(sign(quote, picture="x")) == ["quotes.picture"]
    assert quote_of(job, quote).state == "published"


def test_a_name_is_wanted_and_strokes_that_can_be_drawn(job: World) -> None:
    quote = publish(job)
    assert job.codes(ConfirmQuote(quote=quote, signer=" ")) == ["quotes.signer"]
    for strokes in (
        [[]],
        [[[2, 0, 0]]],
        [[[0.5, 0.5]]],
        [[["a", 0, 0]]],
        [3],
        [[[0, 0, -1]]],
        [[[0, 0, True]]],
        [[[0, 0, 0]]] * 201,
    ):
        assert job.codes(ConfirmQuote(quote=quote, signer="Anna", strokes=strokes)) == ["quotes.strokes"], strokes


def test_nobody_confirms_by_the_step_alone(job: World) -> None:
    quote = publish(job)
    assert job.codes(Transition(entity="quote", id=quote, move="confirm")) == ["quotes.unsigned"]


def test_a_version_gives_way_to_a_newer_one_and_to_nothing_else(job: World) -> None:
    quote = publish(job)
    assert job.codes(Transition(entity="quote", id=quote, move="supersede")) == ["quotes.no_newer"]


def test_a_second_signature_does_not_write_over_the_first(job: World) -> None:
    quote = publish(job)
    job.done(sign(quote))
    assert job.codes(ConfirmQuote(quote=quote, signer="Somebody else")) == ["quotes.confirmed"]
    assert quote_of(job, quote).signer == "Anna Schubert"


def test_a_no_is_kept_with_its_reason(job: World) -> None:
    quote = publish(job)
    assert job.codes(RejectQuote(quote=quote, reason=" ")) == ["state.reason"]
    job.done(RejectQuote(quote=quote, reason="Too dear"))
    kept = quote_of(job, quote)
    assert (kept.state, kept.reason) == ("rejected", "Too dear")
    assert kept.decided_at is not None
    assert job.codes(sign(quote)) == ["state.illegal"]


def test_a_yes_on_the_phone_confirms_what_was_published(job: World) -> None:
    quote = publish(job)
    job.done(AgreeOrder(order=job.order, how="By phone"))
    assert quote_of(job, quote).state == "confirmed"
    assert order_of(job).agreed_how == "By phone"


# ------------------------------------------------------------------------------------------------------------------ gates


def test_work_begins_on_a_published_quote_or_where_the_customer_agreed_otherwise(job: World) -> None:
    job.done(step(job, "quote"))
    assert job.codes(step(job, "begin")) == ["quotes.none"]
    quote = publish(job)
    job.done(RejectQuote(quote=quote, reason="Too dear"))
    answer = job.run(step(job, "begin"))
    assert [problem.code for problem in answer.problems] == ["quotes.rejected"], "it says which is lacking"
    job.done(AgreeOrder(order=job.order, how="By phone, without the disc"))
    job.done(step(job, "begin"))


def test_a_published_quote_is_enough_to_begin_and_not_to_hand_over(job: World) -> None:
    publish(job)
    job.done(step(job, "begin"))
    assert "quotes.undecided" in lacking(job, "deliver")


def test_a_no_takes_the_yes_away_before_the_work_and_not_behind_it(job: World) -> None:
    first = publish(job)
    job.done(AgreeOrder(order=job.order, how="By phone"))
    more_work(job)
    job.done(RejectQuote(quote=publish(job), reason="Too dear"))
    assert order_of(job).agreed_at is None
    more_work(job, "Oil")
    job.done(sign(publish(job)))
    job.done(step(job, "begin"))
    more_work(job, "Chain")
    job.done(RejectQuote(quote=publish(job), reason="Not now"))
    assert order_of(job).agreed_at is not None
    assert quote_of(job, first).state == "superseded"


def lacking(world: World, move: str) -> list[str]:
    """What the gates of a step say now."""
    with world.app.read(world.system) as session:
        machine = world.app.registry.machines[WorkOrder]
        found = machine.move(move)
        assert found is not None
        row = session.get_one(WorkOrder, world.order)
        return [one.code for one in unmet(session, world.app.registry, world.system, row, found, world.app.clock.now())]


# ------------------------------------------------------------------------------------------------------------- supplements


def begun(world: World) -> UUID:
    """The customer signed, and the work is under way."""
    quote = publish(world)
    world.done(sign(quote))
    world.done(step(world, "begin"))
    return quote


def test_what_comes_on_top_is_a_supplement_and_the_work_goes_on(job: World) -> None:
    first = begun(job)
    more_work(job)
    second = publish(job)
    assert quote_of(job, second).supplement
    assert order_of(job).state == "IN_PROGRESS"
    assert [quote_of(job, one).state for one in (first, second)] == ["superseded", "published"]
    rows = job.app.ask("quote_added", job.actor, quote=second).rows
    assert [(row["how"], row["what"], row["gross"]) for row in rows] == [
        ("New", "Bleed the brakes", Money(6000)),
        ("In all", "", Money(6000)),
    ]


def test_the_vehicle_is_handed_over_when_the_supplement_is_confirmed(job: World) -> None:
    begun(job)
    assert "quotes.undecided" not in lacking(job, "deliver")
    more_work(job)
    second = publish(job)
    assert "quotes.undecided" in lacking(job, "deliver")
    job.done(RejectQuote(quote=second, reason="Not now"))
    assert "quotes.rejected" in lacking(job, "deliver")
    job.done(AgreeOrder(order=job.order, how="They said yes after all"))
    assert not {"quotes.undecided", "quotes.rejected"} & set(lacking(job, "deliver"))


def test_what_came_on_top_and_was_never_quoted_holds_the_hand_over_until_they_say_yes(job: World) -> None:
    begun(job)
    assert "quotes.on_top" not in lacking(job, "deliver")
    more_work(job)
    assert "quotes.on_top" in lacking(job, "deliver")
    job.done(AgreeOrder(order=job.order, how="On the phone"))
    assert "quotes.on_top" not in lacking(job, "deliver")


def test_a_supplement_over_a_supplement_is_measured_by_what_was_agreed(job: World) -> None:
    begun(job)
    more_work(job)
    publish(job)
    more_work(job, "Oil")
    third = publish(job)
    added = [row["what"] for row in job.app.ask("quote_added", job.actor, quote=third).rows]
    assert {"Bleed the brakes", "Oil"} <= set(added)


def test_a_difference_tells_what_is_new_what_changed_and_what_is_gone() -> None:
    def line(row: str, quantity: str, gross: int) -> dict[str, Any]:
        return {"id": row, "what": row, "quantity": quantity, "gross": gross}

    before = [line("pads", "1", 900), line("oil", "2", 400), line("disc", "1", 7000)]
    after = [line("pads", "1", 900), line("oil", "3", 600), line("fluid", "1", 500)]
    found = [(one.how, one.line["what"], one.quantity, one.gross) for one in difference(before, after)]
    assert found == [
        ("new", "fluid", Quantity(1), Money(500)),
        ("changed", "oil", Quantity(1), Money(200)),
        ("gone", "disc", Quantity(-1), Money(-7000)),
    ]
    assert difference(after, after) == []


# -------------------------------------------------------------------------------------------------- what was told, stays so


def content(quote: Quote) -> dict[str, Any]:
    return {name: value for name, value in row_image(quote).items() if name in (*CONTENT, "number", "version")}


ANY = st.one_of(st.none(), st.integers(-(10**9), 10**9), st.text("abc\n€", max_size=8), st.lists(st.integers(), max_size=3))
FIELDS = st.dictionaries(
    st.sampled_from([*CONTENT, "state", "number", "version", "signer", "strokes", "picture"]), ANY, min_size=1
)


def tampering(quote: UUID, order: UUID, name: str, fields: dict[str, Any]) -> Command:
    """One of the ways in which somebody might get at a quote."""
    pairs = {field: [None, value] for field, value in fields.items()}
    ways: dict[str, Command] = {
        "save": SaveRecord(entity="quote", id=quote, fields=pairs),
        "many": SaveMany(entity="quote", rows=[{"id": quote.hex, **fields}]),
        "retire": Retire(entity="quote", id=quote),
        "reinstate": Reinstate(entity="quote", id=quote),
        "sign": ConfirmQuote(quote=quote, signer=str(fields)[:40]),
        "reject": RejectQuote(quote=quote, reason="No"),
        "note": AddNote(entity="quote", id=quote, text=str(fields)),
        "service": AddService(order=order, what=str(fields), hours=Quantity(1)),
        "publish": PublishQuote(order=order),
    }
    return ways.get(name) or Transition(entity="quote", id=quote, move=name, reason="So")


WAYS = ["save", "many", "retire", "reinstate", "sign", "reject", "note", "service", "publish", "confirm", "supersede"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(st.tuples(st.sampled_from(WAYS), FIELDS), min_size=1, max_size=4))
def test_whatever_anybody_tries_what_was_published_says_the_same(job: World, acts: list[tuple[str, dict[str, Any]]]) -> None:
    order = job.done(CreateOrder(site=job.site, what="Chain")).row("work_order")
    job.done(AddService(order=order, what="Chain", hours=Quantity(1), rate=Money(8000)))
    quote = publish(job, order)
    told = content(quote_of(job, quote))
    for name, fields in acts:
        job.run(tampering(quote, order, name, fields))
    assert content(quote_of(job, quote)) == told


def test_a_rule_holds_it_against_whatever_else_would_save_it(job: World) -> None:
    quote, draft = publish(job), job.done(DraftQuote(order=job.order)).row("quote")
    with job.session() as session, session.no_autoflush:
        kept, drafted = session.get_one(Quote, quote), session.get_one(Quote, draft)
        assert content_stays(kept, None) is None  # type: ignore[arg-type]
        kept.gross = drafted.gross = Money(1)
        found = content_stays(kept, None)  # type: ignore[arg-type]
        assert found is not None
        assert found.code == "quotes.stays"
        assert content_stays(drafted, None) is None  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------- privacy


def test_who_signed_goes_with_the_customer_and_what_was_told_stays(world: World) -> None:
    customer = world.save("customer", name="Wilhelmina Quast", phone="+49 170 5550815")
    order = world.done(CreateOrder(site=world.site, what="Noise", customer=customer)).row("work_order")
    world.done(AddService(order=order, what="Look for it"))
    quote = publish(world, order)
    sha256, size = blobs.take_in(world.app.writer, world.org, b"a picture of a name")
    world.done(ConfirmQuote(quote=quote, signer="Bo", strokes=STROKES, picture=sha256, size=size))
    told = content(quote_of(world, quote))
    world.done(EraseCustomer(customer=customer, reason="Asked by letter"))
    kept = quote_of(world, quote)
    assert (kept.signer, kept.strokes, kept.picture) == (None, {}, sha256)
    assert content(kept) == told
    with world.session() as session:
        assert blobs.content_of(session, world.org, sha256) is None
        images = [row.after for row in session.query(ChangeRow).filter(ChangeRow.row_id == quote)]
        envelopes = [row.content for row in outbox(session) if row.command == "ConfirmQuote"]
    assert not [image for image in images if image and (image.get("strokes") or image.get("signer"))]
    assert len(envelopes) == 1
    assert '"strokes":[]' in envelopes[0]
    assert "Bo" not in envelopes[0]


def outbox(session: Any) -> list[Any]:
    return list(session.query(EnvelopeRow))


# ----------------------------------------------------------------------------------------------------------------- rights


def test_a_mechanic_reads_quotes_and_does_not_publish_them(job: World) -> None:
    mechanic = job.person("Max", "MEC")
    assert job.codes(PublishQuote(order=job.order), mechanic) == ["access.denied"]
    quote = publish(job)
    assert job.codes(sign(quote), mechanic) == ["access.denied"]
    assert [row["number"] for row in job.app.ask("quotes", mechanic, waiting=True).rows] == [quote_of(job, quote).number]


def test_an_adviser_publishes_has_it_signed_and_takes_a_no(job: World) -> None:
    adviser: Actor = job.person("Ada", "ADV")
    quote = job.done(PublishQuote(order=job.order), adviser).row("quote")
    job.done(sign(quote), adviser)
    assert job.codes(RejectQuote(quote=new_id(), reason="No"), adviser) == ["row.missing"]
