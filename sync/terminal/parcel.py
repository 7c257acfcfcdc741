"""The terminal's side of a stick: writes what waits into a parcel for the hub, and takes in the one that comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import meta
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _
from sync import handover, parcels, wire
from sync.parcels import Parcel
from sync.protocol import GAP, STALE, Compare, Compared, Exchanged, Given, Hello, Pull, Push, Reborn, Renewed, Rows, Welcome
from sync.terminal import memory, pull, push
from sync.terminal.exchange import Limits, Outcome, exchange
from sync.terminal.identity import Identity

OUT = "parcel"  # the parcel that is on its way, and the key that opens its answer
IN_ONE = 1_000  # commands in one message


def write(app: App, who: Identity) -> tuple[bytes, int]:
    """A parcel with all that waits here, and how many commands that is. What waits goes on waiting until the answer is back."""
    private, public = handover.recovery_pair()
    with Session(app.read_engine) as session:
        pushes = list(_pushes(session, app))
        cursor = pull.cursor(session)
        wanted = Pull(cursor, epoch=memory.text(session, memory.EPOCH), without=memory.without(session, app.registry))
    label = {"terminal": app.station.id.hex, "answer_for": public.hex(), "cursor": cursor}
    app.writer.run(_remember, app, {"private": private.hex(), "cursor": cursor})
    bodies = [wire.pack(one, wanted) for one in pushes]
    return parcels.wrapped(Parcel(label, tuple(bodies)), who.key.private, who.hub.recovery_key), _count(pushes)


def _pushes(session: Session, app: App) -> list[Push]:
    """What waits, in messages of a size that the hub takes; at least one, which may be empty."""
    made = [wire.fitting(push.batch(session, app.station.id, IN_ONE))]
    while made[-1].envelopes:
        last = made[-1].first_number + len(made[-1].envelopes) - 1
        made.append(wire.fitting(push.batch(session, app.station.id, IN_ONE, after=last)))
    return made if len(made) == 1 else made[:-1]


def _count(pushes: list[Push]) -> int:
    return sum(len(one.envelopes) for one in pushes)


def _remember(app: App, out: dict[str, Any]) -> None:
    with app.writer.sessions() as session:
        meta.keep(session, OUT, out)
        session.commit()


def take(app: App, who: Identity, content: bytes) -> Outcome:
    """Takes in the hub's answer: its verdicts, and its rows unless newer ones came over the network meanwhile.

    May be repeated. Trouble where the parcel alone does not do, and the hub itself must be reached.
    """
    with Session(app.read_engine) as session:
        out = meta.read(session, OUT)
        here = pull.cursor(session)
    if not out:
        raise Refused(_no_answer_due())
    parcel = parcels.unwrapped(content, bytes.fromhex(out["private"]), lambda _label: who.hub.hub_key)
    if parcel.label.get("terminal") != app.station.id.hex:
        raise Refused(_no_answer_due())
    sent, rows = 0, 0
    refused: list[UUID] = []
    for body in parcel.bodies:
        answer = wire.unpack_one(body, Exchanged, limits=wire.TOLD)
        now = replace(answer, now_ms=app.clock.now_ms())  # it was written some time ago, and sets no clock
        brought = exchange(app, _Back(now, fresh=here == out["cursor"]), Limits(commands=0))
        sent, rows = sent + len(answer.verdicts), rows + brought.rows
        refused += brought.refused
    return Outcome(sent, rows, tuple(refused))


class _Back:
    """The answer that came back, as the peer who gives it."""

    def __init__(self, answer: Exchanged, *, fresh: bool) -> None:
        if answer.standing in (GAP, STALE):
            raise _needs_the_line()
        self._answer = replace(answer, digest=None, pages=answer.pages if fresh else ())

    def exchange(self, _push: Push, _pull: Pull) -> Exchanged:
        return self._answer

    def hello(self, _hello: Hello) -> Welcome:
        raise _needs_the_line()

    def compare(self, _compare: Compare) -> Compared:
        raise _needs_the_line()

    def rows(self, _rows: Rows) -> Given:
        raise _needs_the_line()

    def reborn(self, _reborn: Reborn) -> Renewed:
        raise _needs_the_line()


def _needs_the_line() -> Trouble:
    message = _("The hub was put back from a backup, or this store was: a stick cannot bring them in step again.")
    return Trouble("parcel.line", message, _("Nothing is lost. Bring the terminal to a network once."))


def _no_answer_due() -> Problem:
    message = _("This is no answer to the parcel that was written here last.")
    return Problem("parcel.other", message, hint=_("Write a new parcel, carry it to the hub, and bring its answer back."))
