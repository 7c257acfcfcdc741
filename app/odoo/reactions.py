"""What follows from elsewhere: a bin that is counted settles its difference, and a letter that is decided on closes its card."""

from __future__ import annotations

from sqlalchemy import select, update

from app.kernel.cards import LET_GO, SETTLES, Card, Choice
from app.kernel.events import only_of
from app.kernel.records import Discrepancy
from app.kernel.standard import Moved
from app.kernel.words import _, say
from app.kernel.work import Work
from app.odoo.commands import LetGoOfOdoo, TryAgainInOdoo, close, let_go_of_odoo, try_again_in_odoo
from app.odoo.model import COUNT, COUNTING, OPEN, OdooDifference, OdooLetter, OdooLink
from app.odoo.records import OdooMapping, OdooWaiting
from app.odoo.rules import DEAD
from app.parties.erasing import CustomerErased
from app.parties.merging import put_into
from app.stock.commands import StockMoved


def settle_what_was_counted(event: StockMoved, work: Work) -> None:
    """Whoever counts a bin says which number holds, here and in Odoo."""
    line = event.line
    if line.kind != "count":
        return
    wanted = select(OdooDifference).where(
        OdooDifference.part_id == line.part_id,
        OdooDifference.bin_id == line.bin_id,
        OdooDifference.state == COUNTING,
        OdooDifference.retired.is_(False),
    )
    for difference in work.session.scalars(wanted.order_by(OdooDifference.id)):
        close(work, difference, COUNT)


@only_of(OdooLetter)
def close_its_card(event: Moved, work: Work) -> None:
    """A letter that is tried again, let go or done is on nobody's list any more."""
    letter = event.row
    if not isinstance(letter, OdooLetter) or letter.state == OPEN:
        return
    wanted = select(Discrepancy).where(
        Discrepancy.row_id == letter.id, Discrepancy.code == DEAD, Discrepancy.state == OPEN, Discrepancy.retired.is_(False)
    )
    for card in work.session.scalars(wanted.order_by(Discrepancy.id)):
        work.own.add(card.id)
        card.state, card.chosen, card.settled = "settled", event.move.name, letter.reason or say(event.move.label)
        card.settled_by, card.settled_at = work.envelope.actor_id, work.now


def erase_from_odoo(event: CustomerErased, work: Work) -> None:
    """What Odoo calls somebody goes with them, and what was said of them or of what is theirs; where a job stands there stays."""
    theirs = {event.customer.id, *(one.id for one in put_into(work.session, event.customer))}
    theirs |= {one.id for one in event.vehicles}
    about = theirs | {one.id for one in event.rows}
    links = select(OdooLink).where(OdooLink.row_id.in_(theirs)).order_by(OdooLink.id)
    letters = select(OdooLetter).where(OdooLetter.row_id.in_(about)).order_by(OdooLetter.id)
    event.rows.extend([*work.session.scalars(links), *work.session.scalars(letters)])
    kept = OdooMapping.row_id.in_(theirs), OdooMapping.org_id == work.envelope.org_id
    work.session.execute(update(OdooMapping).where(*kept).values(name=""))
    waits = OdooWaiting.row_id.in_(about), OdooWaiting.org_id == work.envelope.org_id
    work.session.execute(update(OdooWaiting).where(*waits).values(said=None))


def _try_again(card: Discrepancy, work: Work) -> None:
    if card.row_id is not None:
        try_again_in_odoo(TryAgainInOdoo(letter=card.row_id), work)


def _let_go(card: Discrepancy, work: Work) -> None:
    if card.row_id is not None:
        let_go_of_odoo(LetGoOfOdoo(letter=card.row_id, reason=str(getattr(work.command, "how", ""))), work)


CARDS = {
    DEAD: Card(
        "fact",
        SETTLES,
        (Choice("retry", _("Try again"), _try_again), Choice(LET_GO, _("Let go"), _let_go, says_how=True)),
    )
}
