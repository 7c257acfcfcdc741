"""A line of a file on its way to becoming a record: what it says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from uuid import UUID

from app.kernel.entity import Field
from app.kernel.exchange.cells import LEFT_OUT, plain_of, text_of, too_fine
from app.kernel.exchange.intake import Values
from app.kernel.exchange.linkbook import LinkBook
from app.kernel.exchange.mapping import OWN, Part, Source
from app.kernel.exchange.sheets import Row
from app.kernel.problems import Problem, Refused
from app.kernel.words import _


@dataclass
class Draft:
    """What a line says of one record: its values as plain data, links that are still words, and what was found about it."""

    part: Part
    row: Row
    plain: Values = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    read: Values = field(default_factory=dict)  # the values themselves, once all fit their fields
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def column(self, name: str) -> str:
        """The column that fills a field."""
        source = self.part.sources.get(name)
        return next(iter(source.columns), "") if source else name


def drafted(part: Part, row: Row, currency: str, own: UUID | None = None) -> Draft:
    """What a line says, cell by cell; links are left as words. `own` is the record that the line has filled already."""
    draft = Draft(part, row)
    for name, source in part.sources.items():
        if name in part.as_written and (text := row.cells.get(source.column)):
            draft.plain[name] = text
            continue
        try:
            _fill(draft, part.intake.fields[name], source, currency, own)
        except Refused as refused:
            draft.problems += [replace(problem, field=name, hint=_hint(problem, source)) for problem in refused.problems]
    return draft


def _fill(draft: Draft, field: Field, source: Source, currency: str, own: UUID | None) -> None:
    if source.column == OWN and own is not None:
        draft.plain[field.name] = own.hex
        return
    text = text_of(source, draft.row.cells)
    if field.kind == "link" and text:
        draft.links[field.name] = text
        return
    if field.kind == "money" and source.rounded and too_fine(text, currency):
        draft.notes.append(_rounded(field))
    default = field.name not in draft.part.intake.needed
    value = plain_of(field, text, currency, rounded=source.rounded, default=default)
    if value is not LEFT_OUT and field.name != "id":
        draft.plain[field.name] = value


def _hint(problem: Problem, source: Source) -> str:
    return source.when_empty if source.when_empty and problem.code == "record.missing" else problem.hint


def strays(draft: Draft, known: Mapping[str, object] | frozenset[str]) -> None:
    """A line of JSON may name what no other line has: nothing of it is dropped in silence."""
    for name in draft.row.cells.keys() - known:
        draft.problems.append(
            Problem(
                "import.stray",
                _("There is no field “{column}”."),
                field=name,
                hint=_("Take it out of this line, or write it as in the other lines."),
                values={"column": name[:60]},
            )
        )


def joined(drafts: Sequence[Draft], links: LinkBook) -> None:
    """Turns the links of good drafts into ids, many at a time."""
    for name, source in drafts[0].part.sources.items() if drafts else ():
        wanted = [draft for draft in drafts if name in draft.links and not draft.problems]
        if name == "id":
            _own_ids(wanted)
        elif wanted:
            target = wanted[0].part.intake.fields[name].target
            found = links.find(target, (draft.links[name] for draft in wanted), create=source.create)
            for draft in wanted:
                ident = found[draft.links[name]]
                if isinstance(ident, UUID):
                    draft.plain[name] = ident.hex
                else:
                    draft.problems.append(replace(ident, field=name))


def _own_ids(drafts: Sequence[Draft]) -> None:
    """The records' own ids: one that is not there yet is the id of a new record."""
    for draft in drafts:
        try:
            draft.plain["id"] = UUID(draft.links["id"]).hex
        except ValueError:
            draft.problems.append(_no_id(draft.links["id"]))


def read(drafts: Sequence[Draft]) -> None:
    """Holds the values of good drafts against their fields."""
    for draft in drafts:
        if not draft.problems:
            try:
                draft.read = draft.part.intake.read(draft.plain)
            except Refused as refused:
                draft.problems += refused.problems


class Seen:
    """Which records the lines so far stand for; about a hundred bytes a line."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def hold_apart(self, drafts: Sequence[Draft]) -> None:
        """Refuses the second of two lines that stand for one record."""
        for draft in drafts:
            key = None if draft.problems else draft.part.intake.key(draft.read)
            if key is None:
                continue
            name = repr((draft.part.intake.entity, key)).encode()
            first = self._lines.setdefault(int.from_bytes(blake2b(name, digest_size=8).digest()), draft.row.line)
            if first != draft.row.line:
                draft.problems.append(_alike(first, draft))


def _alike(first: int, draft: Draft) -> Problem:
    return Problem(
        "import.alike",
        _("Lines {first} and {line} stand for the same record; the first one counts."),
        field=next((name for name in draft.part.intake.natural if name in draft.part.sources), "id"),
        hint=_("Take one of the two out, or give it a code of its own."),
        values={"first": first, "line": draft.row.line},
    )


def _rounded(field: Field) -> Problem:
    message = _("The amount was rounded to the decimals of the currency.")
    return Problem("import.rounded", message, field=field.name, blocks=False)


def _no_id(text: str) -> Problem:
    return Problem(
        "import.no_id",
        _("“{text}” is not the id of a record."),
        field="id",
        hint=_("Leave the column id out: records are found by their codes. A file of another program wants a mapping."),
        values={"text": text[:60]},
    )
