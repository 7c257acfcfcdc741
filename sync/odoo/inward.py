"""From Odoo to here: what changed there is read page by page and taken in many at once; how far was read is kept with its rows.

Odoo's `write_date` is when the writer's transaction began, and it comes without its fraction of a second: a slow one commits
behind whoever reads by it. So a pass reads, in the order of their ids, all that was written since a quarter of an hour before
the last pass began, and drops what it has taken just so already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.access import system
from app.kernel.bulk import chunks
from app.kernel.rows import table_of
from app.kernel.settings import read_setting
from app.kernel.upsert import upsert
from app.odoo.records import OdooCursor, OdooMapping
from app.organisations.model import Organisation
from sync.garbage import uncollected
from sync.odoo.arriving import Arrival, Draft, Ground
from sync.odoo.keeping import Keeping
from sync.odoo.sorting import sort
from sync.odoo.straying import strayed, untaken
from sync.odoo.stuck import asked_again
from sync.odoo.transport import Odoo, Row
from sync.odoo.version import JSON2_SINCE

PAGE = 1000
WINDOW = 10_000  # ids compared at once
OVERLAP = timedelta(minutes=15)
WRITTEN = "%Y-%m-%d %H:%M:%S"
ALL = {"active_test": False}  # archived ones too


@dataclass
class Counts:
    """What a pass did: records read, left as they were, made or changed, taken out of use, and refused."""

    read: int = 0
    same: int = 0
    kept: int = 0
    retired: int = 0
    refused: int = 0

    def __iadd__(self, other: Counts) -> Counts:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


class Inward:
    """Takes in what one organisation's Odoo has. For one thread, and one process at a time."""

    def __init__(self, app: App, org_id: UUID, odoo: Odoo, facts: Mapping[str, Any]) -> None:
        """`facts` are those of the set-up (see `OdooInstance.places`), and what arrivals need besides (see `choices.read`)."""
        self.app = app
        self.org_id = org_id
        self.odoo = odoo
        self.facts = dict(facts)
        self.actor = system(org_id)
        self._skew: timedelta | None = None

    def session(self) -> Session:
        return Session(self.app.dispatcher.engine, info={"orgs": {self.org_id}}, expire_on_commit=False)

    def pull(self, arrival: Arrival) -> Counts:
        """All that changed since the last pass, from where that ended or was cut off; then what was changed here against it."""
        cursor, now = self._cursor(arrival.model), self._now()
        if not cursor.last_id:  # a pass begins
            cursor = OdooCursor(name=arrival.model, after=cursor.after, last_id=0, whole_at=now)
        total = Counts()
        for rows in self.pages(arrival, cursor):
            cursor.last_id = rows[-1]["id"]
            far = {"after": cursor.after, "last_id": cursor.last_id, "whole": _ms(cursor.whole_at)}
            with uncollected():
                total += self._take(arrival, rows, far)
        self._ended(cursor)
        with self.session() as session:
            asked = asked_again(session, self.org_id, arrival)
        total += self.again(arrival, asked | untaken(self, arrival))
        total += self.again(arrival, strayed(self, arrival), told=True)
        return total

    def again(self, arrival: Arrival, numbers: Collection[int], *, told: bool = False) -> Counts:
        """These records once more, whether they changed there or not: `told`, where somebody changed them here against Odoo."""
        total = Counts()
        for some in chunks(sorted(numbers)):
            for start in range(0, len(some), PAGE):
                rows = self._asked(arrival, [("id", "in", some[start : start + PAGE])])
                total += self._take(arrival, rows, {}, anew=True, told=told)
        return total

    def missing(self, arrival: Arrival) -> Counts:
        """Takes out of use what was deleted there, or is no such record any more: no change tells of it, only a comparison."""
        total, last = Counts(), 0
        while True:
            there = self.odoo.call(
                arrival.model, "search", domain=[*self._all(arrival), ("id", ">", last)], limit=WINDOW, order="id", context=ALL
            )
            upto = there[-1] if len(there) == WINDOW else None
            total += self._gone(arrival, self._not_there(arrival, self._mapped(arrival, last, upto) - set(there)))
            if upto is None:
                return total
            last = upto

    # ------------------------------------------------------------------------------------------------------ one page

    def _take(
        self, arrival: Arrival, rows: Sequence[Row], cursor: dict[str, Any], *, anew: bool = False, told: bool = False
    ) -> Counts:
        with self.session() as session:
            drafts = self._drafts(session, arrival, rows)
            if arrival.keeps is not None:
                found: Counts = arrival.keeps(self, arrival, drafts, cursor)
                return found
            sheaf = sort(session, self.org_id, arrival, drafts, anew=anew)
            writes = not arrival.only_new and self._masters(session, arrival)
        keeping = Keeping(self, arrival, writes=writes, told=told)
        bad = keeping.keep(sheaf, cursor)
        kept, retired = (len([one for one in some if one.draft.number not in bad]) for some in (sheaf.keep, sheaf.retire))
        return Counts(len(rows), sheaf.same, kept, retired, len(bad))

    def _drafts(self, session: Session, arrival: Arrival, rows: Sequence[Row]) -> list[Draft]:
        facts = dict(self.facts)
        if arrival.asks is not None:
            facts.update(arrival.asks(self.odoo, rows, facts))
        own = session.get(Organisation, self.org_id)
        ground = Ground(session, self.app.registry, self.org_id, currency=own.currency if own else "EUR", facts=facts)
        return [draft for row in rows if (draft := arrival.take(row, ground)) is not None]

    def _masters(self, session: Session, arrival: Arrival) -> bool:
        """Whether Odoo's values are written over ours; else a record that is here already is only found."""
        return not arrival.setting or read_setting(session, self.app.registry, self.org_id, arrival.setting) == "odoo"

    def _gone(self, arrival: Arrival, numbers: Collection[int]) -> Counts:
        """What is not among Odoo's records of the kind any more."""
        if not numbers:
            return Counts()
        with self.session() as session:
            here = OdooMapping.org_id == self.org_id, OdooMapping.model == arrival.model, OdooMapping.entity == arrival.name
            wanted = select(OdooMapping.number, OdooMapping.name).where(*here, OdooMapping.number.in_(numbers))
            drafts = [Draft(number, name, {}, active=False) for number, name in session.execute(wanted)]
            sheaf = sort(session, self.org_id, arrival, drafts, anew=True)
        refused = len(Keeping(self, arrival).keep(sheaf, {}))
        return Counts(0, 0, 0, len(sheaf.retire) - refused, refused)

    def _not_there(self, arrival: Arrival, numbers: Collection[int]) -> set[int]:
        """What both sides write stays in use here as long as it is there at all, as whatever."""
        if arrival.out is None or not numbers:
            return set(numbers)
        domain = [("id", "in", sorted(numbers))]
        return set(numbers) - set(self.odoo.call(arrival.model, "search", domain=domain, context=ALL))

    def _mapped(self, arrival: Arrival, after: int, upto: int | None) -> set[int]:
        here = OdooMapping.org_id == self.org_id, OdooMapping.model == arrival.model, OdooMapping.entity == arrival.name
        wanted = select(OdooMapping.number).where(*here, OdooMapping.number > after, OdooMapping.taken != "")
        with self.session() as session:
            return set(session.scalars(wanted if upto is None else wanted.where(OdooMapping.number <= upto)))

    # ------------------------------------------------------------------------------------------------------- reading

    def pages(self, arrival: Arrival, cursor: OdooCursor) -> Iterator[list[Row]]:
        """Page after page; while one is being taken, the next is read."""
        since = [("write_date", ">=", cursor.after)] if cursor.after else []
        with ThreadPoolExecutor(1, "odoo-page") as ahead:
            coming = ahead.submit(self._asked, arrival, [*since, ("id", ">", cursor.last_id)])
            while rows := coming.result():
                if len(rows) == PAGE:
                    coming = ahead.submit(self._asked, arrival, [*since, ("id", ">", rows[-1]["id"])])
                yield rows
                if len(rows) < PAGE:
                    return

    def _asked(self, arrival: Arrival, domain: Sequence[Any]) -> list[Row]:
        wanted, context = [*self._all(arrival), *domain], {**ALL, "lang": self.language}
        return self.odoo.search_read(arrival.model, wanted, arrival.fields, order="id", limit=PAGE, context=context)

    def _all(self, arrival: Arrival) -> list[Any]:
        """Which of Odoo's records of a model come in."""
        company = [("company_id", "=", self.facts["company"])] if arrival.of_company and self.facts.get("company") else []
        return [*arrival.domain, *company]

    @property
    def language(self) -> str:
        return str(self.facts.get("language", "en_US"))

    # ------------------------------------------------------------------------------------------------------ how far

    def _cursor(self, model: str) -> OdooCursor:
        with self.session() as session:
            return session.get(OdooCursor, (self.org_id, model)) or OdooCursor(name=model, after="", last_id=0)

    def _ended(self, cursor: OdooCursor) -> None:
        """The pass saw all that was committed before it began; the next one begins a quarter of an hour before that."""
        begun = (cursor.whole_at or datetime.now(UTC)) + (self._skew or timedelta(0)) - OVERLAP
        row = {"org_id": self.org_id, "name": cursor.name, "after": begun.strftime(WRITTEN), "last_id": 0}
        with self.session() as session:
            upsert(session, table_of(OdooCursor), [row | {"whole_at": cursor.whole_at}], ("org_id", "name"))
            session.commit()

    def _now(self) -> datetime:
        """Now, by our clock; and learns once how far Odoo's clock is from it."""
        now = datetime.now(UTC)
        if self._skew is None:
            theirs = self._their_time()
            self._skew = theirs - now if theirs else timedelta(0)
        return now

    def _their_time(self) -> datetime | None:
        """Odoo's own time: what it would write into a new repair order, without making one."""
        named: dict[str, Any] = {"fields" if self.odoo.version().major >= JSON2_SINCE else "fields_list": ["schedule_date"]}
        told = self.odoo.call("repair.order", "default_get", **named).get("schedule_date")
        return datetime.strptime(told, WRITTEN).replace(tzinfo=UTC) if told else None


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
