"""Gathering: what was only noted and is alike stands on one card, and one act leaves all of it as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from app.kernel.cards import ACCEPT
from app.kernel.settling import TOGETHER
from app.kernel.words import _, say
from ui.attention.reading import ASKS, MOST, CardView, Group, Way, each
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.screen import Deed

SAMPLE = 12  # of a group, by name


def cards(bench: Bench, *, noted: bool, group: Group | None = None) -> list[CardView]:
    """The cards that need somebody, the most urgent first; what was noted gathered, or one `group` of it card by card."""
    if noted and group is None:
        return _gathered(bench)
    return each(bench, noted=noted, **(group.given if group else {}))


def _gathered(bench: Bench) -> list[CardView]:
    """One card for all that is alike; what there is only one of stands for itself."""
    found: list[CardView] = []
    for row in bench.app.ask("alike", bench.actor, limit=MOST).rows:
        group = Group(row["code"], row["entity"], row["field"])
        few = each(bench, SAMPLE if row["count"] > 1 else 1, noted=True, **group.given)
        found += [_one(bench, group, row["count"], few)] if len(few) > 1 else few
    return found


def _one(bench: Bench, group: Group, count: int, few: Sequence[CardView]) -> CardView:
    rows = bench.app.ask("attention", bench.actor, limit=TOGETHER, noted=True, **group.given).rows
    members = tuple(row["id"] for row in rows)
    first = few[0]
    return replace(
        first,
        kind="group",
        about=say(_("{count} alike"), count=count),
        sentence=first.sentence if first.kind in ASKS else say(_("Such as: {what}"), what=first.sentence),
        who="",
        when="",
        sides=(),
        base="",
        ways=(Way(ACCEPT, say(_("Leave all {count} so"), count=len(members)), says_how=True),),
        record=None,
        alike=1,
        tried=tuple((card.when, card.about) for card in few),
        group=group,
        members=members,
    )


def deeds(bench: Bench, card: CardView | None, inside: Group | None, enter: Callable[[Group | None], None]) -> tuple[Deed, ...]:
    """Beside the filled button: a group's cards one by one, the way back out of it, and the record that a card is about."""
    if card is not None and card.group is not None:
        return (Deed(say(_("One by one")), partial(enter, card.group), "jobs"),)
    out = (Deed(say(_("All that was noted")), partial(enter, None), "back"),) if inside is not None else ()
    if card is None or card.record is None or bench.declared.page_of(card.record.entity) is None:
        return out
    go = partial(bench.ways.go, Place("page", card.record.entity, card.record.id))
    return (*out, Deed(say(_("Open {title}"), title=card.record.title), go, "jobs"))
