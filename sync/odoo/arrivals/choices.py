"""What Odoo has of units, taxes and ways of paying: offered to be matched, and matched at once where that is plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.words import say
from app.odoo.model import MATCHED, OdooMatch, OdooThing
from app.odoo.notes import NoteInOdoo
from app.organisations.model import Organisation
from app.parts.model import UNITS
from app.taxes.model import TaxCode
from app.work_orders.model import METHODS
from sync.odoo.arrivals import parts
from sync.odoo.transport import Row

if TYPE_CHECKING:
    from sync.odoo.inward import Inward

ENGLISH = {"lang": "en_US"}  # units are known by their English names, whatever language people read them in
CALLED = {  # what Odoo calls our units when it is new
    "Units": "pcs", "Unit": "pcs", "Unit(s)": "pcs", "Pair": "pair", "Pairs": "pair", "Set": "set", "Sets": "set",
    "Box": "box", "Boxes": "box", "m": "m", "Meters": "m", "kg": "kg", "L": "l", "Liters": "l", "Hours": "h", "Hour": "h",
    "Days": "day", "Day": "day",
}  # fmt: skip
JOURNALS = {"cash": "cash", "card": "bank", "transfer": "bank", "online": "bank"}  # the kind of journal a way of paying takes
Line = dict[str, Any]


def read(inward: Inward) -> None:
    """Offers what there is, and keeps in mind what the products of this pass need: their units and languages."""
    units = inward.odoo.search_read("uom.uom", [], ["name"], context=ENGLISH)
    company = inward.facts.get("company") or 0
    within = [("company_id", "=", company)] if company else []
    taxes = inward.odoo.search_read(
        "account.tax", [*within, ("type_tax_use", "=", "sale")], ["name", "amount", "amount_type", "price_include"]
    )
    journals = inward.odoo.search_read("account.journal", [*within, ("type", "in", ["bank", "cash"])], ["name", "type"])
    with inward.session() as session:
        things = [*_things("unit", units), *_things("tax", taxes), *_things("channel", journals)]
        news = _news(session, inward, things)
        proposed = [*_units(units), *_taxes(session, inward, taxes), *_channels(journals)]
        matches = _unmatched(session, inward, proposed)
    if news or matches:
        inward.app.run(NoteInOdoo(things=news, matches=matches), inward.actor).or_refused()
    called = {row["id"]: CALLED[row["name"]] for row in units if row["name"] in CALLED}
    inward.facts[parts.UNITS] = {**called, **_chosen(inward)}
    inward.facts[parts.LANGUAGES] = _languages(inward)


def _things(kind: str, rows: Sequence[Row]) -> Iterator[Line]:
    return ({"kind": kind, "number": row["id"], "name": row["name"][:255], "active": True} for row in rows)


def _news(session: Session, inward: Inward, things: Sequence[Line]) -> list[Line]:
    """What is not offered so already, and what is there no more."""
    kinds = {line["kind"] for line in things}
    wanted = select(OdooThing).where(OdooThing.org_id == inward.org_id, OdooThing.kind.in_(kinds))
    before = {(row.kind, row.number): row for row in session.scalars(wanted)}
    now = {(line["kind"], line["number"]) for line in things}
    gone = [
        {"kind": kind, "number": number, "name": row.name, "active": False}
        for (kind, number), row in before.items()
        if row.active and (kind, number) not in now
    ]
    return [line for line in things if not _so(before.get((line["kind"], line["number"])), line)] + gone


def _so(row: OdooThing | None, line: Line) -> bool:
    return row is not None and row.name == line["name"] and row.active


def _unmatched(session: Session, inward: Inward, lines: Sequence[Line]) -> list[Line]:
    """Those that nobody has looked at yet, and those still open to which an answer was found."""
    wanted = select(OdooMatch).where(OdooMatch.org_id == inward.org_id, OdooMatch.kind.in_(("unit", "tax", "channel")))
    before = {(row.kind, row.ours): row for row in session.scalars(wanted)}
    found = ((line, before.get((line["kind"], line["ours"]))) for line in lines)
    return [line for line, row in found if row is None or (row.state != MATCHED and line.get("theirs") is not None)]


def _match(kind: str, ours: str, title: str, found: Sequence[Row]) -> Line:
    """Matched where there is just one that it can be."""
    line: Line = {"kind": kind, "ours": ours, "ours_title": title[:255]}
    if len(found) == 1:
        line |= {"theirs": found[0]["id"], "theirs_name": found[0]["name"][:255]}
    return line


def _units(units: Sequence[Row]) -> Iterator[Line]:
    for word, label in UNITS:
        yield _match("unit", word, say(label), [row for row in units if CALLED.get(row["name"]) == word])


def _taxes(session: Session, inward: Inward, taxes: Sequence[Row]) -> Iterator[Line]:
    """A tax code is plain where one tax on sales has its rate and is in the prices as ours are, or is not; where several are so,
    the one that is called alike."""
    own = session.get(Organisation, inward.org_id)
    taxes = [row for row in taxes if own is None or bool(row["price_include"]) is own.prices_with_tax]
    for code in session.scalars(select(TaxCode).where(TaxCode.org_id == inward.org_id, TaxCode.retired.is_(False))):
        percent = code.percent.thousandths / 1000
        same = [row for row in taxes if row["amount_type"] == "percent" and row["amount"] == percent]
        called = [row for row in same if row["name"].casefold() in (code.name.casefold(), code.code.casefold())]
        yield _match("tax", code.id.hex, code.title, called if len(called) == 1 else same)


def _channels(journals: Sequence[Row]) -> Iterator[Line]:
    for word, label in METHODS:
        yield _match("channel", word, say(label), [row for row in journals if row["type"] == JOURNALS[word]])


def _chosen(inward: Inward) -> Mapping[int, str]:
    """Units as people have matched them: that goes before what they are called."""
    wanted = select(OdooMatch.theirs, OdooMatch.ours).where(
        OdooMatch.org_id == inward.org_id, OdooMatch.kind == "unit", OdooMatch.state == MATCHED, OdooMatch.retired.is_(False)
    )
    with inward.session() as session:
        return {int(theirs): ours for theirs, ours in session.execute(wanted) if theirs is not None}


def _languages(inward: Inward) -> list[str]:
    found = inward.odoo.search_read("res.lang", [("active", "=", True)], ["code"])
    return sorted(row["code"] for row in found if row["code"] != inward.language)
