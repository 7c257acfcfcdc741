"""What can go wrong with Odoo: it is away, it says no, it does not take some rows; and what each of that means for people."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import msgspec

from app.kernel.problems import Problem, Trouble
from app.kernel.words import _

log = logging.getLogger(__name__)
Kind = Literal["retry", "mapping", "human"]
RETRY, MAPPING, HUMAN = Kind.__args__  # type: ignore[attr-defined]
NO_DATABASE = "odoo.NoDatabase"
WORDS = 400  # characters of Odoo's own words that are shown


class Away(Trouble):
    """Odoo cannot be asked: network, time-out, 429 or 5xx. `seconds` is how long it asks us to wait, 0 where it does not.

    What was asked may have been done all the same.
    """

    def __init__(
        self, code: str, message: str, hint: str = "", values: Mapping[str, object] | None = None, *, seconds: int = 0
    ) -> None:
        super().__init__(code, message, hint, values)
        self.seconds = seconds


class Said(Exception):
    """Odoo answered, and did not do it: `name` is the class of its exception, `message` its own words. Nothing was kept."""

    def __init__(self, name: str, message: str, *, status: int = 0) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.status = status


class BadRow(NamedTuple):
    """A row that the importer did not take: its place among those sent (-1: all of them), Odoo's field, and Odoo's words."""

    row: int
    field: str
    message: str


class BadRows(Said):
    """The importer kept none of the rows, because of these. Where only one batch fails as a whole, it may name but its first."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        found = tuple(rows) or (BadRow(-1, "", ""),)
        super().__init__("odoo.load", found[0].message)
        self.rows = found


@dataclass(frozen=True)
class Verdict:
    """What is to become of what failed: tried again by itself, after a mapping was mended, or after a person has seen to it.

    `everywhere`: no record is at fault (Odoo is away, the key is wrong), so everything else would fail alike.
    """

    kind: Kind
    problem: Problem
    everywhere: bool = False

    @property
    def code(self) -> str:
        return self.problem.code


def verdict_of(error: Exception) -> Verdict:
    """What Away, Said or BadRows means, in sentences for a storekeeper. Any other error is raised again: it is a bug."""
    if isinstance(error, Away):
        return Verdict(RETRY, error.problem, everywhere=True)
    if not isinstance(error, Said):
        raise error
    rule = next(one for one in RULES if one.fits(error))
    return Verdict(rule.kind, replace(rule.problem, values={"said": shown(error.message)}), rule.everywhere)


def shown(words: str) -> str:
    """Odoo's words on one line, no longer than people read."""
    line = " ".join(words.split())
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"


# ------------------------------------------------------------------------------------------------------ what Odoo wrote


