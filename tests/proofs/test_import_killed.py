"""Killed while a file comes in, an import is done by starting it again: each record is there once, and none by halves."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from counts import Count
from killing import Shop, Watch, furnished, kill, started
from looking import looked_through
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.parts.model import Part

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kills are aimed by inotify")
FEW, MANY = 800, 4200  # one command; three of them


def price_list(path: Path, lines: int) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "unit"])
        writer.writerows([f"IMP-{number:05d}", f"Gasket {number}", "pcs"] for number in range(lines))
    return path


def importing(shop: Shop, file: Path) -> list[str | Path]:
    return ["-m", "ui.cli", "--store", shop.path, "import", "part", file]


def killed_while_importing(shop: Shop, file: Path, writes: int) -> bool:
    with closing(Watch(shop.folder)) as watch:
        child = started(importing(shop, file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        watch.wait(shop.folder, writes, 5.0)
        return kill(child)


def import_loop(folder: Path, lines: int, kills: int, count: Count) -> None:
    dice, most, done = random.Random(lines), lines // 10, 0
    file = price_list(folder / "parts.csv", lines)
    base = furnished(folder / "base")
    shop = base.copied(folder / "store-0")
    for attempt in range(1, kills * 3):
        writes = dice.randint(1, most)
        if killed_while_importing(shop, file, writes):
            done += 1
        else:
            most = max(writes - 1, 5)
        assert looked_through(shop).nothing(), (attempt, writes)
        if done == kills:
            break
        if _imported(shop) == lines:
            shop = base.copied(folder / f"store-{attempt}")
    assert done
    with started(importing(shop, file), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        last = json.loads(child.communicate()[0].splitlines()[-1])
    assert (last["refused"], last["made"] + last["unchanged"]) == (0, lines)
    assert _imported(shop) == lines
    count("kill loop of an import", "kill -9", done)
    count("kill loop of an import", "records twice or by halves", 0)


def _imported(shop: Shop) -> int:
    with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        codes = session.scalars(select(Part.code).where(Part.code.startswith("IMP-"))).all()
    assert len(codes) == len(set(codes)), "a record is there twice"
    return len(codes)


def test_an_import_cut_short_is_done_by_starting_it_again(tmp_path: Path, count: Count) -> None:
    import_loop(tmp_path, FEW, 3, count)


@pytest.mark.prove
def test_an_import_cut_short_anywhere_is_done_by_starting_it_again(tmp_path: Path, count: Count) -> None:
    import_loop(tmp_path, MANY, 25, count)
