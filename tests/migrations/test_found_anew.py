"""After an update people are found as this program finds them, also those that an earlier one wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.kernel import postgres as server
from app.kernel import search
from app.kernel.ids import new_id
from app.kernel.store import Store
from app.kernel.types import moment
from app.migrations import upgrade
from app.organisations.model import Organisation
from app.parties.model import Vehicle

OURS, THEIRS = new_id(), new_id()
STEP = "0004"  # its program knew a plate only as it was written


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database as that step left it."""
    if request.param == "sqlite":
        store = Store.create(tmp_path / "store.fettle", bytes(range(32)))
        upgrade(store.writer, STEP)
        yield store.writer
        store.close()
        return
    databases: Any = request.getfixturevalue("postgres_server")
    url = databases.create()
    engine = server.owner_engine(url)
    upgrade(engine, STEP)
    yield engine
    engine.dispose()
    databases.drop(url)


def test_a_plate_that_was_there_before_the_update_is_found_however_it_is_written(before: Engine) -> None:
    plates = {OURS: "M-AB 12"} | ({THEIRS: "B-XY 9"} if before.dialect.name == "postgresql" else {})
    made: dict[str, Any] = {"stamp": 1, "made_at": moment(0), "made_by": OURS, "customer_id": new_id()}
    for org, plate in plates.items():
        with Session(before, info={"orgs": {org}}) as session:
            session.add(Organisation(id=org, org_id=org, name="Moto", stamp=1, made_at=moment(0), made_by=org))
            vehicle = Vehicle(id=new_id(), org_id=org, make="BMW", model="R 1250 GS", plate=plate, **made)
            session.add_all([vehicle, Vehicle(id=new_id(), org_id=org, model="Sold", plate="S-1", retired=True, **made)])
            search.put(session, [vehicle])
            told = " ".join(search.split(f"{plate} BMW R 1250 GS"))
            session.execute(text("UPDATE search SET words = :told"), {"told": told})
            session.commit()
    upgrade(before)
    for org, plate in plates.items():
        with Session(before, info={"orgs": {org}}) as session:
            assert len(search.having(session, org, "vehicle", search.as_one(plate))) == 1
            assert search.having(session, org, "vehicle", "s1") == []
