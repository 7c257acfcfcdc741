"""One pass inward for the bridge: everything that may have changed in Odoo is read and taken in."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from app.odoo.records import OdooCursor, OdooEvent, OdooInstance, OdooRun
from app.places.model import Site
from sync.odoo.arrivals import ARRIVALS, choices
from sync.odoo.arrivals.people import LOGIN
from sync.odoo.arrivals.places import SITE, WIPS
from sync.odoo.compare import compare, is_due
from sync.odoo.inward import Inward
from sync.odoo.places import Places
from sync.odoo.side import Side

GONE = "gone"  # the cursor that says when ids were last compared
BETWEEN_IDS = timedelta(hours=1)


def take_in(side: Side) -> None:
    """What the bridge calls. Away and Said go through: what was taken by then stays, and the next pass goes on from there."""
    began = side.app.clock.now()
    inward = Inward(side.app, side.org_id, side.odoo, {})
    with inward.session() as session:
        facts = facts_of(session, side.org_id, side.places)
        instance = session.get(OdooInstance, side.org_id)
        hints = session.scalars(select(OdooEvent.id).where(OdooEvent.org_id == side.org_id, OdooEvent.done.is_(False))).all()
        compares = _ids_are_due(session, side.org_id, began)
    if facts is None:
        return  # nobody has said yet where this workshop is
    inward.facts |= facts | {LOGIN: instance.login if instance else ""}
    inward.facts |= {"language": side.odoo.call("res.users", "context_get").get("lang") or "en_US"}
    counts = run(inward, deleted=compares)
    with inward.session() as session:
        nightly = is_due(session, side.org_id, began)
    if nightly:
        compare(inward)
    with inward.session() as session:
        session.execute(update(OdooEvent).where(OdooEvent.id.in_(hints)).values(done=True))
        if compares:
            row = {"org_id": side.org_id, "name": GONE, "after": "", "last_id": 0, "seq": 0, "whole_at": began}
            upsert(session, table_of(OdooCursor), [row], ("org_id", "name"))
        if counts:
            session.add(_run(side, began, counts))
        session.commit()


def run(inward: Inward, *, deleted: bool = False) -> Counter[str]:
    """All models once; what was made or changed, taken out of use, and refused. `deleted` also looks for what is no more."""
    total: Counter[str] = Counter()
    choices.read(inward)
    version = inward.odoo.version().major
    for arrival in (one for one in ARRIVALS if version >= one.since):
        found = inward.pull(arrival)
        if deleted and arrival.keeps is None:
            found += inward.missing(arrival)
        total.update(kept=found.kept, retired=found.retired, refused=found.refused)
    return +total


def facts_of(session: Session, org_id: UUID, places: Places) -> dict[str, Any] | None:
    """What arrivals must know of the company and the workshop; None where there is no site yet."""
    site = session.scalars(
        select(Site.id).where(Site.org_id == org_id, Site.retired.is_(False)).order_by(Site.code).limit(1)
    ).first()
    wips = [own["wip"] for own in places.own.values() if "wip" in own]
    return {SITE: site.hex, WIPS: wips, "company": places.company} if site else None


def _ids_are_due(session: Session, org_id: UUID, now: datetime) -> bool:
    last = session.scalar(select(OdooCursor.whole_at).where(OdooCursor.org_id == org_id, OdooCursor.name == GONE))
    return last is None or now - last >= BETWEEN_IDS


def _run(side: Side, began: datetime, counts: Counter[str]) -> OdooRun:
    return OdooRun(
        id=new_id(), org_id=side.org_id, kind="in", began=began, ended=side.app.clock.now(), state="done", counts=dict(counts)
    )
