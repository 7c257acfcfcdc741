"""Who may do what: grants on commands, scopes on rows. Deny by default; a screen only asks, the dispatcher decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from app.kernel.problems import Problem
from app.kernel.words import _

SYSTEM = UUID("00000000-0000-7000-8000-000000000001")


def grants_match(held: str, wanted: str) -> bool:
    """Whether a held grant such as `stock.*` or `*` covers a wanted one such as `stock.adjust`."""
    return held in ("*", wanted) or (held.endswith(".*") and wanted.startswith(held[:-1]))


@dataclass(frozen=True)
class Grant:
    """A grant someone holds, for everywhere in the organisation or for one site or warehouse only."""

    name: str
    place: UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Someone (or the system) who acts: an organisation, grants, and the places each grant holds at."""

    id: UUID
    org_id: UUID
    name: str = ""
    grants: frozenset[Grant] = frozenset()
    active: bool = True
    language: str = "en"
    home: str = ""  # the role whose home screen opens
    system: bool = False  # the program itself (set-up, demo, the hub's jobs), which no row stands for
    _seen: dict[tuple[str, UUID | None], bool] = field(default_factory=dict, init=False, compare=False, repr=False)

    def can(self, wanted: str, place: UUID | None = None) -> bool:
        """Whether the grant is held at a place; with no place asked for, whether it is held anywhere."""
        key = (wanted, place)
        if key not in self._seen:
            self._seen[key] = self.active and any(
                grants_match(grant.name, wanted) and (place is None or grant.place in (None, place)) for grant in self.grants
            )
        return self._seen[key]

    def places(self, wanted: str) -> frozenset[UUID] | None:
        """The places a grant is limited to; None when it holds everywhere."""
        matching = [grant for grant in self.grants if grants_match(grant.name, wanted)]
        if any(grant.place is None for grant in matching):
            return None
        return frozenset(grant.place for grant in matching if grant.place is not None)


def actor(ident: UUID, org_id: UUID, grants: Iterable[str], name: str = "", home: str = "") -> Actor:
    """An actor whose grants hold everywhere in the organisation."""
    return Actor(ident, org_id, name, frozenset(Grant(one) for one in grants), home=home)


def system(org_id: UUID) -> Actor:
    """The program itself, for what nobody has signed in for yet."""
    return Actor(SYSTEM, org_id, "Fettle", frozenset({Grant("*")}), system=True)


def denied(who: Actor, wanted: str) -> Problem:
    return Problem(
        "access.denied",
        _("{name} may not do this."),
        hint=_("Ask a colleague who may do it to sign it off."),
        values={"name": who.name or _("You"), "grant": wanted},
    )


def out_of_scope() -> Problem:
    return Problem(
        "access.out_of_scope",
        _("This belongs to another organisation or place."),
        hint=_("Scan a code of this workshop, or ask for access to the other place."),
    )
