"""Reading: whose settings are looked at, what each is there, and who set it last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import Command
from app.kernel.looking import history
from app.kernel.meanings import Match
from app.kernel.settings import PLACES, Setting, SettingValue, values_of
from app.kernel.upkeep import ChooseOwn, SetSetting
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.panels import person
from ui.kit.values import moment, shown

YOU, HERE, EVERYWHERE, PLACE = "person", "terminal", "everywhere", "place"
NO_WORD = "–"


@dataclass(frozen=True)
class Holder:
    """Whose values are looked at: the person, this terminal, the organisation (no id), or one site or store room."""

    kind: str
    id: UUID | None = None
    title: str = ""

    def holds(self, setting: Setting) -> bool:
        """Whether a setting may have a value of its own here."""
        match self.kind:
            case "everywhere":
                return not setting.theirs
            case "person":
                return setting.theirs
            case "place":
                return any(one in setting.own for one in PLACES)
            case _:
                return self.kind in setting.own

    def command(self, setting: Setting, value: Any, before: Any) -> Command:
        """What sets it here."""
        if self.kind == YOU:
            return ChooseOwn(key=setting.key, value=value, was=[before])
        return SetSetting(key=setting.key, value=value, place=self.id, was=[before])


@dataclass(frozen=True)
class Line:
    """A setting as it stands at a holder: its own value there or None, what counts without one, and who set it last."""

    setting: Setting
    own: Any
    otherwise: Any
    told: str = ""

    @property
    def value(self) -> Any:
        return self.otherwise if self.own is None else self.own


def holders(bench: Bench) -> tuple[Holder, ...]:
    """Whose settings this person may set, in the order in which people think of them."""
    here = Holder(HERE, bench.app.station.id, say(_("This terminal")))
    you = Holder(YOU, bench.actor.id, say(_("You")))
    return (here, you, *((Holder(EVERYWHERE, None, say(_("Everywhere"))),) if bench.can(SetSetting.needs) else ()))


def lines(bench: Bench, holder: Holder) -> Callable[[], list[Line]]:
    """What a reader thread finds of the settings that a holder may have; without the grant, only what is somebody's own."""
    may = bench.can(SetSetting.needs)
    wanted = [one for one in bench.app.registry.settings.values() if holder.holds(one) and (may or one.theirs)]

    def look() -> list[Line]:
        with bench.app.read(bench.actor) as session:
            chain = [holder.id, *_around(session, bench, holder), *([None] if holder.id else [])]
            values = values_of(session, bench.actor.org_id, *chain)
            return [_line(session, bench, setting, chain, values) for setting in wanted]

    return look


def _around(session: Session, bench: Bench, holder: Holder) -> Iterator[UUID]:
    """The places whose value counts where the holder has none: a store room's site, a terminal's site."""
    entities = bench.app.registry.entities
    for name in ("terminal", "warehouse"):
        row = session.get(entities[name], holder.id) if name in entities and holder.id else None
        if row is not None and getattr(row, "site_id", None):
            yield row.site_id  # type: ignore[attr-defined]
            return
    station = bench.app.station.site_id
    if holder.kind == HERE and station is not None:
        yield station


def _line(
    session: Session, bench: Bench, setting: Setting, chain: list[UUID | None], values: dict[tuple[str, UUID | None], Any]
) -> Line:
    own = values.get((setting.key, chain[0]))
    otherwise = next((values[setting.key, one] for one in chain[1:] if (setting.key, one) in values), setting.default)
    return Line(setting, own, otherwise, _told(session, bench, setting, chain[0]) if own is not None else "")


def _told(session: Session, bench: Bench, setting: Setting, holder: UUID | None) -> str:
    """Who set it, and when: the last act on its row."""
    wanted = select(SettingValue).where(
        SettingValue.org_id == bench.actor.org_id, SettingValue.key == setting.key, SettingValue.retired.is_(False)
    )
    row = next((one for one in session.scalars(wanted) if one.place_id == holder), None)
    acts = history(session, row.id, 1) if row is not None else []
    return say(_("set by {name}, {when}"), name=person(session, bench, acts[0].who), when=moment(acts[0].at)) if acts else ""


def word_of(setting: Setting, value: Any) -> str:
    """A value as people read it."""
    if value in setting.words:
        return say(setting.words[value])
    return shown(value) or NO_WORD


def place_of(match: Match) -> Holder:
    """A site or store room that was chosen."""
    return Holder(PLACE, match.id, match.title)
