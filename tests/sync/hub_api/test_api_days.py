"""What is done over the API belongs to the calendar day of the place where it is done, not to the hub's own."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kernel.records import EnvelopeRow

NIGHT = 1_795_224_600_000  # 21 November 2026, 1:30 UTC and 2:30 in Berlin; in Lima it is still the 20th


@pytest.fixture
def lima(served: Any) -> UUID:
    """A second workshop, far from the first, and the hour at which their days differ."""
    clock = served.hub.app.clock
    clock.correct(clock.offset + NIGHT - clock.now_ms())
    found: UUID = served.world.save("site", code="Z", name="Lima", zone="America/Lima")
    return found


def day(served: Any, told: Any) -> tuple[str, str]:
    """The business date of a command and the zone that it was taken from."""
    with served.world.session() as session:
        content = session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.id == UUID(told["id"]))).one()
    plain = json.loads(content)
    return plain["business_date"], plain["zone"]


BERLIN, LIMA = ("2026-11-21", "Europe/Berlin"), ("2026-11-20", "America/Lima")


def test_a_job_is_of_the_day_at_the_workshop_that_it_names(served: Any, lima: UUID) -> None:
    nora = served.caller(served.people["nora"])
    opened = [nora.done("POST", "/commands/CreateOrder", {"site": str(one), "what": "Oil"}) for one in (served.world.site, lima)]
    assert [day(served, one) for one in opened] == [BERLIN, LIMA]


def test_what_lies_in_a_bin_is_of_the_day_at_its_workshop(served: Any, lima: UUID) -> None:
    room = served.world.save("warehouse", site_id=lima.hex, code="ZW", name="Store room")
    bins = served.world.bin, served.world.save("bin", warehouse_id=room.hex, code="Z-01")
    nora = served.caller(served.people["nora"])
    counted = [{"part": str(served.world.part), "bin": str(one), "counted": "3"} for one in bins]
    assert [day(served, nora.done("POST", "/commands/CountStock", one)) for one in counted] == [BERLIN, LIMA]


def test_what_names_no_place_is_of_the_day_where_its_author_works(served: Any, lima: UUID) -> None:
    note = f"/parts/{served.world.part}/notes", {"text": "Rusty"}
    ida = served.caller(served.world.person("Ida", "KEE", place=lima))
    nora = served.caller(served.people["nora"])
    assert [day(served, who.done("POST", *note)) for who in (ida, nora)] == [LIMA, BERLIN]
