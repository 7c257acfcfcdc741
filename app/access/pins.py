"""PINs: what verifies one, and which are too easy to guess. A PIN itself is never kept, sent or written down."""

from __future__ import annotations

import re
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.kernel.problems import Problem
from app.kernel.words import _

SHORTEST, LONGEST = 6, 32
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)  # argon2id, RFC 9106 §4
_VERIFIER = re.compile(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43  # no PIN fits it; to try takes as long as with any
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LOVED = frozenset(  # often chosen, though neither a repetition nor a run: walks over the keypad, famous numbers, letters on keys
    re.findall(
        r"[0-9]+",
        """010203 102030 101112 121314 131415 112358 123654 123654789 123789 124578 134679 142536 147258 147258369 1472583
        147369 147852 147852369 14725836 159263 159357 159753 161803 192837 258369 258456 271828 314159 321654 321789
        357159 362514 369147 456123 456321 456852 520131 5201314 654123 654789 741258 753159 753951 789123 789321
        789456 7894561 789456123 852456 951753 963741 963852 963852741 976431 987123 987321 100200 110120""",
    )
)


def pin_verifier(pin: str, salt: bytes | None = None) -> str:
    """What a PIN is checked against later: argon2id (3 passes over 64 MiB in 4 lanes) with its own salt.

    Only the demo, whose PIN is no secret, gives the salt, so that its commands are the same whenever it is built.
    """
    return _HASHER.hash(pin, salt=salt)


def pin_fits(verifier: str, pin: str) -> bool:
    """Whether this is the PIN; takes as long as making the verifier did."""
    try:
        return _HASHER.verify(verifier, pin)
    except (Argon2Error, InvalidHashError):
        return False


def is_verifier(text: str) -> bool:
    """Whether a text is a verifier of ours, and not, say, a PIN that went astray."""
    return _VERIFIER.fullmatch(text) is not None


def weak_pin(pin: str) -> Problem | None:
    """What is wrong with a PIN that someone chooses; None for a good one."""
    if _DIGITS.fullmatch(pin) is None:
        return _weak(_("A PIN is made of the digits 0 to 9."), _("Type digits only."))
    if not SHORTEST <= len(pin) <= LONGEST:
        return _weak(_("A PIN has {least} digits or more."), _("Choose at least {least} digits; {most} are the most."))
    if _repeats(pin):
        return _weak(_("This PIN repeats itself and is easily seen."), _("Choose digits that do not repeat in a pattern."))
    if _runs(pin):
        return _weak(_("This PIN is a row of digits and is easily guessed."), _("Choose digits without an order."))
    if pin in _LOVED:
        return _weak(_("This PIN is one that many people choose."), _("Choose another one."))
    return None


def _weak(message: str, hint: str) -> Problem:
    return Problem("access.pin_weak", message, hint=hint, field="pin", values={"least": SHORTEST, "most": LONGEST})


def _repeats(pin: str) -> bool:
    """A piece over and over (111111, 121212, 123123), a mirror (482284), or at most two digits in any order."""
    pieces = (pin[:size] for size in range(1, len(pin) // 2 + 1))
    return len(set(pin)) <= 2 or pin == pin[::-1] or any((piece * len(pin))[: len(pin)] == pin for piece in pieces)


def _runs(pin: str) -> bool:
    """Even steps up or down (123456, 890123, 864208), each digit perhaps doubled (112233)."""
    return _steps_evenly(pin) or (len(pin) % 2 == 0 and pin[::2] == pin[1::2] and _steps_evenly(pin[::2]))


def _steps_evenly(digits: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1
