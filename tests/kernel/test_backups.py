"""Backups are whole or not there, open where they should and nowhere else, and neither grow without end nor hold up the work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from killing import KEEPER, Shop, furnished
from sqlalchemy.orm import Session

from app.assemble import Terminal, open_terminal
from app.kernel import backups, caretaker, journal, mending, quarantine, recovery, restoring, squeezing
from app.kernel.backups import Backup
from app.kernel.caretaker import Caretaker
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.types import Quantity
from app.migrations import revisions
from app.parties.erasing import EraseCustomer
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from world import World

ELSEWHERE = KeyKeeper(KeyFile(lambda: b"another machine"))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return furnished(tmp_path_factory.mktemp("backed-up") / "store")


@pytest.fixture
def shop(workshop: Shop, tmp_path: Path) -> Shop:
    return workshop.copied(tmp_path / "store")


@pytest.fixture
def terminal(shop: Shop) -> Iterator[Terminal]:
    with shop.opened() as terminal:
        yield terminal


def carer(terminal: Terminal, told: list[Problem] | None = None) -> Caretaker:
    app = terminal.app
    return Caretaker(terminal.store, terminal.journal, app.writer, lambda: "UTC", app.clock.now, (told or []).append)


def receive(terminal: Terminal, shop: Shop, times: int = 1) -> None:
    world = World(terminal.app, terminal.org_id)
    for _time in range(times):
        world.done(ReceiveStock(part=shop.places["parts"][0], bin=shop.places["bins"][0], quantity=Quantity(1)))


def commands(terminal: Terminal) -> int:
    return len(World(terminal.app, terminal.org_id).outbox())


def numbers(terminal: Terminal) -> list[str]:
    return sorted(row.number for row in World(terminal.app, terminal.org_id).rows(WorkOrder))


def backed_up(terminal: Terminal) -> Backup:
    made = carer(terminal).back_up()
    assert made is not None
    return made


def give_code(terminal: Terminal) -> str:
    code = recovery.new_code()
    with terminal.app.writer.sessions() as session:
        recovery.keep(session, terminal.store.path, recovery.wrap(terminal.store.key, code))
        session.commit()
    return code


def never() -> str:
    raise AssertionError("nobody need be asked for the code")


# -------------------------------------------------------------------------------------------------------- making them


def test_a_backup_is_encrypted_and_private_and_says_what_it_is(terminal: Terminal) -> None:
    made = backed_up(terminal)
    content = made.path.read_bytes()
    assert b"Brake" not in content
    assert terminal.store.key not in content
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert backups.read(made.path) == made
    assert [one.path.name for one in backups.backups(terminal.store.path)] == [made.path.name]


def test_people_work_while_one_is_made(terminal: Terminal, shop: Shop) -> None:
    def meanwhile() -> None:
        receive(terminal, shop)

    before = commands(terminal)
    to = backups.new_path(terminal.store.path, NOON)
    backups.take(terminal.store.path, terminal.store.key, to, 1, meanwhile)
    assert commands(terminal) > before
    backups.lay(backups.read(to), to.with_name("laid"))
    backups.prove(to.with_name("laid"), terminal.store.key)


def test_a_backup_that_is_given_up_leaves_nothing(terminal: Terminal) -> None:
    def ends() -> None:
        raise KeyboardInterrupt

    to = backups.new_path(terminal.store.path, NOON)
    with pytest.raises(KeyboardInterrupt):
        backups.take(terminal.store.path, terminal.store.key, to, 1, ends)
    assert list(to.parent.iterdir()) == []


def test_without_room_there_is_none_and_it_is_said(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    one = carer(terminal)
    assert one.back_up() is None
    assert one.failing is not None
    assert one.failing.code == "backup.room"


def test_one_is_due_a_quarter_of_an_hour_after_the_last_when_something_was_done(terminal: Terminal, shop: Shop) -> None:
    one = carer(terminal)
    assert one.is_due(), "there is none yet"
    backed_up(terminal)
    receive(terminal, shop)
    assert not one.is_due()
    later = Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC",
                      lambda: terminal.app.clock.now() + timedelta(minutes=16))  # fmt: skip
    assert later.is_due()
    backed_up(terminal)
    assert not later.is_due(), "nothing was done since"


def test_a_terminal_that_became_somebody_else_is_backed_up_at_once(terminal: Terminal) -> None:
    backed_up(terminal)
    assert not carer(terminal).is_due()
    give_code(terminal)
    assert carer(terminal).is_due()


def test_who_signs_out_leaves_a_backup_behind(terminal: Terminal, shop: Shop) -> None:
    backed_up(terminal)
    receive(terminal, shop)
    one = Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC",
                    lambda: terminal.app.clock.now() + timedelta(minutes=2))  # fmt: skip
    one.step()
    assert len(backups.backups(terminal.store.path)) == 1
    one.left()
    one.step()
    assert len(backups.backups(terminal.store.path)) == 2


def note(days: float, size: int = 10) -> Backup:
    return Backup((NOON - timedelta(days=days)).isoformat(), "", size, "", 1, [], "")


def test_the_eight_newest_stay_and_the_last_of_each_of_seven_days() -> None:
    made = [note(hours / 24) for hours in range(0, 24 * 20, 3)]
    kept = backups.to_keep(made, 10**9)
    assert kept[:8] == made[:8]
    assert [one.made[:13] for one in kept[8:]] == [
        f"2026-03-{4 - day:02}T21" if day < 4 else f"2026-02-{32 - day}T21" for day in range(2, 7)
    ]
    assert len(kept) == 13


def test_where_there_is_little_room_the_oldest_go_and_two_stay() -> None:
    made = [note(hours / 24) for hours in range(20)]
    assert backups.to_keep(made, 35) == made[:3]
    assert backups.to_keep(made, 0) == made[:2]


def test_the_black_box_keeps_what_the_oldest_backup_needs(
    terminal: Terminal, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "NEWEST", 2)
    monkeypatch.setattr(backups, "DAYS", 1)
    moments = iter(range(100))
    monkeypatch.setattr(backups, "new_path", lambda store, _now: backups.folder_of(store) / f"{next(moments):03}.fettle-backup")
    for _time in range(4):
        receive(terminal, shop)
        backed_up(terminal)
    found = backups.backups(terminal.store.path)
    assert len(found) == 2
    assert journal.numbers(terminal.store.path)[0] == found[-1].box


# -------------------------------------------------------------------------------------------------------- damage and back


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_store_is_put_back_with_all_that_was_done_since(shop: Shop) -> None:
    with shop.opened() as terminal:
        backed_up(terminal)
        receive(terminal, shop, 5)
        world = World(terminal.app, terminal.org_id)
        for _time in range(3):
            world.done(CreateOrder(site=shop.places["site"], what="Rear light"))
        chain, done, given = terminal.app.dispatcher._chain, commands(terminal), numbers(terminal)
    before = shop.path.read_bytes()
    spoil(shop.path)
    spoilt = shop.path.read_bytes()
    with shop.opened() as terminal:
        assert commands(terminal) == done
        assert terminal.app.dispatcher._chain == chain, "the audit's chain is as it was"
        with Session(terminal.app.read_engine) as session:
            [(_at, problem)] = mending.untold(session)
        assert problem.values["redone"] == 8
        assert "damaged" in problem.sentence
        World(terminal.app, terminal.org_id).done(CreateOrder(site=shop.places["site"], what="Chain"))
        fresh = set(numbers(terminal)) - set(given)
        assert len(fresh) == 1, "a number that was given is given to nobody else"
        assert len(numbers(terminal)) == len(given) + 1
    [mishap] = quarantine.mishaps(shop.path)
    assert (quarantine.folder_of(shop.path) / mishap.folder / shop.path.name).read_bytes() == spoilt != before


def test_what_only_the_damaged_file_held_is_salvaged_and_outlives_the_next_damage(shop: Shop) -> None:
    with shop.opened() as terminal:
        backed_up(terminal)
        terminal.app.dispatcher.journal = lambda _text: None  # killed before the black box had them
        receive(terminal, shop, 3)
        done = commands(terminal)
    for _time in range(2):
        spoil(shop.path)
        with shop.opened() as terminal:
            assert commands(terminal) == done
    assert len(list(quarantine.mishaps(shop.path))) == 2


def test_of_damaged_backups_the_next_older_one_is_taken(shop: Shop) -> None:
    with shop.opened() as terminal:
        first = backed_up(terminal)
        receive(terminal, shop, 2)
        second = backups.take(
            shop.path, terminal.store.key, first.path.with_name("z.fettle-backup"), terminal.journal.next_file()
        )
        receive(terminal, shop, 2)
        done = commands(terminal)
    spoil(second.path)
    spoil(shop.path)
    with shop.opened() as terminal:
        assert commands(terminal) == done
        [mishap] = quarantine.mishaps(shop.path)
        assert mishap.made == first.made


def test_the_backup_of_a_store_that_was_here_before_is_never_put_back(shop: Shop, tmp_path: Path) -> None:
    other = furnished(tmp_path / "before")
    with other.opened() as terminal:
        backed_up(terminal)
    for left in other.folder.iterdir():
        if left.name.endswith((".backups", ".key")):
            left.rename(shop.folder / left.name)
    spoil(shop.path)
    with pytest.raises(Trouble, match="damaged"):
        open_terminal(shop.path, keeper=KEEPER)


def test_without_a_backup_a_damaged_store_is_left_alone_and_that_is_said(shop: Shop) -> None:
    spoil(shop.path)
    before = shop.path.read_bytes()
    with pytest.raises(Trouble, match="damaged"):
        open_terminal(shop.path, keeper=KEEPER)
    assert shop.path.read_bytes() == before
    assert list(quarantine.mishaps(shop.path)) == []


def test_without_a_backup_a_journal_that_is_gone_is_made_good_from_the_black_box(shop: Shop, tmp_path: Path) -> None:
    with shop.opened() as terminal:
        receive(terminal, shop, 4)
        terminal.journal.next_file()
        done = commands(terminal)
        killed = Shop(Path(shutil.copytree(shop.folder, tmp_path / "killed")), shop.places)
    killed.path.with_name(killed.path.name + "-wal").unlink()
    with killed.opened() as terminal:
        assert commands(terminal) == done
        with Session(terminal.app.read_engine) as session:
            [(_at, problem)] = mending.untold(session)
    assert problem.values["redone"] == 4
    with killed.opened() as terminal:
        assert commands(terminal) == done


def test_a_program_that_is_killed_while_it_closes_has_damaged_nothing(shop: Shop) -> None:
    shop.path.with_name(shop.path.name + ".lock").write_text("being closed")
    with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        assert mending.untold(session) == []


def test_what_somebody_has_confirmed_is_told_to_nobody_again(shop: Shop) -> None:
    with shop.opened() as terminal:
        backed_up(terminal)
    spoil(shop.path)
    with shop.opened() as terminal, terminal.app.writer.sessions() as session:
        assert len(mending.untold(session)) == 1
        mending.confirm(session)
        session.commit()
        assert mending.untold(session) == []
        assert len(mending.untold(session, NOON)) == 1, "the doctor still knows"
    with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        assert mending.untold(session) == []


def test_damage_that_is_met_at_work_is_said_and_mended_by_the_next_start(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop.opened() as terminal:
        backed_up(terminal)
    told: list[Problem] = []
    with shop.opened() as terminal:
        one = Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC", terminal.app.clock.now, told.append)
        assert one.look_through()
        spoil(shop.path)
        assert not one.look_through()
        assert [problem.code for problem in told] == ["store.met"]
    with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
        assert len(mending.untold(session)) == 1


def test_all_of_it_is_looked_through_at_night_or_when_nobody_is_there(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(terminal)
    night = [datetime(2099, 3, 4, hour, tzinfo=UTC) for hour in (12, 2)]
    looked = []
    monkeypatch.setattr(Caretaker, "look_through", lambda _self: looked.append(True))
    for now, expected in zip(night, (0, 1), strict=True):
        one = Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC", lambda now=now: now)  # type: ignore[misc]
        one.step()
        assert len(looked) == expected
    monkeypatch.setattr(caretaker, "REST", -1.0)
    Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC", lambda: night[0]).step()
    assert len(looked) == 2


# ------------------------------------------------------------------------------------------------------------- elsewhere


def test_a_backup_opens_on_another_machine_with_the_code_that_was_written_down(shop: Shop, tmp_path: Path) -> None:
    with shop.opened() as terminal:
        code = give_code(terminal)
        receive(terminal, shop, 2)
        made, done = backed_up(terminal), commands(terminal)
    there = tmp_path / "new machine" / shop.path.name
    asked = iter([code.lower().replace("-", " ")])
    restored = restoring.restore(there, made.path, lambda: next(asked), revisions(), keeper=ELSEWHERE)
    assert not restored.here
    with closing(open_terminal(there, keeper=ELSEWHERE)) as terminal:
        assert commands(terminal) == done
        assert terminal.store.key != recovery.unwrap(made.wrapped, code), "it has a key of its own there"
        again = carer(terminal).back_up()
        assert again is not None
        assert recovery.unwrap(again.wrapped, code) == terminal.store.key, "and the same code goes on opening it"


def test_with_another_code_it_opens_nowhere(shop: Shop, tmp_path: Path) -> None:
    with shop.opened() as terminal:
        code = give_code(terminal)
        made = backed_up(terminal)
    there = tmp_path / "new machine" / shop.path.name
    for typed, said in ((recovery.new_code(), "recovery.other"), (code[:-1], "recovery.code")):
        with pytest.raises(Refused) as refused:
            restoring.restore(there, made.path, lambda typed=typed: typed, revisions(), keeper=ELSEWHERE)  # type: ignore[misc]
        assert refused.value.problems[0].code == said
    assert [one.name for one in there.parent.iterdir()] == [there.name + ".lock"]


def test_a_store_whose_key_was_lost_is_opened_by_the_code(shop: Shop) -> None:
    with shop.opened() as terminal:
        code = give_code(terminal)
        receive(terminal, shop, 2)
        done = commands(terminal)
    for key in shop.folder.glob("*.key"):
        key.unlink()
    with pytest.raises(Trouble, match="key"):
        open_terminal(shop.path, keeper=KEEPER)
    restoring.restore(shop.path, shop.path, lambda: code, revisions(), keeper=KEEPER)
    with shop.opened() as terminal:
        assert commands(terminal) == done


@pytest.mark.parametrize("again", [True, False])
def test_an_older_backup_is_put_back_with_or_without_what_was_done_since(shop: Shop, again: bool) -> None:
    with shop.opened() as terminal:
        made, before = backed_up(terminal), commands(terminal)
        receive(terminal, shop, 3)
    restored = restoring.restore(shop.path, made.path, never, revisions(), again=again, keeper=KEEPER)
    assert Path(restored.aside).is_dir()
    with shop.opened() as terminal:
        assert commands(terminal) == before + (3 if again else 0)
        receive(terminal, shop)
    spoil(shop.path)
    with shop.opened() as terminal:
        assert commands(terminal) == before + (4 if again else 1)


def test_what_was_erased_leaves_the_pages_of_the_search_behind_the_work(terminal: Terminal) -> None:
    world, care = World(terminal.app, terminal.org_id), carer(terminal)
    customer = world.save("customer", name="Wilhelmina Quast")
    world.done(EraseCustomer(customer=customer, reason="Asked by letter"))
    for _step in range(2):  # the backup that is due comes first
        care.step()
    with Session(terminal.app.read_engine) as session:
        assert not squeezing.is_wanted(session)


@pytest.mark.parametrize("spoilt", ["cut", "text", "bit"])
def test_what_is_no_whole_backup_changes_nothing(shop: Shop, spoilt: str) -> None:
    with shop.opened() as terminal:
        made = backed_up(terminal)
    if spoilt == "bit":
        spoil(made.path)
    else:
        made.path.write_bytes(made.path.read_bytes()[:-100] if spoilt == "cut" else b"parts;quantity\n")
    before = shop.path.read_bytes()
    with pytest.raises(Trouble):
        restoring.restore(shop.path, made.path, never, revisions(), keeper=KEEPER)
    assert shop.path.read_bytes() == before
    with shop.opened() as terminal:
        assert commands(terminal)


def test_what_a_newer_program_made_is_refused_before_anything_is_moved(shop: Shop) -> None:
    with shop.opened() as terminal:
        made, before = backed_up(terminal), commands(terminal)
    with pytest.raises(Trouble) as newer:
        restoring.restore(shop.path, made.path, never, revisions() - {made.tables}, keeper=KEEPER)
    assert newer.value.problem.code == "store.newer"
    with shop.opened() as terminal:
        assert commands(terminal) == before


def test_a_code_that_was_made_after_the_backup_outlives_the_damage(shop: Shop) -> None:
    """Whoever wrote it down threw the one before away."""
    with shop.opened() as terminal:
        give_code(terminal)
        backed_up(terminal)
        code = give_code(terminal)
    spoil(shop.path)
    with shop.opened() as terminal:
        with Session(terminal.app.read_engine) as session:
            assert recovery.unwrap(recovery.kept(session), code) == terminal.store.key
        assert recovery.unwrap(backed_up(terminal).wrapped, code) == terminal.store.key


def test_a_second_mishap_is_told_of_though_the_clock_was_set_back(shop: Shop) -> None:
    aside = quarantine.folder_of(shop.path)
    for times, year in enumerate(("2026", "2010"), start=1):
        with shop.opened() as terminal:
            backed_up(terminal)
        spoil(shop.path)
        quarantine.put_back(shop.path, KEEPER, "store.damaged")
        [folder] = [one for one in aside.iterdir() if not one.name.startswith("20260101")]
        folder.rename(aside / f"{year}0101-120000")
        with shop.opened() as terminal, Session(terminal.app.read_engine) as session:
            assert len(mending.untold(session)) == times


def test_a_recovery_code_can_be_read_out_and_forgives_letters_that_look_alike() -> None:
    code, key = recovery.new_code(), bytes(range(32))
    wrapped = recovery.wrap(key, code)
    assert recovery.unwrap(wrapped, code.replace("0", "o").replace("1", "l")) == key
    assert recovery.new_code() != code
    assert replace(note(0), wrapped=wrapped).wrapped == wrapped


def test_a_clock_that_was_set_back_does_not_make_an_old_backup_the_newest() -> None:
    made = ("2036-11-20T10:00:00.000+00:00", "2026-11-20T10:00:00.000+00:00", "2026-11-20T10:15:00.000+00:00")
    found = [backups.Backup(one, "", 1, "", box, [], "") for box, one in enumerate(made, 1)]
    assert [one.box for one in backups.to_keep(found, 1 << 30)] == [3, 2, 1]


def test_a_backup_that_a_wrong_clock_dated_into_the_future_does_not_hold_up_the_next_one() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert backups.age(backups.Backup("2036-11-20T10:00:00.000+00:00", "", 1, "", 1, [], ""), now) > timedelta(days=3000)
