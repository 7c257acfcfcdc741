"""Declared settings: type, default and help stand where they are read; values are rows that the hub masters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session

from app.kernel.entity import About, Entity, Has, Sync, data, link, text
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.registry import Registry


@dataclass(frozen=True)
class Setting:
    """A value someone may change, for the organisation or for one site or terminal."""

    key: str
    default: Any
    label: str
    help: str
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    per_place: bool = False  # whether a site or a store room may have its own


class SettingValue(Entity):
    """What a setting is set to, at the organisation (no place) or at one place."""

    __tablename__ = "setting_value"
    __about__ = About(_("Setting"), _("Settings"), sync=Sync.REFERENCE, title=("key",), has=Has.AUDIT)
    key: Mapped[str] = text(_("Setting"), size=80)
    place_id: Mapped[UUID | None] = link("site", _("Place"), required=False)
    value: Mapped[Any] = data(_("Value"))


def read_setting(session: Session, registry: Registry, org_id: UUID, key: str, *places: UUID | None) -> Any:
    """The value for the first of some places that has its own, else the organisation's, else the declared default."""
    wanted = select(SettingValue).where(SettingValue.org_id == org_id, SettingValue.key == key, SettingValue.retired.is_(False))
    found = {row.place_id: row.value for row in session.scalars(wanted)}
    return next((found[one] for one in (*places, None) if one in found), registry.settings[key].default)
