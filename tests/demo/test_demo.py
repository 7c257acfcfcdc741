"""The demo workshop: believable, made by commands alone, and whole after any interruption."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.roles import ROLES
from app.access.sign_in import Desk
from app.assemble import Terminal, make_terminal, open_terminal
from app.demo import HOST, PIN, Calendar, Stage, badge_text, build, tour_jobs
from app.demo.catalogue import S1_PARTS, items
from app.demo.folk import WORKERS
from app.kernel import meta
from app.kernel.gs1 import has_check_digit
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.records import DeniedRow, EnvelopeRow
from app.kernel.types import Quantity
from app.work_orders.states import WORK_ORDER

DAYS = 4
NOON = 1_795_000_000_000  # a day in November 2026


class Noon(Calendar):
    """A calendar on which it is always the same moment, except while history is written."""

    def __call__(self) -> int:
        return self.set_to if self.set_to is not None else NOON


def keeper() -> KeyKeeper:
    return KeyKeeper(KeyFile())


def rows(terminal: Terminal, name: str, **arguments: Any) -> list[dict[str, Any]]:
    from app.kernel.access import system
    from app.kernel.queries import rows as all_rows

    actor = system(terminal.org_id)
    with terminal.app.read(actor) as session:
        return list(all_rows(session, terminal.app.asked(session, name, actor, arguments)))


def commands_in(terminal: Terminal) -> int:
    with Session(terminal.app.read_engine) as session:
        return session.scalar(select(func.count()).select_from(EnvelopeRow)) or 0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, Stage, Path]]:
    """A demo of some days; nobody changes it."""
    path = tmp_path_factory.mktemp("demo") / "terminal.fettle"
    calendar = Noon()
    terminal = make_terminal(path, keeper=keeper(), clock=calendar.clock())
    stage = build(terminal, calendar, days=DAYS)
    yield terminal, stage, path
    terminal.close()


@pytest.fixture
def demo(played: tuple[Terminal, Stage, Path]) -> Terminal:
    return played[0]


def test_every_motorcycle_has_work_that_fits_it_with_steps_parts_and_torques(demo: Terminal) -> None:
    for vehicle in rows(demo, "vehicle"):
        fits = rows(demo, "procedures_for", vehicle=vehicle["id"])
        assert len([one for one in fits if one["model"]]) >= 6, vehicle["model"]
        assert {one["model"] for one in fits[:6]} == {vehicle["model"].partition(" ")[2]}, "those of its model first"
        assert len(rows(demo, "packages_for", vehicle=vehicle["id"])) == 2
    named = {row["id"] for row in rows(demo, "procedures") if row["model"]}
    for procedure in named:
        steps = rows(demo, "procedure_steps", procedure=procedure)
        assert [row["range"].endswith(" Nm") for row in steps].count(True) >= 1
        assert rows(demo, "procedure_parts", procedure=procedure)


def test_it_is_a_workshop_of_believable_size(demo: Terminal) -> None:
    assert len(rows(demo, "part")) == 200
    assert len(rows(demo, "bin")) == 60
    assert len(rows(demo, "warehouse")) == 2
    assert [row["name"] for row in rows(demo, "site")] == ["Main workshop"]
    assert len(rows(demo, "customer")) == 40
    assert len(rows(demo, "vehicle")) >= 40


def test_every_barcode_has_its_right_check_digit_and_packs_say_how_many(demo: Terminal) -> None:
    codes = rows(demo, "barcode")
    assert [row["code"] for row in codes if not has_check_digit(row["code"])] == []
    assert len({row["code"] for row in codes}) == len(codes) > 220
    packs = [row for row in codes if row["quantity"] > Quantity(1)]
    assert {len(row["code"]) for row in packs} == {14}


def test_there_is_somebody_of_every_role_and_their_badge_lets_them_in(demo: Terminal) -> None:
    assert {worker.role for worker in WORKERS} == {role.code for role in ROLES}
    desk = Desk(demo.app)
    for worker in WORKERS:
        outcome = desk.badge(badge_text(worker.username))
        assert outcome.refused is None
        person = outcome.actor or desk.pin(outcome.needs_pin.id, PIN).actor  # type: ignore[union-attr]
        assert person is not None
        assert person.name == worker.name


def test_jobs_stand_in_every_state_that_a_job_can_reach(demo: Terminal) -> None:
    assert {row["state"] for row in rows(demo, "work_orders")} >= set(WORK_ORDER.states) - {"CANCELLED"}


def test_work_that_is_written_down_is_done_step_by_step_with_what_the_wrench_showed(demo: Terminal) -> None:
    done = {state: list[bool]() for state in ("IN_PROGRESS", "READY", "CLOSED")}
    for job in rows(demo, "work_orders"):
        steps = rows(demo, "order_steps", order=job["id"])
        done.get(job["state"], []).extend(step["at"] is not None for step in steps)
        assert all(step["measured"] == step["torque"] for step in steps if step["at"] is not None)
    assert True in done["CLOSED"]
    assert False not in done["CLOSED"] + done["READY"]


def test_something_runs_low_and_nothing_was_refused_on_the_way(demo: Terminal) -> None:
    assert len(rows(demo, "stock", low=True)) >= 5
    with Session(demo.app.read_engine) as session:
        assert session.scalars(select(DeniedRow.command)).all() == []


def test_parts_went_out_came_back_and_came_in(demo: Terminal) -> None:
    kinds = Counter(row["kind"] for row in rows(demo, "movements"))
    assert kinds["receipt"] >= 200
    assert kinds["issue"] >= 10


def test_the_jobs_of_the_tour_wait_with_their_parts_on_the_shelves(played: tuple[Terminal, Stage, Path]) -> None:
    terminal, stage, _path = played
    five, twelve = tour_jobs(stage)
    assert (five, twelve) == tour_jobs(stage), "a job that waits is not made twice"
    planned = {row["code"]: row["planned"] for row in rows(terminal, "order_parts", order=five)}
    assert planned == dict.fromkeys(S1_PARTS, Quantity(1))
    assert [row["planned"] for row in rows(terminal, "order_parts", order=twelve)] == [Quantity(12)]


def test_the_days_are_the_workshops_own_and_end_before_the_demo_was_begun(demo: Terminal) -> None:
    with Session(demo.app.read_engine) as session:
        stamps = session.scalars(select(EnvelopeRow.stamp).order_by(EnvelopeRow.seq)).all()
    assert stamps == sorted(stamps)
    assert stamps[0] >> 16 < NOON - (DAYS - 1) * 86_400_000
    assert stamps[-1] >> 16 <= NOON + 1000


def test_building_it_again_changes_nothing(tmp_path: Path) -> None:
    calendar = Noon()
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=keeper(), clock=calendar.clock())
    build(terminal, calendar, days=2)
    before = commands_in(terminal)
    terminal.close()
    again = Noon()
    terminal = open_terminal(tmp_path / "terminal.fettle", keeper=keeper(), clock=again.clock())
    build(terminal, again, days=2)
    assert commands_in(terminal) == before
    assert meta.demo_host(terminal.app.read_engine) == HOST
    assert terminal.app.station.zone == "Europe/Berlin"
    terminal.close()


def after(count: int) -> Callable[[str], None]:
    """A progress that pulls the plug at its `count`-th word."""
    left = iter(range(count))

    def told(_sentence: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_build_that_was_cut_short_goes_on_where_it_stopped(
    played: tuple[Terminal, Stage, Path], tmp_path: Path, steps: int
) -> None:
    path = tmp_path / "terminal.fettle"
    calendar = Noon()
    terminal = make_terminal(path, keeper=keeper(), clock=calendar.clock())
    with pytest.raises(KeyboardInterrupt):
        build(terminal, calendar, after(steps), days=DAYS)
    assert meta.demo_host(terminal.app.read_engine) == ""
    terminal.close()
    again = Noon()
    terminal = open_terminal(path, keeper=keeper(), clock=again.clock())
    build(terminal, again, days=DAYS)
    assert told(terminal) == told(played[0])
    terminal.close()


def told(terminal: Terminal) -> tuple[Any, ...]:
    """What two demos of the same day must have in common: every balance, job and part."""
    stock = [(row["code"], row["bin"], row["on_hand"]) for row in rows(terminal, "stock")]
    jobs = [(row["number"], row["what"], row["state"], row["plate"]) for row in rows(terminal, "work_orders")]
    return stock, jobs, [row["id"] for row in rows(terminal, "part")]


def test_prices_leave_a_margin_and_levels_rise() -> None:
    assert [one.code for one in items() if not one.cost < one.price] == []
    assert [one.code for one in items() if not 0 < one.least < one.most] == []
    assert len({one.ean for one in items()}) == len(items())


@pytest.mark.prove
def test_the_whole_demo_is_built_within_a_quarter_of_a_minute(tmp_path: Path) -> None:
    calendar = Calendar()
    terminal = make_terminal(tmp_path / "terminal.fettle", keeper=keeper(), clock=calendar.clock())
    began = time.monotonic()
    build(terminal, calendar)
    taken = time.monotonic() - began
    terminal.close()
    assert taken < 15
