"""Signs: what the window tells the program that watches over it, a line each on its standard output."""

from __future__ import annotations

WATCHED = "FETTLE_WATCHED"  # in the environment of a window that somebody watches over
BEAT, BUSY, LEFT = b"fettle: beat\n", b"fettle: busy\n", b"fettle: left\n"
"""It turns; it does something long without turning, such as putting a store in order; somebody who may has left it."""
