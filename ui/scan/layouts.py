"""Layouts: which character a key's place on the keyboard stands for, in the layout that a scanner was set to.

Places are numbered as Linux numbers them (input-event-codes.h); Windows' set 1 uses the same numbers for these keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENTER, TAB, SPACE = 28, 15, 57
SHIFTS, CONTROLS, ALT, ALTGR, CAPS = frozenset({42, 54}), frozenset({29, 97}), 56, 100, 58
PLAIN, SHIFTED, THIRD = 0, 1, 2
"""The level of a key: alone, with shift, with AltGr."""

KEYPAD = {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0", 83: "."} | {
    74: "-", 78: "+", 55: "*", 98: "/"
}  # fmt: skip
_EVERYWHERE = {ENTER: "\r", 96: "\r", TAB: "\t", SPACE: " "}
_PLACES = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54))
_NOTHING = "\0"


@dataclass(frozen=True)
class Layout:
    """Characters by place and level; `dead` holds what waits for a space before it is written."""

    characters: dict[tuple[int, int], str]
    dead: frozenset[tuple[int, int]] = frozenset()
    places: dict[str, tuple[int, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        backwards = {character: place for place, character in reversed(self.characters.items())}
        object.__setattr__(self, "places", backwards)

    def character(self, place: int, level: int) -> str:
        """What the key writes at that level, or nothing."""
        return _EVERYWHERE.get(place) or self.characters.get((place, level), "")

    def place(self, character: str) -> tuple[int, int]:
        """Where a character is: its key and its level. KeyError when the layout has no such character."""
        for place, common in _EVERYWHERE.items():
            if common == character:
                return place, PLAIN
        return self.places[character]


def _layout(plain: str, shifted: str, third: str = "", dead: frozenset[tuple[int, int]] = frozenset()) -> Layout:
    characters: dict[tuple[int, int], str] = {}
    for level, row in enumerate((plain, shifted, third)):
        for place, character in zip(_PLACES, row.replace("\n", ""), strict=False):
            if character != _NOTHING:
                characters[place, level] = character
    return Layout(characters, dead)


def _rows(*rows: str) -> str:
    """Rows from the top of the keyboard to its bottom; a dot in the middle (·) is a key without a character."""
    return "".join(rows).replace("·", _NOTHING)


US = _layout(
    _rows("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "\\·", "zxcvbnm,./"),
    _rows("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"', "|·", "ZXCVBNM<>?"),
)
GB = _layout(
    _rows("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "#\\", "zxcvbnm,./"),
    _rows('¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@", "~|", "ZXCVBNM<>?"),
    _rows("¦···€········"),
)
DE = _layout(
    _rows("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä", "#<", "yxcvbnm,.-"),  # noqa: RUF001 - the key has an acute accent on it
    _rows('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ", "'>", "YXCVBNM;:_"),
    _rows("··²³···{[]}\\·", "@·€········~", "···········", "·|", "······µ···"),
    dead=frozenset({(41, PLAIN), (13, PLAIN), (13, SHIFTED)}),
)
FR = _layout(
    _rows("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù", "*<", "wxcvbn,;:!"),
    _rows("·1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%", "µ>", "WXCVBN?./§"),
    _rows("··~#{[|`\\^@]}", "··€········¤"),
    dead=frozenset({(26, PLAIN), (26, SHIFTED), (3, THIRD), (8, THIRD)}),
)
LAYOUTS = {"us": US, "gb": GB, "de": DE, "fr": FR}
