"""The window speaks the language of whoever is signed in, also where it stood before they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton
from shop_floor import Terminal

from app.kernel.access import Actor
from app.kernel.words import PSEUDO, speak
from ui.kit.declared import Place
from ui.kit.screen import Deed
from world import World


@pytest.fixture
def foreigner(world: World) -> Iterator[Actor]:
    yield replace(world.person("Tom", "MGR"), language=PSEUDO)
    speak("en")


def test_no_button_of_the_bar_stays_in_another_language(terminal: Terminal, world: World, foreigner: Actor) -> None:
    bar = terminal.window.bar
    terminal.window.floor.seat(foreigner)
    terminal.window.floor.go(Place("page", "work_order", world.order))
    terminal.until(terminal.settled)
    bar.show_deeds(tuple(Deed(f"Deed {number} with a long name ·", lambda: None) for number in range(7)), None)
    words = [one.text() for one in bar.findChildren(QAbstractButton) if one.isVisible() and one.text()]
    assert len(words) > 1
    assert [word for word in words if "·" not in word] == []
