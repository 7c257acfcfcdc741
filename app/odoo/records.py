"""What the hub's bridge to Odoo keeps for itself: whom it speaks to, how far it is, what waits, and what each pass did.

No secret key is among it: that stands in the environment or in a file beside the hub's (see the handbook's page on Odoo).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.entity import LocalRow, integer_key
from app.kernel.types import Json

FEED = "feed"  # the name of the outward cursor; inward ones bear their model's


class OdooInstance(LocalRow):
    """The Odoo that an organisation works with. `places` are facts of its set-up by name, such as the id of the WIP location."""

    __tablename__ = "odoo_instance"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    db: Mapped[str] = mapped_column(String(120))
    login: Mapped[str] = mapped_column(String(120), default="")
    version: Mapped[str] = mapped_column(String(40), default="")
    company: Mapped[int] = mapped_column(BigInteger, default=0)
    secret_a: Mapped[str] = mapped_column(String(64), default="")  # of the hooks' address; two live while one is changed
    secret_b: Mapped[str] = mapped_column(String(64), default="")
    places: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    set_up_at: Mapped[datetime | None]


class OdooCursor(LocalRow):
    """How far a stream was read: Odoo's rows of a model by (`after`, `last_id`), our feed by `seq`."""

    __tablename__ = "odoo_cursor"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    after: Mapped[str] = mapped_column(String(40), default="")  # Odoo's write_date as it gave it
    last_id: Mapped[int] = mapped_column(BigInteger, default=0)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    whole_at: Mapped[datetime | None]  # when all of it was last compared


class OdooMapping(LocalRow):
    """Which record of Odoo's one of ours is. `mark` is a hash of what was last sent: equal means nothing to do."""

    __tablename__ = "odoo_mapping"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255), default="")
    mark: Mapped[str] = mapped_column(String(64), default="")
    taken: Mapped[str] = mapped_column(String(64), default="")  # the same of what last came from there
    base: Mapped[dict[str, Any] | None] = mapped_column(Json)  # of what is written here and there: how it last stood there
    at: Mapped[datetime]


Index("ix_odoo_mapping_number", OdooMapping.org_id, OdooMapping.model, OdooMapping.number)


class OdooWaiting(LocalRow):
    """A record that must still be brought to Odoo: one line however often it changed."""

    __tablename__ = "odoo_waiting"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    seq: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    again_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(String(16), default="")  # retry, mapping, human; nothing where it was not tried
    code: Mapped[str] = mapped_column(String(64), default="")
    said: Mapped[dict[str, Any] | None] = mapped_column(Json)
    owner_id: Mapped[UUID | None]


Index("ix_odoo_waiting_again", OdooWaiting.org_id, OdooWaiting.entity, OdooWaiting.again_at)


class OdooEvent(LocalRow):
    """A hint that Odoo's own automation sent, once: a record of it changed, which the next pull reads."""

    __tablename__ = "odoo_event"
    id: Mapped[int] = integer_key()
    org_id: Mapped[UUID]
    sha: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    done: Mapped[bool] = mapped_column(Boolean, default=False)


Index("ix_odoo_event_sha", OdooEvent.org_id, OdooEvent.sha, unique=True)


class OdooRun(LocalRow):
    """One pass: out, in, compare or setup. `counts` are numbers by word, such as sent, taken, stuck."""

    __tablename__ = "odoo_run"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    began: Mapped[datetime]
    ended: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


Index("ix_odoo_run_began", OdooRun.org_id, OdooRun.began)


class OdooRunLine(LocalRow):
    """What a pass tells of its way, line by line."""

    __tablename__ = "odoo_run_line"
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    org_id: Mapped[UUID]
    at: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(16))
    told: Mapped[dict[str, Any]] = mapped_column(Json)


class OdooArtifact(LocalRow):
    """What a pass leaves behind to be looked at, such as the nightly comparison."""

    __tablename__ = "odoo_artifact"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(index=True)
    org_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[Any] = mapped_column(Json)


LOCAL = (
    OdooInstance, OdooCursor, OdooMapping, OdooWaiting, OdooEvent, OdooRun, OdooRunLine, OdooArtifact
)  # fmt: skip
