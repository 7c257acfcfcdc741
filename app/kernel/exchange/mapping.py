"""How the columns of a file fill the fields of a record: from a mapping file, or by the fields' own names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from app.kernel.entity import Field
from app.kernel.exchange.intake import Intake
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _, say

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "imports"
OWN = "this record"  # as the column of a link: the record that the same line has just filled


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from: a column, others to take where it is empty, or one value for every line."""

    column: str = ""
    otherwise: tuple[str, ...] = ()
    value: str | None = None
    words: Mapping[str, str] | None = None  # the file's words to ours
    rounded: bool = False  # amounts with more decimals than the currency has are rounded
    tidy: bool = False  # blanks around the text go
    create: bool = False  # a link's target that is not there yet is made
    when_empty: str = ""  # what to do, said where a cell that is needed is empty

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in (self.column, *self.otherwise) if name and name != OWN)


@dataclass(frozen=True)
class Skip:
    """Lines that are left out on purpose, and why."""

    column: str
    words: frozenset[str]
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class Part:
    """The records of one entity that a file fills. `unless_empty` names the column without which a line gives none."""

    intake: Intake
    sources: Mapping[str, Source]
    unless_empty: str = ""

    @cached_property
    def as_written(self) -> frozenset[str]:
        """The fields of text that are what one column says: most cells of most files."""
        return frozenset(
            name
            for name, source in self.sources.items()
            if self.intake.fields[name].kind == "text" and source == Source(source.column) and source.columns
        )


@dataclass(frozen=True)
class Plan:
    """What is done with every line of a file."""

    main: Part
    extras: tuple[Part, ...] = ()
    skips: tuple[Skip, ...] = ()
    ignored: frozenset[str] = frozenset()
    strict: bool = True  # a column that nothing reads is refused

    def columns(self) -> frozenset[str]:
        """Every column that a line is read by."""
        named = {name for part in (self.main, *self.extras) for source in part.sources.values() for name in source.columns}
        return frozenset(named | {skip.column for skip in self.skips} | self.ignored)

    def needed(self) -> Iterator[str]:
        """The columns that must be there."""
        for part in (self.main, *self.extras):
            for source in part.sources.values():
                if source.columns:
                    yield source.columns[0]
        yield from (skip.column for skip in self.skips)


# ------------------------------------------------------------------------------------------------------- from the fields


def plain_plan(intake: Intake, columns: Sequence[str]) -> Plan:
    """A plan for a file whose columns bear the names or labels of fields, or `id`; Refused with the nearest names.

    A file that finds its records again may leave out columns that only a new record needs.
    """
    spelled = dict(_spellings(intake.fields))
    sources: dict[str, Source] = {}
    problems = []
    for column in columns:
        name = spelled.get(column.casefold())
        if name is None or name in sources:
            problems.append(_unknown(column, intake.fields))
        else:
            sources[name] = Source(column)
    found_again = "id" in sources or (intake.natural and set(intake.natural) <= sources.keys())
    missing = [one for one in intake.needed if one not in sources] if problems or not found_again else []
    if any(one not in intake.fields for one in missing):
        raise Refused(_never_in_a_file(intake))
    problems += [_not_there(intake.fields[one].label, columns, [one.removesuffix("_id")]) for one in missing]
    if problems:
        raise Refused(*problems)
    return Plan(Part(intake, sources))


def _never_in_a_file(intake: Intake) -> Problem:
    return Problem(
        "import.secret",
        _("Rows of {entity} hold a secret that never stands in a file, so no file makes new ones."),
        hint=_("Make them one by one where they are given out; a file with their ids changes those that are there."),
        values={"entity": intake.entity},
    )


def expected(intake: Intake) -> frozenset[str]:
    """The folded names that columns may bear."""
    return frozenset(spelled for spelled, _name in _spellings(intake.fields))


