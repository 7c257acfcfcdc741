"""`fettle sync`: exchanges with the hub, and says what waits, what is wrong and how fresh the data is."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.kernel.words import _, say
from ui.cli import out
from ui.cli.out import DONE, FAILED, LACKING

if TYPE_CHECKING:
    from datetime import datetime

    from app.assemble import Terminal
    from app.kernel.problems import Problem
    from sync.terminal.engine import Engine
    from sync.terminal.joined import Joined

WORDS = {
    "online": _("In step with the hub."),
    "slow": _("In step with the hub, which answers slowly."),
    "sending": _("Sending."),
    "offline": _("The hub cannot be reached."),
    "needs_you": _("Somebody must see to it."),
    "not_enrolled": _("This terminal works alone: what is booked here stays here until it is enrolled at a hub."),
}


def add(verbs: Any) -> None:
    parser = verbs.add_parser("sync", help="keep in step with the hub until told to end")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="send what waits, fetch what is new, and end")
    what.add_argument(
        "--check", action="store_true", help="the same, then compare all that lies here with the hub, and mend what differs"
    )
    what.add_argument("--status", action="store_true", help="only say what waits, what is wrong and how fresh the data is")


def run(args: argparse.Namespace) -> int:
    """Done when nothing is wrong; what the hub refuses is a failure, a hub out of reach is something that lacks."""
    from app.assemble import open_terminal
    from ui.cli.opening import store_path

    terminal = open_terminal(store_path(args.store))
    try:
        if args.status and _alone(terminal):
            _show({"state": "not_enrolled", "waiting": 0}, as_json=args.json)
            return DONE
        return _joined(terminal, args)
    finally:
        terminal.close()


def _alone(terminal: Terminal) -> bool:
    from sync.terminal.identity import membership

    return membership(terminal.app.read_engine) is None


def _joined(terminal: Terminal, args: argparse.Namespace) -> int:
    from sync.terminal.joined import joined

    orders: list[Any] = []
    ends = threading.Event()

    def ordered(identity: Any) -> None:
        orders.append(identity)
        ends.set()

    found = joined(terminal, wiped=ordered)
    try:
        problem = _worked(found, args, ends)
    finally:
        found.engine.close()
    if orders:
        return obey(terminal, orders[0])
    _show(status(found.engine), as_json=args.json)
    return _code(problem)


def _worked(found: Joined, args: argparse.Namespace, ends: threading.Event) -> Problem | None:
    """Exchanges as it was asked for; what is wrong in the end."""
    if args.status:
        return None
    if args.check:
        if (problem := found.engine.check()) is not None:
            return problem
    elif args.once:
        found.engine.exhaust()
    else:
        with _ended_by_signals(ends):
            found.engine.start()
            ends.wait()
    return found.engine.details().failure


def obey(terminal: Terminal, identity: Any) -> int:
    """The hub has ordered this store to be wiped."""
    from app.kernel.keys import machine_keeper
    from sync.terminal.wipe import wipe

    left = wipe(terminal, identity, machine_keeper())
    out.word(_("The hub ordered this store to be removed, and it is gone."))
    if left is not None:
        out.word(_("What was not sent yet is in {path}, sealed: take it to whoever looks after the hub."), path=left)
    return FAILED


@contextmanager
def _ended_by_signals(ends: threading.Event) -> Iterator[None]:
    before = {one: signal.signal(one, lambda _number, _frame: ends.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _code(problem: Problem | None) -> int:
    if problem is None:
        return DONE
    out.explain(problem)
    return FAILED if problem.code.startswith(("device.", "sync.")) else LACKING


# ------------------------------------------------------------------------------------------------------------- the status


def status(engine: Engine) -> dict[str, Any]:
    """How the terminal stands, as programs read it."""
    from app.kernel.types import moment

    state, details, here = engine.state(), engine.details(), engine.standing()
    failure = details.failure.as_json() if details.failure is not None else None
    return {
        "state": state.kind,
        "hub": details.hub,
        "waiting": here.waiting,
        "parked": here.parked,
        "asked": state.asked,
        "oldest": _iso(moment(here.oldest_ms)) if here.oldest_ms else None,
        "last_done": _iso(details.last_done),
        "last_try": _iso(details.last_try),
        "failure": failure,
        "fresh": {name: _iso(when) for name, when in details.fresh.items()},
        "mended": [notice.finding.sentence for notice in details.notices],
    }


def _iso(when: datetime | None) -> str | None:
    return None if when is None else str(out.plain(when))


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out.line(told)
        return
    out.table(("what", "how it stands"), [("state", say(WORDS[told["state"]])), *_lines(told)])


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "waiting", str(told["waiting"])
    for name, key in (("hub", "hub"), ("oldest waiting", "oldest"), ("last exchange", "last_done"), ("last try", "last_try")):
        if told.get(key):
            yield name, told[key]
    for sentence in told.get("mended", ()):
        yield "mended", sentence
    for key in ("parked", "asked"):
        if told.get(key):
            yield key, str(told[key])
    if told.get("failure"):
        yield "failing", f"{told['failure']['message']} {told['failure']['hint']}".strip()
    yield from _fresh(told.get("fresh") or {})


def _fresh(told: dict[str, str]) -> Iterator[tuple[str, str]]:
    """How fresh the data is: in one line where that is the same for all of it."""
    moments = set(told.values())
    if len(moments) == 1:
        yield "fresh", moments.pop()
    elif moments:
        yield from ((f"fresh: {name}", when) for name, when in sorted(told.items()))
