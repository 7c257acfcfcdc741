"""Is the hub alive, and can it work? Two pages for whatever watches over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from app.kernel.problems import Trouble
from app.migrations import stands_at_head

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


def _lacking(hub: Hub) -> str:
    if hub.stopping.is_set():
        return "stopping"
    try:
        return "" if stands_at_head(hub.engine) else "tables"
    except (DBAPIError, Trouble):
        return "database"
