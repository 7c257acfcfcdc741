"""Modules and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

LONGEST_MODULE = 400
LONGEST_SCREENS = 150
LONGEST_FUNCTION = 40
MIGRATIONS = "app/migrations/versions/"  # a list of tables is as long as there are tables

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines(function: Function) -> int:
    """The lines a reader must follow: from `def` to the end, without the docstring."""
    first = function.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if told else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_a_module_is_read_in_one_go(modules: list[Any]) -> None:
    written = [module for module in modules if not module.path.startswith(MIGRATIONS)]
    long = {module.path: length for module in written if (length := module.text.count("\n")) > LONGEST_MODULE}
    assert not long, f"more than {LONGEST_MODULE} lines: split by what a reader looks for"


def test_a_screen_is_a_declaration(modules: list[Any]) -> None:
    screens = [module for module in modules if module.path.startswith("ui/") and module.path.endswith("/screens.py")]
    long = {module.path: length for module in screens if (length := module.text.count("\n")) > LONGEST_SCREENS}
    assert not long, f"more than {LONGEST_SCREENS} lines: the kit wants a new part"


def test_a_function_fits_on_a_page(modules: list[Any]) -> None:
    written = [(module.path, function) for module in modules for function in functions(module.tree)]
    long = [
        f"{path}:{function.lineno} {function.name} has {lines(function)}"
        for path, function in written
        if lines(function) > LONGEST_FUNCTION and not path.startswith(MIGRATIONS)
    ]
    assert not long, f"more than {LONGEST_FUNCTION} lines without the docstring"
