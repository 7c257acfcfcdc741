"""What must hold for a place; pure, so a form may ask before anyone saves."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from app.kernel.work import Work
from app.kernel.zones import zone
from app.places.model import Bin, Site, Warehouse


def zone_is_known(site: Site, _work: Work) -> Problem | None:
    try:
        zone(site.zone)
    except Refused as refused:
        return refused.problem
    return None


def code_is_free(bin: Bin, work: Work) -> Problem | None:
    """Two shelves of one warehouse never share a code."""
    with work.session.no_autoflush:
        other = work.session.scalars(
            select(Bin.id)
            .where(Bin.warehouse_id == bin.warehouse_id, Bin.code == bin.code, Bin.id != bin.id, Bin.retired.is_(False))
            .limit(1)
        ).first()
    if other is None:
        return None
    return Problem(
        "places.bin_taken",
        _("There is already a bin {code} in this warehouse."),
        field="code",
        hint=_("Choose another code, or use the bin that is there."),
        values={"code": bin.code},
    )


def still_used(place: Site | Warehouse, inside: Warehouse | Bin | None) -> Problem | None:
    """A place goes when nothing in it is in use any more."""
    if inside is None:
        return None
    return Problem(
        "places.in_use",
        _("{inside} in {place} is still in use."),
        hint=_("Take what is in it out of use first."),
        values={"inside": inside.title, "place": place.title},
    )
