"""Opening stock: counted once, before anything else was booked; never against what people did since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.kernel.bulk import MANY
from app.kernel.exchange.report import Finding, Summary
from app.kernel.exchange.running import import_file
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.stock.model import StockLine
from app.stock.opening import OpenStock
from world import World

Take = Callable[..., tuple[Summary, dict[int, str]]]


@pytest.fixture
def take(bare: World, tmp_path: Path) -> Take:
    """Imports opening stock into a workshop with empty bins; the summary, and what is said of each line."""
    bare.furnish(stocked=0)

    def run(*lines: str, **more: Any) -> tuple[Summary, dict[int, str]]:
        (tmp_path / "stock.csv").write_text("\n".join(("part,bin,lot,quantity", *lines)), "utf-8")
        found: list[Finding] = []
        summary = import_file(bare.app, bare.actor, "stock_line", tmp_path / "stock.csv", tell=found.append, **more)
        return summary, {finding.line: finding.reason for finding in found if finding.state == "refused"}

    return run


def test_opening_stock_is_booked_as_a_count(bare: World, take: Take) -> None:
    summary, refused = take("PT-0,WH/A-01,,12", "PT-1,A-02,,0")
    assert (summary.made, refused) == (2, {})
    assert bare.on_hand() == Quantity(12)
    assert {(row.kind, row.reason) for row in bare.rows(StockLine)} == {("count", "Opening stock")}
    assert "OpenStock" in bare.outbox()


def test_lots_in_one_bin_are_added_up_and_named(bare: World, take: Take) -> None:
    summary, _refused = take("PT-0,WH/A-01,L1,5", "PT-1,WH/A-01,,3", "PT-0,WH/A-01,L2,7")
    assert (summary.made, summary.noted) == (3, 1)
    assert bare.on_hand() == Quantity(12)
    assert "Opening stock: L1 (5), L2 (7)" in {row.reason for row in bare.rows(StockLine)}


def test_the_same_lot_twice_in_one_bin_is_refused(take: Take) -> None:
    _summary, refused = take("PT-0,WH/A-01,L1,5", "PT-0,WH/A-01,L1,5")
    assert refused == {3: "Lines 2 and 3 stand for the same record; the first one counts."}


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ("-3", "Nobody finds -3 in a bin."),
        ("1e9", "1e9 is a short form that is easily misread."),
        ("١٢", "١٢ is not written in the digits 0 to 9."),
        ("", "Quantity is not filled in."),
        ("2.5", "Brake pads front is counted in whole pieces."),
    ],
)
def test_what_nobody_counts_is_refused_in_its_sentence(bare: World, take: Take, quantity: str, reason: str) -> None:
    summary, refused = take(f"PT-0,WH/A-01,,{quantity}", "PT-1,WH/A-01,,4")
    assert refused == {2: reason}
    assert (summary.made, bare.on_hand(bare.parts[1])) == (1, Quantity(4))


def test_the_same_file_changes_nothing_even_after_parts_were_taken(bare: World, take: Take) -> None:
    take("PT-0,WH/A-01,,12")
    bare.done(ReceiveStock(part=bare.part, bin=bare.bin, quantity=Quantity(3)))
    again, refused = take("PT-0,WH/A-01,,12")
    assert (again.unchanged, refused) == (1, {})
    assert bare.on_hand() == Quantity(15)


def test_it_never_overwrites_what_people_booked(bare: World, take: Take) -> None:
    bare.done(ReceiveStock(part=bare.part, bin=bare.bin, quantity=Quantity(3)))
    _summary, refused = take("PT-0,WH/A-01,,12", "PT-1,WH/A-01,,4")
    assert refused == {2: "Brake pads front in A-01 has been booked already: it is too late for opening stock."}
    assert (bare.on_hand(), bare.on_hand(bare.parts[1])) == (Quantity(3), Quantity(4))


def test_store_rooms_and_bins_are_made_only_where_a_mapping_says_so(bare: World, take: Take, tmp_path: Path) -> None:
    _summary, refused = take("PT-0,W9/Z-1,,1")
    assert refused == {2: "There is no Bin “W9/Z-1”."}
    own = tmp_path / "own.toml"
    fields = {"part_id": "part", "bin_id": "bin", "quantity": "quantity"}
    tables = "".join(
        f'[fields.{name}]\ncolumn = "{column}"\n{"create = true" * (name == "bin_id")}\n' for name, column in fields.items()
    )
    own.write_text(f'entity = "stock_line"\nignored = ["lot"]\n{tables}', "utf-8")
    summary, refused = take("PT-0,W9/Z-1,,1", "PT-1,Z-2,,1", map=str(own))
    assert (summary.made, summary.also["warehouse"].made, summary.also["bin"].made) == (1, 1, 1)
    assert refused == {3: "“Z-2” does not say where this Bin belongs."}


def test_who_counts_may_not_thereby_build_store_rooms(bare: World, take: Take, tmp_path: Path) -> None:
    kim = bare.person("Kim", "KEE")
    (tmp_path / "q.csv").write_text("product_id/default_code,location_id,lot_id,quantity\nPT-0,W9/Z-1,,1\nPT-0,WH/A-01,,1\n")
    found: list[Finding] = []
    summary = import_file(bare.app, kim, "stock_line", tmp_path / "q.csv", map="odoo_quants", tell=found.append)
    assert (summary.made, summary.refused) == (1, 1)
    assert found[0].line == 2


@pytest.mark.parametrize(
    "row", [{}, "PT-0", {"part": "x", "bin": "y", "quantity": "1"}, {"part": None, "bin": None, "quantity": "1"}]
)
def test_what_is_no_count_is_refused_in_words(bare: World, take: Take, row: Any) -> None:
    assert not bare.run(OpenStock(rows=[row])).done


def test_too_many_counts_are_sent_in_several_commands(bare: World, take: Take) -> None:
    assert bare.codes(OpenStock(rows=[{}] * (MANY + 1))) == ["record.too_many"]
