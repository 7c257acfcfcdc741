"""Everything has its folder, and nothing in the tree belongs to one machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

FOLDERS = {"app", "ui", "sync", "printing", "resources", "tests", "packaging"}
BESIDE_THEM = {"pyproject.toml", "README.md", "LICENSE", "requirements.txt"}
PRODUCT = ("app", "ui", "sync", "printing")
NO_PACKAGES = ("app/migrations",)  # Alembic runs these as scripts

# Written in pieces, so that this file does not name what it looks for.
REGISTRIES = re.compile(r"(pypi|pythonhosted|npmjs)\.(org|com|io)/|https?://\S*/simple\b|https?://\S*/packages/[0-9a-f]{2}/")
MACHINES = re.compile(r"(?<![\w.])/(?:root|work|tmp/\w+/bin)/")


def texts(root: Path, files: list[str]) -> dict[str, str]:
    """The text files of the tree; pictures and sounds are left out."""
    raw = {name: (root / name).read_bytes() for name in files}
    return {name: data.decode("utf-8") for name, data in raw.items() if b"\0" not in data[:8000]}


def folders_with_modules(files: list[str]) -> set[str]:
    modules = [Path(name) for name in files if name.endswith(".py") and name.startswith(tuple(f"{home}/" for home in PRODUCT))]
    return {path.parent.as_posix() for path in modules if not path.as_posix().startswith(NO_PACKAGES)}


def test_the_root_holds_what_the_design_names(files: list[str]) -> None:
    strangers = {top for name in files if not (top := name.partition("/")[0]).startswith(".")} - FOLDERS - BESIDE_THEM
    assert not strangers, "does it belong into one of the folders?"


def test_packaging_does_not_hide_the_library_of_that_name(files: list[str]) -> None:
    assert "packaging/__init__.py" not in files


def test_tests_are_no_packages(files: list[str]) -> None:
    assert not [name for name in files if name.startswith("tests/") and name.endswith("/__init__.py")]


def test_every_folder_of_modules_is_a_package(files: list[str]) -> None:
    bare = {folder for folder in folders_with_modules(files) if f"{folder}/__init__.py" not in files}
    assert not bare, "without __init__.py the import contracts do not see it"


def test_every_package_has_a_front_page(modules: list[Any]) -> None:
    silent = [m.path for m in modules if m.path.endswith("__init__.py") and not ast.get_docstring(m.tree)]
    assert not silent, "say in a sentence what it is for"


def test_no_service_gathers_every_verb(files: list[str]) -> None:
    assert not [name for name in files if re.search(r"/services?\.py$", name)]


def test_nothing_names_a_package_registry(root: Path, files: list[str]) -> None:
    assert not [name for name, text in texts(root, files).items() if REGISTRIES.search(text)]


def test_nothing_names_a_path_of_one_machine(root: Path, files: list[str]) -> None:
    assert not [name for name, text in texts(root, files).items() if MACHINES.search(text)]
