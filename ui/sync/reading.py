"""Reading: how the terminal stands to its hub, from the store and the engine, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.kernel.link import LinkDetails
from app.kernel.outgoing import Outgoing, age, leaves, outgoing
from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.values import moment

Pairs = tuple[tuple[str, str], ...]
STALE_HOURS = 24
WORDS = {
    "online": _("In touch with the hub"),
    "slow": _("In touch with the hub, slowly"),
    "offline": _("The hub is out of reach"),
    "sending": _("Sending"),
    "needs_you": _("Somebody is needed"),
    "not_enrolled": _("This terminal works alone"),
}
TONES = {"offline": "warn", "sending": "ask", "needs_you": "danger"}


@dataclass(frozen=True)
class Known:
    """What the page shows; pairs are words and their value."""

    hub: str
    state: str
    tone: str
    problems: tuple[Problem, ...]
    facts: Pairs
    notices: Pairs
    fresh: Pairs


def known(bench: Bench) -> Known:
    """Asked on a reader thread."""
    app, state, details = bench.app, bench.link.state(), bench.link.details()
    now = app.clock.now()
    with app.read(bench.actor) as session:
        waits = outgoing(session, bench.actor.org_id)
    enrolled = bool(details.hub) or app.station.enrolled
    found = (details.failure, _stale(details.last_done, now) if enrolled else None, leaves(waits) if enrolled else _alone(bench))
    return Known(
        details.hub,
        say(WORDS[state.kind]),
        TONES.get(state.kind, ""),
        tuple(problem for problem in found if problem is not None),
        _facts(details, waits, now) if enrolled else (),
        tuple((moment(one.at), one.finding.sentence) for one in details.notices),
        _fresh(bench, details),
    )


def _facts(details: LinkDetails, waits: Outgoing, now: datetime) -> Pairs:
    never = say(_("not yet"))
    oldest = age(waits.oldest, now) if waits.oldest is not None else "–"
    return (
        (say(_("Hub")), details.hub or "–"),
        (say(_("Waiting")), str(waits.waiting)),
        (say(_("Parked at the hub")), str(waits.parked)),
        (say(_("Oldest of them")), oldest),
        (say(_("Last in touch")), moment(details.last_done) if details.last_done else never),
        (say(_("Last try")), moment(details.last_try) if details.last_try else never),
        (say(_("Next try")), moment(details.next_try) if details.next_try else "–"),
    )


def _fresh(bench: Bench, details: LinkDetails) -> Pairs:
    """The kinds of record that somebody may read, each with its moment; those of one moment stand together."""
    registry, groups = bench.app.registry, dict[datetime, list[str]]()
    for name, at in details.fresh.items():
        entity = registry.entities.get(name)
        if entity is not None and bench.can(registry.grant_of(entity, "read")):
            groups.setdefault(at, []).append(say(entity.__about__.plural))
    return tuple((moment(at), ", ".join(sorted(names))) for at, names in sorted(groups.items()))


def _stale(done: datetime | None, now: datetime) -> Problem | None:
    if done is None or (now - done).total_seconds() < STALE_HOURS * 3600:
        return None
    return Problem(
        "sync.stale",
        _("What others did in the last {age} is not known here."),
        blocks=False,
        hint=_("Everything can go on; bring the terminal where it has network."),
        values={"age": age(done, now)},
    )


def _alone(bench: Bench) -> Problem:
    here = _("To share it, join a hub here: by its address and a code that was made there.")
    elsewhere = _("To share it, run on this machine: fettle enrol, the hub's address, and the code that was made there.")
    return Problem(
        "sync.alone",
        _("What is booked here stays here."),
        blocks=False,
        hint=elsewhere if bench.join is None else here,
    )
