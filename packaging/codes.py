"""The page of codes, brought up to date: `python packaging/codes.py` writes resources/handbook/codes.md from what is declared.

A sentence that no declaration holds (a message that is put together while the program runs) stays as somebody wrote it there.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "resources" / "handbook" / "codes.md"
HOMES = ("app", "ui", "sync", "printing")
sys.path.insert(0, str(ROOT))

from app.access.roles import ROLES  # noqa: E402 - they are found once the root is on the path
from app.capabilities import registry as whole_registry  # noqa: E402
from app.kernel.catalogue import first_sentence  # noqa: E402
from app.kernel.registry import Registry  # noqa: E402

CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+", re.ASCII)
LINE = re.compile(r"^\| `([^`]+)` \|(?:.*\|)? *([^|]*) \|$", re.MULTILINE)
Known = Mapping[str, str]
HEAD = """# Codes

Every command, grant, setting and problem code that this version has. A code never changes its meaning; a script may rely on it.
"""
COMMANDS = """
## Commands

What `fettle do` runs. The grant is what a person must hold; a standard command's grant follows from its record.

| command | grant | about |
|---|---|---|
"""
GRANTS = """
## Grants

A role bundles grants; `stock.*` holds all of `stock`, `*` all there are.

| grant | lets a person |
|---|---|
"""
SETTINGS = """
## Settings

Declared where they are read; set by the organisation or for one site.

| setting | default | about |
|---|---|---|
"""
PROBLEMS = """
## Problems

What an answer, a refusal or the terminal may say. A place in braces is filled in.

| code | what is so |
|---|---|
"""


def page(registry: Registry, before: str) -> str:
    """The whole page; `before` is what stands there now."""
    granted, told = (dict(LINE.findall(before.partition(head)[2].partition("\n## ")[0])) for head in (GRANTS, PROBLEMS))
    parts = (
        (COMMANDS, (f"| `{name}` | {grant} | {about} |" for name, grant, about in commands(registry))),
        (GRANTS, (f"| `{name}` | {lets} |" for name, lets in grants(registry, granted))),
        (SETTINGS, (f"| `{key}` | {one.default} | {one.label}. {one.help} |" for key, one in sorted(registry.settings.items()))),
        (PROBLEMS, (f"| `{code}` | {told} |" for code, told in problems(told))),
    )
    return HEAD + "".join(head + "\n".join(lines) + "\n" for head, lines in parts)


def commands(registry: Registry) -> Iterator[tuple[str, str, str]]:
    for name, command in sorted(registry.commands.items()):
        grant = f"`{command.needs}`" if command.needs else "the record’s"
        yield name, grant, cell(first_sentence(command.__doc__))


def grants(registry: Registry, known: Known) -> Iterator[tuple[str, str]]:
    """The grants that something needs, and those that a role holds for what a handler asks inside."""
    held = {grant for role in ROLES for grant in role.grants if "*" not in grant}
    inside = asked_inside() & known.keys()
    for name in sorted({*registry.grants(), *held, *inside}):
        yield name, lets(registry, name) or known.get(name, "nothing yet: no record or command of this version needs it")


def lets(registry: Registry, grant: str) -> str:
    """What a grant is needed for, as far as declarations tell."""
    capability, _dot, verb = grant.partition(".")
    plurals = [one.__about__.plural.lower() for name, one in registry.entities.items() if registry.home[name] == capability]
    told = [f"{word} {', '.join(plurals)}" for name, word in (("read", "see"), ("edit", "change")) if verb == name and plurals]
    runs = [f"`{name}`" for name, command in sorted(registry.commands.items()) if command.needs == grant]
    steps = [
        f"“{move.label or move.name}” on a {entity.__about__.label.lower()}"
        for entity, machine in registry.machines.items()
        for move in machine.moves
        if move.needs == grant
    ]
    asks = [f"`{query.name}`" for query in registry.queries.values() if query.needs == grant]
    named = (("run", runs), ("take the step", steps), ("ask", asks))
    return "; ".join([*told, *(f"{word} {', '.join(names)}" for word, names in named if names)])


def asked_inside() -> set[str]:
    """Every text of the program that could be a grant: what a handler asks for by name is among them."""
    return {node.value for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant) and is_code(node.value)}


# --------------------------------------------------------------------------------------------------------------- problems


def problems(known: Known) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    for tree in trees():
        for function, call in calls(tree, None):
            for code, message in said(call, function):
                found[code] = found.get(code) or message
    yield from sorted((code, cell(message) or known.get(code, "(says why)")) for code, message in found.items())


@cache
def trees() -> tuple[ast.Module, ...]:
    files = (file for home in HOMES for file in sorted((ROOT / home).rglob("*.py")))
    return tuple(ast.parse(file.read_text(encoding="utf-8")) for file in files)


def calls(node: ast.AST, function: ast.AST | None) -> Iterator[tuple[ast.AST | None, ast.Call]]:
    """Every call, with the function in which it stands."""
    for inner in ast.iter_child_nodes(node):
        within = inner if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(inner, ast.Call):
            yield within, inner
        yield from calls(inner, within)


def said(call: ast.Call, function: ast.AST | None) -> Iterator[tuple[str, str]]:
    """The codes that a call gives, each with its sentence where that stands beside it."""
    named = {word.arg: word.value for word in call.keywords}
    first = call.args[0] if call.args else named.get("code")
    second = call.args[1] if len(call.args) > 1 else named.get("message")
    if getattr(call.func, "id", "") not in ("Problem", "Trouble") and "code" not in named and not marked(second):
        return
    for source in filter(None, (first, named.get("code"))):
        for node in ast.walk(source):
            if isinstance(node, ast.Constant) and is_code(node.value):
                yield str(node.value), sentence(second, function)


def is_code(value: object) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def marked(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_"


def sentence(node: ast.expr | None, function: ast.AST | None) -> str:
    """The text that is marked here, or under this name in the function."""
    if isinstance(node, ast.Call) and marked(node) and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    if isinstance(node, ast.IfExp):
        return sentence(node.body, function)
    if isinstance(node, ast.Name) and function is not None:
        return next((text for name, value in names(function) if name == node.id and (text := sentence(value, None))), "")
    return ""


def names(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What is given a name in a function."""
    for node in ast.walk(function):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """How many lines are new, and how many are gone."""
    before = PAGE.read_text(encoding="utf-8")
    after = page(whole_registry(), before)
    PAGE.write_text(after, encoding="utf-8")
    old, new = ({name for name, _told in LINE.findall(text)} for text in (before, after))
    print(f"{len(new)} codes: {len(new - old)} new, {len(old - new)} gone")
    wanting = sorted(set(re.findall(r"^\| `([^`]+)` \| \(says why\) \|$", after, re.MULTILINE)))
    for code in wanting:
        print(f"  write what is so: {code}")
    return 1 if wanting else 0


if __name__ == "__main__":
    sys.exit(main())
