"""What both protocols have in common: a reading's question, and what the importer answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.odoo.errors import BadRow, BadRows, Said
from sync.odoo.line import Row


class Loading:
    """Loads and reads by the `call` that a protocol has."""

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        raise NotImplementedError

    def load(
        self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]], *, context: Mapping[str, Any] | None = None
    ) -> list[int]:
        return loaded(self.call(model, "load", context=context, fields=fields, data=rows))

    def search_read(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: str = "",
        limit: int = 0,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        within: dict[str, Any] = {"order": order or None, "limit": limit or None, "offset": offset}
        found: list[Row] = self.call(model, "search_read", context=context, domain=domain, fields=fields, **within)
        return found


def loaded(answer: Any) -> list[int]:
    """The ids; BadRows when nothing was kept."""
    if not isinstance(answer, dict):
        raise Said("odoo.load", f"load() answered {type(answer).__name__}")
    ids = answer.get("ids")
    if isinstance(ids, list):
        return ids
    messages = [one for one in answer.get("messages") or () if isinstance(one, dict)]
    wrong = [one for one in messages if one.get("type", "error") == "error"] or messages
    raise BadRows([_bad(one) for one in wrong])


def _bad(message: dict[str, Any]) -> BadRow:
    rows = message.get("rows")
    at = rows.get("from", -1) if isinstance(rows, dict) else message.get("record", -1)
    return BadRow(at if isinstance(at, int) else -1, str(message.get("field") or ""), str(message.get("message") or ""))
