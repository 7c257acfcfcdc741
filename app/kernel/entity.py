"""What a business thing is: the mapped class is its own declaration, and everything else is read from it.

An `Entity` row belongs to an organisation and travels by sync; a `LocalRow` is this database's own (outbox, balances).
No foreign keys are enforced: a parent may arrive pages after its child, or lie outside the scope (law of replay 4).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, Integer, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from app.kernel.money import Money, MoneyType
from app.kernel.types import DayType, Id, Json, Quantity, QuantityType, UtcTime
from app.kernel.words import _


class Sync(enum.StrEnum):
    """How rows of an entity travel."""

    REFERENCE = "reference"  # masters: the hub's word wins
    DOCUMENT = "document"  # made at terminals, merged field by field
    LEDGER = "ledger"  # only grows


class Scope(enum.StrEnum):
    """Which terminals may hold a row; read from the column of the same name."""

    ORGANISATION = "org_id"
    SITE = "site_id"
    WAREHOUSE = "warehouse_id"


class Has(enum.Flag):
    """What an entity gets by asking for it."""

    NOTHING = 0
    AUDIT = enum.auto()
    CUSTOM_FIELDS = enum.auto()
    EXPORT = enum.auto()
    FILES = enum.auto()
    NOTES = enum.auto()


@dataclass(frozen=True)
class About:
    """What the registry must know of an entity that its columns do not say."""

    label: str
    plural: str
    sync: Sync = Sync.DOCUMENT
    scan: str = ""  # the kind of its own code, such as PT
    scope: Scope = Scope.ORGANISATION
    title: tuple[str, ...] = ("name",)
    search: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()  # of these, those that people write with signs or without, such as a plate
    natural: tuple[str, ...] = ()  # fields that find a record again on import
    has: Has = Has.AUDIT | Has.EXPORT
    form: bool = True  # whether people save it field by field; where not, it is written by commands of its own alone


@dataclass(frozen=True)
class Field:
    """One field as forms, lists, imports and the command line know it."""

    kind: str  # text, number, quantity, money, choice, link, day, moment, flag, data
    label: str
    required: bool = True
    size: int = 255
    unique: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    target: str = ""  # the table a link points to
    secret: bool = False  # never shown, exported, searched or put into an image for people
    by_command: str = ""  # the command that sets it, where no form, import or edit may
    personal: str = ""  # WHO or ABOUT: overwritten when somebody is erased
    name: str = ""


WHO, ABOUT = "who", "about"
"""What is personal: the words by which somebody is known, such as a name or a plate; and what else is told of them."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Id(),
        Quantity: QuantityType(),
        Money: MoneyType(),
        datetime: UtcTime(),
        date: DayType(),
        dict: Json(),
        list: Json(),
        int: BigInteger(),
    }


WITHOUT_ROWID = {"sqlite_with_rowid": False}  # for small rows under a key of their own: SQLite writes one tree, not two


class LocalRow(Base):
    """A row of this database alone: never captured, never sent."""

    __abstract__ = True


