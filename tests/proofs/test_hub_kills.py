"""Terminals and hubs are killed in the middle of their exchanges: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import sys
import threading
import time
from dataclasses import dataclass, field

import pytest
from counts import Count
from hub_town import Copy, Desk, HubProcess, Town, evening, lived
from proxy import FAULTS, Message, Proxy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs are forked")
PROOF = "kill loop of exchanges"
STEPS = ("asked", "handed on", "answered", "half back", "back")
CALM = {**dict.fromkeys(FAULTS, 1), "passes": 60, "no answer": 0}


Program = Desk | HubProcess


@dataclass
class Aim:
    """Waits for a step of some exchange to come, such as the moment when the hub has half of its answer out."""

    victim: Program | None = None
    step: str = ""
    left: int = 0
    hit: threading.Event = field(default_factory=threading.Event)

    def at(self, step: str, message: Message) -> None:
        if step != self.step or message.polls or self.hit.is_set() or not self._is_its(message):
            return
        self.left -= 1
        if self.left <= 0:
            self.hit.set()

    def _is_its(self, message: Message) -> bool:
        """Whether it is the victim's own exchange."""
        if isinstance(self.victim, HubProcess):
            return message.port == self.victim.port
        return self.victim is not None and self.victim.ident.encode() in message.head

    def wait(self, victim: Program, step: str, times: int) -> bool:
        self.hit.clear()
        self.victim, self.left, self.step = victim, times, step
        return self.hit.wait(3)


def killed(town: Town, aim: Aim, dice: random.Random) -> list[str]:
    """Lets people work, and kills some of the programs, each at a step of an exchange of its own or some milliseconds after it.

    The names of their kinds.
    """
    hubs = dice.sample(town.hubs, 1) if dice.random() < 0.5 else []
    victims: list[Program] = [*dice.sample(town.desks, dice.randint(1, len(town.desks))), *hubs]
    for desk in town.desks:
        desk.work(dice, dice.randint(1, 8))
    dead = []
    for victim in victims:
        steps = STEPS if isinstance(victim, Desk) else STEPS[1:]
        aim.wait(victim, dice.choice(steps), dice.randint(1, 2))
        time.sleep(dice.choice((0.0, 0.0, 0.002, 0.01, 0.03)) * dice.random())
        dead += [type(victim).__name__] if victim.kill() else []
        victim.start()
    for hub in town.hubs:
        hub.ready()
    return dead


def kill_loop(town: Town, kills: int, seed: int, count: Count) -> None:
    """Kills and goes on; in the end all must come to rest."""
    dice, aim, dead = random.Random(seed), Aim(), list[str]()
    with lived(town, 1 + seed % 2, lambda here: Proxy(here.ports, seed, faults=dict(CALM), at=aim.at)) as proxy:
        while len(dead) < kills:
            dead += killed(town, aim, dice)
        proxy.heal()
        for desk in town.desks:
            desk.finish()
        found = evening(town)
    assert not found.problems, (seed, found.problems[:20])
    count(PROOF, "kill -9 of terminals", dead.count("Desk"))
    count(PROOF, "kill -9 of hubs", dead.count("HubProcess"))
    count(PROOF, "acknowledged commands", found.acknowledged)
    for what in ("lost", "double", "stores that differ"):
        count(PROOF, what, 0)


def test_a_kill_in_mid_exchange_loses_nothing_and_doubles_nothing(copied: Copy, count: Count) -> None:
    kill_loop(copied(0), 6, 0, count)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(1, 9))
def test_two_hundred_kills_in_mid_exchange(copied: Copy, count: Count, seed: int) -> None:
    kill_loop(copied(seed), 28, seed, count)
