"""Help: F1 opens the handbook where it speaks of the screen in front, without a network; news is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QShortcut, QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from ui.help import handbook, news
from ui.kit.declared import Board, Flow, FormScreen, ListScreen, PageScreen, Place
from ui.screens import DECLARED
from ui.shell.opener import PAGES as OPENER
from world import World

KINDS = {Board: "board", ListScreen: "list", PageScreen: "page", FormScreen: "form", Flow: "flow"}


@pytest.fixture
def terminal(world: World, qtbot: QtBot, tmp_path: Path):  # type: ignore[no-untyped-def]
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.person("Mara", "KEE"))
        yield terminal


def f1(terminal: Terminal) -> None:
    shortcuts = {one.key().toString(): one for one in terminal.window.findChildren(QShortcut)}
    shortcuts["F1"].activated.emit()


def places() -> list[Place]:
    """Every screen that is declared, and whatever an action opens or the shell has of its own."""
    screens = [Place(KINDS[type(one)], one.id if isinstance(one, Flow | Board) else one.name) for one in DECLARED.screens]
    screens += [Place("form", one.name) for one in DECLARED.pages() if one.edits]
    doors = [action.opens for action in DECLARED.actions if action.opens is not None]
    return list({(one.kind, one.name): one for one in (*screens, *doors, *map(Place, OPENER), Place("home"))}.values())


def test_every_screen_has_a_page_and_the_heading_that_it_opens_at() -> None:
    for place in (*places(), None):
        link = handbook.page_for(place)
        page, _hash, heading = link.partition("#")
        assert (handbook.ROOT / page).is_file(), link
        assert not heading or heading in [one.heading for one in handbook.sections() if one.page == page], link


def test_a_screen_opens_one_page_and_every_page_names_screens_that_are_there() -> None:
    named = [screen for section in handbook.sections() for screen in section.screens]
    assert sorted(named) == sorted(set(named)), "F1 would lead to two places"
    there = {f"{place.kind}:{place.name}" for place in places()} | {place.kind for place in places()}
    assert set(named) - there - {"sign-in"} == set()


def test_what_is_said_about_f1_is_read_by_nobody() -> None:
    assert not [page for page in handbook.pages() if "\n<!-- F1" in handbook.text_of(page)]
    assert not [one for one in handbook.sections() if "\n<!-- F1" in one.text], "and nothing is found by it"


@pytest.mark.parametrize("place", [pytest.param(one, id=f"{one.kind}:{one.name}") for one in places()])
def test_f1_leads_to_a_page_that_speaks_of_what_is_seen(place: Place) -> None:
    """Of the thing that the screen shows, by the name that people have for it."""
    page = handbook.page_for(place).partition("#")[0]
    words = spoken_of(place)
    assert not words or any(word.casefold() in handbook.text_of(page).casefold() for word in words), words


def spoken_of(place: Place) -> list[str]:
    """What people call the thing on a screen; nothing where the screen is the same for all things."""
    named = {"list": DECLARED.list_of, "page": DECLARED.page_of, "form": DECLARED.form_of}.get(place.kind)
    screen = named(place.name) if named else None
    about = getattr(screen, "entity", None)
    if about is None:
        return []
    return [about.__about__.label, about.__about__.plural, *filter(None, [getattr(screen, "title", "")])]


def test_f1_opens_the_page_of_the_screen_in_front_and_closes_again(terminal: Terminal) -> None:
    terminal.scan(code("WO", terminal.world.order))
    f1(terminal)
    assert terminal.window.help.isVisible()
    assert terminal.window.help.page == "user/parts.md"
    assert "Scan the job tag" in terminal.window.help.text.toPlainText()
    f1(terminal)
    assert not terminal.window.help.isVisible()
    assert terminal.course.context is not None, "the job is open as before"


def test_a_scan_closes_the_handbook_and_is_booked(terminal: Terminal) -> None:
    terminal.scan(code("WO", terminal.world.order))
    f1(terminal)
    terminal.scan(code("PT", terminal.world.part))
    assert not terminal.window.help.isVisible()
    assert terminal.window.floor.bench.acts, "the scan was booked"


def test_the_handbook_is_searched_and_its_links_are_followed(terminal: Terminal) -> None:
    f1(terminal)
    QTest.keyClicks(terminal.window.help.box, "quarant")
    terminal.touch_row("Bring parts back")
    assert terminal.window.help.page == "user/parts.md"
    terminal.window.help.text.anchorClicked.emit(QUrl("../administrator/people.md"))
    assert terminal.window.help.page == "administrator/people.md"
    terminal.touch("Back")
    assert terminal.window.help.page == "user/parts.md"
    terminal.window.help.text.anchorClicked.emit(QUrl("https://example.com/"))
    assert terminal.window.help.page == "user/parts.md", "nothing outside is fetched"


def test_pictures_are_seen_and_never_wider_than_the_page(terminal: Terminal) -> None:
    f1(terminal)
    terminal.window.help.show_page("user/storekeeper.md")
    terminal.until(terminal.settled)
    text = terminal.window.help.text
    picture = text.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("../pictures/job.png"))
    assert 400 < picture.width() < text.viewport().width()
    assert text.horizontalScrollBar().maximum() == 0


def test_help_is_there_before_anybody_has_signed_in(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        f1(terminal)
        assert terminal.window.help.page == "user/scanning.md"


def test_help_opens_by_touch(terminal: Terminal) -> None:
    terminal.touch("All")
    terminal.touch("Help")
    assert terminal.window.help.isVisible()


def test_what_is_new_is_told_once_to_each_person(
    world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara, ben = world.person("Mara", "KEE"), world.person("Ben", "KEE")

    def sign_in(person: object, changes: dict[str, str]) -> bool:
        for module in (handbook, news):
            monkeypatch.setattr(module, "changes", lambda: changes)
        with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
            terminal.window.floor.seat(person)  # type: ignore[arg-type]
            terminal.until(terminal.settled)
            world.app.writer.run(int)
            return terminal.window.help.isVisible() and "photos" in terminal.window.help.text.toPlainText().casefold()

    old, new = {"lots.md": "1"}, {"photos.md": "2", "lots.md": "1"}
    assert not sign_in(mara, old), "whoever comes for the first time has no news"
    assert sign_in(mara, new)
    assert not sign_in(mara, new), "once"
    assert not sign_in(ben, new), "Ben is here for the first time"


def test_who_was_at_work_already_is_told_what_is_new_the_next_time(
    world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara, seen = world.person("Mara", "KEE"), []
    for changes, at_work_already in (({"lots.md": "1"}, False), ({"photos.md": "2"}, True), ({"photos.md": "2"}, False)):
        for module in (handbook, news):
            monkeypatch.setattr(module, "changes", lambda now=changes: now)
        with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
            terminal.window.floor.seat(mara)
            if at_work_already:
                terminal.window.floor.go(Place("flow", "parts_issue.issue"))
            terminal.until(terminal.settled)
            world.app.writer.run(int)
            seen.append(terminal.window.help.isVisible())
    assert seen == [False, False, True]


def test_a_link_out_of_the_handbook_leads_nowhere() -> None:
    assert handbook.followed("user/parts.md", "scanning.md") == "user/scanning.md"
    assert handbook.followed("user/parts.md", "#jobs") == "user/parts.md#jobs"
    assert handbook.followed("user/parts.md", "../../../pyproject.toml") == ""
    assert handbook.followed("user/parts.md", "file:///etc/passwd") == ""
