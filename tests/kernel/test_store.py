"""The store keeps what it acknowledged, keeps it secret, and refuses in words what it must not open."""

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from sqlite3 import connect as plain_connect
from threading import Barrier

import pytest
from sqlalchemy import exc, text
from sqlalchemy.orm import Session
from sqlcipher3 import dbapi2 as driver

from app.kernel import store as module
from app.kernel.problems import Trouble
from app.kernel.store import APPLICATION_ID, READERS, SETTINGS, USUAL, Store, mark_in, mark_of

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fettle" / "workshop.fettle"


@pytest.fixture
def store(path):
    with closing(Store.create(path, KEY)) as made:
        yield made


def _run(engine, *statements):
    with engine.begin() as connection:
        return [connection.execute(text(one)) for one in statements][-1]


def _closed_store(path, *statements):
    """A store with a table of bolts, closed cleanly."""
    with closing(Store.create(path, KEY)) as made:
        _run(made.writer, "CREATE TABLE part (code TEXT)", "INSERT INTO part VALUES ('SECRET-BOLT')", *statements)


def _trouble(code, call, *args):
    with pytest.raises(Trouble) as trouble:
        call(*args)
    problem = trouble.value.problem
    assert problem.code == code
    assert problem.sentence.endswith(".")
    assert problem.advice.endswith(".")
    return problem


def _bytes(path):
    """All that a refusal must leave as it is: the file and its journal."""
    return [(one.read_bytes(), one.stat().st_mtime_ns) for one in (path, module._journal(path)) if one.exists()]


def _refused_untouched(code, path, key=KEY, known=()):
    before = _bytes(path)
    problem = _trouble(code, Store.open, path, key, known)
    assert _bytes(path) == before
    return problem


# ----------------------------------------------------------------------------------------------------------- settings

READ_BACK = {  # as SQLite tells them: WAL, FULL, MEMORY and FAST
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 67_108_864,
    "temp_store": 2,
    "secure_delete": 2,
    "trusted_schema": 0,
    "mmap_size": 0,
}


def _settings_of(connection):
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in READ_BACK}


def test_the_writing_connection_has_every_setting(store):
    with store.writer.connect() as connection:
        assert _settings_of(connection) == READ_BACK
    assert set(READ_BACK) == {*SETTINGS, *USUAL} - {"cache_size"}


def test_every_pooled_reading_connection_has_every_setting(store):
    barrier = Barrier(READERS)

    def look():
        with store.reader.connect() as connection:
            barrier.wait(10)  # so that no two look at the same connection
            only = connection.exec_driver_sql("PRAGMA query_only").scalar()
            return id(connection.connection.dbapi_connection), _settings_of(connection), only

    with ThreadPoolExecutor(READERS) as readers:
        seen = [one.result() for one in [readers.submit(look) for _ in range(READERS)]]
    assert len({ident for ident, _settings, _only in seen}) == READERS
    assert all((settings, only) == (READ_BACK, 1) for _ident, settings, only in seen)


def test_the_program_s_sqlite_is_safe_encrypts_and_searches_text(store):
    assert driver.sqlite_version_info >= (3, 51, 3)
    assert _run(store.writer, "PRAGMA cipher_version").scalar()
    _run(
        store.writer, "CREATE VIRTUAL TABLE find USING fts5(words, tokenize='trigram')", "INSERT INTO find VALUES ('hex bolt M8')"
    )
    assert _run(store.reader, "SELECT words FROM find WHERE find MATCH 'bolt'").scalar() == "hex bolt M8"


def test_readers_cannot_write(store):
    _run(store.writer, "CREATE TABLE part (code TEXT)")
    with pytest.raises(Trouble, match="cannot be written"):
        _run(store.reader, "INSERT INTO part VALUES ('x')")


def test_readers_go_on_seeing_what_was_while_the_writer_writes(store):
    _run(store.writer, "CREATE TABLE part (code TEXT)")
    with store.reader.connect() as reading, store.writer.begin() as writing:
        writing.execute(text("INSERT INTO part VALUES ('x')"))
        assert reading.execute(text("SELECT count(*) FROM part")).scalar() == 0
    assert _run(store.reader, "SELECT count(*) FROM part").scalar() == 1


