"""What must hold for a quote, and what a quote holds against the steps and prices of its job."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.quotes.model import Quote
from app.work_orders.bill import bill
from app.work_orders.model import WorkOrder

OFFERED = ("published", "confirmed")
TOLD = (*OFFERED, "rejected")
CONTENT = ("order_id", "site_id", "lines", "taxes", "net", "tax", "gross", "inclusive")
MOST_STROKES, MOST_POINTS = 200, 6000
LONGEST = 86_400_000  # milliseconds of a signature
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


# ------------------------------------------------------------------------------------------------------------ which version


def versions(session: Session, order_id: UUID) -> list[Quote]:
    """Every version of a job's quote, the first one first."""
    wanted = select(Quote).where(Quote.order_id == order_id, Quote.retired.is_(False)).order_by(Quote.version, Quote.id)
    return list(session.scalars(wanted))


def newest(session: Session, order_id: UUID, states: tuple[str, ...]) -> Quote | None:
    """The last version that is in one of these states."""
    found = [one for one in versions(session, order_id) if one.state in states]
    return found[-1] if found else None


def active(session: Session, order_id: UUID) -> Quote | None:
    """The one version of a job's quote that counts: published, and confirmed where the customer said yes to it."""
    return newest(session, order_id, OFFERED)


def agreed_version(session: Session, order_id: UUID, before: int) -> Quote | None:
    """The last version before that number to which the customer said yes."""
    known = versions(session, order_id)
    found = [one for one in known if one.version < before and one.decided_at and one.state in ("confirmed", "superseded")]
    return found[-1] if found else None


# --------------------------------------------------------------------------------------------------- gates of the job's steps


def has_quote(order: WorkOrder, work: Work) -> Problem | None:
    """Work begins on a published quote, or where the customer agreed otherwise, such as on the phone."""
    if order.agreed_at is not None or active(work.session, order.id) is not None:
        return None
    last = newest(work.session, order.id, TOLD)
    return rejected(last) if last is not None else none_yet(order)


def is_confirmed(order: WorkOrder, work: Work) -> Problem | None:
    """A vehicle is handed over when the customer said yes to the last version; where there never was one, nothing is wanted."""
    last = newest(work.session, order.id, TOLD)
    if last is None or last.state == "confirmed" or agreed_since(order, last):
        return None
    return rejected(last) if last.state == "rejected" else undecided(last)


def is_within(order: WorkOrder, work: Work) -> Problem | None:
    """What was added after the customer's yes and never quoted holds the hand-over, until they say yes to that too or somebody
    who may change prices answers for it."""
    last = newest(work.session, order.id, TOLD)
    if last is None or last.state != "confirmed" or last.decided_at is None:
        return None
    if order.agreed_at is not None and order.agreed_at > last.decided_at:
        return None
    more = bill(work.session, order).totals.gross - last.gross
    return on_top(last, order, more, may=work.may("quotes.reprice", order.site_id)) if more.minor > 0 else None


def on_top(quote: Quote, order: WorkOrder, more: Money, *, may: bool) -> Problem:
    return Problem(
        "quotes.on_top",
        _("{order} costs {more} more than {quote}, to which the customer said yes."),
        field="quote",
        blocks=not may,
        review=False,
        hint=_("Publish the quote again and let them sign it, record how they agreed, or ask a manager to scan their badge."),
        values={"order": order.number, "more": more, "quote": quote.number},
    )


def agreed_since(order: WorkOrder, quote: Quote) -> bool:
    """Whether the customer's yes to the job came after this version, or after they rejected it."""
    told = quote.decided_at or quote.published_at
    return order.agreed_at is not None and told is not None and order.agreed_at >= told


def told_since(session: Session, quote: Quote, moment: datetime) -> Quote | None:
    """A newer version that had been published by a moment: a signature on this one is no yes to that."""
    newer = (one for one in versions(session, quote.order_id) if one.version > quote.version and one.state in TOLD)
    return next((one for one in newer if one.published_at is not None and one.published_at <= moment), None)


def none_yet(order: WorkOrder) -> Problem:
    return Problem(
        "quotes.none",
        _("{order} has no published quote, and the customer has not agreed otherwise."),
        field="quote",
        hint=_("Publish the quote, or record how they agreed."),
        values={"order": order.number},
    )


def begun_on_it(order: WorkOrder) -> Problem:
    return Problem(
        "quotes.begun_on_it",
        _("The work on {order} began on this yes."),
        hint=_("Publish the quote or record how they agreed now; where they want nothing of it, cancel the job."),
        values={"order": order.number},
    )


def undecided(quote: Quote) -> Problem:
    return Problem(
        "quotes.undecided",
        _("The customer has not decided on {quote} yet."),
        field="sign",
        hint=_("Let them sign it, or record how they agreed."),
        values={"quote": quote.number},
    )


