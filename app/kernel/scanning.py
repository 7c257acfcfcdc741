"""The grammar of a scan: what a text from a scanner, a camera or a keyboard says, before anything is looked up.

Own codes are `FT1:KIND:ID:CHECK`, upper case and within QR's alphanumeric set. Retail codes are EAN and UPC, and GS1 labels
are element strings. Everything else is plain: a part code, a plate, a number that people read. What a reading means here and
now is the resolver's business, which tries the exact text of every reading first.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.kernel.gs1 import GS, elements, has_check_digit, upc_a, wrong_digit
from app.kernel.ids import unshort
from app.kernel.problems import Problem, Refused
from app.kernel.words import _, say

KINDS: Mapping[str, str] = {
    "PT": _("Part"),
    "BN": _("Bin"),
    "WO": _("Work order"),
    "US": _("Badge"),
    "CM": _("Command"),
    "QT": _("Quantity card"),
    "LT": _("Lot"),
    "SN": _("Serial number"),
    "WH": _("Warehouse"),
    "CU": _("Customer"),
    "VE": _("Vehicle"),
    "AS": _("Asset"),
    "KT": _("Kit"),
    "DC": _("Document"),
    "PR": _("Procedure"),
    "PK": _("Package"),
    "QU": _("Quote"),
    "PY": _("Payment"),
    "CO": _("Old part"),
}
COMMANDS: Mapping[str, str] = {
    "UNDO": _("Undo"),
    "DONE": _("Done"),
    "CANCEL": _("Cancel"),
    "PRINT": _("Print"),
    "PLUS1": _("One more"),
    "MINUS1": _("One less"),
    "PAUSE": _("Pause"),
    "BREAK": _("Break"),
    "OUT": _("Clock out"),
    "RETURN": _("Return parts"),
    "COUNT": _("Count parts"),
    "ISSUE": _("Issue parts"),
    "SIGNOUT": _("Sign out"),
    "CARDS": _("Needs you"),
    "DAMAGED": _("Damaged"),
    "CORE": _("Old parts"),
    "CONFIRM": _("Confirm"),
    "NEXT": _("Next"),
}
MOST = 4096  # bytes; the largest symbol there is, a QR code, holds 2,953
_PREFIX = "FT1:"
_AROUND = " \t\r\n"
_SHOWN = 40  # characters of a text that a banner or a sentence shows
_OWN = re.compile(r"FT1:([A-Z]{2}):([0-9A-Z]{1,26}):([0-9A-Z])", re.ASCII)
_ROW = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)  # as `ids.short` writes it
_CARD = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: "]", the symbology, a modifier
_RETAIL = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one scan says. `text` is the cleaned text, `symbology` the AIM id (such as `]E0`) where the scanner sent one.

    own: `kind`, `ident`, and `row_id` unless it is a command or a quantity card. retail: `gtin`, 14 digits. gs1: `fields` by
    application identifier, `gtin` from (01), and `unread`, the elements not known here. A `doubt` is the sentence that is due
    when nobody knows the exact text: a retail number with a wrong check digit may still be somebody's part code.
    """

    text: str
    form: Literal["own", "retail", "gs1", "plain"]
    symbology: str = ""
    kind: str = ""
    ident: str = ""
    row_id: UUID | None = None
    gtin: str = ""
    fields: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    unread: tuple[str, ...] = ()
    doubt: Problem | None = None


def read(text: str) -> Reading:
    """Reads a scan; Refused, with the sentence for the person at the scanner, when it cannot be read."""
    body = _cleaned(text)
    symbology = ""
    if body[0] == "]" and (aim := _AIM.match(body)):
        symbology, body = aim[0], body[3:].strip(_AROUND)
        if not body:
            raise Refused(_nothing())
    if body[:4].upper() == _PREFIX:
        return _own(body, symbology)
    if not body.isascii():
        return Reading(body, "plain", symbology, doubt=_foreign(body))
    if symbology:
        return _announced(body, symbology)
    return _guessed(body)


def own_code(kind: str, ident: str) -> str:
    """The text of a label of ours, such as `FT1:QT:5:W`; `ident` is `ids.short` of a row, a command's word or a card's number.

    ValueError for what no label of ours may carry.
    """
    kind, ident = kind.upper(), ident.upper()
    if not _is_ident(kind, ident):
        raise ValueError(f"no label carries {kind} {ident[:_SHOWN]}")
    return f"{_PREFIX}{kind}:{ident}:{check_character(kind + ident)}"


