"""Declared settings: type, default and help stand where they are read; values are rows that the hub masters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session

from app.kernel.entity import About, Entity, Has, Sync, data, link, text
from app.kernel.problems import Problem
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.registry import Registry


PLACES = ("site", "warehouse")


@dataclass(frozen=True)
class Setting:
    """A value someone may change, for the organisation or for one of its sites, store rooms, terminals or people.

    `group` is the heading under which it stands; `words` are what people read for its choices. `own` names the entities that
    may have a value of their own. What is `theirs` everybody chooses for themselves. `check` says what is wrong with a value
    beyond that.
    """

    key: str
    default: Any
    label: str
    help: str
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    own: tuple[str, ...] = ()
    group: str = ""
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    theirs: bool = False
    check: Callable[[Any], Problem | None] | None = None


class SettingValue(Entity):
    """What a setting is set to, at the organisation (no place) or at one place."""

    __tablename__ = "setting_value"
    __about__ = About(_("Setting"), _("Settings"), sync=Sync.REFERENCE, title=("key",), has=Has.AUDIT)
    key: Mapped[str] = text(_("Setting"), size=80)
    place_id: Mapped[UUID | None] = link("", _("Place"), required=False)  # a site, a store room, a terminal, or a person
    value: Mapped[Any] = data(_("Value"))


def values_of(session: Session, org_id: UUID, *holders: UUID | None) -> dict[tuple[str, UUID | None], Any]:
    """Every value that is set at some holders (None for the organisation), by key and holder."""
    wanted = select(SettingValue).where(SettingValue.org_id == org_id, SettingValue.retired.is_(False))
    return {(row.key, row.place_id): row.value for row in session.scalars(wanted) if row.place_id in holders}


def read_setting(session: Session, registry: Registry, org_id: UUID, key: str, *places: UUID | None) -> Any:
    """The value for the first of some places that has its own, else the organisation's, else the declared default."""
    wanted = select(SettingValue).where(SettingValue.org_id == org_id, SettingValue.key == key, SettingValue.retired.is_(False))
    found = {row.place_id: row.value for row in session.scalars(wanted)}
    return next((found[one] for one in (*places, None) if one in found), registry.settings[key].default)
