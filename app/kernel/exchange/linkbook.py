"""Turns the links of an import's lines into ids, many at a time, and makes what a mapping says may be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.bulk import SaveMany, place_of
from app.kernel.entity import Entity, fields_of
from app.kernel.exchange.door import Door
from app.kernel.exchange.links import BETWEEN, Found, ids_of, path_of, splits
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.kernel.words import _

MOST = 50_000  # ids kept in mind, so that a long file needs no more memory than a short one


class LinkBook:
    """Which record each text means, found once; `made` counts what was made for links that meant none."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[tuple[str, str], UUID] = {}
        self.made: dict[str, int] = {}

    def find(self, target: str, texts: Iterable[str], *, create: bool = False) -> Found:
        """The ids that these texts mean in an entity, or why there is none."""
        wanted = dict.fromkeys(texts)
        found: Found = {text: self._known[target, text] for text in wanted if (target, text) in self._known}
        left = [text for text in wanted if text not in found]
        if left:
            with self._door.looking() as session:
                found |= ids_of(session, self._door.registry, target, self._door.actor.org_id, left)
            lacking = [text for text in left if _is_lacking(found[text])]
            if create and lacking:
                found |= self._create(target, lacking)
            self._keep(target, found)
        return found

    def _keep(self, target: str, found: Found) -> None:
        if len(self._known) > MOST:
            self._known.clear()
        self._known |= {(target, text): ident for text, ident in found.items() if isinstance(ident, UUID)}

    def _create(self, target: str, texts: list[str]) -> Found:
        """Makes the records that these texts name, and those above them."""
        entity = self._door.registry.entities[target]
        link, name = path_of(entity) or ("", "")
        if not name:
            return {}
        found: Found = {}
        values: dict[str, dict[str, Any]] = {}
        uppers = self._uppers(entity, link, texts)
        for text in texts:
            upper, lower = next(splits(text), ("", "")) if link else ("", text)
            parent = uppers.get(upper) if link else None
            if link and not isinstance(parent, UUID):
                found[text] = parent or _no_path(entity, text)
            else:
                values[text] = {name: lower} | ({link: parent.hex} if isinstance(parent, UUID) else {})
        return found | self._save(entity, values)

    def _uppers(self, entity: type[Entity], link: str, texts: list[str]) -> Found:
        if not link:
            return {}
        names = (upper for text in texts for upper, _lower in [next(splits(text), ("", ""))] if upper)
        return self.find(fields_of(entity)[link].target, names, create=True)

    def _save(self, entity: type[Entity], values: Mapping[str, dict[str, Any]]) -> Found:
        """Saves new records, all that can be: what is refused says why."""
        found: Found = {}
        left = {text: self._completed(entity, one) | {"id": new_id().hex} for text, one in values.items()}
        while left:
            texts = list(left)[:1000]
            answer = self._door.run(SaveMany(entity=entity.__tablename__, rows=[left[text] for text in texts]))
            if answer.done:
                found |= {text: UUID(left.pop(text)["id"]) for text in texts}
                self.made[entity.__tablename__] = self.made.get(entity.__tablename__, 0) + len(texts)
                continue
            for problem in answer.problems:
                place, _field = place_of(problem.field)
                for text in texts if place is None else [texts[place]]:
                    found.setdefault(text, problem)
                    left.pop(text, None)
        return found

    def _completed(self, entity: type[Entity], values: dict[str, Any]) -> dict[str, Any]:
        """The values with what else a new record needs: a name like its code, and the site of this terminal."""
        words = next(iter(values.values()))
        for field in fields_of(entity).values():
            if not field.required or field.name in values or entity.__table__.columns[field.name].default is not None:
                continue
            if field.kind == "text":
                values[field.name] = words
            elif field.kind == "link" and field.target == "site" and (site := self._site()) is not None:
                values[field.name] = site.hex
        return values

    def _site(self) -> UUID | None:
        """Where this terminal stands; on one that has not been told, the only site there is."""
        if self._door.station.site_id is not None:
            return self._door.station.site_id
        site = self._door.registry.entities["site"]
        with self._door.looking() as session:
            here = site.org_id == self._door.actor.org_id, site.retired.is_(False)
            found = list(session.scalars(select(site.id).where(*here).limit(2)))
        return found[0] if len(found) == 1 else None


def _is_lacking(found: UUID | Problem) -> bool:
    return isinstance(found, Problem) and found.code == "import.no_target"


def _no_path(entity: type[Entity], text: str) -> Problem:
    return Problem(
        "import.no_path",
        _("“{text}” does not say where this {kind} belongs."),
        hint=_("Write what it is in, a {between}, and its own name."),
        values={"text": text[:80], "kind": entity.__about__.label, "between": BETWEEN},
    )
