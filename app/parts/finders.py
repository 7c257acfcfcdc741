"""What a scanned text may mean among parts: a taught barcode, a retail number, the part's own code or its maker's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import Row, String, bindparam, func, select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.bulk import chunks
from app.kernel.many import among
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.parts.model import Barcode, Part

_PART = (Part.id, Part.name)


def _spellings(reading: Reading) -> list[str]:
    """The ways in which one retail number is printed: EAN-13, UPC-A and GTIN-14 differ by leading zeros."""
    if not reading.gtin:
        return [reading.text]
    bare = reading.gtin.lstrip("0")
    return list(dict.fromkeys([reading.text, reading.gtin, bare.zfill(13), bare.zfill(12), bare.zfill(8)]))


_BY_BARCODE = (  # built once: every scan asks it
    select(*_PART, Barcode.quantity)
    .join(Barcode, Barcode.part_id == Part.id)
    .where(
        Barcode.org_id == bindparam("org"),
        Barcode.code.in_(bindparam("spellings", expanding=True)),
        Barcode.retired.is_(False),
        Part.retired.is_(False),
    )
)


def by_barcode(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    found = session.execute(_BY_BARCODE, {"org": actor.org_id, "spellings": _spellings(reading)})
    return [Match("part", row.id, row.name, row.quantity) for row in found]


def by_code(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """The part's code, in whatever case the scanner sends it."""
    here = Part.org_id == actor.org_id, Part.retired.is_(False)
    exact = session.execute(select(*_PART).where(*here, Part.code == reading.text)).all()
    return _matches(
        exact or session.execute(select(*_PART).where(*here, func.upper(Part.code) == reading.text.upper()).limit(9)).all()
    )


def by_maker(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    wanted = select(*_PART).where(Part.org_id == actor.org_id, Part.mpn == reading.text, Part.retired.is_(False)).limit(9)
    return _matches(session.execute(wanted).all()) if reading.text else []


def retail_codes_met(session: Session, org_id: UUID, readings: Collection[Reading]) -> set[str]:
    """Those of many retail codes that may mean a part already, by three questions for all of them: the others mean none."""
    spelled = {one: reading.text for reading in readings for one in _spellings(reading)}
    found: set[str] = set()
    for some in chunks(spelled):
        for column, in_use in ((Barcode.code, Barcode), (func.upper(Part.code, type_=String()), Part), (Part.mpn, Part)):
            here = in_use.org_id == org_id, in_use.retired.is_(False), among(session, column, some)
            found |= {spelled[code] for code in session.scalars(select(column).where(*here))}
    return found


def _matches(rows: Iterable[Row[UUID, str]]) -> list[Match]:
    return [Match("part", row.id, row.name) for row in rows]


FINDERS = (Finder("barcode", 10, by_barcode), Finder("part code", 30, by_code), Finder("maker's number", 40, by_maker))