def test_a_writing_transaction_is_begun_before_its_first_statement(store):
    with store.writer.begin() as connection:
        raw = connection.connection.dbapi_connection
        assert raw.in_transaction
        with closing(module.connect(store.path, KEY, "rw")) as second:
            second.execute("PRAGMA busy_timeout = 0")
            with pytest.raises(driver.OperationalError, match="locked"):
                second.execute("BEGIN IMMEDIATE")
    assert not raw.in_transaction


def test_changes_of_tables_are_rolled_back_like_any_other(store):
    with pytest.raises(exc.OperationalError, match="no such table"):
        _run(store.writer, "CREATE TABLE half (id INTEGER)", "INSERT INTO half VALUES (1)", "INSERT INTO missing VALUES (1)")
    assert _run(store.reader, "SELECT count(*) FROM sqlite_master").scalar() == 0


def test_a_savepoint_takes_back_only_what_came_after_it(store):
    _run(store.writer, "CREATE TABLE part (code TEXT)")
    with Session(store.writer) as session:
        session.execute(text("INSERT INTO part VALUES ('kept')"))
        inner = session.begin_nested()
        session.execute(text("INSERT INTO part VALUES ('dropped')"))
        inner.rollback()
        session.commit()
    assert _run(store.reader, "SELECT group_concat(code) FROM part").scalar() == "kept"


# --------------------------------------------------------------------------------------------------- making a new one


def test_a_new_store_is_private_and_known_by_its_first_bytes(store, path):
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.read_bytes()[:16] == b"FETTLE1\0" + mark_of(KEY)
    assert mark_in(path) == mark_of(KEY)
    assert _run(store.writer, "PRAGMA application_id").scalar() == APPLICATION_ID == int.from_bytes(b"FETT", "big")


def test_its_journal_is_private_too(store, path):
    _run(store.writer, "CREATE TABLE part (code TEXT)")
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


def test_the_file_keeps_its_first_bytes_when_it_is_packed(store, path):
    _run(store.writer, "CREATE TABLE part (code TEXT)")
    with closing(module.connect(path, KEY, "rw")) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert mark_in(path) == mark_of(KEY)


def test_nothing_written_can_be_read_in_the_file_or_its_journal(store, path):
    _run(store.writer, "CREATE TABLE part (code TEXT)", "INSERT INTO part VALUES ('SECRET-BOLT')")
    kept = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert len(kept) > 8192
    assert b"SECRET-BOLT" not in kept
    assert b"CREATE TABLE" not in kept
    assert KEY not in kept


def test_a_new_store_never_takes_the_place_of_something(path):
    _closed_store(path)
    before = _bytes(path)
    _trouble("store.occupied", Store.create, path, KEY)
    assert _bytes(path) == before


def test_a_journal_that_outlived_its_store_is_not_laid_over_a_new_one(path):
    path.parent.mkdir()
    module._journal(path).write_bytes(b"left behind")
    _trouble("store.occupied", Store.create, path, KEY)


def test_a_creation_that_was_cut_short_leaves_no_store_and_can_be_repeated(path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(module, "_head", lambda _path: b"")  # ends the making just before the file gets its name
        with pytest.raises(RuntimeError, match="does not encrypt"):
            Store.create(path, KEY)
    assert not path.exists()
    Store.create(path, KEY).close()
    assert [one.name for one in sorted(path.parent.iterdir())] == ["workshop.fettle", "workshop.fettle.lock"]


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    _trouble("store.unreadable", Store.create, tmp_path / "file" / "workshop.fettle", KEY)


# ------------------------------------------------------------------------------------------------------ opening again


def test_what_was_committed_is_there_again(path):
    _closed_store(path)
    assert sorted(one.name for one in path.parent.iterdir()) == ["workshop.fettle", "workshop.fettle.lock"]
    with closing(Store.open(path, KEY, ())) as store:
        assert _run(store.reader, "SELECT code FROM part").scalar() == "SECRET-BOLT"


def test_a_store_may_have_any_name_and_be_moved(tmp_path):
    place = tmp_path / "Été & co #1 100% ?x"
    _closed_store(place / "a b.fettle")
    place.rename(tmp_path / "moved")
    Store.open(tmp_path / "moved" / "a b.fettle", KEY, ()).close()


def test_a_known_revision_is_opened(path):
    _closed_store(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')")
    Store.open(path, KEY, {"0001", "0002"}).close()


def test_a_store_of_a_newer_program_is_left_alone(path):
    _closed_store(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0009')")
    problem = _refused_untouched("store.newer", path, known={"0001"})
    assert "Update" in problem.advice


def test_a_newer_kind_of_file_is_left_alone(path):
    _closed_store(path)
    path.write_bytes(b"FETTLE2\0" + path.read_bytes()[8:])
    _refused_untouched("store.newer", path)


def test_a_store_of_another_key_is_left_alone(path):
    _closed_store(path)
    problem = _refused_untouched("store.key", path, OTHER_KEY)
    assert str(path) in problem.sentence


def _plain_sqlite(path):
    with closing(plain_connect(path)) as connection:
        connection.execute("CREATE TABLE part (code TEXT)")


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"FETTLE1"),
        lambda path: path.write_text("parts;quantity\nBOLT;5\n" * 500),
        lambda path: path.write_bytes(random.Random(1).randbytes(40_960)),
        lambda path: path.mkdir(),
        _plain_sqlite,
    ],
    ids=["empty", "too short", "text", "noise", "folder", "plain SQLite"],
)
def test_what_is_no_store_is_left_alone(make, path):
    path.parent.mkdir()
    make(path)
    if path.is_dir():
        _trouble("store.foreign", Store.open, path, KEY, ())
    else:
        _refused_untouched("store.foreign", path)


