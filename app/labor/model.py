"""The time people spend: stints one after the other, from clocking on until going home."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.access.model import Person
from app.kernel.entity import About, Entity, Scope, Sync, choice, day, link, text, time, whole
from app.kernel.words import _, say
from app.places.model import Site

KINDS = (("idle", _("Between jobs")), ("job", _("On a job")), ("break", _("In a break")))
SOURCES = (
    ("scan", _("Scanned")),
    ("hand", _("By hand")),
    ("proposed", _("Proposed, to be confirmed")),
    ("confirmed", _("Confirmed")),
)


class Shift(Entity):
    """Hours that people of a site work; one that ends before it starts goes over midnight."""

    __tablename__ = "shift"
    __about__ = About(_("Shift"), _("Shifts"), sync=Sync.REFERENCE, scope=Scope.SITE, natural=("site_id", "name"))
    site_id: Mapped[UUID] = link(Site, _("Site"))
    name: Mapped[str] = text(_("Name"), size=60)
    starts: Mapped[int] = whole(_("Starts, minutes after midnight"))
    ends: Mapped[int] = whole(_("Ends, minutes after midnight"))
    pause: Mapped[int] = whole(_("Break, minutes"), default=0)


class Stint(Entity):
    """Somebody's time from one moment to the next: on a job, between jobs, or in a break. The running one has no end."""

    __tablename__ = "stint"
    __about__ = About(_("Time on the clock"), _("Times on the clock"), title=("kind",), form=False)
    person_id: Mapped[UUID] = link(Person, _("Who"))
    kind: Mapped[str] = choice(_("Kind"), KINDS)
    order_id: Mapped[UUID | None] = link("work_order", _("Work order"), required=False)
    shift_id: Mapped[UUID | None] = link(Shift, _("Shift"), required=False, index=False)
    day: Mapped[date] = day(_("Day"))  # of the site, on which somebody came: a night shift belongs to its evening
    started: Mapped[datetime] = time(_("From"))
    ended: Mapped[datetime | None] = time(_("Until"), required=False)
    source: Mapped[str] = choice(_("How"), SOURCES, default="scan")

    @property
    def title(self) -> str:
        """What it was spent on, in the reader's language."""
        return say(dict(KINDS).get(self.kind, self.kind))


Index("ix_stint_time", Stint.person_id, Stint.started)
