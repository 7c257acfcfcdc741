"""What hangs at this machine: where it prints labels and how its scanner types, kept in its own store and sent to nobody."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from app.kernel import meta

PRINTER, SCANNER, LANGUAGE = "printer", "scanner", "language"


@dataclass(frozen=True)
class Devices:
    """The printer's target (`tcp://host`, or a file), what a scanner was found to be set to, and the machine's own language."""

    printer: str = ""
    scanner: dict[str, Any] | None = None
    language: str = ""


def read(session: Session) -> Devices:
    """What is kept; nothing of it where nothing was said yet."""
    kept = {field.name: meta.read(session, field.name) for field in fields(Devices)}
    return Devices(**{name: value for name, value in kept.items() if value})


def keep(session: Session, **what: Any) -> None:
    """Keeps some of it; the caller commits. What has no value is forgotten."""
    unknown = set(what) - set(asdict(Devices()))
    if unknown:
        raise TypeError(f"no device is called {', '.join(sorted(unknown))}")
    for name, value in what.items():
        if value:
            meta.keep(session, name, value)
        else:
            meta.forget(session, name)