def test_a_store_that_is_not_there_is_not_made_by_opening_it(path):
    _trouble("store.missing", Store.open, path, KEY, ())
    assert not path.parent.exists()


MANY = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO part SELECT 'BOLT-' || i FROM n"""


@pytest.mark.parametrize("spoil", ["first page", "one bit in the middle", "a page of zeros", "cut short", "a last page missing"])
def test_a_damaged_store_is_told_and_left_alone(spoil, path):
    _closed_store(path, MANY)
    kept = bytearray(path.read_bytes())
    middle = len(kept) // 2 // 4096 * 4096
    if spoil == "first page":
        kept[100] ^= 1
    elif spoil == "one bit in the middle":
        kept[middle + 77] ^= 8
    elif spoil == "a page of zeros":
        kept[middle : middle + 4096] = bytes(4096)
    else:
        del kept[5_000 if spoil == "cut short" else len(kept) - 4096 :]
    path.write_bytes(kept)
    path.with_name(path.name + ".lock").write_text("")  # as after a power cut: every page is read
    problem = _refused_untouched("store.damaged", path)
    assert "backup" in problem.advice


def test_of_a_large_store_all_is_read_before_the_work_only_where_the_machine_stopped(path, monkeypatch):
    _closed_store(path)
    looked = []
    monkeypatch.setattr(module, "QUICK", 0)
    examine = module._examine
    monkeypatch.setattr(
        module, "_examine", lambda *args, every_page: looked.append(every_page) or examine(*args, every_page=every_page)
    )
    Store.open(path, KEY, ()).close()
    store = Store.open(path, KEY, ())
    out = store.reader.connect()
    store.close()  # with a reader still at work, which is no clean stop
    out.close()
    out.engine.dispose()
    Store.open(path, KEY, ()).close()
    monkeypatch.setattr(module, "boot", lambda: "before the power cut")
    store = Store.open(path, KEY, ())
    out = store.reader.connect()
    store.close()
    out.close()
    out.engine.dispose()
    monkeypatch.setattr(module, "boot", lambda: "after it")
    store = Store.open(path, KEY, ())
    assert store.read
    store.close()
    Store.open(path, KEY, ()).close()
    assert looked == [False, False, False, False, True, False]


def test_a_journal_of_another_store_is_found_out(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    _closed_store(mine, MANY)
    with closing(Store.create(other, OTHER_KEY)) as store:
        _run(store.writer, "CREATE TABLE part (code TEXT)")
        journal = module._journal(other).read_bytes()
    module._journal(mine).write_bytes(journal)
    _refused_untouched("store.damaged", mine)


# --------------------------------------------------------------------------------------------------- its surroundings


def test_a_second_program_is_kept_out(store, path):
    problem = _refused_untouched("store.in_use", path)
    assert "Close the other" in problem.advice


def test_a_network_drive_is_refused(path, monkeypatch):
    monkeypatch.setattr(module, "network_of", lambda _path: "nfs4")
    problem = _trouble("store.network", Store.create, path, KEY)
    assert "nfs4" in problem.sentence
    _trouble("store.network", Store.open, path, KEY, ())
    assert not path.parent.exists()


def test_an_sqlite_that_can_damage_a_store_is_refused(path, monkeypatch):
    monkeypatch.setattr(module.driver, "sqlite_version_info", (3, 51, 2))
    problem = _trouble("store.sqlite", Store.create, path, KEY)
    assert "3.51.3" in problem.advice


def test_a_full_disk_saves_nothing_of_it_and_loses_nothing_before_it(store):
    _run(store.writer, "CREATE TABLE part (code BLOB)", "INSERT INTO part VALUES ('before')")
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 5")
    with pytest.raises(Trouble, match="full: nothing of this was saved"):
        _run(store.writer, *["INSERT INTO part VALUES (zeroblob(4000))"] * 9)
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    _run(store.writer, "INSERT INTO part VALUES ('after')")
    assert _run(store.reader, "SELECT group_concat(code) FROM part").scalar() == "before,after"


def test_damage_met_at_work_is_told_as_damage_and_all_is_read_at_the_next_start(path, monkeypatch):
    _closed_store(path, MANY)
    monkeypatch.setattr(module, "QUICK", 0)  # as of a large store, which is not read whole when it was closed cleanly
    kept = bytearray(path.read_bytes())
    kept[len(kept) // 2] ^= 1
    path.write_bytes(kept)
    with closing(Store.open(path, KEY, ())) as store, pytest.raises(Trouble, match="damaged"):
        _run(store.reader, "SELECT sum(length(code)) FROM part").scalar()
    _trouble("store.damaged", Store.open, path, KEY, ())


def test_the_program_s_own_mistakes_stay_bugs_and_name_no_values(store):
    _run(store.writer, "CREATE TABLE part (code TEXT UNIQUE)")
    with pytest.raises(exc.IntegrityError) as bug, store.writer.begin() as connection:
        connection.execute(text("INSERT INTO part VALUES (:code), (:code)"), {"code": "SECRET-BOLT"})
    assert "SECRET-BOLT" not in str(bug.value)


# ------------------------------------------------------------------------------------------------------------ kill -9

SCANNING = """
import os, sys
from pathlib import Path
from sqlalchemy import text
from app.kernel.store import Store

