"""PostgreSQL of our own: it starts by itself, keeps what it must, ends with us however we end, and says what is wrong."""

import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from app.kernel import postgres as module
from app.kernel.pooled import keep_prepared
from app.kernel.postgres import Embedded, Programs, all_programs, database, owner_engine, passing_folder, with_driver
from app.kernel.problems import Trouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder():
    """A folder of this test's own where the server's user may go, also when we are root."""
    place = passing_folder(f"test-{uuid4().hex[:12]}", quick=True)
    yield place
    module.shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _connected(url):
    made = owner_engine(url)
    try:
        with made.begin() as connection:
            yield connection
    finally:
        made.dispose()


def _ask(url, question):
    with _connected(url) as connection:
        return connection.scalar(text(question))


# ------------------------------------------------------------------------------------------------ what a test is given


def test_every_test_has_a_database_of_its_own(postgres):
    assert _ask(postgres, "SELECT count(*) FROM pg_class WHERE relname = 'only_here'") == 0
    with _connected(postgres) as connection:
        connection.execute(text("CREATE TABLE only_here (id INTEGER)"))


def test_and_so_has_every_other_test(postgres):
    test_every_test_has_a_database_of_its_own(postgres)


def test_a_session_speaks_utc_and_waits_for_no_lock_for_ever(postgres):
    with _connected(postgres) as connection:
        told = {name: connection.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout", "application_name")}
    assert told == {"timezone": "UTC", "lock_timeout": "10s", "application_name": "fettle"}


def test_what_was_prepared_stays_prepared_when_whoever_looked_ends(postgres):
    made = owner_engine(postgres)
    keep_prepared(made)
    try:
        for _each in range(10):
            with made.connect() as connection:
                connection.scalar(text("SELECT 1 + :more"), {"more": 1})
        with made.connect() as connection, pytest.raises(DataError):
            connection.scalar(text("SELECT 1 / :none"), {"none": 0})
        with made.connect() as connection:
            connection.execute(text("CREATE TABLE passing (id INTEGER)"))
        with made.connect() as connection:
            assert connection.scalar(text("SELECT to_regclass('passing')")) is None
        for _each in range(10):
            with made.connect() as connection:
                connection.scalar(text("SELECT 2 + :more"), {"more": 1})
        with made.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 0
    finally:
        made.dispose()


def test_letters_are_sorted_by_code_point_and_know_their_capitals(postgres):
    assert _ask(postgres, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'ö', 'B', 'a', '_']) x") == "B_abö"
    assert _ask(postgres, "SELECT lower('ÖLFILTER') || ('ÖL' ILIKE 'öl')::text") == "ölfiltertrue"


# ---------------------------------------------------------------------------------------------------- a server of ours


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "password"])
def test_what_a_lasting_server_was_told_it_knows_after_a_restart(folder, tcp):
    with Embedded(folder, tcp=tcp) as server, _connected(server.url()) as connection:
        connection.execute(text("CREATE TABLE part AS SELECT 'BOLT' AS code"))
    with Embedded(folder, tcp=tcp) as server:
        assert _ask(server.url(), "SELECT code FROM part") == "BOLT"
        assert _ask(server.url(), "SHOW fsync") == "on"


def test_a_server_that_need_not_last_starts_empty_and_leaves_no_data(folder):
    for _start in range(2):
        with Embedded(folder, lasting=False) as server, _connected(server.url()) as connection:
            connection.execute(text("CREATE TABLE part AS SELECT 'BOLT' AS code"))
        assert not (folder / "data").exists()


@pytest.mark.skipif(not module._DEBIAN.exists(), reason="no second PostgreSQL on this machine")
def test_debian_s_postgresql_serves_as_well_as_the_one_we_bring(folder):
    debian = next(one for one in all_programs() if one.folder.is_relative_to(module._DEBIAN))
    with Embedded(folder, lasting=False, programs=debian) as server:
        assert _ask(server.url(), "SELECT current_setting('server_version_num')::int / 10000") == debian.major
        assert _ask(server.url(), "SELECT lower('Ö')") == "ö"


def test_nobody_gets_in_without_the_password(folder):
    with Embedded(folder, lasting=False, tcp=True) as server:
        with pytest.raises(OperationalError, match="password"):
            _ask(server.url().set(password="wrong"), "SELECT 1")
        assert (folder / "password").stat().st_mode & 0o777 == 0o600
        assert (folder / "socket").stat().st_mode & 0o777 == 0o700


def test_two_programs_never_share_a_server_s_folder(folder):
    with Embedded(folder, lasting=False) as server:
        with pytest.raises(Trouble, match="in use by another program"):
            Embedded(folder).start()
        assert _ask(server.url(), "SELECT 1") == 1


