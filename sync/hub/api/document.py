"""The API's own description: OpenAPI 3.1 for programs, and one plain page for people that asks no other host for anything."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.kernel.registry import Registry
from sync.hub import problems
from sync.hub.api.operations import BASE, ID, Operation, Parameter, Schema, each, shape
from sync.hub.api.records import row_schema
from sync.snapshots import program

Route = Callable[[Request], Awaitable[Response]]
ABOUT = (
    "Every entity, query and command of this hub. A person logs in and sends the access token; what they may see and do is what "
    "they may see and do at a terminal. Whatever is refused is a problem document (RFC 9457) with a code, a sentence and advice."
)
FINDINGS = each({"$ref": "#/components/schemas/Finding"})
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "code", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "what is so"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do next"},
        "instance": {"type": "string"},
        "code": {"type": "string", "examples": ["access.denied"], "description": "the problem's name, for programs"},
        "hint": {"type": "string"},
        "field": {"type": "string", "description": "the field that it concerns"},
        "trace_id": {"type": "string", "description": "this request in the hub's log; also in X-Request-Id"},
        "problems": FINDINGS,
        "answer": {"$ref": "#/components/schemas/Answer"},
    },
}
FINDING = shape(**{name: {"type": "string"} for name in ("code", "message", "hint", "field")})
ANSWER: Schema = {
    "description": "What became of a command, after it was committed for good.",
    **shape(
        id=ID,
        do={"type": "string", "examples": ["IssuePart"]},
        status={"enum": ["done", "pending", "refused"]},
        problems=FINDINGS,
        rows=each(shape(entity={"type": "string"}, id=ID)),
    ),
}
REFUSALS = {
    "400": "The request cannot be understood.",
    "401": "Nobody is signed in with this.",
    "403": "This person may not do it, or not there.",
    "404": "There is no such thing, or this person may not see it.",
    "409": "It cannot be done as things stand.",
    "412": "It has changed since it was read.",
    "413": "The body is larger than any of ours.",
    "422": "A rule does not let it through.",
    "429": "Too many requests, or wrong PINs.",
    "500": "A mistake of the hub's.",
    "503": "The hub is busy or its database away: again in a moment.",
}


def as_json(registry: Registry, operations: Sequence[Operation]) -> Route:
    """The route that gives the document, which is built when it is first asked for."""
    text = cache(lambda: json.dumps(openapi(registry, operations), ensure_ascii=False).encode())

    async def give(_request: Request) -> Response:
        return Response(text(), media_type="application/json")

    return give


def as_page(registry: Registry, operations: Sequence[Operation]) -> Route:
    """The route that gives the page."""
    text = cache(lambda: page(openapi(registry, operations), operations))

    async def give(_request: Request) -> Response:
        return HTMLResponse(text())

    return give


def openapi(registry: Registry, operations: Iterable[Operation]) -> dict[str, Any]:
    """The document, from the same list as the routes."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _described(operation)
    rows = {name: row_schema(registry, entity) for name, entity in sorted(registry.entities.items())}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fettle", "version": program() or "0", "description": ABOUT},
        "paths": paths,
        "components": {
            "schemas": {"Answer": ANSWER, "Finding": FINDING, "Problem": PROBLEM, **rows},
            "responses": {status: _refusal(about) for status, about in REFUSALS.items()},
            "securitySchemes": {"person": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"person": []}],
    }


def _refusal(about: str) -> dict[str, Any]:
    return {"description": about, "content": {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _described(operation: Operation) -> dict[str, Any]:
    grant = f" Grant: `{operation.grant}`." if operation.grant else ""
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about.partition(". ")[0].rstrip("."),
        "description": operation.about + grant,
        "tags": [operation.tag],
        "parameters": [_parameter(one) for one in (*_places(operation.path), *operation.takes)],
        "responses": _responses(operation),
    }
    if operation.public:
        told["security"] = []
    if operation.grant:
        told["x-grant"] = operation.grant
    if operation.body is not None:
        content = {"schema": operation.body, "example": example_of(operation.body)}
        told["requestBody"] = {"required": bool(operation.body.get("required")), "content": {"application/json": content}}
    return told


def _responses(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "So it is." if operation.method == "GET" else "It is done, and committed for good."}
    if operation.gives:
        good["content"] = {operation.media: {"schema": operation.gives}}
    refused = [status for status in REFUSALS if operation.body is not None or status not in ("412", "413", "422")]
    return {str(operation.status): good, **{status: {"$ref": f"#/components/responses/{status}"} for status in refused}}


def _places(path: str) -> Iterator[Parameter]:
    if "{id}" in path:
        yield Parameter("id", "The record's id.", ID, "path", True)


def _parameter(one: Parameter) -> dict[str, Any]:
    return {"name": one.name, "in": one.place, "required": one.required, "description": one.about, "schema": one.schema}


# -------------------------------------------------------------------------------------------------------------- examples

_PLAIN: dict[str, Any] = {
    "uuid": "0199c0de-7a1b-7c2d-8e3f-40516273849a",
    "date": "2026-11-20",
    "date-time": "2026-11-20T14:02:00Z",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


def example_of(schema: Schema) -> Any:
    """A value that fits a schema; of an object what is required, and all of it where nothing is."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0])
    if "properties" in schema:
        wanted = schema.get("required") or schema["properties"]
        return {name: example_of(one) for name, one in schema["properties"].items() if name in wanted}
    if schema.get("type") == "array" and schema.get("items"):
        return [example_of(schema["items"])]
    return _simple(schema)


def _simple(schema: Schema) -> Any:
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if "quantity" in schema.get("description", ""):
        return "2.5"
    if kind == "string" and schema.get("format") is None:
        return str(schema.get("title", "text"))[: schema.get("maxLength", 40)]
    return _PLAIN[str(schema.get("format", kind))]


# -------------------------------------------------------------------------------------------------------------- the page

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f2f4f6;padding:.8rem;overflow:auto}h2{margin-top:2.5rem}
summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;width:4.5rem}
@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#16191d}pre{background:#23272d}}"""


def page(told: dict[str, Any], operations: Sequence[Operation]) -> str:
    """Every operation by its subject, with what it takes."""
    parts = [
        f"<h1>{escape(told['info']['title'])}</h1><p>{escape(ABOUT)}</p>",
        f'<p><a href="{BASE}/openapi.json">OpenAPI</a></p>',
    ]
    for tag in dict.fromkeys(operation.tag for operation in operations):
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_shown(told, one) for one in operations if one.tag == tag]
    head = f'<meta charset="utf-8"><title>Fettle API</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _shown(told: dict[str, Any], operation: Operation) -> str:
    path = BASE + operation.path
    described = told["paths"][path][operation.method.lower()]
    takes = "".join(
        f"<li><code>{escape(one['name'])}</code> {escape(one['description'])}</li>" for one in described["parameters"]
    )
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    example = f"<pre>{escape(json.dumps(body, indent=2, ensure_ascii=False))}</pre>" if body else ""
    return (
        f"<details><summary><b>{operation.method}</b> <code>{escape(path)}</code></summary>"
        f"<p>{escape(described['description'])}</p><ul>{takes}</ul>{example}</details>"
    )
