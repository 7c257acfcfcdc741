"""Making versions of a job's quote, and recording how the customer decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.kernel.attached import AttachFile, attach_file
from app.kernel.commands import Authority, Command
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.standard import Moved, Transition, transition
from app.kernel.words import _, say
from app.kernel.work import Work
from app.quotes.copies import copied
from app.quotes.model import Quote
from app.quotes.numbers import given, number_of
from app.quotes.rules import (
    active,
    is_drawn,
    is_hash,
    names_signer,
    not_yet_confirmed,
    nothing_in_it,
    says_the_same,
    told_since,
    undecided,
)
from app.quotes.states import PUBLISH, QUOTE
from app.work_orders.bill import bill
from app.work_orders.model import WorkOrder
from app.work_orders.rules import is_open


@dataclass(frozen=True, kw_only=True)
class DraftQuote(Command):
    """Makes the next version of a job's quote to be looked at first; nobody is bound by it."""

    label = _("Quote drafted")
    about = {"order": "work_order"}
    makes = "quote"
    needs = "quotes.publish"
    authority = Authority.FACT
    order: UUID

    def undone_by(self, command_id: UUID) -> Command:
        return RejectQuote(quote=derived_id(command_id, "quote"), reason=say(_("Taken back")))


@dataclass(frozen=True, kw_only=True)
class PublishQuote(Command):
    """Makes the next version of a job's quote out of its bill and publishes it; the version before gives way."""

    label = _("Quote published")
    final = _("What the customer was told is not taken back. Reject the quote, or change the job and publish it again.")
    about = {"order": "work_order"}
    makes = "quote"
    needs = "quotes.publish"
    authority = Authority.FACT  # the customer was told
    order: UUID


@dataclass(frozen=True, kw_only=True)
class ConfirmQuote(Command):
    """The customer said yes to a version: who, and how they drew it, on the screen or (without strokes) on paper.

    `strokes` are lists of points `[across, down, when]`, the first two from 0 to 1 of the field, the third in milliseconds since
    the pen came down. `picture` is the SHA-256 of their PNG, which is in this database already, and `size` its bytes.
    """

    label = _("Quote confirmed")
    final = _("A signature is not taken back. Change the job and publish its quote again: the new version takes its place.")
    about = {"quote": "quote"}
    needs = "quotes.decide"
    authority = Authority.FACT
    personal = ("signer", "strokes")
    quote: UUID
    signer: str
    strokes: list[Any] = field(default_factory=list)
    picture: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class RejectQuote(Command):
    """The customer said no to a version, or somebody takes a draft off the table."""

    label = _("Quote rejected")
    final = _("The customer's no is not taken back. Publish the job's quote again, and let them sign it.")
    about = {"quote": "quote"}
    needs = "quotes.decide"
    authority = Authority.FACT
    personal = ("reason",)
    quote: UUID
    reason: str


def draft_quote(do: DraftQuote, work: Work) -> None:
    _made(work, work.get(WorkOrder, do.order))


def publish_quote(do: PublishQuote, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    before = active(work.session, order.id)
    quote = _made(work, order)
    if quote is None:
        return
    if not work.questions_only:  # what was published is published, and two may have said the same
        work.check(says_the_same(before, quote.lines, quote.gross.minor))
    quote.state = PUBLISH.target
    work.emit(Moved(row=quote, move=PUBLISH, before=QUOTE.start))


def _made(work: Work, order: WorkOrder) -> Quote | None:
    """A draft of what the job costs, as it was when the person acted; None where the hub's word on it is here already."""
    work.check(is_open(order))
    copy = work.draw("bill", lambda: copied(bill(work.session, order)))
    work.check(None if copy["lines"] else nothing_in_it())
    version = given(work, order)
    quote = Quote(
        order_id=order.id,
        site_id=order.site_id,
        number=number_of(order, version),
        version=version,
        state=QUOTE.start,
        supplement=False,
        inclusive=copy["inclusive"],
        lines=copy["lines"],
        taxes=copy["taxes"],
        net=Money(copy["net"]),
        tax=Money(copy["tax"]),
        gross=Money(copy["gross"]),
    )
    return quote if work.add(quote) is quote else None


def confirm_quote(do: ConfirmQuote, work: Work) -> None:
    quote = work.get(Quote, do.quote)
    work.hold(quote.order_id)
    order = work.get(WorkOrder, quote.order_id)
    work.check(is_open(order), names_signer(do.signer), is_drawn(do.strokes), is_hash(do.picture))
    if not work.check(not_yet_confirmed(quote)):
        return  # the first signature stands
    quote.signer, quote.strokes, quote.picture = do.signer.strip(), do.strokes, do.picture
    transition(Transition(entity="quote", id=quote.id, move="confirm"), work)
    if do.picture:
        attach_file(AttachFile(entity="quote", id=quote.id, name=f"{quote.number}.png", sha256=do.picture, size=do.size), work)
    if quote.state in ("confirmed", "superseded"):
        quote.decided_at = work.now
        _agree(do, quote, order, work)


def _agree(do: ConfirmQuote, quote: Quote, order: WorkOrder, work: Work) -> None:
    """The signature is the customer's yes to the job, where nothing newer had been published elsewhere by then."""
    how = _how(do, quote, work)
    newer = told_since(work.session, quote, work.now)
    if work.check(undecided(newer) if newer is not None else None):
        order.agreed_how, order.agreed_at = how, work.now


def _how(do: ConfirmQuote, quote: Quote, work: Work) -> str:
    words = _("Signed {quote}") if do.strokes else _("Signed {quote} on paper")
    return str(work.draw("how", lambda: say(words, quote=quote.number)))


def reject_quote(do: RejectQuote, work: Work) -> None:
    quote = work.get(Quote, do.quote)
    work.hold(quote.order_id)
    transition(Transition(entity="quote", id=quote.id, move="reject", reason=do.reason), work)
