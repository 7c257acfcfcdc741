"""One pass outward: what changed here is brought to Odoo, kind by kind in the order in which one names another.

It is desired state and not events: each record goes as it stands now, however often it changed, and it is done only once it was
read back. So a try that was cut off anywhere is simply made again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.access import system
from app.kernel.problems import Problem, Trouble
from app.kernel.words import _
from app.odoo.model import HUMAN
from sync.odoo import sending, telling, waiting
from sync.odoo.batch import Batch
from sync.odoo.errors import Said, Verdict, verdict_of
from sync.odoo.map import Out
from sync.odoo.maps.order import OUT
from sync.odoo.places import Places
from sync.odoo.transport import Odoo
from sync.odoo.waiting import Line

T = TypeVar("T")
log = logging.getLogger(__name__)


class Outward:
    """What goes to one organisation's Odoo. `stopping` says that no further batch is begun."""

    def __init__(
        self,
        app: App,
        org_id: UUID,
        odoo: Odoo,
        places: Places,
        *,
        url: str = "",
        maps: Sequence[Out] = OUT,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app = app
        self._org = org_id
        self._odoo = odoo
        self._places = places
        self._url = url
        self._maps = maps
        self._names = {out.name for out in maps}
        self._stopping = stopping

    def once(self, most: int = waiting.AT_ONCE) -> Counter[str]:
        """Sends all that is due; how many records arrived, are stuck, or wait for what they name.

        Away where Odoo cannot be asked (any more): what arrived until then is kept.
        """
        now = self._app.clock.now()
        self._write(lambda session: waiting.take_in(session, self._org, self._maps, now))
        for out in reversed(self._maps):
            self._add_needed(out)
        counts: Counter[str] = Counter()
        for out in self._maps:
            counts += self._all_of(out, most)
        return counts

    def _all_of(self, out: Out, most: int) -> Counter[str]:
        """All that is due of one kind, each record once."""
        tried: set[UUID] = set()
        counts: Counter[str] = Counter()
        while not self._stopping() and (seqs := self._due(out, tried, most)):
            counts += self._sent(out, seqs)
            tried |= seqs.keys()
        return counts

    # ------------------------------------------------------------------------------------------------------ one batch

    def _due(self, out: Out, tried: set[UUID], most: int) -> dict[UUID, int]:
        with self._reading() as session:
            due = waiting.due(session, self._org, out.name, self._app.clock.now(), most + len(tried))
        return dict([(ident, seq) for ident, seq in due.items() if ident not in tried][:most])

    def _sent(self, out: Out, seqs: dict[UUID, int]) -> Counter[str]:
        """Sends a batch; where it fails as a whole, by halves, until it is known on which record the program itself stumbles."""
        try:
            return _counts(self._batch(out, seqs, sending.send if out.send is None else out.send))
        except (Trouble, DBAPIError):  # nobody's fault: Odoo is away, or our own database
            raise
        except Exception as error:
            verdict = verdict_of(error) if isinstance(error, Said) else Verdict(HUMAN, _stumbled())  # type: ignore[arg-type]
            if verdict.everywhere:
                raise
            self._log(error, verdict)
        if len(seqs) == 1:
            return _counts(self._batch(out, seqs, lambda batch: batch.refuse(next(iter(seqs)), verdict)))
        idents = list(seqs)
        halves = idents[: len(idents) // 2], idents[len(idents) // 2 :]
        return sum((self._sent(out, {ident: seqs[ident] for ident in half}) for half in halves), Counter[str]())

    def _log(self, error: Exception, verdict: Verdict) -> None:
        """A mistake of ours is told whole; what Odoo answered may name a customer, and stands in the letter."""
        if isinstance(error, Said):
            log.warning("Odoo did not take something: %s.", verdict.code)
        else:
            log.error("Something could not be brought to Odoo.", exc_info=error)

    def _batch(self, out: Out, seqs: dict[UUID, int], send: Callable[[Batch], None]) -> Batch:
        """Sends a batch and keeps what became of it, also where Odoo goes away in the middle."""
        with self._reading() as session:
            rows = [row for row in waiting.loaded(session, out.entity, list(seqs)) if not out.skips(row)]
            batch = Batch(session, self._org, self._odoo, self._places, out, rows)
            batch.rows = self._free(batch, rows)
            try:
                if batch.rows:
                    send(batch)
            finally:
                session.commit()
                titles = {row.id: telling.title_of(session, row) for row in rows if row.id in batch.bad}
                session.commit()
                wanted = {row.id for row in rows}
                self._write(lambda kept: self._keep(kept, batch, seqs, [ident for ident in seqs if ident not in wanted]))
                self._tell(batch, titles)
        return batch

    def _free(self, batch: Batch, rows: Sequence[Any]) -> list[Any]:
        """Those of which all that they name is in Odoo; the others are held."""
        needed = {row.id: self._known(batch.out.needed(row, batch.session)) for row in rows}
        batch.learn(line for lines in needed.values() for line in lines)
        there = {ident for ident, lines in needed.items() if all(batch.placed(*line) is not None for line in lines)}
        batch.held += [ident for ident in needed if ident not in there]
        return [row for row in rows if row.id in there]

    def _known(self, lines: Iterable[Line]) -> list[Line]:
        return [line for line in dict.fromkeys(lines) if line[0] in self._names]

    def _add_needed(self, out: Out) -> None:
        """What the due records of a kind name and Odoo has not goes too, whether it changed or not."""
        now = self._app.clock.now()
        lines: dict[Line, None] = {}
        with self._reading() as session:
            due = waiting.due(session, self._org, out.name, now, EVERY)
            for some in waiting.chunks(list(due)):
                rows = waiting.loaded(session, out.entity, some)
                lines |= dict.fromkeys(line for row in rows for line in self._known(out.needed(row, session)))
                session.expunge_all()
            there = waiting.placed(session, self._org, lines)
        missing = [line for line in lines if line not in there]
        if missing:
            self._write(lambda kept: waiting.let_wait(kept, self._org, missing, now))

    # ------------------------------------------------------------------------------------------------ what became of it

    def _keep(self, session: Session, batch: Batch, seqs: dict[UUID, int], gone: Sequence[UUID]) -> None:
        name, now = batch.out.name, self._app.clock.now()
        for model, besides in batch.besides.items():
            waiting.keep(session, self._org, model, besides, now)
        waiting.keep(session, self._org, batch.out.model, {(name, ident): one for ident, one in batch.arrived.items()}, now)
        waiting.arrived(session, self._org, name, {ident: seqs[ident] for ident in (*batch.arrived, *gone) if ident in seqs})
        waiting.held(session, self._org, name, batch.held, now)
        waiting.forget(session, self._org, batch.forgotten)
        for ident, verdict in batch.bad.items():
            tries = waiting.failed(session, self._org, name, ident, verdict, now)
            if tries is None:
                batch.again_later.add(ident)
            else:
                batch.tries[ident] = tries
        waiting.let_wait(session, self._org, batch.again, now, again=True)

    def _tell(self, batch: Batch, titles: dict[UUID, str]) -> None:
        with self._reading() as session:
            lettered = waiting.lettered(session, list(batch.arrived))
        for note in telling.notes(batch, titles, lettered, self._url, self._app.clock.now()):
            self._app.run(note, system(self._org)).or_refused()

    # ------------------------------------------------------------------------------------------------------- database

    def _reading(self) -> Session:
        return Session(self._app.read_engine, info={"orgs": frozenset({self._org})}, expire_on_commit=False)

    def _write(self, act: Callable[[Session], T]) -> T:
        def written() -> T:
            with self._app.writer.sessions(info={"orgs": frozenset({self._org})}) as session:
                found = act(session)
                session.commit()
                return found

        return self._app.writer.run(written)


EVERY = 1 << 30


def _counts(batch: Batch) -> Counter[str]:
    return Counter(arrived=len(batch.arrived), stuck=len(batch.bad), held=len(batch.held))


def _stumbled() -> Problem:
    hint = _("Tell whoever looks after the hub; its log says more. Everything else goes on.")
    return Problem("odoo.bridge", _("The bridge to Odoo stumbles over this record."), hint)
