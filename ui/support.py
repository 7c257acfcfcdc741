"""Support: one file for whoever helps, with what they need to know of this machine and nothing of what people wrote in it.

Only numbers, names of our own (tables, commands, problems, settings) and sentences of the health checks go in. No row, no
code, no name, no key and no path above the data's own folder does.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from glob import escape
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel import health
from app.kernel.access import SYSTEM
from app.kernel.files import write_whole
from app.kernel.health import Check
from app.kernel.problems import Problem
from app.kernel.records import ChangeRow, DeniedRow, Discrepancy, EnvelopeRow, SyncEvent
from app.kernel.settings import SettingValue
from app.kernel.whereabouts import whereabouts
from app.migrations import head
from ui.health.doctor import HouseDoctor

LATEST = 20  # reports of mistakes
SAFE = ("count", "sqlite", "cipher", "tables", "python", "free_mb", "used_percent", "reserve_mb", "p50_ms", "p99_ms", "megabytes",
        "erased", "minutes", "doubt", "waiting", "parked")  # fmt: skip
"""The values of health checks that are numbers or versions: others may hold a path or what a database said."""


def bundle(terminal: Terminal, reports: Path, to: Path) -> Path:
    """Writes the file; Trouble where the disk refuses it."""
    return _packed(to, chain(_parts(terminal, reports), _reports(reports)))


def bare_bundle(problem: Problem, store: Path, reports: Path, to: Path) -> Path:
    """The same of a store that cannot be opened, which is when help is needed most: what is in the way, and what lies there."""
    return _packed(to, chain(_bare_parts(problem, store), _reports(reports)))


def _packed(to: Path, parts: Iterable[tuple[str, str]]) -> Path:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    to.parent.mkdir(parents=True, exist_ok=True)
    write_whole(to, packed.getvalue())
    return to


def bundle_name(now: datetime) -> str:
    return f"fettle-support-{now:%Y%m%d-%H%M}.zip"


def _parts(terminal: Terminal, reports: Path) -> Iterator[tuple[str, str]]:
    yield "about.json", _json(_about(terminal))
    yield "health.json", _json([_check(one) for one in _health(terminal)])
    yield "data.json", _json(_data(terminal, reports))
    with Session(terminal.app.read_engine) as session:
        yield "counts.json", _json(_counts(session, terminal))
        yield "commands.json", _json(_commands(session))
        yield "findings.json", _json(_findings(session))
        yield "settings.json", _json(_settings(session, terminal))


def _bare_parts(problem: Problem, store: Path) -> Iterator[tuple[str, str]]:
    """Of a sentence only what stands in the program: what is filled in may be a path."""
    yield "about.json", _json({"made": datetime.now(UTC).isoformat(timespec="seconds"), **_machine()})
    yield "trouble.json", _json({"code": problem.code, "message": problem.message, "hint": problem.hint})
    there = sorted(store.parent.glob(f"{escape(store.name)}*")) if store.parent.is_dir() else []
    yield "data.json", _json({one.name.removeprefix(store.name) or "store": one.stat().st_size for one in there})


def _reports(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("report-*.txt"))[-LATEST:]:
        yield f"reports/{file.name}", _homeless(file.read_text(encoding="utf-8", errors="replace"))


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "python": sys.version,
        "processors": os.cpu_count(),
        "tables": head(),
    }


def _about(terminal: Terminal) -> dict[str, Any]:
    station = terminal.app.station
    return {
        "made": terminal.app.clock.now().isoformat(timespec="seconds"),
        **_machine(),
        "terminal": str(station.id),
        "zone": station.zone,
        "enrolled": station.enrolled,
    }


def _health(terminal: Terminal) -> Iterator[Check]:
    """What can be told without holding up the work."""
    yield from HouseDoctor(terminal).quick()
    with Session(terminal.store.reader) as session:
        yield health.caught("audit", lambda: health.audit(session))
    yield health.caught("writing", lambda: health.writing(terminal.store.path.parent))


def _check(check: Check) -> dict[str, Any]:
    """The sentence as it stands in the program, without what would be filled in."""
    values = {name: value for name, value in check.values.items() if name in SAFE}
    return {"check": check.name, "state": check.state, "message": check.message, "values": values}


def _data(terminal: Terminal, reports: Path) -> dict[str, Any]:
    told = whereabouts(terminal.store.path, terminal.app.read_engine, terminal.app.station, reports).as_json()
    for piece in told["pieces"]:
        piece["path"] = Path(piece["path"]).name
    return told


def _counts(session: Session, terminal: Terminal) -> dict[str, int]:
    """How many rows of each kind there are."""
    entities = terminal.app.registry.entities.items()
    return {name: session.scalar(select(func.count()).select_from(entity)) or 0 for name, entity in sorted(entities)}


def _commands(session: Session) -> dict[str, Any]:
    """What was done how often, and how it stands; by the program itself and by people."""
    wanted = select(EnvelopeRow.command, EnvelopeRow.state, EnvelopeRow.actor_id == SYSTEM, func.count())
    grouped = wanted.group_by(EnvelopeRow.command, EnvelopeRow.state, EnvelopeRow.actor_id == SYSTEM)
    listed = [
        {"command": command, "state": state, "by_program": bool(own), "count": count}
        for command, state, own, count in session.execute(grouped)
    ]
    changes = session.scalar(select(func.count()).select_from(ChangeRow)) or 0
    return {"commands": listed, "changes": changes}


def _findings(session: Session) -> dict[str, Any]:
    """Which problems people met, by their codes."""
    refused: dict[str, int] = {}
    for codes in session.scalars(select(DeniedRow.codes)):
        for code in codes:
            refused[str(code)] = refused.get(str(code), 0) + 1
    cards = select(Discrepancy.code, Discrepancy.state, func.count()).group_by(Discrepancy.code, Discrepancy.state)
    events = select(SyncEvent.kind, func.count()).group_by(SyncEvent.kind)
    return {
        "refused": refused,
        "cards": [{"code": code, "state": state, "count": count} for code, state, count in session.execute(cards)],
        "put_right": {kind: count for kind, count in session.execute(events)},
    }


def _settings(session: Session, terminal: Terminal) -> dict[str, Any]:
    """Numbers, switches and choices that differ from what they begin with; no text that somebody typed."""
    known = terminal.app.registry.settings
    told: dict[str, Any] = {}
    for row in session.scalars(select(SettingValue).where(SettingValue.retired.is_(False))):
        setting = known.get(row.key)
        if setting is not None and (not isinstance(row.value, str) or row.value in setting.choices):
            told[f"{row.key}{'' if row.place_id is None else ' at one place'}"] = row.value
    return told


def _homeless(text: str) -> str:
    """A report without whose home its files lie in."""
    return text.replace(str(Path.home()), "~")
