"""RawScan: what a source of codes hands on, whichever source it was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawScan:
    """One code as it was read, before anyone asked what it means.

    `text` is everything the scanner sent between its prefix and its suffix, an AIM identifier (`]C1`) included;
    `symbology` is that identifier alone, or empty. `source` is `wedge`, or `wedge-text` where the machine tells no scan
    codes and the layout of its keyboard had to be believed. `at_ms` is the machine's monotonic clock. `certain` is true
    when the scanner's own prefix and suffix framed it, false when only its speed gave it away.
    """

    text: str
    source: str = "wedge"
    at_ms: int = 0
    symbology: str = ""
    certain: bool = False
