"""Is the hub alive, can it work, and how does it stand? For what watches over it, and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.access.model import Person
from app.kernel import feed
from app.kernel.problems import Trouble
from app.kernel.records import PARKED, Discrepancy, EnvelopeRow
from app.migrations import stands_at_head
from app.terminals.model import ACTIVE, Terminal

if TYPE_CHECKING:
    from sync.hub.main import Hub


def router(hub: Hub) -> APIRouter:
    made = APIRouter()

    @made.get("/health", include_in_schema=False)
    async def health() -> dict[str, Any]:
        """Answers as long as the process does."""
        return {"status": "alive"}

    @made.get("/ready", include_in_schema=False)
    def ready() -> JSONResponse:
        """200 when the database can be reached and has this program's tables; else 503 and what is missing."""
        lacking = _lacking(hub)
        return JSONResponse({"status": lacking or "ready"}, 503 if lacking else 200)

    return made


def standing(hub: Hub) -> dict[str, Any]:
    """How the hub stands, in a few numbers, for whoever looks after it."""
    there = hub.organisations()
    with hub.session(*there) as session:
        counted = session.execute(select(EnvelopeRow.state, func.count()).group_by(EnvelopeRow.state))
        states = {state: count for state, count in counted}
        open_ones = select(func.count()).select_from(Discrepancy).where(Discrepancy.state == "open")
        return {
            "database": str(hub.engine.url.render_as_string(hide_password=True)),
            "organisations": len(there),
            "people": session.scalar(select(func.count()).select_from(Person).where(Person.retired.is_(False))),
            "terminals": session.scalar(select(func.count()).select_from(Terminal).where(Terminal.state == ACTIVE)),
            "commands": sum(states.values()),
            "parked": states.get(PARKED, 0),
            "discrepancies": session.scalar(open_ones),
            "feed": feed.head(session),
        }


def _lacking(hub: Hub) -> str:
    if hub.stopping.is_set():
        return "stopping"
    try:
        return "" if stands_at_head(hub.engine) else "tables"
    except (DBAPIError, Trouble):
        return "database"
