"""The recovery code: written on paper once, it opens a store's backups on another machine, or where this one lost its key.

It holds 130 random bits, so that nobody can try them all and no slow derivation is wanted. The store's key lies wrapped under
it (RFC 3394) in the store, in each backup, and in a small file beside the store for the day the store cannot be opened.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.files import write_whole
from app.kernel.ids import CROCKFORD
from app.kernel.problems import Problem, Refused
from app.kernel.words import _

LETTERS, GROUP = 26, 5  # of five bits each; one letter that checks them comes behind
WRAPPED = "recovery_key"  # the fact in the store's meta table
_READ_AS = str.maketrans("OIL", "011")


def new_code() -> str:
    """A new code, in groups that can be read out, such as `7K2M9-QXW4T-…`."""
    letters = "".join(secrets.choice(CROCKFORD) for _letter in range(LETTERS))
    return in_groups(letters + _check(letters))


def in_groups(typed: str) -> str:
    """What there is of a code, as it stands on paper; without what is neither letter nor digit."""
    whole = "".join(one for one in typed.upper() if one.isalnum())
    return "-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP))


def read_code(typed: str) -> str:
    """What somebody typed as the letters of a code; Refused where a letter is wrong or missing."""
    letters = "".join(one for one in typed.upper() if one.isalnum()).translate(_READ_AS)
    if len(letters) != LETTERS + 1 or _check(letters[:-1]) != letters[-1]:
        message = _("This is no recovery code, or a letter of it is wrong.")
        raise Refused(
            Problem("recovery.code", message, hint=_("It has {count} letters and digits."), values={"count": LETTERS + 1})
        )
    return letters[:-1]


def wrap(key: bytes, code: str) -> str:
    """A store's key under a code, as hexadecimal text."""
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap

    return aes_key_wrap(_under(code), key).hex()


def unwrap(wrapped: str, code: str) -> bytes:
    """The key again; Refused where it was wrapped under another code, or under none."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    try:
        return aes_key_unwrap(_under(code), bytes.fromhex(wrapped))
    except (InvalidUnwrap, ValueError) as error:
        message = _("This recovery code does not belong to this store.")
        hint = _("Look for the code that was written down when this store was made, or since then made anew.")
        raise Refused(Problem("recovery.other", message, hint=hint)) from error


def keep(session: Session, store: Path, wrapped: str) -> None:
    """Keeps a wrapped key in the store, and beside it; the caller commits."""
    meta.keep(session, WRAPPED, wrapped)
    lay_beside(store, wrapped)


def kept(session: Session) -> str:
    """The wrapped key of a store; empty where no code was made yet."""
    return str(meta.read(session, WRAPPED) or "")


def lay_beside(store: Path, wrapped: str) -> None:
    """Lays a wrapped key beside the store that it opens; none where no code was made."""
    if wrapped:
        write_whole(beside(store), wrapped.encode() + b"\n")
    else:
        beside(store).unlink(missing_ok=True)


def read_beside(store: Path) -> str:
    """What lies there; empty where nothing does."""
    there = beside(store)
    return there.read_text("ascii", errors="replace").strip() if there.exists() else ""


def beside(store: Path) -> Path:
    """The file beside a store that holds its wrapped key."""
    return store.with_name(store.name + ".recovery")


def _under(code: str) -> bytes:
    """HKDF (RFC 5869) with SHA-256; the code is the key material."""
    extracted = hmac.digest(b"fettle recovery", read_code(code).encode(), "sha256")
    return hmac.digest(extracted, b"wrap a store key\x01", "sha256")


def _check(letters: str) -> str:
    """One letter over all, by which most slips of the pen are found before anything is tried."""
    return CROCKFORD[sha256(letters.encode()).digest()[0] & 31]
