"""What somebody left half filled in: kept within a second, also when the machine dies then, and found again by a few letters."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal

from app.kernel import drafts
from ui.kit.declared import Place
from ui.kit.drafting import PAUSE
from ui.kit.form import FormPage
from ui.kit.kept import FORM
from ui.shell.waiting import place_of
from world import World, open_app


def typed(terminal: Terminal, place: Place, text: str) -> None:
    """Somebody opens a form and types into its first field."""
    terminal.window.floor.go(place)
    terminal.until(terminal.settled)
    QTest.keyClicks(terminal.window.focusWidget(), text)  # type: ignore[arg-type]


def left(world: World, terminal: Terminal) -> list[str]:
    with world.app.read(world.actor) as session:
        return [row.form for row in drafts.parked(session, terminal.window.floor.bench.actor.id)]


def test_it_is_kept_within_a_second_and_there_when_the_machine_dies_then(
    terminal: Terminal, world: World, tmp_path: Path
) -> None:
    typed(terminal, Place("form", "work_order"), "Chain is loose")
    begun = time.monotonic()
    terminal.until(lambda: bool(left(world, terminal)))
    assert PAUSE < 1000
    assert time.monotonic() - begun < 10, "on a machine that does much else"
    store: Path = world.app.store.path  # type: ignore[attr-defined]
    died = tmp_path / "died"
    died.mkdir()
    for file in store.parent.glob(f"{store.name}*"):  # what lay on the disk at that moment, and nobody closed anything
        shutil.copy(file, died)
    again = open_app(died / store.name, station=world.app.station)
    with again.read(world.actor) as session:
        found = drafts.find(session, terminal.window.floor.bench.actor.id, "work_order:new")
    again.close()
    again.store.close()  # type: ignore[attr-defined]
    assert found["what"][0] == "Chain is loose"


def test_it_is_gone_on_with_from_the_list_of_everything_by_its_own_words(terminal: Terminal, world: World) -> None:
    typed(terminal, Place("form", "work_order"), "Chain is loose")
    terminal.until(lambda: bool(left(world, terminal)))
    terminal.window.floor.go(Place("home"))
    terminal.until(terminal.settled)
    QTest.keyClick(terminal.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    terminal.until(lambda: terminal.row("Go on with: New ") is not None)
    assert terminal.row("Half filled in, left ") is not None
    assert terminal.row("…recent") is None
    terminal.touch_row("Go on with: New ")
    terminal.until(terminal.settled)
    assert isinstance(terminal.window.floor.screen, FormPage)
    terminal.until(lambda: "This is what you had typed and not saved." in terminal.words())


def test_what_the_program_keeps_for_somebody_by_itself_is_none_of_it(terminal: Terminal, world: World) -> None:
    bench = terminal.window.floor.bench
    at = world.app.clock.now()
    bench.write(lambda session: drafts.keep(session, bench.actor.id, FORM + "part", at, {"kept": []}))
    bench.write(lambda session: drafts.keep(session, bench.actor.id, "…recent", at, {"keys": ["home"]}))
    terminal.until(terminal.settled)
    assert left(world, terminal) == []


def test_a_form_is_found_again_under_the_name_it_was_left_by(terminal: Terminal, world: World) -> None:
    bench = terminal.window.floor.bench
    assert place_of(bench, "part:new") == Place("form", "part")
    assert place_of(bench, f"part:{world.part}") == Place("form", "part", world.part)
    service = place_of(bench, f"service_line:{world.order.hex}")
    assert service is not None
    assert dict(service.given) == {"order": world.order}
    assert place_of(bench, "…recent") is None
    assert place_of(bench, "nothing:new") is None
