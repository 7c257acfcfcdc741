"""Steps: the five first screens in their order, made from what is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ui.first.founder import FounderStep
from ui.first.port import Begins, Known
from ui.first.printer import PrinterStep
from ui.first.scanner import ScannerStep
from ui.first.shop import ShopStep
from ui.first.step import Step, Works
from ui.first.stock import StockStep

Choose = Callable[[], Path | None]


def steps_for(begins: Begins, works: Works, known: Known, choose: Choose) -> tuple[Step, ...]:
    """All five of them."""
    return (
        ShopStep(begins, works, known.shop),
        FounderStep(begins, works, there=known.people),
        PrinterStep(begins, works, known.printer),
        ScannerStep(begins, works, known.scanner),
        StockStep(begins, works, choose),
    )
