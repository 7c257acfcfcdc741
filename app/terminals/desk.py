"""Desk: what differs between machines, or between people at one: language, scanner, printer, how long it waits for somebody."""

from __future__ import annotations

from app.kernel.settings import Setting
from app.kernel.words import _

HERE = ("site", "terminal")
LANGUAGE = Setting(
    "terminals.language",
    "",
    _("Language"),
    _("What Fettle speaks to you. It changes when you sign in next."),
    choices=("", "en", "de"),
    words={"": _("As in your record"), "en": "English", "de": "Deutsch"},
    own=("person",),
    group=_("You"),
    theirs=True,
)
SPEAKS = Setting(
    "terminals.speaks",
    "en",
    _("Language at the door"),
    _("What this terminal speaks while nobody is signed in. Everybody else chooses for themselves."),
    choices=("en", "de"),
    words={"en": "English", "de": "Deutsch"},
    own=HERE,
    group=_("Terminal"),
)
PRINTER = Setting(
    "terminals.printer",
    "",
    _("Label printer"),
    _("Where labels are printed: tcp://host or tcp://host:9100, or a file. Empty: what FETTLE_PRINTER says."),
    own=HERE,
    group=_("Printer"),
)
LAYOUT = Setting(
    "terminals.scanner_layout",
    "us",
    _("Scanner's keyboard"),
    _("The keyboard layout that the scanner itself is set to. Letters that come out wrong are a sign of another one."),
    choices=("us", "gb", "de", "fr"),
    words={"us": _("English (US)"), "gb": _("English (UK)"), "de": _("German"), "fr": _("French")},
    own=HERE,
    group=_("Scanner"),
)
PREFIX = Setting(
    "terminals.scanner_prefix",
    "",
    _("Scanner sends first"),
    _("With a sign before and one after it, a scan is never taken for typing."),
    choices=("", "STX", "]", "F9"),
    words={"": _("Nothing"), "STX": "STX", "]": _("AIM identifier"), "F9": "F9"},
    own=HERE,
    group=_("Scanner"),
)
SUFFIX = Setting(
    "terminals.scanner_suffix",
    "",
    _("Scanner sends last"),
    _("What ends a scan. Nothing: Enter, Tab or silence end it."),
    choices=("", "enter", "tab"),
    words={"": _("Nothing"), "enter": "Enter", "tab": "Tab"},
    own=HERE,
    group=_("Scanner"),
)
IDLE = Setting(
    "terminals.idle",
    120,
    _("Seconds until it locks"),
    _("When nobody has touched, typed or scanned for so long, the terminal asks for a badge. What was open waits."),
    least=30,
    most=3600,
    own=HERE,
    group=_("Terminal"),
)
SETTINGS = (LANGUAGE, SPEAKS, PRINTER, LAYOUT, PREFIX, SUFFIX, IDLE)
