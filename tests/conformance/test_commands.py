"""Every command: a sentence, a grant, a handler, and a form as plain data that is read back as the very same intent."""

from __future__ import annotations

import dataclasses
import json
import pkgutil
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import value_of

import app
from app.access.roles import ROLES
from app.capabilities import registry as whole_registry
from app.kernel.access import grants_match
from app.kernel.commands import Command, decode, encode, fields_of
from app.kernel.problems import Problem, Refused
from app.kernel.shapes import Shape, schema_of, to_plain

REGISTRY = whole_registry()
COMMANDS = [pytest.param(command, id=name) for name, command in REGISTRY.commands.items()]


def filled(command: type[Command]) -> st.SearchStrategy[Command]:
    """Commands with any values that their fields may hold."""
    shapes = fields_of(command)
    return st.builds(command, **{name: value_of(shape, command.__name__, name) for name, shape in shapes.items()})


def everything_declared() -> list[type[Command]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.startswith("app.migrations"):
            import_module(module.name)
    found, ahead = [], list(Command.__subclasses__())
    while ahead:
        one = ahead.pop()
        found.append(one)
        ahead.extend(one.__subclasses__())
    return [one for one in found if one.__module__.startswith("app.") and not is_common_ground(one)]


def is_common_ground(command: type[Command]) -> bool:
    """What several commands have in common is none itself: nobody calls it anything."""
    return bool(command.__subclasses__()) and not command.label


def test_every_command_that_is_written_has_its_handler_in_a_manifest() -> None:
    assert {one.__name__ for one in everything_declared()} == REGISTRY.commands.keys()
    assert set(REGISTRY.handlers) == set(REGISTRY.commands.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_in_a_sentence_what_it_does(command: type[Command]) -> None:
    sentence = (command.__doc__ or "").strip().splitlines()[0]
    assert sentence[:1].isupper(), sentence
    assert sentence.endswith((".", ":", ";")) or "." in (command.__doc__ or ""), sentence
    assert not sentence.startswith(f"{command.__name__}("), "that is the dataclass's own, not a sentence"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_wants_a_grant_that_the_registry_knows(command: type[Command]) -> None:
    computed = command.grant is not Command.grant
    assert computed != bool(command.needs), "either a grant, or a way to find it"
    assert computed or command.needs in REGISTRY.grants()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_a_frozen_value_that_is_filled_in_by_name(command: type[Command]) -> None:
    assert dataclasses.is_dataclass(command)
    assert command.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_s_schema_is_plain_json_and_names_its_fields(command: type[Command]) -> None:
    schema = json.loads(json.dumps(schema_of(command)))
    assert schema["properties"].keys() == fields_of(command).keys()
    assert set(schema["required"]) <= schema["properties"].keys()
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("command", COMMANDS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_command_is_the_same_after_a_journey_as_json(command: type[Command], data: Any) -> None:
    intent = data.draw(filled(command))
    assert decode(command, json.loads(json.dumps(encode(intent)))) == intent


@pytest.mark.parametrize("command", COMMANDS)
def test_fields_that_are_missing_or_unknown_are_all_named_at_once(command: type[Command]) -> None:
    needed = {name for name, shape in fields_of(command).items() if shape.required}
    with pytest.raises(Refused) as refused:
        decode(command, {"colour": "red"})
    assert {problem.field for problem in refused.value.problems} == {"colour", *needed}
    assert all(problem.sentence and problem.advice for problem in refused.value.problems)


WRONG = [True, [], {}, "…", 1e400, None, -1 << 70, "1e9", "\x00", "\ud800"]


def refusal_of(shape: Shape, name: str, value: Any) -> Problem | None:
    """What is wrong with a value; None where it is read and can be written down again."""
    try:
        encode_again(shape.read(value, name))
    except Refused as refused:
        return refused.problems[0]
    return None


@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_a_field_is_given_it_is_read_or_refused_in_words(command: type[Command]) -> None:
    for (name, shape), value in product(fields_of(command).items(), WRONG):
        problem = refusal_of(shape, name, value)
        assert problem is None or (problem.field == name and problem.sentence and problem.advice)


def encode_again(value: Any) -> None:
    """What was read can be written down: as JSON text in UTF-8, in both databases."""
    json.dumps(to_plain(value), allow_nan=False, ensure_ascii=False).encode()


def test_every_grant_is_in_somebody_s_hands() -> None:
    held = {grant for role in ROLES if role.code != "ADM" for grant in role.grants}
    alone = {one for one in REGISTRY.grants() if not any(grants_match(grant, one) for grant in held)}
    assert {one.partition(".")[0] for one in alone} <= {"kernel", "organisations"}, "only an administrator could ever do this"
