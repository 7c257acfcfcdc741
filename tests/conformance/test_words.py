"""Every word that people read is marked for translation, is a whole sentence where it speaks, and fills in every name it uses."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.capabilities import registry as whole_registry
from app.kernel.entity import fields_of
from app.kernel.scanning import COMMANDS, KINDS

REGISTRY = whole_registry()
APP = Path(__file__).resolve().parents[2] / "app"
SPEAKS = {"Problem": (1, 2), "Trouble": (1, 2)}  # where message and hint stand when they are not named


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple((path.relative_to(APP.parent).as_posix(), ast.parse(path.read_text("utf-8"))) for path in APP.rglob("*.py"))


def called(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def text_of(node: ast.AST) -> str | None:
    """The text that `_("…")` marks; None where it is something else."""
    if not called(node, "_"):
        return None
    argument = node.args[0]  # type: ignore[attr-defined]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


@cache
def marked() -> frozenset[str]:
    found = {text_of(node) for _path, tree in trees() for node in ast.walk(tree)}
    return frozenset(one for one in found if one is not None)


def test_only_plain_text_is_marked() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if called(node, "_") and text_of(node) is None
    ]
    assert not wrong, "the catalogue cannot know what is put together while the program runs"


# ------------------------------------------------------------------------------------------------------ labels and names


def labels() -> Iterator[tuple[str, str]]:
    """Every word of the declarations that people read, and where it stands."""
    for name, entity in REGISTRY.entities.items():
        yield name, entity.__about__.label
        yield name, entity.__about__.plural
        for field in fields_of(entity).values():
            yield f"{name}.{field.name}", field.label
            yield from ((f"{name}.{field.name}.{word}", label) for word, label in field.choices)
    for entity, machine in REGISTRY.machines.items():
        yield from ((f"{entity.__tablename__}.{move.name}", move.label) for move in machine.moves)
    for setting in REGISTRY.settings.values():
        yield setting.key, setting.label
        yield setting.key, setting.help
    yield from ((query.name, query.sentence) for query in REGISTRY.queries.values())
    yield from (*KINDS.items(), *COMMANDS.items())


def test_every_label_is_there_and_marked() -> None:
    assert not [(where, label) for where, label in labels() if not label.strip() or label not in marked()]


def test_a_label_is_no_sentence_and_begins_with_a_capital() -> None:
    short = [(where, label) for where, label in labels() if "." not in where or not label.endswith(".")]
    assert not [(where, label) for where, label in short if not (label[0].isupper() or label[0].isdigit())]


@pytest.mark.parametrize("key", sorted(REGISTRY.settings))
def test_a_setting_tells_what_it_does_and_its_default_is_within_its_limits(key: str) -> None:
    setting = REGISTRY.settings[key]
    assert key.partition(".")[0] in {capability.name for capability in REGISTRY.capabilities}
    assert setting.help.endswith("."), "a whole sentence"
    assert not setting.choices or setting.default in setting.choices
    assert setting.least is None or setting.default >= setting.least
    assert setting.most is None or setting.default <= setting.most


# ------------------------------------------------------------------------------------------------------------- sentences


def spoken() -> Iterator[tuple[str, ast.Call, list[ast.expr]]]:
    """Every Problem and Trouble that is written out, with its message and hint."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKS:
                named = [word.value for word in node.keywords if word.arg in ("message", "hint")]
                places = SPEAKS[node.func.id]
                yield f"{path}:{node.lineno}", node, [*(node.args[place] for place in places if place < len(node.args)), *named]


def test_what_is_wrong_is_said_in_marked_words() -> None:
    said = [(where, part) for where, _call, parts in spoken() for part in parts]
    literal = [f"{where}: {part.value}" for where, part in said if isinstance(part, ast.Constant) and part.value]
    assert not literal, "mark it with _"


def test_what_is_wrong_is_said_in_whole_sentences() -> None:
    said = [(where, text) for where, _call, parts in spoken() for part in parts if (text := text_of(part))]
    assert len(said) > 100
    assert not [(where, text) for where, text in said if not ends_well(text) or not opens_well(text)]


def ends_well(text: str) -> bool:
    """With a full stop; or with what someone is to type, which a full stop would spoil."""
    return text.endswith((".", "?", "!")) or " --" in text


def opens_well(text: str) -> bool:
    return text[0].isupper() or text[0] in "{“"


def test_every_name_in_a_sentence_has_its_value() -> None:
    wanting = []
    for where, call, parts in spoken():
        given = next((word.value for word in call.keywords if word.arg == "values"), None)
        if len(call.args) > 3 and call.func.id == "Trouble":  # type: ignore[attr-defined]
            given = call.args[3]
        used = {name for part in parts if (text := text_of(part)) for name in names_in(text)}
        if given is not None and not (isinstance(given, ast.Dict) and all(given.keys)):
            continue  # made elsewhere, or in part
        known = {key.value for key in given.keys if isinstance(key, ast.Constant)} if isinstance(given, ast.Dict) else set()
        wanting += [(where, name) for name in used - known]
    assert not wanting


def names_in(text: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text) if name is not None}


def test_names_in_sentences_are_words() -> None:
    assert not [text for text in marked() for name in names_in(text) if not name.isidentifier()]


def test_every_problem_s_code_begins_with_where_it_comes_from() -> None:
    first = [(where, call.args[0]) for where, call, _parts in spoken() if call.args]
    codes = [(where, str(one.value)) for where, one in first if isinstance(one, ast.Constant)]
    assert len(codes) > 100
    assert not [(where, code) for where, code in codes if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", code)]
