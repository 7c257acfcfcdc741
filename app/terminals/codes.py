"""What people read out and compare: the code of an invitation, and four words that stand for a key."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

from app.kernel.ids import CROCKFORD

LETTERS = 12  # of five bits each: nobody guesses one in the minutes that it is good for
WORDS = 4
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_MEANT = str.maketrans("OIL", "011")


def new_code() -> str:
    """A new code, in three groups, of letters and digits that are not mistaken for one another: `7K2M-9QXW-4TRD`."""
    drawn = "".join(secrets.choice(CROCKFORD) for _letter in range(LETTERS))
    return "-".join(drawn[start : start + 4] for start in range(0, LETTERS, 4))


def code_hash(code: str) -> str:
    """What is kept of a code, and finds it again however it was typed; of a text that is no code, what finds nothing."""
    meant = re.sub(r"[\s-]", "", code).upper().translate(_MEANT)
    return sha256(b"fettle invitation " + meant.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprint(public_key: bytes) -> str:
    """Four words that people compare by eye or over the telephone: 64 bits of the key's hash.

    Each word is 16 bits as consonant, vowel, consonant, vowel, consonant (D. Wilkerson, "A Proposal for Proquints", 2009).
    """
    digest = sha256(b"fettle key " + public_key).digest()
    return "-".join(_word(int.from_bytes(digest[place : place + 2], "big")) for place in range(0, 2 * WORDS, 2))


def _word(bits: int) -> str:
    letters = ((_CONSONANTS, 12, 15), (_VOWELS, 10, 3), (_CONSONANTS, 6, 15), (_VOWELS, 4, 3), (_CONSONANTS, 0, 15))
    return "".join(kind[bits >> shift & mask] for kind, shift, mask in letters)
