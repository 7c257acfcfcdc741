"""At the door: whoever types their PIN is not disturbed by a scan, and may say that it is somebody else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal, badge, card

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.scan_log import Outcome

PIN = "480213"


def at_the_pin(terminal: Terminal) -> None:
    """A supervisor's badge was scanned; the first digits are typed."""
    chief = terminal.world.person("Petra", "SUP")
    terminal.world.done(SetPin(person=chief.id, verifier=pin_verifier(PIN)))
    terminal.window.floor.lock()
    terminal.scan(badge(terminal.world, chief))
    terminal.window.typist.type(PIN[:2])
    terminal.until(lambda: "••" in terminal.words())


def test_a_stray_scan_is_refused_and_leaves_the_name_and_the_digits(terminal: Terminal) -> None:
    at_the_pin(terminal)
    assert terminal.scan("4006381333931")[0] is Outcome.ERROR
    assert "Petra, type your PIN" in terminal.words()
    terminal.window.typist.type(PIN[2:] + "\r")
    terminal.until(lambda: terminal.window.floor.who is not None)


def test_the_cancel_card_and_escape_mean_somebody_else(terminal: Terminal) -> None:
    at_the_pin(terminal)
    terminal.scan(card("CANCEL"))
    assert "No badge? Touch your name and type your PIN." in terminal.words()
    terminal.touch("Petra")
    QTest.keyClick(terminal.window.floor.door, Qt.Key.Key_Escape)
    terminal.until(lambda: "No badge? Touch your name and type your PIN." in terminal.words())
