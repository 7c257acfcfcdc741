"""Reading: how the hub stands to Odoo, in words that are read from the top: what is wrong first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.outgoing import age
from app.kernel.queries import Row
from app.kernel.words import _, say
from app.odoo.model import AWAY, HEALTHS, PAUSED, SENDING
from ui.kit.bench import Bench
from ui.kit.values import moment

READS = frozenset({"odoo_health", "odoo_letter", "odoo_match", "odoo_difference"})
STALE_HOURS = 2  # the hub tells of Odoo at least once an hour
TONES = {AWAY: "warn", SENDING: "ask", PAUSED: "warn"}
MOMENTS = (
    ("answered_at", _("Odoo last answered")),
    ("sent_at", _("Last sent")),
    ("taken_at", _("Last taken")),
    ("compared_at", _("Last compared")),
)


@dataclass(frozen=True)
class Known:
    """What the page shows; pairs are words and their value."""

    state: str
    tone: str = ""
    said: tuple[tuple[str, str], ...] = ()  # sentences and their advice
    facts: tuple[tuple[str, str], ...] = ()
    letters: int = 0
    matches: int = 0
    differences: int = 0


def known(bench: Bench) -> Known:
    """Asked on a reader thread."""
    app, actor = bench.app, bench.actor
    rows = app.ask("odoo_health", actor, limit=1).rows
    if not rows:
        advice = say(_("At the hub, run fettle odoo setup; it says what to do. Until then nothing waits."))
        return Known(say(_("No Odoo is connected")), said=((advice, ""),))
    row, now, letters = rows[0], app.clock.now(), app.count("odoo_letters", actor, open=True)
    return Known(
        say(dict(HEALTHS)[row["state"]]),
        TONES.get(row["state"], ""),
        tuple(one for one in ((row["message"], row["hint"]), _old(row, now)) if one[0]),
        _facts(row, now, letters),
        letters=letters,
        matches=app.count("odoo_matches", actor, open=True),
        differences=app.count("odoo_differences", actor, open=True),
    )


def _old(row: Row, now: datetime) -> tuple[str, str]:
    """What is seen is as old as what the hub said last."""
    told: Any = row["told_at"]
    if told is None or (now - told).total_seconds() < STALE_HOURS * 3600:
        return "", ""
    said = say(_("The hub last said how it stands {age} ago."), age=age(told, now))
    return said, say(_("Look whether this terminal reaches the hub, and whether the hub runs."))


def _facts(row: Row, now: datetime, letters: int) -> tuple[tuple[str, str], ...]:
    told = row["told_at"]
    never = say(_("not yet"))
    return (
        (say(_("Waits for Odoo")), str(row["waiting"])),
        (say(_("Stuck")), str(letters)),
        (say(_("As of")), say(_("{when}, {age} ago"), when=moment(told), age=age(told, now)) if told else never),
        *((say(label), moment(row[name]) if row[name] else never) for name, label in MOMENTS),
        (say(_("Database")), " · ".join(one for one in (row["database"], row["version"] or "") if one)),
        (say(_("Web address")), row["url"] or "–"),
    )
