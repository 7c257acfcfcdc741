"""Getting stuck: a lost badge is replaced by one act, and a lone administrator comes back in by the recovery code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.access.badges import badge_code, badge_hash
from app.access.commands import GiveBadge, ReplaceBadge
from app.access.founding import Founder
from app.access.sign_in import Desk
from app.assemble import Terminal, make_terminal
from app.kernel import recovery
from app.kernel.keys import KeyFile, KeyKeeper
from ui.cli.beginning import Store, proposed
from world import World

PIN, NEW = "407192", "583026"


@dataclass(frozen=True)
class Lone:
    """A workshop with one administrator, and the code that lies in its safe."""

    terminal: Terminal
    code: str

    @property
    def store(self) -> Store:
        return Store(self.terminal)

    def who(self) -> object:
        [one] = self.store.keepers()
        return one.id

    def comes_in(self, pin: str) -> bool:
        return Desk(self.terminal.app).pin(self.who(), pin).actor is not None  # type: ignore[arg-type]


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Lone]:
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    store = Store(terminal)
    store.found(proposed())
    yield Lone(terminal, store.appoint(Founder("Nora Keller", PIN)))
    terminal.close()


def test_the_code_in_the_safe_lets_the_administrator_back_in(lone: Lone) -> None:
    assert lone.store.regain(lone.who(), lone.code.lower(), NEW) is None  # type: ignore[arg-type]
    assert lone.comes_in(NEW)
    assert not lone.comes_in(PIN)


def test_it_also_ends_the_lock_that_wrong_pins_made(lone: Lone) -> None:
    for _try in range(6):
        assert not lone.comes_in("111222")
    assert not lone.comes_in(PIN)
    assert lone.store.regain(lone.who(), lone.code, NEW) is None  # type: ignore[arg-type]
    assert lone.comes_in(NEW)


def test_another_code_a_misread_one_and_a_weak_pin_let_nobody_in(lone: Lone) -> None:
    codes = []
    for code, pin in ((recovery.new_code(), NEW), (lone.code[:-1] + "#", NEW), (lone.code, "123456")):
        problem = lone.store.regain(lone.who(), code, pin)  # type: ignore[arg-type]
        assert problem is not None
        codes.append(problem.code)
    assert codes == ["recovery.other", "recovery.code", "access.pin_weak"]
    assert lone.comes_in(PIN)


def test_the_code_is_for_administrators_alone(world: World) -> None:
    mechanic = world.person("Maria", "MEC")
    world.person("Nora", "ADM")
    code = recovery.new_code()
    from app.access.regaining import keepers, regain
    from app.kernel.problems import Refused

    key = bytes(32)
    with world.app.read(world.system) as session:
        known = keepers(session, world.org)
    with pytest.raises(Refused) as refused:
        regain(Desk(world.app), world.org, recovery.wrap(key, code), key, code, NEW, who=mechanic.id, known=known)
    assert refused.value.problem.code == "access.not_keeper"


def test_where_no_code_was_made_that_is_said(world: World) -> None:
    from app.access.regaining import regain
    from app.kernel.problems import Refused

    with pytest.raises(Refused) as refused:
        regain(Desk(world.app), world.org, "", bytes(32), recovery.new_code(), NEW, who=world.org, known=[])
    assert refused.value.problem.code == "access.no_recovery"


# --------------------------------------------------------------------------------------------------------------- badges


def test_of_a_lost_badge_nothing_opens_and_the_new_one_does_at_once(world: World) -> None:
    keeper = world.person("Mara", "KEE")
    old, also, new = (badge_code()[0] for _badge in range(3))
    for text in (old, also):
        world.done(GiveBadge(person=keeper.id, code_hash=badge_hash(text)))
    world.done(ReplaceBadge(person=keeper.id, code_hash=badge_hash(new)))
    desk = Desk(world.app)
    assert [desk.badge(text).refused.code for text in (old, also)] == ["access.badge_revoked"] * 2  # type: ignore[union-attr]
    assert desk.badge(new).actor is not None


def test_a_badge_can_be_taken_back_before_there_is_another(world: World) -> None:
    keeper = world.person("Mara", "KEE")
    old = badge_code()[0]
    world.done(GiveBadge(person=keeper.id, code_hash=badge_hash(old)))
    world.done(ReplaceBadge(person=keeper.id))
    assert Desk(world.app).badge(old).actor is None


def test_nobody_replaces_the_badge_of_somebody_who_may_do_more(world: World) -> None:
    boss, nora = world.person("Tomas", "MGR"), world.person("Nora", "ADM")
    assert "access.beyond_you" in world.codes(ReplaceBadge(person=nora.id, code_hash=badge_hash(badge_code()[0])), boss)