def _spellings(fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    yield "id", "id"
    for name, one in fields.items():
        yield from ((shown.casefold(), name) for shown in (say(one.label), one.label, name.removesuffix("_id"), name))


def _unknown(column: str, fields: Mapping[str, Field]) -> Problem:
    names = [name.removesuffix("_id") for name in fields]
    near = ", ".join(get_close_matches(column.casefold(), names, n=2, cutoff=0.5))
    return Problem(
        "import.unknown_column",
        _("There is no field “{column}”."),
        field=column[:60],
        hint=_("Did you mean {near}?") if near else _("Take the column out. The fields are: {names}."),
        values={"column": column[:60], "near": near, "names": ", ".join(names)},
    )


# --------------------------------------------------------------------------------------------------------- from a mapping


@dataclass(frozen=True)
class Recipe:
    """A mapping file as it was read: which entity it fills, and the tables in it."""

    path: Path
    entity: str
    about: str = ""
    tables: Mapping[str, Any] = field(default_factory=dict)


def shipped() -> list[str]:
    """The names of the mappings that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def recipe(name: str) -> Recipe:
    """A mapping by its path, or by its name where it comes with the program; Trouble, or Refused with what there is."""
    path = next((one for one in (Path(name), SHIPPED / f"{name}.toml") if one.is_file()), None)
    if path is None:
        message, hint = _("There is no mapping “{name}”."), _("Give the path of a mapping file, or one of: {names}.")
        values = {"name": name[:120], "names": ", ".join(shipped())}
        raise Refused(Problem("import.no_map", message, hint=hint, values=values))
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        message, hint = _("The mapping {file} cannot be read: {reason}."), _("Check its name, and that you may read it.")
        raise Trouble("import.map_unreadable", message, hint, {"file": path, "reason": error.strerror or ""}) from error
    except ValueError as error:
        raise _wrong(path, str(error)) from error
    if not isinstance(tables.get("entity"), str) or not isinstance(tables.get("fields"), dict):
        raise _wrong(path, say(_("it needs `entity` and `[fields.…]`")))
    return Recipe(path, tables["entity"], str(tables.get("about", "")), tables)


def planned(read: Recipe, intakes: Mapping[str, Intake]) -> Plan:
    """The plan that a mapping describes; `intakes` has the entity's and that of every `[[also]]`."""
    try:
        return Plan(
            main=_part(read, read.tables, intakes),
            extras=tuple(_part(read, one, intakes) for one in read.tables.get("also", ())),
            skips=tuple(
                Skip(one["column"], frozenset(one["is"]), one["reason"], one.get("hint", ""))
                for one in read.tables.get("skip", ())
            ),
            ignored=frozenset(read.tables.get("ignored", ())),
            strict=False,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _wrong(read.path, str(error)) from error


_KEYS = {"column", "or", "value", "words", "round", "create", "when_empty"}


def _part(read: Recipe, table: Mapping[str, Any], intakes: Mapping[str, Intake]) -> Part:
    intake = intakes[table["entity"]]
    sources = {}
    for name, one in table["fields"].items():
        if name not in intake.fields:
            raise _wrong(read.path, say(_("{entity} has no field “{name}”"), entity=intake.entity, name=name))
        if set(one) - _KEYS:
            raise _wrong(read.path, say(_("“{name}” has no “{key}”"), name=name, key=", ".join(set(one) - _KEYS)))
        words = {str(word): str(ours) for word, ours in one["words"].items()} if "words" in one else None
        sources[name] = Source(
            column=one.get("column", ""),
            otherwise=tuple(one.get("or", ())),
            value=one.get("value"),
            words=words,
            tidy=True,
            rounded=bool(one.get("round", False)),
            create=bool(one.get("create", False)),
            when_empty=one.get("when_empty", ""),
        )
    return Part(intake, sources, table.get("unless_empty", ""))


def check_columns(plan: Plan, columns: Sequence[str]) -> list[str]:
    """Refused where a column that the plan needs is missing; else the columns that nothing reads."""
    missing = [name for name in dict.fromkeys(plan.needed()) if name not in columns]
    if missing:
        raise Refused(*(_not_there(name, columns, [name]) for name in missing))
    return [name for name in columns if name not in plan.columns()]


def looks_like(columns: Sequence[str]) -> str:
    """The shipped mapping whose columns are all there, for a hint; empty where there is none."""
    for name in shipped():
        read = recipe(name).tables
        wanted = {one["column"] for one in read["fields"].values() if one.get("column")}
        if wanted <= set(columns):
            return name
    return ""


def _not_there(wanted: str, columns: Sequence[str], names: Sequence[str]) -> Problem:
    near = ", ".join(get_close_matches(names[0].casefold(), list(columns), n=2, cutoff=0.5))
    return Problem(
        "import.no_column",
        _("The column “{wanted}” is missing."),
        field=wanted[:60],
        hint=_("Did you mean {near}? The file has: {columns}.") if near else _("The file has: {columns}."),
        values={"wanted": wanted, "near": near, "columns": ", ".join(columns)[:400]},
    )


def _wrong(path: Path, why: str) -> Refused:
    return Refused(
        Problem(
            "import.bad_map",
            _("The mapping {file} cannot be used: {why}."),
            hint=_("Compare it with those that come with Fettle."),
            values={"file": path.name, "why": why[:200]},
        )
    )
