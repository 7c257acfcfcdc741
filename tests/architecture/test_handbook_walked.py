"""Whatever the handbook tells somebody to type, to press or to look for is there."""

from __future__ import annotations

import argparse
import ast
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.capabilities import registry
from app.kernel.catalogue import outward
from ui.cli.program import parser
from ui.help.handbook import ROOT, SHELVES
from ui.screens import DECLARED

TREE = ROOT.parents[1]
PAGES = {path.relative_to(TREE).as_posix(): path.read_text("utf-8") for path in [TREE / "README.md", *sorted(ROOT.rglob("*.md"))]}
SPOKEN = [name for name in PAGES if "/decisions/" not in name]  # a decision stays as it was written
EVERY = pytest.mark.parametrize("page", SPOKEN)
REGISTRY = registry()
FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ON_SCREEN = re.compile(r"(?P<opens>^(?:- )?)?(?P<sign>\*\*?)(?P<word>[^*\n]+)(?P=sign)", re.MULTILINE)
KEY = re.compile(r"\b(?:Ctrl\+[A-Z,]|F\d{1,2})\b")
PATH = re.compile(r"(?:app|ui|sync|printing|tests|resources|packaging)/[\w./-]*[\w/]")
MADE_UP = re.compile(r"tool|…|\*|sync/v1")  # the capability that a page shows how to add; what stands for many; a route
QT = {"Ctrl+Return": "Ctrl+Enter"}
MOST_OF_ONE, MOST_OF_ALL = 40_000, 250_000  # bytes of pictures: whoever clones the tree gets them


def typed(page: str) -> Iterator[str]:
    """Every line that somebody may copy."""
    text = PAGES[page]
    yield from (line for block in FENCED.findall(text) for line in block.splitlines())
    yield from SPAN.findall(FENCED.sub("", text))


def calls(page: str, program: str) -> Iterator[list[str]]:
    """The words after a program's name, without what is explained behind them."""
    for line in typed(page):
        told = re.split(r"\s#\s|\s{3,}", line)[0]
        found = re.search(rf"(?:^|\s){program}\s+(.*)", told)
        if found:
            yield re.sub(r"'[^']*'|\"[^\"]*\"", "…", found[1]).split()


# ---------------------------------------------------------------------------------------------------- what can be typed


