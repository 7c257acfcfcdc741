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
    """Sets a declared setting for the organisation, or for one site, store room, terminal or person.

    With None a holder has no value of its own any more. `was` is a list of the one value that it had before (None for none),
    so that it can be undone; nothing where whoever sets it did not look.
    """

    label = _("Setting changed")
    about = {"key": "setting"}
    needs = "kernel.set"
    key: str
    value: Any
    place: UUID | None = None
    was: Any = None

    def undone_by(self, command_id: UUID) -> Command | None:
        return SetSetting(key=self.key, value=self.was[0], place=self.place, was=[self.value]) if self.was else None


@dataclass(frozen=True, kw_only=True)
class ChooseOwn(Command):
    """Somebody's own value of a setting that is theirs, such as their language; with None they have none any more."""

    label = _("Own setting changed")
    about = {"key": "setting"}
    needs = "kernel.read"
    key: str
    value: Any
    was: Any = None

    def undone_by(self, command_id: UUID) -> Command | None:
        return ChooseOwn(key=self.key, value=self.was[0], was=[self.value]) if self.was else None


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
    return setting.check(value) if setting.check is not None else None


def _beyond(setting: Setting, value: Any, allowed: str) -> Problem:
    return Problem(
        "setting.beyond",
        _("“{value}” is not allowed for “{label}”."),
        field="value",
        hint=_("Choose from: {allowed}."),
        values={"value": str(value)[:40], "label": setting.label, "allowed": allowed},
    )


def set_setting(do: SetSetting, work: Work) -> None:
    setting = _declared(do.key, work)
    work.check(_unfit(setting, do.value), _no_holder(setting, do.place, work) if do.place else None)
    _set(do.key, do.value, do.place, work)


def choose_own(do: ChooseOwn, work: Work) -> None:
    setting = _declared(do.key, work)
    work.check(_unfit(setting, do.value), None if setting.theirs else _not_for(setting))
    row = _set(do.key, do.value, work.envelope.actor_id, work)
    if row is not None:
        work.own.add(row.id)


def _unfit(setting: Setting, value: Any) -> Problem | None:
    return fits(setting, value) if value is not None else None


def _declared(key: str, work: Work) -> Setting:
    setting = work.registry.settings.get(key)
    if setting is None:
        raise Refused(
            Problem(
                "setting.unknown",
                _("There is no setting “{key}”."),
                field="key",
                hint=_("There are: {keys}."),
                values={"key": key[:60], "keys": ", ".join(sorted(work.registry.settings))},
            )
        )
    return setting


def _set(key: str, value: Any, place: UUID | None, work: Work) -> SettingValue | None:
    """The row that holds it, where there is one or was one."""
    wanted = select(SettingValue).where(
        SettingValue.org_id == work.envelope.org_id, SettingValue.key == key, SettingValue.retired.is_(False)
    )
    row = next((one for one in work.session.scalars(wanted) if one.place_id == place), None)
    if row is None and value is not None:
        return work.add(SettingValue(key=key, place_id=place, value=value), slot=key)
    if row is not None and value is None:
        row.retired = True
    elif row is not None:
        row.value = value
    return row


def _no_holder(setting: Setting, place: UUID, work: Work) -> Problem | None:
    """Only what is declared to have a value of its own has one."""
    if "terminal" in setting.own and place == work.envelope.terminal_id:
        return None
    kinds = [work.registry.entities[name] for name in setting.own if name in work.registry.entities]
    found = next((row for kind in kinds if (row := work.find(kind, place)) is not None), None)
    there = found is not None and found.org_id == work.envelope.org_id and not found.retired
    return None if there else _not_for(setting)


def _not_for(setting: Setting) -> Problem:
    here = _("“{label}” is not set for this place.")
    return Problem(
        "setting.place",
        here if setting.own else _("“{label}” is the same everywhere."),
        field="place",
        hint=_("Choose one of yours that has its own value.") if setting.own else _("Leave the place out."),
        values={"label": setting.label},
    )


HANDLERS: dict[type[Command], Any] = {SetSetting: set_setting, ChooseOwn: choose_own}
