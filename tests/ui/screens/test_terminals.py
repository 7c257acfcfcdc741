"""Whoever looks after terminals lets one in by a code, and shuts one out with a reason, at any terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.access import Actor
from app.kernel.link import LinkDetails, LinkState
from app.terminals.codes import code_hash
from app.terminals.model import Invitation
from app.terminals.model import Terminal as TerminalRow
from ui.kit.declared import Place
from world import World


@pytest.fixture
def page(full: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """The page of the terminal at the counter."""
    with at_work(full, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        (row,) = full.rows(TerminalRow)
        terminal.window.floor.go(Place("page", "terminal", row.id))
        terminal.until(terminal.settled)
        yield terminal


def test_a_code_stands_on_the_screen_until_somebody_has_it(page: Terminal, full: World) -> None:
    page.touch("Make a code")
    page.until(lambda: page.question is not None)
    assert page.question is not None
    code = page.question.sentence
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    (invitation,) = [one for one in full.rows(Invitation) if one.used is None]
    assert (invitation.code_hash, invitation.site_id) == (code_hash(code), full.site)
    page.touch("I have it")
    page.until(lambda: page.question is None)


def test_beside_the_code_stands_all_that_is_typed_at_the_machine(page: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    link = page.window.bench.link
    monkeypatch.setattr(link, "details", lambda: LinkDetails(hub="https://hub.example"))
    monkeypatch.setattr(link, "state", lambda: LinkState("offline"))
    page.touch("Make a code")
    page.until(lambda: page.question is not None)
    assert page.question is not None
    assert f"fettle enrol https://hub.example {page.question.sentence}." in page.question.advice
    assert "The hub is out of reach now" in page.question.advice


def test_where_there_is_no_terminal_and_no_lot_the_list_says_what_to_do(
    world: World, manager: Actor, qtbot: QtBot, tmp_path: Path
) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        for entity, words in (("terminal", "fettle hub enrol-code"), ("lot", "kept by lots")):
            terminal.window.floor.go(Place("list", entity))
            terminal.until(terminal.settled)
            assert words in terminal.words()


def test_a_terminal_is_shut_out_with_a_reason(page: Terminal, full: World) -> None:
    page.touch("Shut out")
    page.touch("It is lost")
    page.until(lambda: full.rows(TerminalRow)[0].state == "revoked")


def test_wiping_is_held_so_that_no_slip_does_it(page: Terminal, full: World) -> None:
    page.touch("Shut out")
    page.touch("Lost or stolen: wipe it")
    page.until(page.settled)
    assert full.rows(TerminalRow)[0].state == "active"
