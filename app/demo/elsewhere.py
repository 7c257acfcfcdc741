"""Elsewhere: what a second terminal did while it was away, as it comes in: the cards that people then settle."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.demo.folk import ADVISER, MANAGER
from app.demo.history import tour_jobs
from app.demo.stage import Stage
from app.kernel.access import Actor
from app.kernel.capture import Capture, WorkSession
from app.kernel.clock import stamp_of
from app.kernel.commands import Command, Envelope, encode
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.saving import SaveRecord
from app.kernel.standard import Transition
from app.kernel.types import millis, moment
from app.kernel.words import _
from app.kernel.work import give_back
from app.work_orders.commands import AssignOrder, CreateOrder

MINUTE = 60_000


@dataclass(frozen=True)
class Away:
    """A terminal that was without network."""

    stage: Stage
    id: UUID

    def brings(self, command: Command, actor: Actor, ms: int) -> None:
        """Runs what was done there at `ms`, as a pull does with what the hub has taken."""
        self.stage.app.writer.run(self._run, self._envelope(command, actor, ms))

    def _envelope(self, command: Command, actor: Actor, ms: int) -> Envelope:
        return Envelope(
            id=derived_id(self.id, "away", f"{ms}:{type(command).__name__}"),
            command=type(command).__name__,
            version=command.version,
            body=encode(command),
            org_id=self.stage.org,
            actor_id=actor.id,
            terminal_id=self.id,
            stamp=self.stage.app.clock.tick(),  # after what was done here, whenever it was
            occurred_at=moment(ms),
            business_date=self.stage.today,
            authority=command.authority,
        )

    def _run(self, envelope: Envelope) -> None:
        app = self.stage.app
        with WorkSession(app.dispatcher.engine, expire_on_commit=False, info={"orgs": {self.stage.org}}) as session:
            done = app.dispatcher.replay(session, envelope)
            session.commit()
        app.notices.tell(done.capture.notice(envelope.command))

    def gets_back(self, command: Command, actor: Actor, ms: int, problem: Problem) -> None:
        """The hub did not take this, and it came back."""

        def run() -> None:
            with WorkSession(self.stage.app.dispatcher.engine, info={"orgs": {self.stage.org}}) as session:
                session.info["capture"] = Capture(self.stage.app.registry, stamp_of(ms))
                give_back(session, self._envelope(command, actor, ms), problem, encode(command))
                session.commit()

        self.stage.app.writer.run(run)


def come_back(stage: Stage) -> None:
    """Two jobs that went different ways at two terminals, a text that two people wrote, and an edit that came back."""
    away = Away(stage, derived_id(stage.ident("site", "M"), "terminal", "away"))
    ben, tom = stage.actor(ADVISER), stage.actor(MANAGER)
    now = millis(stage.app.clock.now())
    for minutes, what in ((50, "Chain and sprockets"), (40, "Horn does not sound")):
        order = _cancelled(stage, what)
        away.brings(Transition(entity="work_order", id=order, move="begin"), ben, now - minutes * MINUTE)
    what = "Rear brake squeals"
    order = stage.do(CreateOrder(site=stage.ident("site", "M"), what=what), ben).row("work_order")
    told = {"what": [what, "Rear brake squeals when it is cold and wet"]}
    stage.do(SaveRecord(entity="work_order", id=order, fields=told), tom)
    said = {"what": [what, "Rear brake squeals when warm, pads at 2 mm"]}
    away.brings(SaveRecord(entity="work_order", id=order, fields=said), ben, now - 30 * MINUTE)
    came_back(stage, MANAGER)


def came_back(stage: Stage, username: str) -> None:
    """Somebody gave a job to a colleague who does not work here any more, as the hub knew already."""
    away = Away(stage, derived_id(stage.ident("site", "M"), "terminal", "away"))
    order, _other = tour_jobs(stage)
    gone = Problem(
        "work_orders.not_active",
        _("{name} does not work here at the moment."),
        field="person",
        hint=_("Give the job to somebody else."),
        values={"name": "Ali Demir"},
    )
    given = AssignOrder(order=order, person=stage.ident("person", "ali"), bay="2")
    away.gets_back(given, stage.actor(username), millis(stage.app.clock.now()) - 20 * MINUTE, gone)


def _cancelled(stage: Stage, what: str) -> UUID:
    order = stage.do(CreateOrder(site=stage.ident("site", "M"), what=what), stage.actor(ADVISER)).row("work_order")
    stage.do(Transition(entity="work_order", id=order, move="cancel", reason="The customer sold it"), stage.actor(MANAGER))
    return order
