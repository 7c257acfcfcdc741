"""The heading of a page is read at both ends, however narrow the glass."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.kit.heading import Heading

TITLE = "A-14 · Valve cover gasket KTM 390 Duke"


def test_a_heading_that_does_not_fit_leaves_out_its_middle_and_tells_the_whole_in_its_tip(qtbot: QtBot) -> None:
    heading = Heading(TITLE)
    qtbot.addWidget(heading)
    heading.show()
    heading.resize(heading.sizeHint())
    assert (heading.fitting(), heading.toolTip()) == (TITLE, "")
    heading.resize(heading.sizeHint().width() * 2 // 3, heading.height())
    shown = heading.fitting()
    assert "…" in shown
    assert TITLE.startswith(shown.partition("…")[0])
    assert TITLE.endswith(shown.partition("…")[2])
    assert (heading.text(), heading.toolTip()) == (TITLE, TITLE)


def test_a_heading_gives_way_to_what_stands_beside_it(qtbot: QtBot) -> None:
    heading = Heading(TITLE)
    qtbot.addWidget(heading)
    assert heading.minimumSizeHint().width() < heading.sizeHint().width() // 2
