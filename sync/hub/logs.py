"""The hub's log: one JSON object a line, with what finds a request again, and only fields that may be told."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

SERVICE = "fettle-hub"
correlation: ContextVar[str] = ContextVar("correlation", default="")  # the trace of the request that is being answered


class JsonLines(logging.Formatter):
    """A record as one line: timestamp, level, service, correlation_id, logger, message, and a bug's trace."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": SERVICE,
            "correlation_id": correlation.get(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def write_json(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """From here on everything that is logged goes to `stream` (stderr) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in ("httpx", "httpcore", "sqlalchemy", "alembic"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