def human(reading: Reading) -> str:
    """A short text for the last-scan banner and the log, in the reader's language."""
    if reading.form == "gs1":
        return _short(" ".join(f"({ai}) {value}" for ai, value in reading.fields.items()) or reading.text)
    if reading.form != "own":
        return _short(reading.text)
    if reading.kind == "CM":
        return say(COMMANDS[reading.ident])
    if reading.kind == "QT":
        return f"× {reading.ident}"
    return f"{say(KINDS[reading.kind])} …{reading.ident[-6:]}"


def check_character(text: str) -> str:
    """The check character of digits and capital letters by ISO/IEC 7064:2003, hybrid system MOD 37,36.

    It shows every single wrong character. Of two swapped neighbours it misses one pair in 630.
    """
    product = 36
    for letter in text:
        product = ((product + int(letter, 36)) % 36 or 36) * 2 % 37
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - product) % 36]


# ------------------------------------------------------------------------------------------------- the text as it came


def _cleaned(text: str) -> str:
    if len(text) > MOST:
        raise Refused(_too_long())
    text = text.strip(_AROUND)
    if not text.strip(GS):
        raise Refused(_nothing())
    return text if text.isascii() and text.isprintable() else _looked_through(text)


def _looked_through(text: str) -> str:
    """Refuses what cannot be seen, and composes letters with their accents (NFC), so that equal texts are equal."""
    for place, letter in enumerate(text, start=1):
        if letter in "\r\n\t":
            raise Refused(_two_at_once())
        if letter != GS and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise Refused(_invisible(place, letter))
    if len(text.encode()) > MOST:
        raise Refused(_too_long())
    return unicodedata.normalize("NFC", text)


def _short(text: str) -> str:
    shown = text.replace(GS, " ")
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


# ------------------------------------------------------------------------------------------------------------ own codes


def _is_ident(kind: str, ident: str) -> bool:
    if kind == "CM":
        return ident in COMMANDS
    if kind == "QT":
        return _CARD.fullmatch(ident) is not None
    return kind in KINDS and _ROW.fullmatch(ident) is not None


def _own(text: str, symbology: str) -> Reading:
    found = _OWN.fullmatch(text.upper()) if text.isascii() else None
    if found is None:
        raise Refused(_foreign(text) or _damaged())
    kind, ident, check = found.groups()
    if not _is_ident(kind, ident) or check != check_character(kind + ident):
        raise Refused(_damaged())
    row_id = unshort(ident) if kind not in ("CM", "QT") else None
    return Reading(found[0], "own", symbology, kind=kind, ident=ident, row_id=row_id)


def _nearly_own(text: str) -> bool:
    """Whether a label of ours could have lost its start or a separator; a plain code seldom has two colons."""
    if text.count(":") < 2:
        return False
    capitals = text.upper()
    return len(set("FT1").intersection(capitals[:4])) > 1 or not KINDS.keys().isdisjoint(capitals.split(":"))


# --------------------------------------------------------------------------------------------------- retail codes and GS1


def _announced(text: str, symbology: str) -> Reading:
    """Reads what the scanner itself says is this or that symbol (AIM ids: ISO/IEC 15424; for GS1 the General Specifications)."""
    letter = symbology[1]
    if letter == "E" or (letter == "e" and len(text) in _RETAIL):  # caps lock turns ]E into ]e, and ]e is never that short
        return _retail(text, symbology)
    if letter == "e" or symbology.upper() in ("]C1", "]D2", "]Q3", "]J1"):
        return _label(text, symbology)
    if text.isdigit() and len(text) in _RETAIL and has_check_digit(text):
        return Reading(text, "retail", symbology, gtin=text.zfill(14))
    return Reading(text, "plain", symbology, doubt=_damaged() if _nearly_own(text) else None)


def _guessed(text: str) -> Reading:
    """Reads a text without an AIM id: a retail or GS1 code only where its check digit bears it out."""
    if GS in text:
        return _perhaps_label(text)
    if not text[:16].isdigit():
        return Reading(text, "plain", doubt=_damaged() if _nearly_own(text) else None)
    if len(text) in _RETAIL:
        right = has_check_digit(text)
        return Reading(text, "retail", gtin=text.zfill(14)) if right else Reading(text, "plain", doubt=wrong_digit(text))
    return _perhaps_label(text) if len(text) >= 16 and text[:2] in ("00", "01", "02") else Reading(text, "plain")


