"""The real program under SIGKILL: it is fed commands, killed at a write of our choosing, and its store is then looked through."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from select import select as readable
from typing import Any
from uuid import UUID

from forks import FORKS, fettle
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel.ids import new_id
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.records import EnvelopeRow
from app.kernel.types import Quantity
from app.work_orders.commands import PlanPart
from world import World

ROOT = Path(__file__).resolve().parents[1]
FILE = "terminal.fettle"
KEEPER = KeyKeeper(KeyFile())
STOCKED = 100_000
_EVENT = struct.Struct("iIII")
_MODIFIED, _CREATED, _MOVED = 0x2, 0x100, 0x80


class Watch:
    """Tells of each write to a file in some folders, within microseconds (see inotify(7))."""

    def __init__(self, *folders: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._file = libc.inotify_init1(os.O_CLOEXEC)
        self._seen: Counter[int] = Counter()
        self._watched = {
            folder: libc.inotify_add_watch(self._file, os.fsencode(folder), _MODIFIED | _CREATED | _MOVED) for folder in folders
        }

    def wait(self, folder: Path, writes: int, seconds: float = 20.0) -> bool:
        """Waits until that many more writes have been seen in a folder; False when time runs out."""
        watched, ends = self._watched[folder], time.monotonic() + seconds
        wanted = self._seen[watched] + writes
        while self._seen[watched] < wanted:
            left = ends - time.monotonic()
            if left <= 0 or not readable([self._file], [], [], left)[0]:
                return False
            self._read()
        return True

    def _read(self) -> None:
        told, place = os.read(self._file, 1 << 16), 0
        while place < len(told):
            watched, _mask, _cookie, length = _EVENT.unpack_from(told, place)
            self._seen[watched] += 1
            place += _EVENT.size + length

    def close(self) -> None:
        os.close(self._file)


def started(command: Sequence[str | Path], *, before: Sequence[str] = (), **more: Any) -> subprocess.Popen[bytes]:
    """A child of the program's own code, with this interpreter; `before` is a program to run it under."""
    return subprocess.Popen(
        [*before, sys.executable, *map(str, command)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, **more
    )


def kill(child: subprocess.Popen[bytes]) -> bool:
    """SIGKILL; False where the child had already ended by itself."""
    child.kill()
    return child.wait(20) == -9


# ------------------------------------------------------------------------------------------------------ a shop to kill


@dataclass
class Shop:
    """A furnished store, what was sent to it, and what it acknowledged."""

    folder: Path
    places: dict[str, Any]
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)  # command id: status
    kills: int = 0

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def copied(self, folder: Path) -> Shop:
        shutil.copytree(self.folder, folder)
        return Shop(folder, self.places)

    @contextmanager
    def opened(self) -> Iterator[Terminal]:
        with closing(open_terminal(self.path, keeper=KEEPER)) as terminal:
            yield terminal


def furnished(folder: Path) -> Shop:
    """A workshop with plenty of five parts, on a store whose key lies in a file beside it."""
    with closing(make_terminal(folder / FILE, keeper=KEEPER)) as terminal:
        world = World(terminal.app, terminal.org_id).furnish(stocked=STOCKED)
        for part in world.parts:
            world.done(PlanPart(order=world.order, part=part, quantity=Quantity(STOCKED)))
        places: dict[str, Any] = {
            "stocked": STOCKED,
            "site": world.site,
            "order": world.order,
            "bins": (world.bin, world.other_bin),
            "parts": tuple(world.parts),
        }
    return Shop(folder, places)


def with_storekeeper(shop: Shop) -> Shop:
    """Someone to stand at the window."""
    with shop.opened() as terminal:
        World(terminal.app, terminal.org_id).person("Kim", "KEE")
    return shop


# ----------------------------------------------------------------------------------------------------- what it is fed


def commands(shop: Shop, dice: random.Random, number: int) -> list[dict[str, Any]]:
    """A morning's work: mostly issues, some receipts, moves, jobs and new parts, and now and then what must be refused."""
    makers = (_issue, _receive, _move, _job, _new_part, _nonsense)
    return [maker(shop, dice) for maker in dice.choices(makers, (70, 8, 6, 8, 5, 3), k=number)]


def _line(do: str, **fields: Any) -> dict[str, Any]:
    return {"do": do, "id": str(new_id()), **{name: str(value) for name, value in fields.items()}}


def _issue(shop: Shop, dice: random.Random) -> dict[str, Any]:
    return _line("IssuePart", order=shop.places["order"], part=dice.choice(shop.places["parts"]), bin=shop.places["bins"][0],
                 quantity=dice.randint(1, 3), reason="For the bench")  # fmt: skip


def _receive(shop: Shop, dice: random.Random) -> dict[str, Any]:
    return _line("ReceiveStock", part=dice.choice(shop.places["parts"]), bin=shop.places["bins"][0], quantity=dice.randint(1, 9))


def _move(shop: Shop, dice: random.Random) -> dict[str, Any]:
    out, into = shop.places["bins"]
    return _line("MoveStock", part=dice.choice(shop.places["parts"]), out=out, into=into, quantity=dice.randint(1, 3))


