"""What follows when a version goes a step on, and when its job is quoted again, agreed to otherwise or erased."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.events import only_of
from app.kernel.standard import Moved, Transition, transition
from app.kernel.work import Work
from app.parties.erasing import CustomerErased
from app.quotes.model import Quote
from app.quotes.numbers import exchange, number_of
from app.quotes.rules import (
    OFFERED,
    active,
    agreed_since,
    agreed_version,
    begun_on_it,
    has_quote,
    renumbered,
    two_at_once,
    versions,
)
from app.quotes.states import SUPERSEDE
from app.work_orders.commands import AgreementUndone, OrderAgreed
from app.work_orders.model import WorkOrder

NOT_YET_QUOTED = ("CHECKIN", "DIAGNOSING")
NOT_YET_BEGUN = ("DRAFT", *NOT_YET_QUOTED, "QUOTED")


@only_of(Quote)
def follow(event: Moved, work: Work) -> None:
    """A version was published, confirmed or rejected."""
    match event.row, event.move.name:
        case Quote() as quote, "publish":
            _published(quote, work)
        case Quote() as quote, "confirm":
            _confirmed(quote, work)
        case Quote() as quote, "reject":
            _rejected(quote, work)


@only_of(WorkOrder)
def withdraw(event: Moved, work: Work) -> None:
    """A job that is quoted again has no version that counts until the next one is published."""
    match event.row, event.move.name:
        case WorkOrder() as order, "requote":
            _supersede(order.id, work)


@only_of(WorkOrder)
def reject_what_is_open(event: Moved, work: Work) -> None:
    """Nobody decides any more on the quotes of a job that was cancelled."""
    match event.row, event.move.name:
        case WorkOrder() as order, "cancel":
            reason = str(getattr(work.command, "reason", "")).strip() or "cancelled"
            for one in versions(work.session, order.id):
                if one.state in ("draft", "published"):
                    transition(Transition(entity="quote", id=one.id, move="reject", reason=reason), work)


# ------------------------------------------------------------------------------------------------------------------ published


def _published(quote: Quote, work: Work) -> None:
    order = work.get(WorkOrder, quote.order_id)
    quote.published_at = work.now
    other = _unknown_to(quote, work)
    if other is not None and _stands(other, quote):
        _set_aside(quote, other, order, work)
        return
    if other is not None:
        _set_aside(other, quote, order, work)
    else:
        _keep_number(quote, order, work)
    base = agreed_version(work.session, order.id, quote.version)
    quote.supplement = base is not None and order.agreed_at is not None
    _supersede(order.id, work, but=quote)
    if order.state in NOT_YET_QUOTED:
        transition(Transition(entity="work_order", id=order.id, move="quote"), work)


def _unknown_to(quote: Quote, work: Work) -> Quote | None:
    """The version that counts already, where whoever published this one did not know of it."""
    now = next(
        (one for one in reversed(versions(work.session, quote.order_id)) if one.state in OFFERED and one is not quote), None
    )
    seen = work.draw("active", lambda: now.id.hex if now is not None else "")
    return now if now is not None and now.id.hex != seen else None


def _stands(other: Quote, quote: Quote) -> bool:
    """Of two that were published at once the earlier one stands, and one that the customer decided on in any case."""
    if other.state == "confirmed" or other.published_at is None or quote.published_at is None:
        return True
    return (other.published_at, other.id) < (quote.published_at, quote.id)


def _set_aside(quote: Quote, kept: Quote, order: WorkOrder, work: Work) -> None:
    """It is kept, waits as a draft, and has the higher number; somebody compares the two."""
    quote.state, quote.published_at, quote.supplement = "draft", None, False
    if quote.version < kept.version:
        exchange(quote, kept)
    work.check(two_at_once(order, kept, quote))


def _keep_number(quote: Quote, order: WorkOrder, work: Work) -> None:
    """What was given out under a number keeps it, where only a draft has it elsewhere."""
    wanted = int(work.envelope.drawn.get("version", quote.version))
    if wanted == quote.version:
        return
    holder = next((one for one in versions(work.session, order.id) if one.version == wanted), None)
    if holder is not None and holder.state == "draft":
        exchange(quote, holder)
    else:
        work.check(renumbered(quote, number_of(order, wanted)))


def _supersede(order_id: object, work: Work, but: Quote | None = None) -> None:
    wanted = select(Quote).where(Quote.order_id == order_id, Quote.state.in_(OFFERED), Quote.retired.is_(False))
    for one in work.session.scalars(wanted.order_by(Quote.version)).all():
        if one is not but:
            before, one.state = one.state, SUPERSEDE.target
            work.emit(Moved(row=one, move=SUPERSEDE, before=before))


# -------------------------------------------------------------------------------------------------------------------- decided


def _confirmed(quote: Quote, work: Work) -> None:
    """What the customer signed counts, also where it was set aside meanwhile."""
    quote.decided_at = quote.decided_at or work.now
    if quote.published_at is None:
        quote.published_at = work.now
        _supersede(quote.order_id, work, but=quote)


def _rejected(quote: Quote, work: Work) -> None:
    """Before the work has begun, no yes is left of a job whose quote was turned down."""
    quote.decided_at, quote.reason = work.now, str(getattr(work.command, "reason", "")).strip()
    order = work.get(WorkOrder, quote.order_id)
    if quote.published_at is not None and order.state in NOT_YET_BEGUN:
        order.agreed_how, order.agreed_at = "", None


def confirm_otherwise(event: OrderAgreed, work: Work) -> None:
    """Whoever agrees on the phone agrees to the version that was published; a yes that comes in late, to none behind it."""
    quote = active(work.session, event.order.id)
    if quote is not None and quote.state == "published" and agreed_since(event.order, quote):
        transition(Transition(entity="quote", id=quote.id, move="confirm"), work)


def unconfirm_otherwise(event: AgreementUndone, work: Work) -> None:
    """The version that was confirmed by that yes waits again. Work that began on that yes alone is not left without one."""
    order = event.order
    for one in versions(work.session, order.id):
        if one.state == "confirmed" and one.decided_at == event.said and not one.signer:
            one.state, one.decided_at = "published", None
    if order.state not in NOT_YET_BEGUN:
        work.check(begun_on_it(order) if has_quote(order, work) is not None else None)


# --------------------------------------------------------------------------------------------------------- privacy


def erase_signatures(event: CustomerErased, work: Work) -> None:
    """Quotes stay as they were told; who signed, how it looked and why they said no goes with whoever it was."""
    jobs = [row.id for row in event.rows if isinstance(row, WorkOrder)]
    event.rows.extend(work.session.scalars(select(Quote).where(Quote.order_id.in_(jobs)).order_by(Quote.id)))
