"""Commands that arrive late, as from another terminal that was away."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.kernel.access import SYSTEM
from app.kernel.capture import WorkSession
from app.kernel.clock import stamp_of
from app.kernel.commands import Command, Envelope, encode
from app.kernel.entity import Entity
from app.kernel.ids import new_id
from app.kernel.types import moment
from world import World

ELSEWHERE = UUID(int=99)


def late(world: World, command: Command, ms: int, *, by: UUID = SYSTEM, **drawn: Any) -> Any:
    """Runs what somebody did at another terminal at `ms`, as it comes in now; what came of it."""
    envelope = Envelope(
        id=new_id(ms),
        command=type(command).__name__,
        version=command.version,
        body=encode(command),
        org_id=world.org,
        actor_id=by,
        terminal_id=ELSEWHERE,
        stamp=stamp_of(ms),
        occurred_at=moment(ms),
        business_date=date(2026, 11, 20),
        authority=command.authority,
        drawn=drawn,
    )

    def run() -> Any:
        with WorkSession(world.app.dispatcher.engine, expire_on_commit=False, info={"orgs": {world.org}}) as session:
            done = world.app.dispatcher.replay(session, envelope, adopting=True)
            session.commit()
            return done

    done = world.app.writer.run(run)
    world.app.notices.tell(done.capture.notice(envelope.command))
    return done


def laid(world: World, row: Entity) -> None:
    """Lays a row down as a pull does: it was made elsewhere."""
    row.id, row.org_id, row.retired = new_id(), world.org, False
    row.stamp, row.made_at, row.made_by = world.app.clock.tick(), world.app.clock.now(), SYSTEM

    def run() -> None:
        with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
            session.add(row)
            session.commit()

    world.app.writer.run(run)
