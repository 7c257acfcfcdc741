"""Takes in what a wiped terminal handed over. What was done there after it had been revoked goes before people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import blobs
from app.kernel.access import system
from app.kernel.ids import derived_id
from app.kernel.outbox import chained
from app.kernel.problems import Problem, Refused
from app.kernel.records import APPLIED, QUESTIONED, ChangeRow, EnvelopeRow
from app.kernel.words import _
from app.terminals.commands import QuestionWork
from app.terminals.model import ACTIVE
from sync import handed, handover
from sync.handed import Head
from sync.hub.devices import Devices, Known
from sync.hub.peer import HubPeer
from sync.protocol import OK, STALE, Pull, Push, Sent

NOTHING = Pull(0, rows=1, pages=0)


@dataclass(frozen=True)
class Recovered:
    """What became of a file: how many commands and files it holds, how many of the commands the hub has now, and how many of
    them people must look at."""

    terminal: UUID
    name: str
    commands: int
    taken: int
    doubtful: int
    files: int


def recover(app: App, devices: Devices, file: BinaryIO) -> Recovered:
    """Runs the commands as if the terminal sent them, and takes its files in. May be repeated: nothing is done twice.

    Trouble when the file was not sealed for this hub, Refused when it is of no terminal that this hub knows.
    """
    records = handover.unseal_records(devices.keys.recovery, file)
    head = handed.read_head(records)
    known = devices.held(head.terminal)
    if known is None or known.reach.org_id != head.organisation:
        raise Refused(_nobody_s())
    taking = _Taking(app, known, head)
    for record in records:
        taking.take(handed.read(record))
    numbers = range(head.first_number, taking.number)
    doubtful = _question(app, known, numbers) if known.ended and numbers else 0
    taken = max(0, min(taking.last + 1, numbers.stop) - numbers.start)
    return Recovered(head.terminal, known.name, len(numbers), taken, doubtful, taking.files)


class _Taking:
    """Takes in one record after the other. `number` is the next command's, `last` the hub's last one."""

    def __init__(self, app: App, known: Known, head: Head) -> None:
        self._app = app
        self._org = known.reach.org_id
        self._terminal = head.terminal
        self._peer = HubPeer(app, lambda ident: known.reach if ident == head.terminal else None)
        self._chain = head.prev_hash
        self.number, self.last, self.files = head.first_number, head.first_number - 1, 0

    def take(self, what: list[str] | bytes) -> None:
        if isinstance(what, bytes):
            self._app.writer.run(self._keep_file, what)
        else:
            self._push(what)

    def _push(self, texts: list[str]) -> None:
        """Sends some commands, unless it stopped before them, behind one that the hub could not run."""
        if self.last >= self.number - 1:
            push = Push(self._terminal.hex, self.number, self._chain, tuple(map(Sent, texts)))
            answer = self._peer.exchange(push, NOTHING)
            if answer.standing not in (OK, STALE):
                raise Refused(_does_not_follow())
            self._chain, self.last = reduce(chained, texts, self._chain), answer.last_number
        self.number += len(texts)

    def _keep_file(self, content: bytes) -> None:
        """Keeps a file that hangs on a record; what hangs on nothing is nobody's."""
        with self._app.writer.sessions(info={"orgs": {self._org}}) as session:
            if blobs.sizes_of(session, self._org, sha256(content).hexdigest()):
                blobs.keep_file(session, self._org, content)
                session.commit()
                self.files += 1


def _question(app: App, known: Known, numbers: range) -> int:
    """Puts before people what was done after the terminal had been revoked, by the hub's own clock as far as it is believed."""
    late = select(EnvelopeRow.id).where(
        EnvelopeRow.terminal_id == known.terminal_id,
        EnvelopeRow.number.between(numbers[0], numbers[-1]),
        EnvelopeRow.state.in_((APPLIED, QUESTIONED)),
    )
    with Session(app.read_engine, info={"orgs": {known.reach.org_id}}) as session:
        since = EnvelopeRow.stamp > _shut_out_at(session, known.terminal_id)
        found = list(session.scalars(late.where(since).order_by(EnvelopeRow.number)))
    _ask_about(app, known, found)
    return len(found)


def _shut_out_at(session: Session, terminal: UUID) -> int:
    """The stamp of the act that first shut a terminal out since it was last let in; what was done to its record since, such as
    another name, does not count. 0 where nobody knows: then all of it goes before people."""
    acts = select(EnvelopeRow.stamp, ChangeRow.after).join(ChangeRow, ChangeRow.envelope_id == EnvelopeRow.id)
    at = 0
    for stamp, after in session.execute(acts.where(ChangeRow.row_id == terminal).order_by(ChangeRow.id.desc())):
        state = (after or {}).get("state")
        if state == ACTIVE:
            break
        at = stamp if state else at
    return at


def _ask_about(app: App, known: Known, commands: Iterable[UUID]) -> None:
    for ident in commands:
        command = QuestionWork(terminal=known.terminal_id, command=ident)
        app.run(command, system(known.reach.org_id), derived_id(ident, "terminal", "after")).or_refused()


# -------------------------------------------------------------------------------------------------------------- words


def _nobody_s() -> Problem:
    message = _("The hub has no terminal that this file could be of.")
    return Problem("recovery.nobody", message, hint=_("Take it to the hub that the terminal belonged to."))


def _does_not_follow() -> Problem:
    message = _("What is in this file does not follow on what the hub has of the terminal; nothing of it was taken.")
    return Problem("recovery.gap", message, hint=_("Restore the hub's newest backup first, or look for an earlier file."))
