"""What both protocols make of a reading's question, and of the importer's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync.odoo.errors import BadRow, BadRows, Said


def asked(domain: Sequence[Any], fields: Sequence[str], order: str, limit: int, offset: int) -> dict[str, Any]:
    """The arguments of `search_read`."""
    return {"domain": domain, "fields": fields, "order": order or None, "limit": limit or None, "offset": offset}


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
