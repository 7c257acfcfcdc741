"""Labels are printed beside the work: whoever scans never waits for a printer."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from shop_floor import Terminal, card, code

from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome


class DeadPrinter:
    """Answers nothing until somebody gives up on it."""

    def __init__(self) -> None:
        self.given_up = threading.Event()

    def print_label(self, template: str, fields: Mapping[str, str]) -> None:
        assert template == "wo_tag"
        assert fields["number"]
        self.given_up.wait(60)
        raise Trouble("printer.away", "The printer does not answer.", "Switch it on, then print again.")


def test_a_dead_printer_stops_no_scan_and_says_so_afterwards(at_issue: Terminal) -> None:
    world, printer = at_issue.world, DeadPrinter()
    at_issue.window.floor.bench.labels = printer
    outcome, said = at_issue.scan(card("PRINT"))
    assert outcome is Outcome.SUCCESS
    assert said.startswith("Printing the label of M-")
    for part in world.parts[:3]:
        assert at_issue.scan(code("PT", part))[0] is Outcome.SUCCESS, "parts go on being booked"
    printer.given_up.set()
    at_issue.until(lambda: at_issue.heard[-1] == (Outcome.ERROR, "The printer does not answer. Switch it on, then print again."))
    at_issue.until(at_issue.settled)
    entry = next(row for row in at_issue.log() if row["text"] == card("PRINT"))
    assert entry["said"] == "The printer does not answer. Switch it on, then print again."
