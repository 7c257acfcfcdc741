"""What the architecture tests look at: the files of the tree, and the product's modules as syntax trees."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("app", "ui", "sync", "printing")
CODE = (*PRODUCT, "packaging")


@dataclass(frozen=True)
class Module:
    """One module of the product: its path from the root, its text and its syntax."""

    path: str
    text: str
    tree: ast.Module

    @property
    def home(self) -> str:
        return self.path.partition("/")[0]

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def listed_by_git() -> list[str]:
    """Every file that is committed or would be; nothing where git is missing or refuses a stranger's checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def found_on_disk() -> list[str]:
    """The same from the folders themselves, for an unpacked archive."""
    folders = [*CODE, "resources", "tests"]
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return [path.relative_to(ROOT).as_posix() for path in [*ROOT.iterdir(), *inside] if path.is_file()]


@pytest.fixture(scope="session")
def files() -> list[str]:
    """Every file of the tree, by its path from the root."""
    return listed_by_git() or found_on_disk()


@pytest.fixture(scope="session")
def modules(files: list[str]) -> list[Module]:
    """Every module of the product, read once."""
    paths = [path for path in files if path.endswith(".py") and path.partition("/")[0] in CODE]
    texts = [(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths]
    return [Module(path, text, ast.parse(text, path)) for path, text in texts]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
