"""Planted bugs: the random days must find each of them, or they would not find the next real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from replay_chance import Day, evening
from replay_world import morning
from sqlalchemy import delete, insert, select

from app.kernel import outbox
from app.kernel.dispatch import Dispatcher, new_slot
from app.kernel.records import Discrepancy, EnvelopeRow, HeldRow
from app.kernel.work import Mode, Work, discrepancy
from app.stock.balances import BALANCE
from sync.hub import feed as hub_feed
from sync.hub import intake as hub_intake
from sync.terminal import exchange as terminal_exchange
from sync.terminal import pull, push, rebase

Plant = Callable[[pytest.MonkeyPatch], None]
SEEDS, STEPS = 60, 60  # each bug must show within so many random days


def cursor_before_rows(patch: pytest.MonkeyPatch) -> None:
    """The cursor moves in its own transaction, before the rows are laid down."""
    real = terminal_exchange._ask

    def asked(app: Any, peer: Any, limits: Any) -> Any:
        sent, answer = real(app, peer, limits)
        pages = getattr(answer.pages, "whole", answer.pages)
        if pages:
            with app.writer.sessions() as session:
                pull.upsert(session, pull.table_of(pull.MetaRow), [{"key": pull.CURSOR, "value": pages[-1].upto}], ("key",))
                session.commit()
        return sent, answer

    patch.setattr(terminal_exchange, "_ask", asked)


def one_too_far(patch: pytest.MonkeyPatch) -> None:
    """`>` where `>=` was meant: the row at the page's edge is never given."""
    real = hub_feed._pointers
    patch.setattr(hub_feed, "_pointers", lambda session, reach, after, upto, most: real(session, reach, after + 1, upto, most))


def transaction_cut(patch: pytest.MonkeyPatch) -> None:
    """A page ends inside a transaction, and the cursor behind all of it."""
    real = hub_feed._pointers
    patch.setattr(hub_feed, "_pointers", lambda *args: real(*args)[: args[-1]])


def oldest_first(patch: pytest.MonkeyPatch) -> None:
    """Commands are taken back oldest first."""

    def take_back(session: Any, registry: Any, seqs: Any) -> Any:
        return [one for seq in sorted(seqs) for one in real(session, registry, [seq])]

    real = outbox.take_back
    patch.setattr(outbox, "take_back", take_back)


def without_dependents(patch: pytest.MonkeyPatch) -> None:
    """Only the command that meets the page is taken back, not those that stand on it."""
    patch.setattr(outbox, "with_dependents", lambda _session, seq, _most=None: {seq})


def hub_differs_unseen(patch: pytest.MonkeyPatch) -> None:
    """What was done here stays, although the hub did something else."""
    real = push._accept
    patch.setattr(push, "_accept", lambda session, row, verdict, _same, _doubtful: real(session, row, verdict, True, set()))


def verdict_given_anew(patch: pytest.MonkeyPatch) -> None:
    """An envelope that comes twice is run twice, and gets the verdict of the second run."""

    def take_some(self: Any, some: Any) -> Any:
        with self._app.writer.sessions() as session:
            again = EnvelopeRow.terminal_id == some.terminal, EnvelopeRow.number >= some.envelopes[0].number
            session.execute(delete(EnvelopeRow).where(*again))
            session.commit()
        return real(self, some)

    real = hub_intake.Intake._take_some
    patch.setattr(hub_intake.Intake, "_take_some", take_some)


def discrepancy_beside_capture(patch: pytest.MonkeyPatch) -> None:
    """A discrepancy is written past the capture."""

    def question(self: Any, session: Any, envelope: Any, problems: Any) -> None:
        for count, problem in enumerate(problems):
            row = discrepancy(envelope, problem)
            kept = {"envelope_id": row.envelope_id, "command": row.command, "code": row.code, "message": row.message,
                    "hint": row.hint, "detail": row.detail, "state": row.state, "id": new_slot(envelope, problem, count),
                    "org_id": envelope.org_id, "made_at": envelope.occurred_at, "made_by": envelope.actor_id,
                    "stamp": envelope.stamp, "retired": False}  # fmt: skip
            session.connection().execute(insert(Discrepancy.__table__), kept)

    patch.setattr(Dispatcher, "_question", question)


def balance_not_folded_back(patch: pytest.MonkeyPatch) -> None:
    """A ledger line is taken back, and its balance is not."""

    def remove(session: Any, registry: Any, entity: Any, ident: Any) -> None:
        table = outbox.table_of(entity)
        session.connection().execute(delete(table).where(table.c.id == ident))
        outbox.search.drop(session, [ident])

    patch.setattr(outbox, "remove", remove)


def facts_dropped(patch: pytest.MonkeyPatch) -> None:
    """What is taken back is not done again."""
    patch.setattr(rebase, "again", lambda _session, _dispatcher, _row: set())


def facts_refused_again(patch: pytest.MonkeyPatch) -> None:
    """A fact is checked like a first run when it is replayed."""
    patch.setattr(Work, "questions_only", property(lambda work: work.is_fact and work.mode is Mode.FIRST))
    patch.setattr(Dispatcher, "_question", lambda *_args: None)


def held_over_new(patch: pytest.MonkeyPatch) -> None:
    """A row that was held back is laid over a newer one."""
    real = pull._with_held

    def with_held(session: Any, lines: Any, plan: Any) -> Any:
        old = {row.row_id: row.image for row in session.scalars(select(HeldRow))}
        laid = real(session, lines, plan)
        return {ident: replace(line, image=old.get(ident, line.image)) for ident, line in laid.items()}

    patch.setattr(pull, "_with_held", with_held)


def search_left_behind(patch: pytest.MonkeyPatch) -> None:
    """Search does not hear of the rows that come down."""
    patch.setattr(outbox, "refresh_search", lambda *_args: None)


def late_lines_in_any_order(patch: pytest.MonkeyPatch) -> None:
    """A count that comes late is folded in as if it were the last word."""
    patch.setattr(BALANCE.__class__, "refold", lambda *_args: None)


PLANTED: tuple[Plant, ...] = (
    cursor_before_rows, one_too_far, transaction_cut, oldest_first, without_dependents, hub_differs_unseen,
    verdict_given_anew, discrepancy_beside_capture, balance_not_folded_back, facts_dropped, facts_refused_again, held_over_new,
    search_left_behind, late_lines_in_any_order,
)  # fmt: skip


def first_red(seeds: int) -> int | None:
    """The first random day that goes wrong."""
    for seed in range(seeds):
        trio = morning()
        try:
            evening(Day(trio, seed).go(STEPS).trio)
        except AssertionError:
            return seed
        finally:
            trio.stop()
    return None


@pytest.mark.prove
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch, count: Callable[..., None]) -> None:
    morning().stop()  # the day's first stores are made once for all tests, so before anything is planted
    plant(monkeypatch)
    seed = first_red(SEEDS)
    count("replay, planted bugs", "planted")
    count("replay, planted bugs", "found", int(seed is not None))
    assert seed is not None, f"{plant.__name__} stays unseen in {SEEDS} random days"
