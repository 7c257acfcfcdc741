"""A line to the database that is cut behind the commit: what was kept is known afterwards, and the chain stays whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.ids import new_id
from app.kernel.standard import SaveRecord
from app.parts.model import Part
from world import World


class Cut:
    """Cuts the line right behind the next commit of a command, and lets nobody in again for a moment."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.cut = self.away = False
        self._commit = Session.commit

    def __enter__(self) -> None:
        event.listen(self.engine, "begin", self._begin)
        self._patch = patch.object(Session, "commit", self._committing())
        self._patch.start()

    def __exit__(self, *_error: object) -> None:
        self._patch.stop()
        event.remove(self.engine, "begin", self._begin)

    def _committing(self) -> Callable[[Session], None]:
        def commit(session: Session) -> None:
            self._commit(session)
            if not self.cut and "capture" in session.info:
                self.cut = self.away = True
                raise _gone()

        return commit

    def _begin(self, _connection: Any) -> None:
        if self.away:
            self.away = False
            raise _gone()


def _gone() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("the server closed the connection"), connection_invalidated=True)


def a_part(code: str) -> SaveRecord:
    return SaveRecord(entity="part", fields={"code": [None, code], "name": [None, "Bolt"]})


def test_a_hub_whose_line_was_cut_behind_the_commit_goes_on_with_its_chain(hub: World) -> None:
    hub.furnish()
    ident = new_id()
    with Cut(hub.app.dispatcher.engine), pytest.raises(OperationalError):
        hub.run(a_part("A-1"), id=ident)
    hub.done(a_part("A-2"))
    again = hub.run(a_part("A-1"), id=ident)
    assert again.done
    assert again.again
    assert {"A-1", "A-2"} <= {part.code for part in hub.rows(Part)}
    with hub.session() as session:
        assert outbox.verify_chain(session, hub.app.station.id) is None