def _retail(text: str, symbology: str) -> Reading:
    digits = text.replace(" ", "")
    if digits.isdigit() and len(digits) in (15, 18) and symbology[2] in "123":
        digits = digits[:13]  # the rest is the small symbol beside it: the issue of a magazine, a book's price
    if not digits.isdigit() or len(digits) not in _RETAIL:
        raise Refused(_retail_length(text))
    if len(digits) == 8 and symbology[2] != "4" and digits[0] in "01" and has_check_digit(widened := upc_a(digits)):
        return Reading(digits, "retail", symbology, gtin=widened.zfill(14))
    if not has_check_digit(digits):
        raise Refused(wrong_digit(digits))
    return Reading(digits, "retail", symbology, gtin=digits.zfill(14))


def _label(text: str, symbology: str) -> Reading:
    values, unread = elements(text)
    if not values and not unread:
        raise Refused(_nothing())
    return Reading(text, "gs1", symbology, gtin=values.get("01", ""), fields=values, unread=unread)


def _perhaps_label(text: str) -> Reading:
    """A GS1 label if every element proves right, else plain; only a separator vouches for elements not known here."""
    try:
        reading = _label(text, "")
    except Refused as refused:
        return Reading(text, "plain", doubt=refused.problem)
    return Reading(text, "plain") if reading.unread and GS not in text else reading


# -------------------------------------------------------------------------------------------------- letters that mislead

# Cyrillic, Greek and typographic characters that are drawn like one of ours; escapes, because here nobody could tell them apart.
_LOOKALIKES = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd"
    "\u2010\u2011\u2012\u2013\u2014\u2212\u00a0\u3000",
    "ABEKMHOPCTYXIJSaeopcyxijsABEZHIKMNOPTYXov------  ",
) | {0xFF00 + code - 0x20: chr(code) for code in range(0x21, 0x7F)}  # full-width forms, from a Chinese or Japanese keyboard


def _latin(letter: str) -> str:
    """The ASCII character that `letter` is taken for, or itself."""
    return chr(0x30 + int(letter)) if letter.isdecimal() else letter.translate(_LOOKALIKES)


def _foreign(text: str) -> Problem | None:
    """The first character that is not what it seems, if the text would be plain ASCII but for such characters.

    A foreign letter among Latin ones is surely a slip and refused; otherwise it may be right, as on a Russian plate.
    """
    meant = "".join(map(_latin, text))
    if text.isascii() or not meant.isascii():
        return None
    foreign = [(place, letter) for place, letter in enumerate(text, start=1) if not letter.isascii()]
    problem = _lookalike(*foreign[0], meant)
    if any(letter.isalpha() for _place, letter in foreign) and any(each.isascii() and each.isalpha() for each in text):
        raise Refused(problem)
    return problem


# ------------------------------------------------------------------------------------------------------------ sentences


def _nothing() -> Problem:
    return Problem("scan.empty", _("The scan was empty."), hint=_("Scan again."))


def _too_long() -> Problem:
    return Problem(
        "scan.too_long", _("That is longer than any barcode."), hint=_("Scan one label; bring a file in by import instead.")
    )


def _two_at_once() -> Problem:
    return Problem("scan.two", _("Two scans arrived as one."), hint=_("Scan them again, one after the other."))


def _invisible(place: int, letter: str) -> Problem:
    return Problem(
        "scan.control",
        _("Character {place} of the scan cannot be seen ({code})."),
        hint=_("Scan again. If it comes back, type the number, or set the scanner up by its set-up sheet."),
        values={"place": place, "code": f"U+{ord(letter):04X}"},
    )


def _lookalike(place: int, letter: str, meant: str) -> Problem:
    name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
    return Problem(
        "scan.lookalike",
        _("Character {place}, “{letter}”, is not the {plain} of a barcode ({name})."),
        hint=_("Switch the keyboard to Latin letters and scan again, or type {meant}."),
        values={"place": place, "letter": letter, "plain": _latin(letter), "name": name, "meant": _short(meant)},
    )


def _damaged() -> Problem:
    return Problem(
        "scan.damaged",
        _("This label's code is damaged."),
        hint=_("Clean it and scan again, or type the number printed under it."),
    )


def _retail_length(text: str) -> Problem:
    return Problem(
        "scan.retail_length",
        _("{text} is not the 8, 12, 13 or 14 digits of a retail barcode."),
        hint=_("Scan again. If it comes back, set the scanner to send all digits."),
        values={"text": _short(text)},
    )