def rejected(quote: Quote) -> Problem:
    return Problem(
        "quotes.rejected",
        _("The customer rejected {quote}."),
        field="quote",
        hint=_("Take off what they do not want, and publish the quote again."),
        values={"quote": quote.number},
    )


# --------------------------------------------------------------------------------------------- gates of the quote's own steps


def has_lines(quote: Quote, _work: Work) -> Problem | None:
    return None if quote.lines else nothing_in_it()


def nothing_in_it() -> Problem:
    return Problem(
        "quotes.empty",
        _("There is nothing on this job to quote."),
        field="services",
        hint=_("Add a service or plan a part first."),
    )


def is_signed(quote: Quote, work: Work) -> Problem | None:
    """A yes is a signature, or what the job says of how the customer agreed since."""
    order = work.session.get(WorkOrder, quote.order_id)
    if quote.signer or (order is not None and agreed_since(order, quote)):
        return None
    return Problem(
        "quotes.unsigned",
        _("Nobody has signed {quote} yet."),
        field="sign",
        hint=_("Let the customer sign it."),
        values={"quote": quote.number},
    )


def newer_is_out(quote: Quote, work: Work) -> Problem | None:
    """A version gives way to a newer one, and to nothing else."""
    if any(one.version > quote.version and one.state in OFFERED for one in versions(work.session, quote.order_id)):
        return None
    return Problem(
        "quotes.no_newer",
        _("No newer version of {quote} has been published."),
        hint=_("Publish the job's quote again, or reject this one."),
        values={"quote": quote.number},
    )


def content_stays(quote: Quote, _work: Work) -> Problem | None:
    """What a customer was told stays as it was told."""
    history = inspect(quote).attrs
    if quote.state == "draft" or not any(history[name].history.deleted for name in CONTENT):
        return None
    return Problem(
        "quotes.stays",
        _("{quote} was published: what it says does not change."),
        hint=_("Change the job, and publish its quote again."),
        values={"quote": quote.number},
    )


# --------------------------------------------------------------------------------------------------------- what commands give


def says_the_same(before: Quote | None, lines: list[dict[str, Any]], gross: int) -> Problem | None:
    """A second version of the very same is a slip of the hand."""
    if before is None or before.lines != lines or before.gross.minor != gross:
        return None
    return Problem(
        "quotes.same",
        _("{quote} says the same already."),
        hint=_("Let the customer sign it, or change the job first."),
        values={"quote": before.number},
    )


def not_yet_confirmed(quote: Quote) -> Problem | None:
    if quote.state != "confirmed":
        return None
    return Problem(
        "quotes.confirmed",
        _("{quote} has been confirmed already."),
        hint=_("Open it to see who signed it."),
        values={"quote": quote.number},
    )


def names_signer(signer: str) -> Problem | None:
    if signer.strip():
        return None
    return Problem("quotes.signer", _("It is not said who signs."), field="signer", hint=_("Write the customer's name."))


def is_drawn(strokes: Any) -> Problem | None:
    """Strokes are lists of points; a point is how far right and down it lies, from 0 to 1, and when, in milliseconds."""
    if len(strokes) <= MOST_STROKES and all(map(_is_stroke, strokes)) and sum(map(len, strokes)) <= MOST_POINTS:
        return None
    return Problem(
        "quotes.strokes",
        _("This is not a signature that can be kept."),
        field="strokes",
        hint=_("Clear the field and sign again, or sign on paper."),
    )


def _is_stroke(stroke: Any) -> bool:
    return isinstance(stroke, list) and bool(stroke) and all(map(_is_point, stroke))


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) != 3 or not all(type(one) in (int, float) for one in point):
        return False
    across, down, when = point
    return bool(0 <= across <= 1 and 0 <= down <= 1 and 0 <= when <= LONGEST)


def is_hash(picture: str) -> Problem | None:
    if not picture or _HASH.fullmatch(picture):
        return None
    return Problem(
        "quotes.picture",
        _("The signature's picture is not known by its hash."),
        field="picture",
        hint=_("Sign again, or leave the picture out."),
    )


# ------------------------------------------------------------------------------------------------------- two at the same time


def two_at_once(order: WorkOrder, kept: Quote, waits: Quote) -> Problem:
    """Two people published a version without knowing of each other's: both customers were told something."""
    return Problem(
        "quotes.two",
        _("Two quotes for {order} were published at once: {kept} stands, the other waits as {waits}."),
        blocks=False,
        hint=_("Compare them. Publish {waits} if it is the right one, or reject it, and tell the customer."),
        values={"order": order.number, "kept": kept.number, "waits": waits.number},
    )


def renumbered(quote: Quote, told: str) -> Problem:
    return Problem(
        "quotes.renumbered",
        _("{quote} may have been given out as {told}, a number that another version had already."),
        blocks=False,
        hint=_("Look at what the customer holds, and print it again."),
        values={"quote": quote.number, "told": told},
    )