def scan(path, key):
    store = Store.open(path, key, ())
    with store.reader.connect() as connection:
        done = connection.execute(text("SELECT coalesce(max(n), 0) FROM stock")).scalar()
    while True:
        done += 1
        with store.writer.begin() as connection:
            for table in ("stock", "outbox", "audit"):
                connection.execute(text(f"INSERT INTO {table} VALUES (:n, :note)"), {"n": done, "note": "x" * 200})
        os.write(1, b"%d\\n" % done)  # the beep

path, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
for _line in sys.stdin:
    child = os.fork()
    if child == 0:
        scan(path, key)
    os.write(1, b"pid %d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""
KILLS = 36


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are done where processes fork")
def test_kill_9_loses_no_acknowledged_commit_and_tears_none(path):
    with closing(Store.create(path, KEY)) as store:
        _run(
            store.writer, *[f"CREATE TABLE {table} (n INTEGER PRIMARY KEY, note TEXT)" for table in ("stock", "outbox", "audit")]
        )
    chance, acknowledged = random.Random(), 0
    command = [sys.executable, "-c", SCANNING, str(path), KEY.hex()]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as terminal:
        for _kill in range(KILLS):
            acknowledged = max(acknowledged, _scan_and_kill(terminal, chance.randint(0, 40)))
            with closing(Store.open(path, KEY, ())) as store:
                found = _run(
                    store.reader,
                    "SELECT (SELECT count(*) FROM stock), (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit)",
                )
                assert len(counts := set(found.one())) == 1, "a torn commit"
                assert counts.pop() >= acknowledged, "a lost commit"
        terminal.stdin.close()
    assert acknowledged > KILLS


def _scan_and_kill(terminal, beeps):
    """Lets the terminal beep so often, kills it, and tells the last beep that was heard."""
    terminal.stdin.write("go\n")
    terminal.stdin.flush()
    pid, heard, last = 0, 0, 0
    for line in terminal.stdout:
        if line.startswith("pid"):
            pid = int(line.split()[1])
        elif line == "dead\n":
            assert heard >= beeps, "the terminal ended by itself"
            return last
        else:
            last, heard = int(line), heard + 1
        if pid and heard >= beeps:
            os.kill(pid, signal.SIGKILL)
            pid = 0
    raise AssertionError("no more was heard of the terminal")