def below(one: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def parser_of(words: list[str]) -> argparse.ArgumentParser | None:
    """The parser whose options a line may use; None where it names no verb there is."""
    names = [word for word in words if re.fullmatch(r"[a-z][a-z-]+", word)]
    one: argparse.ArgumentParser | None = parser()
    for name in names if not words[0].startswith(("-", "…")) else ():
        inner = dict(below(one)) if one else {}
        if not inner:
            break
        one = inner.get(name)
    return one


@EVERY
def test_every_verb_and_option_that_it_names_is_there(page: str) -> None:
    for words in calls(page, "fettle"):
        if re.fullmatch(r"[A-Z]+…?|VERB", words[0] if words else "VERB"):
            continue
        one = parser_of(words)
        assert one is not None, words
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= set(one._option_string_actions), words


@EVERY
def test_every_command_query_and_entity_that_it_asks_for_is_there(page: str) -> None:
    known = {"do": REGISTRY.commands, "ask": REGISTRY.queries | REGISTRY.entities, "import": REGISTRY.entities}
    for words in calls(page, "fettle"):
        name = words[1] if len(words) > 1 else ""
        if words and words[0] in known and re.fullmatch(r"\w+", name) and not name.isupper():
            assert name in known[words[0]], words


@EVERY
def test_every_command_that_is_written_out_has_these_fields(page: str) -> None:
    for line in typed(page):
        found = re.search(r"fettle do (\w+) '(\{.*\})'", line)
        if found:
            fields = outward(REGISTRY.commands[found[1]])["properties"]
            assert set(json.loads(found[2])) <= set(fields), line


@EVERY
def test_every_task_that_it_names_is_there(page: str) -> None:
    tasks = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["tool"]["poe"]["tasks"]
    assert {words[0] for words in calls(page, "poe") if words} - {"NAME"} <= set(tasks)


@EVERY
def test_every_file_that_it_names_is_there(page: str) -> None:
    named = {path for span in SPAN.findall(PAGES[page]) for path in PATH.findall(span) if not MADE_UP.search(span)}
    assert [path for path in sorted(named) if not (TREE / path).exists() and not (ROOT / path).exists()] == []


@EVERY
def test_every_code_that_it_names_is_on_the_page_of_codes(page: str) -> None:
    listed = set(re.findall(r"^\| `([^`]+)` \|", PAGES["resources/handbook/codes.md"], re.MULTILINE))
    homes = {one.name for one in REGISTRY.capabilities}
    spans = (span for span in SPAN.findall(PAGES[page]) if re.fullmatch(r"[a-z_]+\.[a-z_]+", span))
    named = {span for span in spans if span.partition(".")[0] in homes}
    assert named - listed == set()


# ---------------------------------------------------------------------------------------------------- what can be touched


@cache
def marked() -> frozenset[str]:
    """Every text that the program may show, without the values in it."""
    files = [path for home in ("app", "ui", "sync", "printing") for path in (TREE / home).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    return frozenset(plain(text) for tree in trees for node in ast.walk(tree) if (text := said(node)))


def said(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""


def plain(text: str) -> str:
    """The words alone, as one compares what is read on a screen with what is written here."""
    words = re.sub(r"\{\w+\}|[.:?…“”]", " ", text.partition(" · ")[0])
    return " ".join(words.split()).casefold()


@cache
def keys() -> frozenset[str]:
    """Every key that does something."""
    texts = [path.read_text("utf-8") for path in (TREE / "ui").rglob("*.py")]
    shortcuts = {key for text in texts for key in re.findall(r'"(Ctrl\+[^"\s]+|F\d+)"', text)}
    return frozenset({action.keys for action in DECLARED.actions} | {QT.get(key, key) for key in shortcuts})


@pytest.mark.parametrize("page", [name for name in SPOKEN if "/user/" in name])
def test_every_word_on_the_screen_that_it_names_can_be_read_there(page: str) -> None:
    text = SPAN.sub("", FENCED.sub("", PAGES[page]))
    named = {found["word"] for found in ON_SCREEN.finditer(text) if found["opens"] is None or found["sign"] == "*"}
    wrong = [word for word in named if plain(word) not in marked() and not KEY.fullmatch(word) and word != "Enter"]
    assert sorted(wrong) == []


@EVERY
def test_every_key_that_it_names_does_something(page: str) -> None:
    named = set(KEY.findall(PAGES[page]))
    assert named - keys() - {"F1"} == set()


# ------------------------------------------------------------------------------------------------------ what can be found


def test_every_page_is_reached_from_the_first_one() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md" or not page.is_relative_to(ROOT):
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        ahead.extend((page.parent / link).resolve() for link in links)
    there = {path for shelf in SHELVES for path in (ROOT / shelf).glob("*.md")}
    assert sorted(path.name for path in there - reached) == []


@EVERY
def test_a_link_to_a_heading_finds_it(page: str) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", PAGES[page]):
        to = (TREE / page).parent / target if target else TREE / page
        heads = re.findall(r"^#+ (.+)$", to.read_text("utf-8"), re.MULTILINE)
        assert heading in {re.sub(r"[^\w\s-]", "", one).strip().lower().replace(" ", "-") for one in heads}, (target, heading)


def test_pictures_are_small_and_each_is_seen_on_a_page() -> None:
    pictures = {path.name: path.stat().st_size for path in (ROOT / "pictures").iterdir()}
    assert {name for name, size in pictures.items() if size > MOST_OF_ONE} <= {"tour.png"}
    assert sum(pictures.values()) < MOST_OF_ALL
    shown: Any = {name for text in PAGES.values() for name in re.findall(r"pictures/([\w.-]+)\)", text)}
    assert shown == set(pictures)
