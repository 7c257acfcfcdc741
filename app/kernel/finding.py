"""Finding rows by a few letters, best first, without looking at all that fit.

The rule of ranking, the same on a terminal and at the hub. Before all others come the favourites: what was used lately. Then

1. what is called so: a leading field (a code, a name, a printed code) is the very text, or goes on after it with a blank or a
   sign; field by field, each in its own order;
2. what has every word whole, wherever it stands;
3. what is called so but for more letters of the word: the rest of such a range, in the same order;
4. what has, for every word, one that begins so;
5. only where nothing was found so far: what has a word with one slip in it; first where the first three letters are right.
   Numbers are not guessed at: one with another digit is another number.

Where rows of all kinds are sought, no kind gives more than a few as favourites, in 1 and in 3, so that none hides the others.
Within 2, 4 and 5 all are alike, and come in the order of the index. Each step is asked only while there are too few, and each
reads an index that gives its rows in the very order of the step: so the first fifty are the best fifty, though half a million
fit, and no more than some hundred are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import String, bindparam, text
from sqlalchemy.orm import Session

from app.kernel.entity import fields_of
from app.kernel.ids import short, unshort
from app.kernel.search import rowid, split
from app.kernel.slips import MARKS, SURE, alphabet_of, slips
from app.kernel.types import Id

if TYPE_CHECKING:
    from app.kernel.registry import Registry

MOST_WORDS = 8  # words that are looked for; more hardly leave anything
LONGEST, TEXT = 64, 1000  # letters of a word, and of all of them, that are looked at
LIKED = 100  # favourites that are looked at
FEW = 4  # favourites, and rows of a leading field, that come before those of other kinds
SHORT = 3  # letters of which the terminal's index knows all beginnings
LOOKED = 3  # times as many rows as are wanted are looked at by such a beginning, before the longer one is asked for
_LAST = "\U0010ffff"
_SIGNS_END = "0"  # blanks and most signs stand before it
Found = tuple[str, UUID]  # entity, id
Favourites = Callable[[Session, UUID, "UUID | None"], Sequence[UUID]]
"""The rows of an entity that were used lately in an organisation, the latest first; where something is named that the search is
for, such as a job, those that suit it."""

_LITE = text(
    "SELECT entity, row, words FROM search WHERE search MATCH :query AND org = :org AND (:entity = '' OR entity = :entity) "
    "ORDER BY rowid LIMIT :most"
)
_POST = text(
    "SELECT entity, row, words FROM search WHERE vector @@ CAST(:query AS tsquery) AND org_id = :org "
    "AND (:entity = '' OR entity = :entity) ORDER BY row LIMIT :most"
)
_POST_THESE = text("SELECT row, words FROM search WHERE row = ANY(:rows)")


@dataclass(frozen=True)
class Lead:
    """A field in whose own order rows are offered when it begins with what was typed; there is an index on organisation and
    field. `row` is the link that names what is found, where that is not the field's own row. From `least` letters on."""

    column: Any
    row: Any = None
    least: int = 1

    @property
    def entity(self) -> str:
        """What is found by it."""
        home = self.column.class_
        return str(fields_of(home)[self.row.key].target if self.row is not None else home.__tablename__)


@dataclass(frozen=True)
class Sought:
    """What somebody looks for: the text, the kind of row (any, where none is named), how many, and what it is for."""

    text: str
    entity: str = ""
    most: int = 50
    near: UUID | None = None


def find(session: Session, registry: Registry, org_id: UUID, sought: Sought) -> list[Found]:
    """The rows that fit, best first, as (entity, id)."""
    hunt = Hunt(session, registry, org_id, sought)
    found: dict[Found, None] = {}
    for step in hunt.steps() if hunt.words else ():
        found.update(dict.fromkeys(step()))
        if len(found) >= sought.most:
            break
    if hunt.words and not found:
        found.update(dict.fromkeys(hunt.slipped()))
    return list(found)[: sought.most]


