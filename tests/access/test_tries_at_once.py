"""Wrong PINs that come to the hub at once, through several processes, are counted as if they came one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import URL
from sqlalchemy.orm import Session

from app.access.throttle import MOST, Throttle
from app.kernel import postgres as server
from app.kernel.clock import Clock
from app.kernel.ids import new_id

AT_ONCE = 8


def test_no_more_are_let_through_than_of_those_that_come_in_turn(postgres: URL) -> None:
    engine, together = server.engine(postgres), Barrier(AT_ONCE, timeout=20)
    person, place = new_id(), new_id()

    def tried(_who: int) -> bool:
        with Session(engine) as session:
            throttle = Throttle(session, place, Clock().now)
            together.wait()
            _number, problem = throttle.admit(session, person)
            session.commit()
        return problem is None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(tried, range(AT_ONCE))) == MOST
    engine.dispose()
