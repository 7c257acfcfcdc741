"""What must be true of the simulated world: some of it after every step, all of it once everybody has come to rest.

I1 what was acknowledged is at the hub exactly once, as soon as it left the outbox; I2 it leaves the outbox only with a verdict;
I3 balances are the fold of their ledger; I4 every committed row reaches everybody entitled; I5 cursor and rows move together;
I6 who stands at the same number with nothing waiting holds the same; I7 nothing that was read goes backwards; I8 a job's state
follows allowed moves only.
"""

from __future__ import annotations

from typing import Any

from replay_chance import own_work_stands
from sim_world import Box, Life
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel.records import WAITING, ChangeRow, Discrepancy, EnvelopeRow
from app.kernel.states import Machine as States
from app.work_orders.model import WorkOrder
from sync.terminal import pull, rebase


class Laws:
    """Watches one life. Call it after every step."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.town = life.town
        self.cursors: dict[str, int] = {}
        self.seen_changes = 0
        self.held = 0
        self.allowed = steps_allowed(self.town.hub.registry.machines[WorkOrder])
        life.after = self.hold

    def hold(self) -> None:
        """The laws that hold at every moment, for everybody whom the step touched."""
        moved, self.life.moved = self.life.moved, set()
        for box in (one for one in self.town.boxes if one.name in moved):
            with box.session() as session:
                self._nothing_left_the_outbox_unanswered(box, session)
                self._reading_never_goes_backwards(box, session)
            if box.name not in self.life.doubtful:
                own_work_stands(self.town, box)
        self._states_follow_their_moves()
        if self.life.dice.random() < 0.1:
            self._balances_are_folds(self.life.dice.choice(self.town.machines))
            self._who_is_at_rest_holds_the_same()
        self.held += 1

    def _nothing_left_the_outbox_unanswered(self, box: Box, session: Session) -> None:
        """I1 and I2."""
        here = {ident: state for ident, state in session.execute(select(EnvelopeRow.id, EnvelopeRow.state))}
        acknowledged = self.life.acknowledged.get(box.name, set())
        with self.town.hub.session() as theirs:
            there = set(theirs.scalars(select(EnvelopeRow.id)))
        lost = acknowledged - here.keys() - there
        assert not lost, f"{box.name} lost {len(lost)} acknowledged commands"
        if box.name not in self.life.doubtful:
            answered = {ident for ident in acknowledged if here.get(ident, "") != WAITING}
            assert answered <= there, f"{box.name} let go of commands that the hub does not have"

    def _reading_never_goes_backwards(self, box: Box, session: Session) -> None:
        """I7, as far as the hub's rows go."""
        now = pull.cursor(session)
        if not self.life.put_back:
            assert now >= self.cursors.get(box.name, 0), f"{box.name} reads what it had read"
        self.cursors[box.name] = now

    def _states_follow_their_moves(self) -> None:
        """I8, in the hub's own audit."""
        wanted = select(ChangeRow.id, ChangeRow.before, ChangeRow.after, ChangeRow.envelope_id).where(
            ChangeRow.entity == "work_order", ChangeRow.id > self.seen_changes
        )
        with self.town.hub.session() as session:
            self.seen_changes = min(self.seen_changes, session.scalar(select(func.max(ChangeRow.id))) or 0)
            for ident, before, after, envelope in session.execute(wanted.order_by(ChangeRow.id)).all():
                self.seen_changes = max(self.seen_changes, ident)
                if before and after and "state" in before and before["state"] != after["state"]:
                    step = before["state"], after["state"]
                    card = session.scalar(select(Discrepancy.code).where(Discrepancy.envelope_id == envelope))
                    assert step in self.allowed or card, f"a job went from {step[0]} to {step[1]}, and nobody was told"

    def _balances_are_folds(self, machine: Any) -> None:
        """I3."""
        before = machine.balances()
        assert machine.rebuilt() == before, f"{machine.name}: balances are not the fold of their ledger"

    def _who_is_at_rest_holds_the_same(self) -> None:
        """I4, I5 and I6, for every terminal that stands at the horizon with nothing waiting."""
        with self.town.hub.session() as session:
            horizon = feed.head(session)
        truth = None
        for box in (one for one in self.town.boxes if one.name not in self.life.doubtful):
            with box.session() as session:
                rests = pull.cursor(session) == horizon and rebase.nothing_waits(session) and not pull.unsettled(session)
                parked = session.scalar(select(func.count()).where(EnvelopeRow.state == "parked"))
            if rests and not parked:
                truth = truth or self.town.hub.image()
                assert box.image() == truth, f"{box.name} stands at the horizon and differs: {_differs(box.image(), truth)}"


def steps_allowed(machine: States) -> set[tuple[str, str]]:
    """From which state to which a job may go; also where two moves met."""
    moved = {(source, move.target) for move in machine.moves for source in machine.states if move.leaves(source)}
    return moved | {(source, target) for source in machine.states for target in machine.onward(source)}


def _differs(here: dict[str, list[str]], truth: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {sorted(set(here[name]) ^ set(lines))[:4]}" for name, lines in truth.items() if here[name] != lines)
