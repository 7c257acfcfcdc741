"""Ways of writing that have hurt others, and that no linter knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any


def name_of(call: ast.Call) -> str:
    """The last word of what is called: `text` in both `text(…)` and `sqlalchemy.text(…)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def pieced_together(argument: ast.expr) -> bool:
    """True for an f-string, for strings joined by + or %, and for .format()."""
    formatted = isinstance(argument, ast.Call) and name_of(argument) == "format"
    return formatted or isinstance(argument, ast.JoinedStr | ast.BinOp)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_only_the_theme_writes_style_sheets(modules: list[Any]) -> None:
    elsewhere = [module for module in modules if not module.path.startswith("ui/theme/")]
    assert not [f"{m.path}:{call.lineno}" for m in elsewhere for call in m.calls() if name_of(call) == "setStyleSheet"]


def test_sql_is_never_pieced_together(modules: list[Any]) -> None:
    texts = [(m.path, call) for m in modules for call in m.calls() if name_of(call) == "text" and call.args]
    assert not [f"{path}:{call.lineno}" for path, call in texts if pieced_together(call.args[0])]


def test_a_certificate_is_always_checked(modules: list[Any]) -> None:
    words = [(m.path, word) for m in modules for call in m.calls() for word in call.keywords if word.arg == "verify"]
    assert not [path for path, word in words if isinstance(word.value, ast.Constant) and not word.value.value]


def test_the_only_sqlite_driver_is_the_encrypted_one(modules: list[Any]) -> None:
    product = [module for module in modules if module.home != "packaging"]
    users = [
        module.path for module in product if {"sqlite3", "pysqlite3"} & {name.partition(".")[0] for name in imported(module.tree)}
    ]
    assert not users, "the system's SQLite may have the WAL-reset bug; use sqlcipher3"