def _job(shop: Shop, dice: random.Random) -> dict[str, Any]:
    return _line("CreateOrder", site=shop.places["site"], what=f"Service {dice.randint(1, 99)}")


def _new_part(_shop: Shop, _dice: random.Random) -> dict[str, Any]:
    ident = new_id()
    return {**_line("SaveRecord", entity="part"), "fields": {"code": [None, f"N-{ident.hex}"], "name": [None, "Gasket"]}}


def _nonsense(shop: Shop, _dice: random.Random) -> dict[str, Any]:
    return _line("IssuePart", order=shop.places["order"], part=new_id(), bin=shop.places["bins"][0])


def moved(line: dict[str, Any]) -> dict[tuple[UUID, UUID], Quantity]:
    """What a command does to the stock, as its author meant it: (part, bin) and by how much."""
    match line["do"]:
        case "IssuePart":
            return {_at(line, "bin"): -Quantity.parse(line["quantity"])}
        case "ReceiveStock":
            return {_at(line, "bin"): Quantity.parse(line["quantity"])}
        case "MoveStock":
            amount = Quantity.parse(line["quantity"])
            return {_at(line, "out"): -amount, _at(line, "into"): amount}
        case _:
            return {}


def _at(line: dict[str, Any], bin: str) -> tuple[UUID, UUID]:
    return UUID(line["part"]), UUID(line[bin])


# ------------------------------------------------------------------------------------------------------------ killing

Moment = Callable[[Watch, Path, Path, random.Random], object]


def in_the_middle(watch: Watch, answers: Path, store: Path, dice: random.Random) -> None:
    """After some answers, at any of the next writes to the store: while it reads, runs, commits or answers."""
    watch.wait(answers, dice.randint(1, 300))
    watch.wait(store, dice.randint(0, 25), 1.0)


def at_a_write(watch: Watch, answers: Path, store: Path, dice: random.Random) -> None:
    """At the n-th write to the store, beginning with those of opening it."""
    watch.wait(store, dice.randint(1, 300))


def while_it_opens(watch: Watch, answers: Path, store: Path, dice: random.Random) -> None:
    """Before the first answer."""
    watch.wait(store, dice.randint(1, 8))


def killed(shop: Shop, dice: random.Random, moment: Moment) -> bool:
    """Feeds one child of `fettle do --batch -`, kills it, and notes what it acknowledged. False where it ended before."""
    again = [line for ident, line in shop.sent.items() if ident not in shop.acknowledged]
    known = [shop.sent[ident] for ident in dice.sample(sorted(shop.acknowledged), min(5, len(shop.acknowledged)))]
    lines = again + known + commands(shop, dice, 400)
    shop.sent |= {line["id"]: line for line in lines}
    answers = shop.folder.with_name(shop.folder.name + "-answers")
    answers.mkdir(exist_ok=True)
    said, heard, words = answers / "in", answers / "out", shop.folder.with_name(shop.folder.name + "-words")
    said.write_text("".join(json.dumps(line) + "\n" for line in lines))
    heard.write_text("")
    words.write_text("")
    with closing(Watch(answers, shop.folder)) as watch:
        arguments = ["--store", str(shop.path), "do", "--batch", str(said)]
        child = FORKS.Process(target=fettle, args=(arguments, str(heard), str(words)))
        child.start()
        moment(watch, answers, shop.folder, dice)
        child.kill()
        child.join(120.0)
    dead = child.exitcode == -9
    shop.acknowledged |= {one["id"]: one["status"] for one in answered(heard)}
    shop.kills += dead
    if not dead and child.exitcode not in (0, 1):
        raise AssertionError(words.read_text())
    return dead


def answered(heard: Path) -> list[dict[str, Any]]:
    """The answers that left the child's hands whole."""
    return [json.loads(line) for line in heard.read_bytes().split(b"\n")[:-1]]


def scanned(shop: Shop, dice: random.Random) -> bool:
    """Lets the window take scans, kills it, and notes the commands that it ran. False where it ended before."""
    heard, words = sounds_of(shop), shop.folder.with_name(shop.folder.name + "-words")
    heard.parent.mkdir(exist_ok=True)
    heard.touch()
    with closing(Watch(heard.parent, shop.folder)) as watch, words.open("w") as err:
        child = started([ROOT / "tests" / "scanning_child.py", shop.path, heard], stderr=err)
        watch.wait(heard.parent, dice.randint(1, 60), 120.0)  # a busy machine may take long to show a window
        watch.wait(shop.folder, dice.randint(0, 25), 1.0)
        dead = kill(child)
    shop.kills += dead
    if not dead:
        raise AssertionError(words.read_text())
    shop.sent |= issues_in(shop)
    return dead


def issues_in(shop: Shop) -> dict[str, dict[str, Any]]:
    """What was scanned out of a store, in its order, as if it had been sent."""
    with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        wanted = select(EnvelopeRow.content).where(EnvelopeRow.command == "IssuePart").order_by(EnvelopeRow.seq)
        issues = [json.loads(content) for content in session.scalars(wanted)]
    return {str(UUID(one["id"])): {"do": "IssuePart", "quantity": "1", **one["body"]} for one in issues}


def sounds_of(shop: Shop) -> Path:
    return shop.folder.with_name(shop.folder.name + "-sounds") / "heard"
