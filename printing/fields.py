"""Looks at the values that a label is to show, before anything is drawn: filled where needed, not endless, and printable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.template import Template

MOST_LETTERS = 2000  # in one field; a longer value is a mistake, not a label's text
SPACES = "\t\n\r"  # allowed, and printed as one space
UNPRINTABLE = ("Cc", "Cs")  # Unicode's categories of control characters and of halves of characters


def checked(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """The values of the fields that the template takes; others are left aside. Refused with every field that will not do."""
    known = {field: values.get(field, "") for field in (*template.needs, *template.may)}
    problems = list(_problems(template, known))
    if problems:
        raise Refused(*problems)
    return known


def _problems(template: Template, known: Mapping[str, str]) -> Iterator[Problem]:
    for field, value in known.items():
        found = (_empty(template, field, value), _endless(field, value), _unprintable(field, value))
        yield from (problem for problem in found if problem)


def _empty(template: Template, field: str, value: str) -> Problem | None:
    if field not in template.needs or value.strip():
        return None
    message = _("The label “{title}” needs {field}, which is empty.")
    hint = _("Fill it in, then print.")
    return Problem("printing.empty", message, hint=hint, field=field, values={"title": template.title, "field": field})


def _endless(field: str, value: str) -> Problem | None:
    if len(value) <= MOST_LETTERS:
        return None
    message = _("{field} has {length} characters, and a label takes {most} at most.")
    values = {"field": field, "length": len(value), "most": MOST_LETTERS}
    return Problem("printing.endless", message, hint=_("Shorten it, then print."), field=field, values=values)


def _unprintable(field: str, value: str) -> Problem | None:
    for letter in value[:MOST_LETTERS]:
        if unicodedata.category(letter) in UNPRINTABLE and letter not in SPACES:
            message = _("{field} holds a hidden character that cannot be printed ({point}).")
            values = {"field": field, "point": f"U+{ord(letter):04X}"}
            return Problem("printing.hidden", message, hint=_("Type {field} again, then print."), field=field, values=values)
    return None
