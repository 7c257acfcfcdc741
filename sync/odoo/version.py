"""Which Odoo: its version, which says how it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass

JSON2_SINCE = 19


@dataclass(frozen=True)
class Version:
    """The number that protocols go by, and as Odoo writes it, such as 19.0."""

    major: int
    text: str


def known(text: str) -> Version | None:
    """A version as Odoo writes it (19.0, 18.0+e, saas~17.4); None where it is not one."""
    digits = text.removeprefix("saas~").partition(".")[0]
    return Version(int(digits), text) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None