class Hunt:
    """One search, step by step; each gives as many rows as are wanted, where there are as many."""

    def __init__(self, session: Session, registry: Registry, org_id: UUID, sought: Sought) -> None:
        self.words = [word[:LONGEST] for word in split(sought.text[:TEXT])[:MOST_WORDS]]
        self._session, self._registry, self._org_id, self._sought = session, registry, org_id, sought
        self._lite = session.get_bind().dialect.name == "sqlite"

    def steps(self) -> Iterator[Callable[[], Iterable[Found]]]:
        yield self.favourites
        yield lambda: self.leading(_SIGNS_BEFORE)
        yield self.whole
        yield lambda: self.leading(_LETTERS_AFTER)
        yield self.begun

    # ---------------------------------------------------------------------------------------------------------- favourites

    def favourites(self) -> list[Found]:
        """What was used lately and has the words; where all kinds are sought, no more than a few, for the others' sake."""
        liked = (self._liked(name)[: self._most_of_each] for name in self._registry.favourites if self._is_wanted(name))
        return list(chain.from_iterable(liked))

    @property
    def _most_of_each(self) -> int:
        return self._sought.most if self._sought.entity else FEW

    def _liked(self, name: str) -> list[Found]:
        ways = self._registry.favourites[name]
        told = chain.from_iterable(way(self._session, self._org_id, self._sought.near) for way in ways)
        idents = list(dict.fromkeys(told))[:LIKED]
        said = self._words_of(idents)
        return [(name, ident) for ident in idents if fits(said.get(short(ident), ""), self.words)]

    def _words_of(self, idents: Sequence[UUID]) -> dict[str, str]:
        """What these rows are found by, by their short ids."""
        if not idents:
            return {}
        connection = self._session.connection()
        if not self._lite:
            return {row: said for row, said in connection.execute(_POST_THESE, {"rows": [short(one) for one in idents]})}
        numbers = ", ".join(str(rowid(one)) for one in idents)
        these = f"SELECT row, words FROM search WHERE rowid IN ({numbers})"  # noqa: S608 - numbers
        return {row: said for row, said in connection.exec_driver_sql(these)}

    # ------------------------------------------------------------------------------------------------------ leading fields

    def leading(self, part: tuple[str, str]) -> list[Found]:
        """What a leading field begins with; where all kinds are sought, a few of each by turns: none crowds out the rest."""
        found: dict[str, list[Found]] = {}
        for lead in self._registry.leads:
            if self._is_wanted(lead.entity) and len(self._text) >= lead.least:
                found.setdefault(lead.entity, []).extend((lead.entity, ident) for ident in self._led(lead, part))
        few = (list(dict.fromkeys(led))[: self._most_of_each] for led in found.values())
        return [one for turn in zip_longest(*few) for one in turn if one is not None]

    @property
    def _text(self) -> str:
        """What can be asked for: half a letter or a NUL, as a broken scanner sends them, cannot."""
        return " ".join(self._sought.text[:TEXT].replace("\0", " ").split()).encode(errors="ignore").decode()

    def _led(self, lead: Lead, part: tuple[str, str]) -> list[UUID]:
        """Each way of writing it is a range of the index of its own."""
        ways = sorted({way(self._text) for way in _WAYS})
        told: dict[str, Any] = {"org": self._org_id, "most": self._sought.most}
        for place, way in enumerate(ways):
            told |= {f"first_{place}": way + part[0], f"last_{place}": way + part[1]}
        rows = self._session.connection().execute(_ranges(lead, len(ways)), told)
        return [ident for _value, ident in sorted(rows, key=lambda row: (row[0][len(self._text) :], row[1]))]

    def _is_wanted(self, entity: str) -> bool:
        return self._sought.entity in ("", entity)

    # --------------------------------------------------------------------------------------------------------------- words

    def begun(self) -> list[Found]:
        """What has, for every word, one that begins so."""
        return self._kept(self._nearby(self.words), self._all_of(self.words), lambda said: fits(said, self.words))

    def slipped(self) -> list[Found]:
        """What has the words but for one slip in one of them; the longest is doubted first."""
        for word in sorted(filter(_may_slip, self.words), key=len, reverse=True):
            others = [one for one in self.words if one != word]
            if others and not any(self._each(self._nearby(others), 1)):
                continue  # nothing has even those
            late, early = slips(word)
            for ways, near in ((late, self._nearby([word, *others])), (early, self._nearby(others, early))):
                found = self._kept(near, self._all_of(others, ways), lambda said: _slips_in(said, ways, others))  # noqa: B023
                if found:
                    return found
        return []

    def _kept(self, nearby: str, very: str, right: Callable[[str], bool]) -> list[Found]:
        """The rows of a query that are right.

        A terminal's index has the beginnings of two and three letters ready, in the order of its rows; of longer ones all rows
        would be gathered before the first is given. So a few are looked at that begin alike, and only where these are not all,
        and too few of them are right, is the very thing asked for.
        """
        most = self._sought.most
        if self._lite:
            found, looked_at = list[Found](), 0
            with closing(self._each(nearby, most * LOOKED)) as rows:  # each is found as it is asked for
                for one, said in rows:
                    looked_at += 1
                    found += [one] if right(said) else []
                    if len(found) == most:
                        return found
            if looked_at < most * LOOKED:
                return found
        return [one for one, _said in self._each(very, most)]

    def whole(self) -> list[Found]:
        """What has every word whole."""
        words = sorted(self.words, key=_rarest)
        if self._lite:
            return [one for one, _said in self._each(_all([f'"{word}"' for word in words]), self._sought.most)]
        return [one for one, _said in self._each(" & ".join(f"'{word}'" for word in words), self._sought.most)]

    def _nearby(self, words: Sequence[str], either: Sequence[str] = ()) -> str:
        return self._all_of([word[:SHORT] for word in words], either)

    def _all_of(self, words: Sequence[str], either: Sequence[str] = ()) -> str:
        """A query for what has, for each of these words, one that begins so, and one of `either`, which are whole."""
        ordered = sorted(words, key=lambda word: (len(word) == 1, _rarest(word)))
        if self._lite:
            begun = [_pairs(word) if len(word) == 1 else f'"{word}"*' for word in ordered]
            return _all(([_either(either)] if either else []) + begun)
        terms = ["(" + " | ".join(f"'{one}'" for one in either) + ")"] if either else []
        return " & ".join(terms + [f"'{word}':*" for word in ordered])

    def _each(self, query: str, most: int) -> Generator[tuple[Found, str], None, None]:
        """The rows of a query, and what each is found by."""
        org = short(self._org_id) if self._lite else self._org_id
        told = {"query": query, "org": org, "entity": self._sought.entity, "most": most}
        with self._session.connection().execute(_LITE if self._lite else _POST, told) as found:
            for name, row, said in found:
                yield (name, unshort(row)), said


