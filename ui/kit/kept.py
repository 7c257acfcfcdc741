"""Kept filters: what somebody often narrows a list to, under a name, at this terminal; a supervisor keeps them for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import drafts
from ui.kit.bench import Bench
from ui.kit.filters import Wish

FORM = "…list:"  # no form has such a name
SHARES = "kernel.settle"  # who settles what others did also keeps lists for them
MOST = 12  # of one person, for one list


@dataclass(frozen=True)
class Kept:
    """A name, the wishes, the order, and what the list's own chip asks for."""

    name: str
    wishes: tuple[Wish, ...] = ()
    sort: str = ""
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)
    shared: bool = False

    @property
    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "wishes": [one.plain for one in self.wishes], "sort": self.sort, "given": dict(self.given)}


def of_list(session: Session, bench: Bench, name: str) -> list[Kept]:
    """Somebody's own for a list, and then those that are for all."""
    actor = bench.actor
    return [
        *_read(drafts.find(session, actor.id, FORM + name)),
        *_read(drafts.find(session, actor.org_id, FORM + name), shared=True),
    ]


def of_all(session: Session, bench: Bench) -> list[tuple[str, Kept]]:
    """Every one that somebody may use, with the name of its list."""
    found = []
    for holder in (bench.actor.id, bench.actor.org_id):
        for form, fields in drafts.named(session, holder, FORM).items():
            found += [(form.removeprefix(FORM), one) for one in _read(fields, shared=holder == bench.actor.org_id)]
    return found


def _read(fields: Mapping[str, Any], *, shared: bool = False) -> list[Kept]:
    return [
        Kept(str(one["name"]), tuple(map(Wish.of, one["wishes"])), str(one["sort"]), dict(one["given"]), shared)
        for one in fields.get("kept", ())
    ]


def keep(bench: Bench, name: str, kept: Sequence[Kept], *, shared: bool) -> None:
    """Keeps those of one holder for a list, in place of what was."""
    holder: UUID = bench.actor.org_id if shared else bench.actor.id
    at, fields = bench.app.clock.now(), {"kept": [one.plain for one in kept if one.shared == shared][-MOST:]}
    bench.write(lambda session: drafts.keep(session, holder, FORM + name, at, fields if fields["kept"] else {}))
