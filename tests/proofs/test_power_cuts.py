"""The plug is pulled at any write: what was acknowledged is there, and the store is whole."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from counts import Count
from killing import Shop, furnished
from power import Event, images, survivors, traced

from app.kernel.problems import Trouble

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="the writes are taken from a trace (strace)")


def all_there(shop: Shop, start: dict[str, bytes], events: list[Event], dice: random.Random, share: float) -> int:
    """Opens the disk after each cut, and holds it against what had been answered by then; how many disks there were."""
    tried = 0
    for image, answered in images(start, events, dice, share):
        assert answered <= survivors(shop, image, shop.folder.with_name("image")), "an acknowledged command is lost"
        tried += 1
    return tried


def cuts(shop: Shop, commands: int, share: float, seed: int, count: Count) -> None:
    start, dice = {shop.path.name: shop.path.read_bytes()}, random.Random(seed)
    events = traced(shop, dice, commands)
    assert b"".join(event.data for event in events if event.kind == "said").count(b"\n") == commands
    count("power cuts", "disks after a cut", all_there(shop, start, events, dice, share))
    count("power cuts", "lost", 0)
    count("power cuts", "corrupt", 0)


def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path, count: Count) -> None:
    cuts(furnished(tmp_path / "store"), 20, 0.03, 0, count)


def test_the_proof_would_notice_a_store_that_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    shop, dice = furnished(tmp_path / "store"), random.Random(3)
    start = {shop.path.name: shop.path.read_bytes()}
    careless = [event for event in traced(shop, dice, 10) if event.kind != "sync"]
    with pytest.raises((AssertionError, Trouble)):
        all_there(shop, start, careless, dice, 0.05)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1, 5))
def test_two_thousand_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path, count: Count, seed: int) -> None:
    cuts(furnished(tmp_path / "store"), 80, 0.045, seed, count)