@cache
def _ranges(lead: Lead, count: int) -> Any:
    """The first rows of so many ranges of a leading field; put together once, for it is asked with every letter typed."""
    field = lead.column.key
    row = lead.row.key if lead.row is not None else "id"
    one = (
        f'SELECT "{field}" AS value, "{row}" AS ident FROM "{lead.column.class_.__tablename__}" WHERE org_id = :org '  # noqa: S608
        f'AND "{field}" >= :first_{{0}} AND "{field}" < :last_{{0}} AND NOT retired ORDER BY "{field}" LIMIT :most'
    )
    all_of_them = " UNION ALL ".join(f"SELECT * FROM ({one.format(place)}) AS range_{place}" for place in range(count))  # noqa: S608
    return text(all_of_them).bindparams(bindparam("org", type_=Id())).columns(value=String, ident=Id)


_WAYS: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper, str.title, lambda text: text[:1].upper() + text[1:])
_SIGNS_BEFORE, _LETTERS_AFTER = ("", _SIGNS_END), (_SIGNS_END, _LAST)
"""What a field goes on with: nothing, a blank or a sign; or more of the word."""


def fits(said: str, words: Sequence[str]) -> bool:
    """Whether a row's words have, for each of these, one that begins so."""
    there = said.split(" ")
    return all(any(one.startswith(word) for one in there) for word in words)


def _slips_in(said: str, ways: Sequence[str], others: Sequence[str]) -> bool:
    return not set(ways).isdisjoint(said.split(" ")) and fits(said, others)


def _either(words: Sequence[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _pairs(letter: str) -> str:
    """A single letter, as the pairs that words begin with: the index knows those, of the scripts that we know."""
    others = alphabet_of(letter)
    if not others:
        return f'"{letter}"*'
    return f'("{letter}" OR ' + " OR ".join(f'"{letter}{other}"*' for other in others + MARKS) + ")"


def _all(terms: Sequence[str]) -> str:
    """All of these terms, the rarest first. FTS5 would look each row of the first up in all the others at once, and those in
    turn; put into an OR of which the other half is nowhere, two are settled before the third is asked."""
    query = terms[0]
    for place, term in enumerate(terms[1:], start=2):
        query = f"{query} AND {term}"
        if place < len(terms):
            query = f"(({query}) OR {_NOWHERE})"
    return query


def _rarest(word: str) -> tuple[bool, int]:
    """By this the words of a search are sorted: fewest rows have a long number, most a short word."""
    return word.isalpha(), -len(word)


_NOWHERE = '"\ue000"'  # no word has such a letter: see `search.split`


def _may_slip(word: str) -> bool:
    return len(word) >= SURE and word.isalpha() and bool(alphabet_of(word))
