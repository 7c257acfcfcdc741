"""Head: where a record stands in Odoo, for the head of its page, with the way to its page there, or to what is stuck."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.words import _, say
from app.odoo.model import STUCK, THERE, OdooLetter, OdooLink, letter_id, link_id
from app.odoo.queries import SEES
from ui.kit.address import is_page, show_page
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.marks import Mark, Marking


def standing(session: Session, ident: UUID) -> Mark | None:
    """What the head of a record's page says; nothing where Odoo has nothing to do with it."""
    link = session.get(OdooLink, link_id(ident))
    if link is None or link.retired:
        return None
    if link.state == STUCK:
        letter = session.get(OdooLetter, letter_id(ident))
        place = Place("page", "odoo_letter", letter.id) if letter is not None else Place("odoo")
        return Mark(say(_("Stuck on its way to Odoo")), say(_("Stuck")), "danger", "warn", partial(_go, place))
    if link.state != THERE:
        return Mark(say(_("Waits for Odoo")), say(_("Waits")), "", "sync", partial(_go, Place("odoo")))
    name = link.name or str(link.number or "")
    begins = partial(show_page, address=link.address, title=name) if is_page(link.address or "") else None
    return Mark(say(_("In Odoo: {name}"), name=name), name, "", "export", begins)


def _go(place: Place, bench: Bench) -> None:
    bench.ways.go(place)


IN_ODOO = Marking(SEES, frozenset({"odoo_link", "odoo_letter"}), standing)