def read_said(body: bytes, status: int) -> Said | None:
    """The exception in an answer of JSON-2; None where somebody else wrote it."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        return None
    return _said(told, status)


def said_in(told: Any) -> Said:
    """The exception in the `error` of an answer of JSON-RPC."""
    data = told.get("data") if isinstance(told, dict) else None
    if isinstance(data, dict) and isinstance(data.get("name"), str):
        status = told.get("code")
        return _said(data, status if isinstance(status, int) else 0)
    return Said("odoo.unreadable", str(told)[:WORDS])


def _said(told: dict[str, Any], status: int) -> Said:
    log.info("Odoo raised %s.", told["name"])
    log.debug("Odoo said: %s\n%s", told.get("message"), told.get("debug") or "")  # it may name a customer
    words = str(told.get("message") or "")
    if told["name"].endswith("RedirectWarning"):  # what follows the sentence is for Odoo's own screens
        words = words.partition("\n{")[0]
    return Said(told["name"], words, status=status)


# --------------------------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class Rule:
    """Exceptions of these names (their last parts), whose words match, mean this. No names or words: any."""

    kind: Kind
    problem: Problem
    names: tuple[str, ...] = ()
    words: str = ""
    everywhere: bool = False

    def fits(self, said: Said) -> bool:
        named = not self.names or said.name.rpartition(".")[2] in self.names
        return named and (not self.words or re.search(self.words, said.message, re.IGNORECASE) is not None)


_BY_ITSELF = _("Nothing is lost: it is tried again by itself.")
_IN_ODOO = _("See to it in Odoo, or ask whoever keeps its books, then try again here.")
_MAPPING = _("Mend the mapping on the page “Match with Odoo”, then try again.")

_LOCKED = Problem("odoo.locked", _("Somebody else was writing the same record in Odoo."), hint=_BY_ITSELF)
_GONE = Problem(
    "odoo.gone",
    _("The record that this belongs to is no longer in Odoo; somebody has deleted it there."),
    hint=_("Restore or make it anew in Odoo, then try again; or let it go here and say why."),
)

# The first that fits counts. Odoo's words are its English ones: the bridge asks without a language.
RULES = (
    Rule(
        RETRY,
        _LOCKED,
        words="could not serialize|deadlock detected|could not obtain lock|canceling statement due to",
    ),
    Rule(
        RETRY,
        _LOCKED,
        ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "ConcurrencyError", "LockError", "QueryCanceled"),
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.database",
            _("There is no database of that name in Odoo."),
            hint=_("See what it is called on Odoo's page of databases, and say so: fettle odoo setup."),
        ),
        ("NoDatabase", "OperationalError"),
        words='no such database|database ".*" does not exist',
        everywhere=True,
    ),
    Rule(
        RETRY,
        Problem("odoo.database_away", _("Odoo's own database cannot be reached."), hint=_BY_ITSELF),
        ("OperationalError", "InterfaceError", "PoolError", "AdminShutdown"),
        everywhere=True,
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.key",
            _("Odoo does not let the bridge in: its key or login is wrong, or has expired."),
            hint=_("Make a new key in Odoo for the bridge's user, and give it to the hub: fettle odoo setup."),
        ),
        ("Unauthorized", "AccessDenied", "SessionExpiredException"),
        everywhere=True,
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.rights",
            _("The bridge's user may not do this in Odoo: {said}"),
            hint=_("Run “fettle odoo check” on the hub: it says which rights are lacking."),
        ),
        ("AccessError",),
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.module",
            _("Odoo lacks what this needs: {said}"),
            hint=_("Run “fettle odoo check” on the hub: it says which module to install in Odoo."),
        ),
        ("NotFound", "KeyError", "AttributeError", "UserError", "ValueError"),
        words="^the (model|method) '.*' does not exist|^Object .* doesn't exist|^Invalid field '|^'?[a-z_]+'?$",
    ),
    Rule(
        HUMAN,
        _GONE,
        ("MissingError",),
    ),
    Rule(
        HUMAN,
        _GONE,
        words="does not exist or has been deleted|Record does not exist|Unknown database identifier",
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.period",
            _("The date lies in a period that is closed in Odoo's books."),
            hint=_("Ask whoever keeps the books to open the period, or to say which date it is to have; then try again."),
        ),
        words="lock date|prior to and inclusive of|is being set prior to",
    ),
    Rule(
        MAPPING,
        Problem(
            "odoo.unit",
            _("The unit does not go with the part in Odoo: {said}"),
            hint=_(
                "Give the part the same unit here and in Odoo, or match the units on the page “Match with Odoo”; then try again."
            ),
        ),
        words="unit of measure|\\buom\\b|rounding precision",
    ),
    Rule(
        MAPPING,
        Problem(
            "odoo.archived",
            _("It was archived in Odoo, so nothing can be booked on it: {said}"),
            hint=_("Bring it back in Odoo, or match it to another one on the page “Match with Odoo”; then try again."),
        ),
        words="archived|inactive",
    ),
    Rule(
        MAPPING,
        Problem("odoo.company", _("It belongs to another company in Odoo: {said}"), hint=_MAPPING),
        words="company inconsistenc|another company|different compan|belongs to company",
    ),
    Rule(
        MAPPING,
        Problem("odoo.unmatched", _("Odoo does not know what this names: {said}"), hint=_MAPPING),
        words="no matching record found|invalid database id|missing required value|is not a (valid|known)|does not seem to be",
    ),
    Rule(
        HUMAN,
        Problem("odoo.lot", _("Odoo wants a lot or serial number, or does not take this one: {said}"), hint=_IN_ODOO),
        words="lot/serial|serial number|\\blot\\b",
    ),
    Rule(
        HUMAN,
        Problem("odoo.twice", _("Something alike is in Odoo already: {said}"), hint=_IN_ODOO),
        words="already exist|must be unique|duplicate key|already been assigned",
    ),
    Rule(
        HUMAN,
        Problem(
            "odoo.method",
            _("This Odoo does not understand what the bridge asks of it: {said}"),
            hint=_("Its version may be one that this program does not know. Tell whoever looks after the hub."),
        ),
        ("UnprocessableEntity", "TypeError", "BadRequest", "MethodNotAllowed"),
    ),
    Rule(
        HUMAN,
        Problem("odoo.refuses", _("Odoo does not take it: {said}"), hint=_IN_ODOO),
        ("UserError", "ValidationError", "RedirectWarning", "load"),
    ),
    Rule(
        HUMAN,
        Problem("odoo.fails", _("Odoo has made a mistake: {said}"), hint=_("Tell whoever looks after Odoo; its log says more.")),
    ),
)
