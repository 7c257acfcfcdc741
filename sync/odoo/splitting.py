"""Many records in one call to Odoo; where it does not take them all, the bad ones are found and the others go through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.odoo.model import RETRY
from sync.odoo.errors import BadRows, Said, Verdict, verdict_of
from sync.odoo.map import Value
from sync.odoo.transport import Odoo

QUIET: Mapping[str, Any] = {
    "tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True, "mail_create_nosubscribe": True
}  # fmt: skip
"""What nobody reads is not written: of each step a note in Odoo's chatter costs as much as the step."""
AT_ONCE = 400  # records of one load; more of them save nothing, and hold Odoo's locks longer


@dataclass(frozen=True)
class Item:
    """A record to be loaded: its own cells, then those of its lines, each by Odoo's field."""

    key: Any
    cells: Mapping[str, Value]
    lines: tuple[Mapping[str, Value], ...] = ()


Found = dict[Any, int]
Bad = dict[Any, Verdict]


def load(odoo: Odoo, model: str, items: Sequence[Item]) -> tuple[Found, Bad]:
    """Makes or changes records; their ids, and what stands against those that Odoo does not take. Away goes through."""
    found: Found = {}
    bad: Bad = {}
    alike: dict[tuple[str, ...], list[Item]] = {}
    for item in items:  # an empty cell is a value too: it would wipe out what the record has
        alike.setdefault(tuple(sorted({name for row in _rows(item) for name in row})), []).append(item)
    for same in alike.values():
        for start in range(0, len(same), AT_ONCE):
            _load(odoo, model, same[start : start + AT_ONCE], found, bad)
    return found, bad


def _load(odoo: Odoo, model: str, items: Sequence[Item], found: Found, bad: Bad) -> None:
    if not items:
        return
    fields = _fields(items)
    try:
        ids = odoo.load(model, fields, [_texts(row, fields) for item in items for row in _rows(item)], context=QUIET)
    except BadRows as error:
        _without(odoo, model, items, error, found, bad)
    except Said as error:
        _halved(items, error, bad, lambda half: _load(odoo, model, half, found, bad))
    else:
        found.update(zip((item.key for item in items), ids, strict=True))


def _without(odoo: Odoo, model: str, items: Sequence[Item], error: BadRows, found: Found, bad: Bad) -> None:
    """Once more without those that Odoo named; where it names none, by halves."""
    owners = [item for item in items for _row in _rows(item)]
    named = {owners[one.row].key: one for one in error.rows if 0 <= one.row < len(owners)}
    if not named:
        _halved(items, error, bad, lambda half: _load(odoo, model, half, found, bad))
        return
    bad.update({key: verdict_of(BadRows([one])) for key, one in named.items()})
    _load(odoo, model, [item for item in items if item.key not in named], found, bad)


def _halved(items: Sequence[Item], error: Said, bad: Bad, again: Callable[[Sequence[Item]], None]) -> None:
    verdict = verdict_of(error)
    if verdict.everywhere:
        raise error
    if len(items) == 1 or _is_of_all(verdict):
        bad.update(dict.fromkeys((item.key for item in items), verdict))
        return
    half = len(items) // 2
    again(items[:half])
    again(items[half:])


def press(odoo: Odoo, model: str, method: str, ids: Sequence[int], context: Mapping[str, Any] = QUIET) -> dict[int, Verdict]:
    """Presses a button on records; what stands against those that Odoo does not do it with. Each half that fails is halved."""
    if not ids:
        return {}
    try:
        odoo.call(model, method, ids, context=context)
    except Said as error:
        verdict = verdict_of(error)
        if verdict.everywhere:
            raise
        if len(ids) == 1 or _is_of_all(verdict):
            return dict.fromkeys(ids, verdict)
        half = len(ids) // 2
        return press(odoo, model, method, ids[:half], context) | press(odoo, model, method, ids[half:], context)
    return {}


def _is_of_all(verdict: Verdict) -> bool:
    """No single record is at fault: somebody else was writing just then, or the bridge's user may not do it at all."""
    return verdict.kind == RETRY or verdict.code == "odoo.rights"


# ----------------------------------------------------------------------------------------------------------- as rows


def _fields(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(name for item in items for row in (item.cells, *item.lines) for name in row))


def _rows(item: Item) -> list[Mapping[str, Value]]:
    """A record's own row, which holds its first line too; the others stand beneath it with its own cells empty."""
    first, *rest = item.lines or ({},)
    return [{**item.cells, **first}, *rest]


def _texts(row: Mapping[str, Value], fields: Sequence[str]) -> list[str]:
    return [text(row.get(name)) for name in fields]


def text(value: Value) -> str:
    """A value as Odoo's importer reads it; an empty cell is no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
