"""What people see of Odoo: how it stands, what is stuck, what is matched, where stock differs, and a record's name there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.access import Actor
from app.kernel.ids import new_id
from app.kernel.types import Quantity, millis
from app.odoo.model import OdooDifference, OdooLetter, OdooMatch, difference_id, letter_id, match_id
from app.odoo.notes import NoteInOdoo
from ui.kit.declared import Place
from world import World

ADDRESS = "https://odoo.example/odoo/repair/7"


def tell(world: World, **more: Any) -> None:
    """The bridge tells of a job that is stuck, a tax that nobody matched, and a bin of which Odoo says another number."""
    now = world.app.clock.now()
    letter = {
        "entity": "work_order", "row_id": world.order.hex, "subject": "M-1 Front brake", "verdict": "mapping", "code": "odoo.tax",
        "said": "Odoo has no tax for {code}.", "hint": "Say what {code} is in Odoo.", "detail": {"code": "V19"},
        "since": millis(now - timedelta(hours=5)), "tries": 3,
    }  # fmt: skip
    numbers = {"part_id": world.part.hex, "bin_id": world.bin.hex, "ours": 5000, "theirs": 3000}
    health = {"database": "shop", "url": "https://odoo.example", "state": "away", "waiting": 12, "told_at": millis(now)}
    world.done(
        NoteInOdoo(
            health={**health, "message": "Odoo does not answer.", "hint": "Nothing is lost.", **more},
            letters=[letter],
            matches=[{"kind": "tax", "ours": "V19", "ours_title": "V19 19 %"}],
            things=[{"kind": "tax", "number": count, "name": f"{count} % USt"} for count in (7, 16, 19)],
            differences=[numbers],
            links=[{"entity": "work_order", "row_id": world.order.hex, "state": "stuck"}],
        )
    )


@pytest.fixture
def boss(world: World) -> Actor:
    return world.person("Ada", "ADM")


@pytest.fixture
def page(world: World, boss: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """An administrator at a terminal whose hub speaks to an Odoo."""
    tell(world)
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(boss)
        yield terminal


def go(terminal: Terminal, place: Place) -> None:
    terminal.window.floor.go(place)
    terminal.until(terminal.settled)


def test_how_it_stands_says_what_is_wrong_first_and_how_much_waits(page: Terminal) -> None:
    go(page, Place("odoo"))
    words = page.words()
    for said in ("Odoo does not answer", "Nothing is lost.", "12", "What is stuck: 1"):
        assert said in words
    assert page.row("Odoo has no tax for V19.") is not None
    assert page.row("5 h") is not None


def test_where_no_odoo_is_connected_it_says_what_to_do(world: World, boss: Actor, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(boss)
        go(terminal, Place("odoo"))
        assert "No Odoo is connected" in terminal.words()
        assert "fettle odoo setup" in terminal.words()
        for name, words in (
            ("odoo_letter", "Odoo has taken everything"),
            ("odoo_difference", "agree"),
            ("odoo_match", "matched"),
        ):
            go(terminal, Place("list", name))
            assert words in terminal.words()


def test_what_the_hub_said_long_ago_is_said_to_be_old(page: Terminal, world: World) -> None:
    tell(world, told_at=millis(world.app.clock.now() - timedelta(hours=7)))
    go(page, Place("odoo"))
    assert "The hub last said how it stands 7 h ago." in page.words()


def test_what_is_stuck_says_why_and_is_tried_again_by_a_touch(page: Terminal, world: World) -> None:
    go(page, Place("odoo"))
    page.touch_row("Odoo has no tax")
    page.until(lambda: "Say what V19 is in Odoo." in page.words())
    assert "5 h, since" in page.words()
    page.touch("Try again")
    page.until(lambda: world.get(OdooLetter, letter_id(world.order)).state == "again")


def test_what_is_stuck_is_let_go_with_a_reason(page: Terminal, world: World) -> None:
    go(page, Place("page", "odoo_letter", letter_id(world.order)))
    page.reach("Let go")
    page.touch("Let go")
    page.until(lambda: page.question is not None)
    QTest.keyClicks(page.window.focusWidget(), "Booked by hand")
    page.touch("Keep this answer")
    page.until(lambda: world.get(OdooLetter, letter_id(world.order)).state == "let_go")


def test_from_what_is_stuck_one_comes_to_the_record(page: Terminal, world: World) -> None:
    go(page, Place("page", "odoo_letter", letter_id(world.order)))
    page.reach("Open what it is about")
    page.touch("Open what it is about")
    page.until(lambda: page.window.floor.screen.place == Place("page", "work_order", world.order))


def test_from_what_did_not_come_here_one_comes_to_its_page_in_odoo(page: Terminal, world: World) -> None:
    opened: list[str] = []
    page.window.floor.bench.browse = lambda address: not opened.append(address)
    row = new_id()
    said = {"subject": "Oil filter", "code": "odoo.no_code", "said": "It has no reference.", "detail": {"number": 41}}
    world.done(NoteInOdoo(letters=[{"entity": "product.product", "row_id": row.hex, **said}]))
    go(page, Place("page", "odoo_letter", letter_id(row)))
    page.reach("Open what it is about")
    page.touch("Open what it is about")
    page.until(lambda: opened == ["https://odoo.example/web#id=41&model=product.product&view_type=form"])


def test_ours_is_matched_by_a_few_letters_and_the_enter_key(page: Terminal, world: World) -> None:
    go(page, Place("list", "odoo_match", given={"open": True}))
    page.touch_row("V19 19 %")
    page.until(lambda: page.row("16 % USt") is not None)
    box = page.window.focusWidget()
    QTest.keyClicks(box, "19")
    page.until(lambda: page.row("16 % USt") is None and page.row("19 % USt") is not None)
    QTest.keyClick(box, Qt.Key.Key_Return)
    page.until(lambda: world.get(OdooMatch, match_id(world.org, "tax", "V19")).state == "matched")
    page.until(lambda: page.window.floor.screen.place.kind == "list")
    assert world.get(OdooMatch, match_id(world.org, "tax", "V19")).theirs == 19


def test_which_of_two_numbers_holds_is_one_touch_with_both_to_be_read(page: Terminal, world: World) -> None:
    go(page, Place("page", "odoo_difference", difference_id(world.part, world.bin)))
    assert "Here 5, in Odoo 3" in page.words()
    page.touch("Say which holds")
    page.touch("Ours: 5")
    page.until(lambda: world.get(OdooDifference, difference_id(world.part, world.bin)).settled_how == "ours")


def test_taking_odoos_number_asks_why(page: Terminal, world: World) -> None:
    go(page, Place("page", "odoo_difference", difference_id(world.part, world.bin)))
    page.touch("Say which holds")
    page.touch("Odoo's: 3")
    page.until(lambda: page.question is not None and page.question.kind == "text")
    QTest.keyClicks(page.window.focusWidget(), "Two went by hand")
    page.touch("Keep this answer")
    page.until(lambda: world.on_hand() == Quantity(3))


# ------------------------------------------------------------------------------------------- in the head of a record's page


def stands(world: World, **more: Any) -> None:
    link = {"entity": "work_order", "row_id": world.order.hex, "state": "there", "name": "WH/RO/00007", "address": ADDRESS}
    world.done(NoteInOdoo(links=[{**link, **more}]))


def test_a_record_says_that_it_is_stuck_and_leads_to_why(page: Terminal, world: World) -> None:
    go(page, Place("page", "work_order", world.order))
    page.touch("Stuck on its way to Odoo")
    page.until(lambda: page.window.floor.screen.place == Place("page", "odoo_letter", letter_id(world.order)))


def test_a_record_says_what_it_is_called_in_odoo_and_opens_it_in_the_browser(page: Terminal, world: World) -> None:
    opened: list[str] = []
    page.window.floor.bench.browse = lambda address: not opened.append(address)
    go(page, Place("page", "work_order", world.order))
    stands(world)
    page.touch("In Odoo: WH/RO/00007")
    assert opened == [ADDRESS]


def test_at_a_kiosk_its_page_is_shown_as_a_code_for_a_phone(page: Terminal, world: World) -> None:
    stands(world)
    page.window.floor.bench.browse = None
    go(page, Place("page", "work_order", world.order))
    page.touch("In Odoo: WH/RO/00007")
    page.until(lambda: page.window.floor.screen.place.kind == "address")
    assert ADDRESS in page.words()


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "javascript:alert(1)"])
def test_what_is_no_page_on_the_web_is_only_read(page: Terminal, world: World, address: str) -> None:
    stands(world, address=address)
    go(page, Place("page", "work_order", world.order))
    assert "In Odoo: WH/RO/00007" in page.words()
    assert page.find("In Odoo") is None


def test_a_record_that_odoo_has_nothing_to_do_with_says_nothing(page: Terminal, world: World) -> None:
    go(page, Place("page", "part", world.part))
    assert "Odoo" not in page.words()
