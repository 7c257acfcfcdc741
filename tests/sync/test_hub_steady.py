"""While a terminal is answered, others go on writing at the hub: what it gets is one state of it, whole."""

from __future__ import annotations

from typing import Any

import pytest
from replay_chance import evening
from replay_world import Trio, named
from sqlalchemy import URL, Connection, text

from app.kernel import postgres as server
from app.kernel.standard import SaveRecord
from app.parts.model import Part
from sync.hub import peer


@pytest.fixture
def trio(trio_on_postgresql: Trio) -> Trio:
    return trio_on_postgresql


def named_anew(trio: Trio, name: str) -> None:
    was = trio.hub.get(Part, named("part", "P-1")).name
    trio.hub.done(SaveRecord(entity="part", id=named("part", "P-1"), fields={"name": [was, name]}), trio.program)


def test_what_is_written_while_a_terminal_is_answered_comes_whole_in_the_next_answer(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening(trio)
    named_anew(trio, "Pads")
    real, written = peer.pages, []

    def meanwhile(*asked: Any) -> Any:
        """Right after the hub has looked how far its feed is, somebody changes the same row again."""
        if not written:
            written.append(True)
            named_anew(trio, "Brake pads")
        return real(*asked)

    monkeypatch.setattr(peer, "pages", meanwhile)
    outcome = trio.exchange(trio.left)
    assert written
    assert outcome.mended == (), "nothing differs, so there is nothing to mend"
    assert trio.left.get(Part, named("part", "P-1")).name == "Pads"
    trio.exchange(trio.left)
    assert trio.left.get(Part, named("part", "P-1")).name == "Brake pads"


def test_whoever_keeps_a_transaction_open_holds_up_nobodys_rows(trio: Trio, postgres: URL) -> None:
    evening(trio)
    other = server.owner_engine(postgres)
    with other.connect() as long:
        _begin_writing(long)
        named_anew(trio, "Pads")
        assert trio.exchange(trio.left).mended == (), "the feed brings it, and no repair"
        assert trio.left.get(Part, named("part", "P-1")).name == "Pads"
        long.rollback()
    other.dispose()
    evening(trio)


def _begin_writing(connection: Connection) -> None:
    """A transaction has its place in the server's order only once it writes."""
    connection.execute(text("SELECT pg_current_xact_id()"))
