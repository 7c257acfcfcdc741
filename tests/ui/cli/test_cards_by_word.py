"""Cards without a window: what waits is asked for, and settled by a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def edit(shop: Any, new: str) -> str:
    return json.dumps({"entity": "work_order", "row": shop.ids["order"], "fields": {"what": ["Front brake", new]}})


def test_the_value_that_lost_is_found_and_put_back(shop: Any, fettle: Callable[..., Any]) -> None:
    for said in ("Squeals when cold", "Squeals when warm"):
        assert fettle("do", "SaveRecord", edit(shop, said)).code == 0
    assert fettle("ask", "attention").lines == [], "it needs nobody"
    card = fettle("ask", "attention", "noted=true").line
    assert (card["field"], card["base"]) == ("what", "Front brake")
    assert (card["theirs"]["value"], card["mine"]["value"]) == ("Squeals when cold", "Squeals when warm")
    settled = fettle("do", "Settle", json.dumps({"discrepancy": card["id"], "choice": "theirs"}))
    assert settled.code == 0
    orders = fettle("ask", "work_order").lines
    assert [one["what"] for one in orders] == ["Squeals when cold"]
    assert fettle("ask", "attention", "noted=true").lines == []


def test_a_choice_that_there_is_not_is_said_with_those_there_are(shop: Any, fettle: Callable[..., Any]) -> None:
    for said in ("Squeals when cold", "Squeals when warm"):
        fettle("do", "SaveRecord", edit(shop, said))
    card = fettle("ask", "attention", "noted=true").line
    refused = fettle("do", "Settle", json.dumps({"discrepancy": card["id"], "choice": "burn"}))
    assert (refused.code, refused.codes) == (1, ["discrepancy.choice"])


def test_what_was_done_here_is_listed_with_how_far_it_is(shop: Any, fettle: Callable[..., Any]) -> None:
    fettle("do", "IssuePart", json.dumps(shop.issue()))
    first = fettle("ask", "sent", "--limit", "1").line
    assert (first["command"], first["state"]) == ("Part issued", "Saved here")
    assert fettle("ask", "sent", "state=parked").lines == []
