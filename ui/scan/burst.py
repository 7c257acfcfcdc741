"""Burst: keys that came close together, and the rule by which they are a scan or somebody's typing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

ENDS = frozenset("\r\n\t")
STX = "\x02"
AIM = "]"
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True)
class ScannerSetup:
    """What the scanner was set to, and how slow it may be; times in milliseconds.

    `prefix` is nothing, STX, `]` for the AIM identifier, or a function key such as `F9`; `suffix` is nothing (Enter, Tab or
    silence end a scan), `\\r` or `\\t`. A scanner with both frames its scans, and they are certain. Without them a scan has
    `least` characters, no gap over `gap`, a median gap of at most `typical`, and takes at most `whole`.
    """

    layout: str = "us"
    prefix: str = ""
    suffix: str = ""
    least: int = 4
    gap: int = 100
    typical: int = 35
    whole: int = 1500


class Burst:
    """Characters with their times (milliseconds), until it is known where they came from.

    `framed` began with the scanner's prefix; `by_hand` is set as soon as it cannot be a scan, up to the next pause.
    """

    def __init__(self, setup: ScannerSetup, started: int, framed: bool = False) -> None:
        self._setup = setup
        self._times = [started] if framed else []
        self._last = started
        self.framed = framed
        self.by_hand = False
        self.text = ""

    def follows(self, at: int) -> bool:
        """Whether a key at that time still belongs to this burst."""
        return 0 <= at - self._last <= self._setup.gap

    def add(self, character: str, at: int) -> None:
        """Takes the next character; a control character may come as nothing and only moves the time on."""
        self.text += character
        self._times.append(at)
        self._last = at

    def too_long(self) -> bool:
        """Whether no end can make this a scan any more."""
        return not self.framed and self._times[-1] - self._times[0] > self._setup.whole

    def plodding(self) -> bool:
        """Whether the first seven keys all came as slowly as fingers press them."""
        gaps = [later - earlier for earlier, later in pairwise(self._times[:7])]
        return not self.framed and len(gaps) == 6 and min(gaps) > self._setup.typical

    def fast(self) -> bool:
        """Whether the keys came as fast, and as many, as a scanner sends them."""
        setup = self._setup
        if self.by_hand or len(self.text) < setup.least or self._times[-1] - self._times[0] > setup.whole:
            return False
        return self._typical() <= setup.typical

    def certain(self, end: str) -> bool:
        """Whether the scanner's own prefix and suffix frame the text."""
        if not self.framed or self.by_hand or end != (self._setup.suffix or end):
            return False
        if self._setup.prefix != AIM:
            return bool(self.text)
        # fingers can write an AIM identifier too, only not as fast
        return bool(_AIM.match(self.text)) and self._typical() <= 2 * self._setup.typical

    def _typical(self) -> float:
        return median(later - earlier for earlier, later in pairwise(self._times))

    def is_scan(self, end: str) -> bool:
        """Whether this was a scan, now that it ended with Enter, Tab or (with nothing) 100 ms of silence."""
        return self.certain(end) or self.fast()


def symbology(text: str) -> str:
    """The AIM identifier that a text starts with, such as `]C1`, or nothing."""
    found = _AIM.match(text)
    return found.group() if found else ""
