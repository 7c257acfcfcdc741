"""What customers and vehicles must hold: a name, and that nobody is written down a second time under another spelling."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import inspect

from app.kernel.entity import Entity, fields_of
from app.kernel.problems import Problem
from app.kernel.search import as_one
from app.kernel.standard import SaveMany
from app.kernel.unique import taken
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.finders import written_so
from app.parties.model import Customer, Vehicle

SHORTEST = 4  # letters and digits of a number that tells one from another


def has_a_name(customer: Customer, _work: Work) -> Problem | None:
    if (customer.name or "").strip():
        return None
    return Problem("parties.name", _("The customer has no name."), field="name", hint=_("Write at least a first name."))


def once(name: str) -> Callable[[Entity, Work], Problem | None]:
    """Holds that nobody else has this field's number, however it is written. What is written exactly so is found by what is
    unique; a file of many is taken as it is."""

    def rule(row: Entity, work: Work) -> Problem | None:
        value = getattr(row, name) or ""
        if isinstance(work.command, SaveMany) or len(as_one(value)) < SHORTEST or not _is_new(row, name):
            return None
        field = fields_of(type(row))[name]
        with work.session.no_autoflush:
            others = written_so(work.session, work.envelope.org_id, type(row), (name,), value)
        same = (one for one in others if one.id != row.id and not (field.unique and getattr(one, name) == value))
        other = next(same, None)
        return None if other is None else taken(field, value, other, row)

    return rule


def _is_new(row: Entity, name: str) -> bool:
    """Whether the field is being filled in or changed."""
    state = inspect(row)
    return not state.persistent or bool(state.attrs[name].history.added)


RULES = {Customer: (has_a_name, once("phone")), Vehicle: (once("plate"), once("vin"))}
