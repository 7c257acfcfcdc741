"""Handbook: its pages as they lie beside the program, their sections, which page a screen has, and what was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

from app.kernel.search import split
from ui.kit.declared import Place

ROOT = Path(__file__).resolve().parents[2] / "resources" / "handbook"
SHELVES = ("user", "administrator", ".", "changes", "developer", "decisions")  # in the order in which they are looked through
HOME = "README.md"
NEWS = "changes"
MOST = 40
_HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
_F1 = re.compile(r"^<!-- F1: (.+) -->\n", re.MULTILINE)  # below a heading: the screens on which F1 opens here
_LISTED = re.compile(r"\]\(([\w-]+\.md)\)")


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading."""

    page: str
    title: str
    heading: str
    text: str
    screens: tuple[str, ...] = ()
    icon: str = "info"

    @property
    def link(self) -> str:
        return f"{self.page}#{self.heading}" if self.heading != self.title else self.page

    @property
    def words(self) -> str:
        return f"{self.title}   ·   {self.heading}" if self.heading != self.title else self.title


def text_of(page: str) -> str:
    """The Markdown of a page as it is shown; the first page where there is none of that name."""
    return _F1.sub("", _written(page))


def _written(page: str) -> str:
    file = ROOT / page
    return (file if _inside(file) and file.is_file() else ROOT / HOME).read_text(encoding="utf-8")


def _inside(file: Path) -> bool:
    return file.resolve().is_relative_to(ROOT)


@cache
def pages() -> tuple[str, ...]:
    """Every page, the user's first."""
    found = ((ROOT / shelf, path) for shelf in SHELVES for path in sorted((ROOT / shelf).glob("*.md")))
    return tuple(path.relative_to(ROOT).as_posix() for _shelf, path in found if path.name != HOME)


@cache
def sections() -> tuple[Section, ...]:
    """Every section of every page, in reading order."""
    return tuple(section for page in pages() for section in _sections(page))


def _sections(page: str) -> Iterator[Section]:
    text = _written(page)
    heads = list(_HEADING.finditer(text))
    title = heads[0][1] if heads else page
    for head, after in zip(heads, [*(one.start() for one in heads[1:]), len(text)], strict=True):
        part = text[head.end() : after]
        screens = tuple(name.strip() for named in _F1.findall(part) for name in named.split(","))
        yield Section(page, title, head[1], _F1.sub("", part), screens)


def titles() -> list[Section]:
    """The first section of each page: its title."""
    return [section for section in sections() if section.heading == section.title]


def search(sought: str) -> list[Section]:
    """The sections in which every word begins some word, those first that have it in their heading."""
    wanted = split(sought)
    if not wanted:
        return titles()
    found = [(rank, section) for section in sections() if (rank := _rank(wanted, section)) is not None]
    return [section for _rank_of, section in sorted(found, key=lambda one: one[0])][:MOST]


def _rank(wanted: Sequence[str], section: Section) -> int | None:
    parts = (section.heading, f"{section.title} {section.heading}", f"{section.title} {section.heading} {section.text}")
    return next((rank for rank, part in enumerate(parts) if _holds(wanted, part)), None)


def _holds(wanted: Sequence[str], text: str) -> bool:
    words = split(text)
    return all(any(word.startswith(one) for word in words) for one in wanted)


@cache
def f1() -> Mapping[str, str]:
    """Where F1 leads, by a screen's kind and name, or by its kind alone: the pages themselves say it."""
    return {screen: section.link for section in sections() for screen in section.screens}


def page_for(place: Place | None) -> str:
    """The page, with its heading, for the screen that is seen; nobody has one before they sign in."""
    if place is None:
        return f1()["sign-in"]
    return f1().get(f"{place.kind}:{place.name}") or f1().get(place.kind) or f1()["home"]


def followed(page: str, link: str) -> str:
    """Where a link on a page leads, as page#heading; nothing where it leads out of the handbook."""
    target, _hash, heading = link.partition("#")
    if ":" in target:
        return ""
    joined = (ROOT / PurePosixPath(page).parent / target).resolve() if target else ROOT / page
    if not joined.is_relative_to(ROOT) or joined.suffix != ".md" or not joined.is_file():
        return ""
    path = joined.relative_to(ROOT).as_posix()
    return f"{path}#{heading}" if heading else path


# ------------------------------------------------------------------------------------------------------------ what is new


def changes() -> dict[str, str]:
    """What can be told as news: each page of changes with the mark of its text, the latest first."""
    listed = _LISTED.findall((ROOT / NEWS / HOME).read_text(encoding="utf-8"))
    return {name: _mark(name) for name in reversed(listed) if (ROOT / NEWS / name).is_file()}


def _mark(name: str) -> str:
    return sha256((ROOT / NEWS / name).read_bytes()).hexdigest()[:16]


def news(seen: Mapping[str, str]) -> list[str]:
    """The pages of changes that are new, or say more than when somebody read them."""
    return [name for name, mark in changes().items() if seen.get(name) != mark]


def told(names: Sequence[str]) -> str:
    """Pages of changes one below the other, as Markdown whose links start in their folder."""
    return "\n\n".join((ROOT / NEWS / name).read_text(encoding="utf-8").strip() for name in names)