HOSTING = """
import sys
from pathlib import Path
from app.kernel.postgres import Embedded

server = Embedded(Path(sys.argv[1]))
server.start()
print((server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hosted(folder):
    """A program that runs a server in the folder, and the server's process id."""
    with subprocess.Popen(
        [sys.executable, "-c", HOSTING, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        yield program, int(program.stdout.readline())
        program.kill()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are watched where the system can")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_program_however_that_ends(hosted, end):
    program, server = hosted
    watch = os.pidfd_open(server)
    program.send_signal(end)
    assert select.select([watch], [], [], 30)[0], "the server outlived its program"
    os.close(watch)


def test_a_server_that_was_killed_is_cleared_away_and_its_data_are_there(folder):
    first = Embedded(folder)
    first.start()
    with _connected(first.url()) as connection:
        connection.execute(text("CREATE TABLE part AS SELECT 'BOLT' AS code"))
    os.killpg(first._process.pid, signal.SIGKILL)  # the shell and the server with all that it started
    first.stop()
    assert (folder / "data" / "postmaster.pid").exists()
    with Embedded(folder) as again:
        assert _ask(again.url(), "SELECT code FROM part") == "BOLT"


def test_a_server_left_running_is_stopped_before_ours_starts(hosted, folder):
    program, server = hosted
    os.kill(program.pid, signal.SIGSTOP)  # its program hangs; its lock is the only thing in the way
    module.shutil.move(folder / "lock", folder / "lock.old")
    try:
        with Embedded(folder) as ours:
            assert _ask(ours.url(), "SELECT 1") == 1
            assert int((folder / "data" / "postmaster.pid").read_text().split()[0]) != server
    finally:
        os.kill(program.pid, signal.SIGCONT)


# ----------------------------------------------------------------------------------------------------- choice and words


def test_a_database_that_the_surroundings_name_is_taken(folder):
    with database(folder, {"DATABASE_URL": "postgres://hub:secret@db/fettle"}) as url:
        assert url.render_as_string(hide_password=False) == "postgresql+psycopg://hub:secret@db/fettle"
    assert not folder.exists()


def test_without_a_name_one_of_our_own_is_started(folder):
    with database(folder, {}) as url:
        assert _ask(url, "SELECT 1") == 1


@pytest.mark.parametrize("url", ["mysql://hub:secret@db/fettle", "sqlite://", "secret in a sentence", ""])
def test_what_names_no_postgresql_is_refused_without_showing_it(url):
    with pytest.raises(Trouble, match="names no PostgreSQL") as trouble:
        with_driver(url)
    assert "secret" not in str(trouble.value)


def test_what_we_bring_comes_before_what_debian_has():
    found = all_programs()
    assert "pixeltable" in str(found[0].folder)
    assert found[0].major == 18


def test_a_machine_without_postgresql_is_told_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(module, "all_programs", list)
    with pytest.raises(Trouble, match="no PostgreSQL on this machine") as trouble:
        Embedded(folder).start()
    assert "DATABASE_URL" in trouble.value.problem.advice


def test_data_of_another_version_are_left_alone(folder):
    with Embedded(folder):
        pass
    made_by = folder / "data" / "PG_VERSION"
    made_by.write_text("12\n")
    with pytest.raises(Trouble, match="made by PostgreSQL 12"):
        Embedded(folder).start()


def test_a_server_that_will_not_run_says_why_and_lets_go(folder):
    with Embedded(folder):
        pass
    (folder / "data" / "postgresql.conf").write_text("max_connections = many\n")
    with pytest.raises(Trouble, match=r"does not run.*contains errors"):
        Embedded(folder).start()
    (folder / "data" / "postgresql.conf").write_text("")
    with Embedded(folder) as server:
        assert _ask(server.url(), "SELECT 1") == 1


needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root runs it as another user")


@needs_root
def test_as_root_a_folder_that_only_root_may_enter_is_refused_not_opened_up(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(Trouble, match="never runs as root"):
        Embedded(tmp_path / "hub").start()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@needs_root
def test_as_root_programs_that_only_root_may_reach_are_copied(tmp_path, folder, monkeypatch):
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").write_text("#!/bin/sh\necho postgres 18.4\n")
    (programs / "postgres").chmod(0o755)
    tmp_path.chmod(0o700)
    folder.mkdir()
    monkeypatch.setattr(module, "_PASSING", folder)
    copied = module._within_reach(Programs(programs), module._server_user(folder))
    assert copied.folder.is_relative_to(folder)
    assert copied.major == 18
    assert module._within_reach(Programs(programs), module._server_user(folder)) == copied


def test_a_server_is_put_into_memory_only_where_there_is_room(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PASSING", tmp_path)
    monkeypatch.setattr(module, "_MEMORY", tmp_path / "memory")
    assert passing_folder("tests", quick=True).parent.parent == tmp_path
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(module, "_ROOM", 0)
    assert passing_folder("tests", quick=True).parent.parent == tmp_path / "memory"
    assert passing_folder("demo").parent.parent == tmp_path
    monkeypatch.setattr(module, "_ROOM", 1 << 60)
    assert passing_folder("tests", quick=True).parent.parent == tmp_path


def test_a_folder_that_somebody_else_took_first_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PASSING", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"fettle-{os.geteuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Trouble, match="belongs to somebody else"):
        passing_folder("demo")
