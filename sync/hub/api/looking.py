"""Looking around: what there is to ask and to do, what a scanned text means, and search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from app.kernel import catalogue
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.shapes import PLAIN
from app.kernel.words import _
from sync.hub.api.operations import Call, Operation, Parameter, Reply, Schema, each, shape

Entries = Callable[[Registry], Iterator[dict[str, Any]]]
LISTS: tuple[tuple[str, Entries, str], ...] = (
    ("commands", catalogue.commands, "Every command, with its grant, one sentence and its JSON schema."),
    ("queries", catalogue.queries, "Every query, with its grant, one sentence and its arguments."),
    ("entities", catalogue.entities, "Everything there are records of, with its fields."),
)
FOUND = 50  # matches of a search
ITEMS = shape(rows=each({"type": "object"}))
MEANING = shape(
    kind={"type": "string", "examples": ["record"]},
    text={"type": "string"},
    matches=each({"type": "object"}),
    problem={"anyOf": [{"type": "object"}, {"type": "null"}]},
)


def there_is(entries: Entries, call: Call) -> Reply:
    return Reply({"rows": list(entries(call.api.registry))})


def search(call: Call) -> Reply:
    """Full-text search over what the caller may read."""
    said = dict(call.query)
    sought = said.get("q", "").strip()
    if not sought or len(sought) > 200:
        raise Refused(
            Problem("api.sought", _("There is nothing to look for."), field="q", hint=_("Give q, up to 200 characters."))
        )
    entity = said.get("entity", "")
    if entity:
        call.api.registry.entity(entity)  # refuses one that is not there
    found = call.api.hub.app.find(sought, call.actor, entity, FOUND)
    return Reply({"rows": [{"entity": one.entity, "id": str(one.id), "title": one.title} for one in islice(found, FOUND)]})


def scan(call: Call) -> Reply:
    """What a scanned text means to the caller."""
    text = PLAIN[str][0](call.body.get("text", ""), "text")
    return Reply(call.api.hub.app.meaning(text, call.actor).as_json())


_TEXT: Schema = {"type": "string", "description": "the text as the scanner sends it", "examples": ["2970000000004"]}
OPERATIONS = (
    *(
        Operation("GET", f"/{name}", f"all_{name}", about, "lists", partial(there_is, one), gives=ITEMS)
        for name, one, about in LISTS
    ),
    Operation(
        "GET",
        "/search",
        "search",
        "Finds records by what is written in them, best first.",
        "lists",
        search,
        takes=(Parameter("q", "What is sought.", required=True), Parameter("entity", "Only records of this kind.")),
        gives=ITEMS,
    ),
    Operation(
        "POST",
        "/scan",
        "scan",
        "What a scanned text means here.",
        "lists",
        scan,
        body={**shape(text=_TEXT), "additionalProperties": False, "required": ["text"]},
        gives=MEANING,
    ),
)
