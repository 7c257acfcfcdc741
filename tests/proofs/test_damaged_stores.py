"""A store that is damaged anywhere is noticed at the next start, and work goes on from the backup and the black box."""

from __future__ import annotations

import random
import shutil
import time
from contextlib import closing
from pathlib import Path

import damage
import pytest
from counts import Count
from damage import OF_THE_JOURNAL, OF_THE_STORE, Worked, fate, is_borne, strange_journal, worked
from sqlalchemy.orm import Session

from app.assemble import open_terminal
from app.kernel import mending
from app.kernel.caretaker import Caretaker
from app.parts_issue.commands import IssuePart
from ui.bench import shelf

NAME = "damaged stores"


@pytest.fixture(scope="session")
def workshops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Worked]:
    """A store that was closed, and two of a program that was killed."""
    folder, dice = tmp_path_factory.mktemp("damage"), random.Random(11)
    damage.STRANGE.append(strange_journal(folder / "strange"))
    made = {"closed": worked(folder / "closed", dice, killed=False)}
    return made | {f"killed {turn}": worked(folder / f"killed-{turn}", dice, killed=True) for turn in range(2)}


def damaged(workshops: dict[str, Worked], folder: Path, stores: int, seed: int, count: Count) -> None:
    dice = random.Random(seed)
    kinds = {**OF_THE_STORE, **OF_THE_JOURNAL}
    for turn in range(stores):
        kind = dice.choices(list(kinds), list(kinds.values()))[0]
        name = dice.choice([one for one in workshops if kind in OF_THE_STORE or one.startswith("killed")])
        one = workshops[name].copied(folder / f"store-{seed}-{turn}")
        kind(one, dice)
        found = fate(one)
        assert is_borne(found), (seed, turn, kind.__name__, name, found)
        count(NAME, "damaged stores")
        count(NAME, "noticed", int(found.noticed))
        count(NAME, "without any effect", int(not found.noticed))
        count(NAME, "commands lost of the last quarter second", found.lost)
        count(NAME, "commands lost of before", 0)


def test_a_damaged_store_is_noticed_and_work_goes_on(workshops: dict[str, Worked], tmp_path: Path, count: Count) -> None:
    damaged(workshops, tmp_path, 20, 0, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1, 11))
def test_of_many_damaged_stores_all_are_noticed(workshops: dict[str, Worked], tmp_path: Path, count: Count, seed: int) -> None:
    damaged(workshops, tmp_path, 56, seed, count)


@pytest.mark.prove
def test_a_store_of_a_hundred_thousand_parts_is_back_at_work_within_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    monkeypatch.setattr(shelf, "folder", lambda many: tmp_path / str(many))
    with shelf.opened(100_000) as opened:
        order, bin, parts, actor = opened.order, opened.bin, opened.parts, opened.actor
        path = Path(shutil.copytree(opened.store.path.parent, tmp_path / "begun")) / opened.store.path.name
    with closing(open_terminal(path, keeper=shelf.KEEPER)) as terminal:
        app = terminal.app
        caretaker = Caretaker(terminal.store, terminal.journal, app.writer, lambda: "UTC", app.clock.now)
        assert caretaker.back_up() is not None
        for part in parts * 20:
            assert app.run(IssuePart(order=order, part=part, bin=bin), actor).done
        damage.one_bit_of(path, random.Random(7))
        assert not caretaker.look_through(), "of a large store it is found behind the work"
    began = time.monotonic()
    with closing(open_terminal(path, keeper=shelf.KEEPER)) as terminal:
        assert terminal.app.run(IssuePart(order=order, part=parts[0], bin=bin), actor).done
        seconds = time.monotonic() - began
        with Session(terminal.app.read_engine) as session:
            [(_at, told)] = mending.untold(session)
    assert (told.values["redone"], told.values["missing"]) == (len(parts) * 20, 0)
    assert seconds <= 60
    count(NAME, "milliseconds until a store of 100,000 parts was back at work", round(seconds * 1000))
