"""Commands over HTTP: every one that there is, answered as the command line answers, applied once however often it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from app.kernel.catalogue import first_sentence, has_own_id, inward, outward, outward_problem
from app.kernel.commands import Command, decode, encode
from app.kernel.locks import named_in
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.shapes import PLAIN
from app.kernel.words import _
from app.places.days import zone_of
from sync.hub import problems
from sync.hub.api.operations import ID, Call, Operation, Parameter, Reply, Schema

KEY = Parameter(
    "Idempotency-Key",
    "The command's own id, a UUID (best of version 7). The same again, with the same body, is applied once.",
    ID,
    "header",
)
ANSWER: Schema = {"$ref": "#/components/schemas/Answer"}


def operations(registry: Registry) -> Iterator[Operation]:
    """Every declared command."""
    for name, kind in sorted(registry.commands.items()):
        schema = outward(kind)
        yield Operation(
            "POST",
            f"/commands/{name}",
            f"do_{name}",
            first_sentence(kind.__doc__),
            "commands",
            partial(run_command, kind),
            grant=kind.needs or "depends on the record",
            takes=(KEY,),
            body={**schema, "properties": {"id": {**ID, "description": "the command's own id"}, **schema["properties"]}},
            gives=ANSWER,
        )


def run_command(kind: type[Command], call: Call) -> Reply:
    """Runs what the body says. `id` is the command's own; a record that it is about goes by the name of `row`."""
    fields = {name: value for name, value in call.body.items() if name != "id"}
    try:
        command = decode(kind, inward(kind, fields))
    except Refused as refused:
        raise Refused(*(outward_problem(kind, problem) for problem in refused.problems)) from None
    return answered(call, command, ident(call, call.body.get("id")))


def answered(call: Call, command: Command, ident: UUID | None, created: str = "") -> Reply:
    """Runs a command in the caller's name. `created` is the path under which a record that it makes is found."""
    answer = call.api.hub.app.run(command, call.actor, ident, zone=_zone(call, command))
    told = {**answer.as_json(), "problems": [problem.as_json() for problem in outwards(command, answer.problems)]}
    headers = {"Idempotent-Replayed": "true"} if answer.again else {}
    if not answer.done:
        found = outwards(command, answer.problems)
        return Reply({"answer": told}, problems.status_of(found[0]), headers, found)
    made = next((str(row) for name, row in answer.rows if created and name == getattr(command, "entity", "")), "")
    return Reply(told, 201 if made else 200, {**headers, **({"Location": f"{created}/{made}"} if made else {})})


def _zone(call: Call, command: Command) -> str:
    """The zone by whose calendar the command is done: it comes from nowhere, and the hub itself stands nowhere."""
    works_at = {grant.place for grant in call.actor.grants if grant.place is not None}
    with call.api.hub.session(call.actor.org_id) as session:
        return zone_of(session, call.actor.org_id, set(named_in(encode(command))), works_at)


def outwards(command: Command, found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Problems by the names that a command's fields have out there."""
    kind = type(command)
    return tuple(outward_problem(kind, problem) for problem in found) if has_own_id(kind) else found


def ident(call: Call, told: Any = None) -> UUID | None:
    """The id under which a command is to run: the header's or the body's, where one is given."""
    key = call.headers.get("idempotency-key")
    try:
        given = [PLAIN[UUID][0](one, "id") for one in (key, told) if one is not None]
    except Refused:
        raise Refused(_no_key()) from None
    if len(set(given)) > 1:
        raise Refused(_no_key())
    return given[0] if given else None


def _no_key() -> Problem:
    return Problem(
        "api.key",
        _("The command's id is not one UUID."),
        field="id",
        hint=_("Give one UUID, as Idempotency-Key or as id in the body, and a new one for each new command."),
    )
