"""Upkeep: setting a declared setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Command
from app.kernel.problems import Problem, Refused
from app.kernel.settings import Setting, SettingValue
from app.kernel.words import _
from app.kernel.work import Work


@dataclass(frozen=True, kw_only=True)
class SetSetting(Command):
    """Sets a declared setting for the organisation, or for one site."""

    label = _("Setting changed")
    about = {"key": "setting"}
    needs = "kernel.set"
    key: str
    value: Any
    place: UUID | None = None


def fits(setting: Setting, value: Any) -> Problem | None:
    """Whether a value is of the declared kind and within its bounds."""
    kind = type(setting.default)
    if type(value) is not kind:
        words = {int: _("a whole number"), bool: _("true or false"), str: _("text")}
        return Problem(
            "setting.kind",
            _("“{value}” does not fit “{label}”."),
            field="value",
            hint=_("Give {kind}."),
            values={"value": str(value)[:40], "label": setting.label, "kind": words.get(kind, kind.__name__)},
        )
    if setting.choices and value not in setting.choices:
        return _beyond(setting, value, ", ".join(setting.choices))
    if (setting.least is not None and value < setting.least) or (setting.most is not None and value > setting.most):
        return _beyond(setting, value, f"{setting.least} – {setting.most}")
    return None


def _beyond(setting: Setting, value: Any, allowed: str) -> Problem:
    return Problem(
        "setting.beyond",
        _("“{value}” is not allowed for “{label}”."),
        field="value",
        hint=_("Choose from: {allowed}."),
        values={"value": str(value)[:40], "label": setting.label, "allowed": allowed},
    )


def set_setting(do: SetSetting, work: Work) -> None:
    setting = work.registry.settings.get(do.key)
    if setting is None:
        raise Refused(
            Problem(
                "setting.unknown",
                _("There is no setting “{key}”."),
                field="key",
                hint=_("There are: {keys}."),
                values={"key": do.key[:60], "keys": ", ".join(sorted(work.registry.settings))},
            )
        )
    work.check(fits(setting, do.value), _no_place(setting, do.place, work) if do.place else None)
    wanted = select(SettingValue).where(
        SettingValue.org_id == work.envelope.org_id, SettingValue.key == do.key, SettingValue.retired.is_(False)
    )
    row = next((one for one in work.session.scalars(wanted) if one.place_id == do.place), None)
    if row is None:
        work.add(SettingValue(key=do.key, place_id=do.place, value=do.value), slot=do.key)
    else:
        row.value = do.value


def _no_place(setting: Setting, place: UUID, work: Work) -> Problem | None:
    kinds = [work.registry.entities[name] for name in ("site", "warehouse") if name in work.registry.entities]
    found = next((row for kind in kinds if (row := work.find(kind, place)) is not None), None)
    if setting.per_place and found is not None and found.org_id == work.envelope.org_id and not found.retired:
        return None
    here = _("“{label}” is not set for this place.")
    return Problem(
        "setting.place",
        here if setting.per_place else _("“{label}” is the same everywhere."),
        field="place",
        hint=_("Choose a site or a store room of yours.") if setting.per_place else _("Leave the place out."),
        values={"label": setting.label},
    )


HANDLERS: dict[type[Command], Any] = {SetSetting: set_setting}
