"""What a machine and the hub say to each other when it brings a code: plain JSON, since nobody knows anybody's key yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

PATH = "/sync/v1/enrol"
LONGEST = 500  # characters of one value
M = TypeVar("M")


@dataclass(frozen=True)
class Asked:
    """A machine asks to be let in. Ids and keys are hex. A store that was worked with alone names its organisation, the id under
    which it worked, and the number of its last command."""

    code: str
    public_key: str
    name: str = ""
    version: str = ""
    organisation: str = ""
    terminal: str = ""
    number: int = 0


@dataclass(frozen=True)
class Answered:
    """Who the machine is from now on, and what it needs to begin: whose it is, where, its place in static number ranges, and
    the hub's public keys. A hub that is still empty knows no zone."""

    terminal: str
    organisation: str
    name: str
    zone: str
    place_no: int
    hub_key: str
    recovery_key: str
    site: str = ""
    profile: str = ""
    organisation_name: str = ""
    adopts: bool = False  # the hub was empty, and takes over what was set up on this machine


def read(kind: type[M], plain: Any) -> M:
    """A message from JSON; Refused when it is none. Fields that this version does not know are left aside."""
    fields = {one.name: one for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    given = {name: value for name, value in plain.items() if name in fields} if isinstance(plain, Mapping) else {}
    required = {name for name, one in fields.items() if one.default is dataclasses.MISSING}
    if not required <= given.keys() or not all(_fits(value, str(fields[name].type)) for name, value in given.items()):
        raise Refused(
            Problem("enrol.garbled", _("This is no request to enrol a terminal."), hint=_("Update this program and the hub."))
        )
    return kind(**given)


def _fits(value: Any, kind: str) -> bool:
    if kind == "str":
        return isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value and value.isprintable()
    return type(value).__name__ == kind and (kind != "int" or 0 <= value < 1 << 53)
