"""Stores of a terminal that was at work, damaged at places of our choosing, and what becomes of them at the next start."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from killing import FILE, KEEPER, Shop, answered, commands, furnished, kill, started
from looking import looked_through
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import Terminal, open_terminal
from app.kernel import mending, recovery, restoring
from app.kernel.caretaker import Caretaker
from app.kernel.clock import stamp_ms
from app.kernel.journal import LATEST
from app.kernel.problems import Trouble
from app.kernel.records import EnvelopeRow
from app.kernel.types import Quantity
from app.migrations import revisions
from app.stock.commands import ReceiveStock
from world import World

PAGE = 4096
CODE = recovery.new_code()


@dataclass(frozen=True)
class Fate:
    """What became of a damaged store: whether it was noticed, what is lost and since when, and how long it took."""

    noticed: bool
    lost: int
    lost_ms: int  # how long before the last answer the first lost command was given
    seconds: float  # until the next command was committed
    wrong: str = ""  # a law that does not hold any more


@dataclass(frozen=True)
class Worked:
    """A store that was worked in, backed up, worked in again and then let go of, and when each command was given."""

    shop: Shop
    given: Mapping[str, int]  # command id: milliseconds since 1970
    older: bytes  # the store's journal as it was some time before

    def copied(self, folder: Path) -> Worked:
        shutil.rmtree(folder, ignore_errors=True)
        fresh = self.shop.copied(folder)
        fresh.sent, fresh.acknowledged = dict(self.shop.sent), dict(self.shop.acknowledged)
        return replace(self, shop=fresh)


def worked(folder: Path, dice: random.Random, *, killed: bool) -> Worked:
    """A furnished store: some work, a backup, more work by the real program, which is then killed or ends by itself."""
    shop = furnished(folder)
    with shop.opened() as terminal:
        with terminal.app.writer.sessions() as session:
            recovery.keep(session, shop.path, recovery.wrap(terminal.store.key, CODE))
            session.commit()
        _receive(terminal, shop, 20)
        caretaker = Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC", terminal.app.clock.now)
        assert caretaker.back_up() is not None, caretaker.failing
        _receive(terminal, shop, 10)
        older = shop.path.with_name(FILE + "-wal").read_bytes()
    _fed(shop, dice, killed=killed)
    return Worked(shop, _given(shop, dice), older)


def _receive(terminal: Terminal, shop: Shop, times: int) -> None:
    world = World(terminal.app, terminal.org_id)
    for _time in range(times):
        answer = world.done(ReceiveStock(part=shop.places["parts"][0], bin=shop.places["bins"][0], quantity=Quantity(1)))
        ident = str(answer.id)
        shop.sent[ident] = {"do": "ReceiveStock", "part": str(shop.places["parts"][0]), "bin": str(shop.places["bins"][0]),
                            "quantity": "1"}  # fmt: skip
        shop.acknowledged[ident] = "done"


def _fed(shop: Shop, dice: random.Random, *, killed: bool) -> None:
    """Commands to the real program; killed, it is after some of their answers."""
    lines = commands(shop, dice, 400 if killed else 60)
    said, heard = shop.folder.with_name(shop.folder.name + "-in"), shop.folder.with_name(shop.folder.name + "-out")
    said.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shop.sent |= {line["id"]: line for line in lines}
    with said.open() as source, heard.open("w") as out:
        child = started(["-m", "ui.cli", "--store", shop.path, "do", "--batch", "-"], stdin=source, stdout=out)
        if killed:
            wanted = dice.randint(30, 300)
            while child.poll() is None and len(answered(heard)) < wanted:
                time.sleep(0.002)
            kill(child)
        else:
            child.wait(120)
    shop.acknowledged |= {one["id"]: one["status"] for one in answered(heard)}


def _given(shop: Shop, dice: random.Random) -> dict[str, int]:
    """When each command was given, from a copy that nothing has happened to."""
    whole = shop.copied(shop.folder.with_name(f"whole-{dice.random()}"))
    with whole.opened() as terminal, Session(terminal.app.read_engine) as session:
        found = {str(ident): stamp_ms(stamp) for ident, stamp in session.execute(select(EnvelopeRow.id, EnvelopeRow.stamp))}
        assert mending.untold(session) == [], "nothing was damaged yet"
    shutil.rmtree(whole.folder)
    return found


# --------------------------------------------------------------------------------------------------------- kinds of damage

Damage = Callable[[Worked, random.Random], None]


def one_bit(worked: Worked, dice: random.Random) -> None:
    one_bit_of(worked.shop.path, dice)


def zeroed_page(worked: Worked, dice: random.Random) -> None:
    with worked.shop.path.open("r+b") as file:
        file.seek(dice.randrange(worked.shop.path.stat().st_size // PAGE) * PAGE)
        file.write(bytes(PAGE))


def cut_short(worked: Worked, dice: random.Random) -> None:
    _cut(worked.shop.path, dice)


def no_journal(worked: Worked, dice: random.Random) -> None:
    journal_of(worked.shop).unlink()


def a_strange_journal(worked: Worked, dice: random.Random) -> None:
    journal_of(worked.shop).write_bytes(STRANGE[0])


def an_old_journal(worked: Worked, dice: random.Random) -> None:
    journal_of(worked.shop).write_bytes(worked.older)


def one_bit_of_the_journal(worked: Worked, dice: random.Random) -> None:
    one_bit_of(journal_of(worked.shop), dice)


def a_journal_cut_short(worked: Worked, dice: random.Random) -> None:
    _cut(journal_of(worked.shop), dice)


def lost_key(worked: Worked, dice: random.Random) -> None:
    for key in worked.shop.folder.glob("*.key"):
        key.unlink()


STRANGE: list[bytes] = []  # the journal of another store
OF_THE_STORE: Mapping[Damage, int] = {one_bit: 40, zeroed_page: 18, cut_short: 18, lost_key: 4}  # and how often of a hundred
OF_THE_JOURNAL: Mapping[Damage, int] = {
    no_journal: 6, a_strange_journal: 4, an_old_journal: 2, one_bit_of_the_journal: 4, a_journal_cut_short: 4
}  # fmt: skip


def journal_of(shop: Shop) -> Path:
    return shop.path.with_name(shop.path.name + "-wal")


def one_bit_of(path: Path, dice: random.Random) -> None:
    with path.open("r+b") as file:
        place = dice.randrange(path.stat().st_size)
        file.seek(place)
        old = file.read(1)[0]
        file.seek(place)
        file.write(bytes([old ^ 1 << dice.randrange(8)]))


def _cut(path: Path, dice: random.Random) -> None:
    with path.open("r+b") as file:
        file.truncate(dice.randrange(path.stat().st_size))


# ------------------------------------------------------------------------------------------------------- the next start


def fate(worked: Worked) -> Fate:
    """Opens a damaged store as the program does, works on, and holds what is there against every law."""
    shop, began = worked.shop, time.monotonic()
    noticed = False
    try:
        terminal = open_terminal(shop.path, keeper=KEEPER)
    except Trouble as trouble:
        if trouble.problem.code != "key.missing":
            raise
        noticed = True
        restoring.restore(shop.path, shop.path, lambda: CODE, revisions(), keeper=KEEPER)
        terminal = open_terminal(shop.path, keeper=KEEPER)
    with closing(terminal), Session(terminal.app.read_engine) as session:
        kept = {str(ident) for ident in session.scalars(select(EnvelopeRow.id))}
        noticed = noticed or bool(mending.untold(session))
        session.rollback()
        _receive(terminal, shop, 1)
        seconds = time.monotonic() - began
    lost = {
        ident for ident, status in shop.acknowledged.items() if status != "refused" and ident not in kept
    } & worked.given.keys()
    last = max(worked.given[ident] for ident in shop.acknowledged if ident in worked.given)
    for ident in lost:
        del shop.acknowledged[ident]
    found = looked_through(shop)
    wrong = "" if found.nothing() else str(found)
    return Fate(noticed, len(lost), max((last - worked.given[ident] for ident in lost), default=0), seconds, wrong)


def is_borne(fate: Fate) -> bool:
    """Whether a damage was either noticed, or did no harm at all; and cost no more than it may."""
    return (fate.noticed or not fate.lost) and fate.lost_ms <= LATEST * 1000 and fate.seconds <= 60 and not fate.wrong


def strange_journal(folder: Path) -> bytes:
    """What another store, of another key, left in its journal."""
    shop = furnished(folder)
    with shop.opened() as terminal:
        _receive(terminal, shop, 20)
        return journal_of(shop).read_bytes()