class Entity(Base):
    """A row of the shared truth. `stamp` is the hybrid time of the command that last changed it."""

    __abstract__ = True
    __about__: ClassVar[About]

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(Id())  # no index of its own: it tells little apart, and yet the planner would take it
    stamp: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    retired: Mapped[bool] = mapped_column(Boolean, default=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = getattr(cls, "__table__", None)
        if isinstance(table, Table):
            for column in table.columns:
                if field_of(column) is not None and column.info["field"].unique:
                    Index(None, table.c.org_id, column)

    @property
    def title(self) -> str:
        """How people name this row: the fields its declaration lists, without the empty ones."""
        shown = (str(getattr(self, name) or "") for name in self.__about__.title)
        return " ".join(word for word in shown if word)


def field_of(column: Any) -> Field | None:
    """The declared field of a column; None for the columns every row has."""
    found = column.info.get("field")
    return found if isinstance(found, Field) else None


@cache
def fields_of(entity: type[Entity]) -> dict[str, Field]:
    """The declared fields of an entity by name, in the order of their declaration; one map for all, which nobody changes."""
    found: dict[str, Field] = {}
    for column in entity.__table__.columns:
        field = field_of(column)
        if field is not None:
            found[column.key] = Field(**{**field.__dict__, "name": column.key})
    return found


def _column(
    kind: str, label: str, of_type: Any, *, required: bool = True, default: Any = None, index: bool = False, **more: Any
) -> MappedColumn[Any]:
    info = {"field": Field(kind=kind, label=label, required=required, **more)}
    given = {} if default is None else {"default": default}
    return mapped_column(of_type, nullable=not required, index=index, info=info, **given)


def text(
    label: str,
    *,
    size: int = 255,
    required: bool = True,
    unique: bool = False,
    default: str | None = None,
    secret: bool = False,
    by_command: str = "",
    personal: str = "",
) -> MappedColumn[Any]:
    """Words of at most `size` characters; empty text where it is not required."""
    more: dict[str, Any] = {
        "size": size, "unique": unique, "secret": secret, "by_command": by_command, "personal": personal
    }  # fmt: skip
    return _column("text", label, String(size), required=required, default=default, **more)


def whole(label: str, *, required: bool = True, default: int | None = None, by_command: str = "") -> MappedColumn[Any]:
    return _column("number", label, BigInteger(), required=required, default=default, by_command=by_command)


def quantity(label: str, *, required: bool = True, default: Quantity | None = None) -> MappedColumn[Any]:
    """An exact amount in the unit of the part it speaks of."""
    return _column("quantity", label, QuantityType(), required=required, default=default)


def money(label: str, *, required: bool = True, default: Money | None = None) -> MappedColumn[Any]:
    """An amount in minor units of the organisation's currency."""
    return _column("money", label, MoneyType(), required=required, default=default)


def choice(
    label: str,
    choices: tuple[tuple[str, str], ...] = (),
    *,
    default: str | None = None,
    required: bool = True,
    by_command: str = "",
) -> MappedColumn[Any]:
    """One of a few words; `choices` pairs the stored word with the one people read."""
    more: dict[str, Any] = {"choices": choices, "size": 32, "by_command": by_command}
    return _column("choice", label, String(32), required=required, default=default, **more)


def link(
    target: type[Entity] | str, label: str, *, required: bool = True, index: bool = True, by_command: str = ""
) -> MappedColumn[Any]:
    """Points to a row of another entity (or of a table by name, where importing it would go round in a circle)."""
    table = target if isinstance(target, str) else target.__tablename__
    return _column("link", label, Id(), required=required, index=index, target=table, by_command=by_command)


def day(label: str, *, required: bool = True) -> MappedColumn[Any]:
    return _column("day", label, DayType(), required=required)


def time(label: str, *, required: bool = True, by_command: str = "") -> MappedColumn[Any]:
    """A moment, kept in UTC to the millisecond."""
    return _column("moment", label, UtcTime(), required=required, by_command=by_command)


def flag(label: str, *, default: bool = False) -> MappedColumn[Any]:
    return _column("flag", label, Boolean(), default=default)


def data(label: str, *, default: Any = None, personal: str = "") -> MappedColumn[Any]:
    """Plain data (lists and maps) that people see through a screen made for it. Assign anew; never change in place."""
    return _column("data", label, Json(), required=False, default=default, personal=personal)


def extras(*, personal: str = "") -> MappedColumn[Any]:
    """The values of fields that an organisation added itself."""
    return _column("extras", _("Extra"), Json(), required=False, default=dict, personal=personal)


def integer_key() -> MappedColumn[int]:
    """A key that this database counts up itself: `INTEGER PRIMARY KEY` in SQLite, an identity in PostgreSQL."""
    return mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)
