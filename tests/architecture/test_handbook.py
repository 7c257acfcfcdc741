"""The handbook names whatever a script or an administrator may meet, and its links lead somewhere."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.capabilities import registry
from app.kernel.registry import Registry

CODE = re.compile(r"[a-z_]+\.[a-z_]+", re.ASCII)
MAKERS = {"Problem", "Trouble"}
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def declared() -> Registry:
    return registry()


@pytest.fixture(scope="module")
def listed() -> set[str]:
    """What the page names, each on a line of its own."""
    page = Path(__file__).resolve().parents[2] / "resources" / "handbook" / "codes.md"
    return set(re.findall(r"^\| `([^`]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE))


def first_words(tree: ast.Module) -> Iterator[str]:
    """The codes of problems and troubles, as they are written where one is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS and node.args:
            yield from (
                one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
        elif isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_every_command_has_its_line(declared: Registry, listed: set[str]) -> None:
    assert sorted(set(declared.commands) - listed) == [], "each wants a line in resources/handbook/codes.md"


def test_every_grant_has_its_line(declared: Registry, listed: set[str]) -> None:
    assert sorted(set(declared.grants()) - listed) == []


def test_every_setting_has_its_line(declared: Registry, listed: set[str]) -> None:
    assert sorted(set(declared.settings) - listed) == []


def test_every_problem_has_its_line(modules: list[Any], listed: set[str]) -> None:
    made = {code for module in modules for code in first_words(module.tree) if CODE.fullmatch(code)}
    assert len(made) > 100
    assert sorted(made - listed) == [], "each wants a line in resources/handbook/codes.md"


def test_the_page_names_nothing_that_is_gone(declared: Registry, modules: list[Any], listed: set[str]) -> None:
    texts = {
        node.value for m in modules for node in ast.walk(m.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    there = texts | set(declared.commands) | set(declared.grants()) | set(declared.settings)
    assert sorted(listed - there) == []


def test_the_page_says_what_is_declared(declared: Registry, root: Path) -> None:
    page = (root / "resources" / "handbook" / "codes.md").read_text(encoding="utf-8")
    writer = runpy.run_path(str(root / "packaging" / "codes.py"))
    assert writer["page"](declared, page) == page, "run `poe codes`"
    assert "(says why)" not in page, "write what is so"


def test_every_link_leads_somewhere(root: Path, files: list[str]) -> None:
    pages = [root / name for name in files if name.endswith(".md") and (name == "README.md" or name.startswith("resources/"))]
    links = [(page, target) for page in pages for target in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [f"{page.name} → {target}" for page, target in links if not (page.parent / target).exists()] == []


def test_every_test_that_the_handbook_names_is_there(root: Path) -> None:
    page = (root / "resources" / "handbook" / "developer" / "asked.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) > 30
    gone = [f"{path}::{name}" for path, name in named if not holds(root / path, name)]
    assert gone == []


def holds(path: Path, name: str) -> bool:
    return path.exists() and f"def {name}(" in path.read_text(encoding="utf-8")
