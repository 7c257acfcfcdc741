"""What both sides write, such as customers: only what Odoo has changed comes in; what both have changed is put before people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.shapes import to_plain
from app.kernel.standard import SaveRecord
from sync.odoo.batch import mark_of
from sync.odoo.map import Out
from sync.odoo.sorting import Sorted

Values = dict[str, Any]


def news(one: Sorted) -> Values:
    """The fields that are to be written here: all of a new record, of one that was found only what is empty here, else what has
    changed there since."""
    told = one.draft.values
    if not one.there:
        return told
    if one.base is None:
        return {name: value for name, value in told.items() if value and not getattr(one.row, name)}
    return {name: value for name, value in told.items() if not _same(value, one.base.get(name))}


def contested(one: Sorted, values: Mapping[str, Any]) -> bool:
    """Whether somebody has changed one of these fields here, too."""
    return one.base is not None and any(not _same(_here(one, name), one.base.get(name)) for name in values)


def merge(entity: str, one: Sorted, values: Mapping[str, Any]) -> SaveRecord:
    """Field by field, with the value that both sides started from: the later one counts, and the other is kept on a card."""
    base = one.base or {}
    return SaveRecord(entity=entity, id=one.ident, fields={name: [base.get(name), value] for name, value in values.items()})


def sent(out: Out, row: Any, values: Mapping[str, Any]) -> str:
    """The mark by which the way out knows that there is nothing to send; none where something here is not there yet."""
    if any(not _same(to_plain(getattr(row, name)), value) for name, value in values.items()):
        return ""
    known: Any = None  # a map of what both sides write names nothing else
    return mark_of(out.cells(row, known))


def _here(one: Sorted, name: str) -> Any:
    return to_plain(getattr(one.row, name))


def _same(first: Any, second: Any) -> bool:
    return (first or None) == (second or None)
