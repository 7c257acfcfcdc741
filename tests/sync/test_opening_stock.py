"""Opening stock at two terminals that have not met: nothing of it is lost, and the two are brought before somebody."""

from __future__ import annotations

from replay_chance import evening
from replay_world import Trio, named

from app.kernel.records import Discrepancy
from app.stock.model import StockLine
from app.stock.opening import OpenStock


def opened(quantity: int, lot: str = "") -> OpenStock:
    row = {"part": named("part", "P-3").hex, "bin": named("bin", "B").hex, "quantity": str(quantity)}
    return OpenStock(rows=[row | ({"lots": {lot: str(quantity)}} if lot else {})], reason="Opening stock")


def test_an_opening_reaches_everybody(trio: Trio) -> None:
    before = len(trio.right.all(StockLine))
    trio.left.done(opened(7, "L1"), trio.person("Ann"))
    evening(trio)
    assert len(trio.right.all(StockLine)) == before + 1
    assert "Opening stock: L1 (7)" in {line.reason for line in trio.right.all(StockLine)}
    assert trio.left.balances() == trio.right.balances() == trio.hub.balances()
    assert not trio.hub.all(Discrepancy)


def test_two_openings_of_one_bin_are_both_kept_and_questioned(trio: Trio) -> None:
    trio.left.done(opened(7), trio.person("Ann"))
    trio.right.done(opened(9), trio.person("Ben"))
    evening(trio)
    for machine in trio.machines:
        assert {"stock.booked"} == {row.code for row in machine.all(Discrepancy)}
        assert {str(line.quantity) for line in machine.all(StockLine) if line.reason == "Opening stock"} == {"7", "9"}
    assert trio.left.balances() == trio.right.balances() == trio.hub.balances()
    assert trio.left.balances() == trio.left.rebuilt()
