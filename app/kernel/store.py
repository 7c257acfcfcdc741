"""The terminal's store: one encrypted SQLite file, written by one connection, safe against kill and power cut.

The file starts with sixteen bytes in the clear, SQLCipher's salt: eight that say what it is, and eight that tell which key
it wants. So a wrong file, a wrong key and a damaged file are told apart before anything is touched.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as driver

from app.kernel import wal
from app.kernel.files import FileLock, boot, keep_names, make_folder, network_of
from app.kernel.problems import Trouble
from app.kernel.store_troubles import behind, damaged, foreign, newer, occupied, other_key, read_only, trouble_of, unreadable
from app.kernel.words import _

FAMILY, KIND = b"FETTLE", b"FETTLE1\0"
APPLICATION_ID = 0x46455454
_PAGE = re.compile(r"page (\d+)")  # in what SQLCipher says of one that has no seal
OLDEST_SQLITE = (3, 51, 3)  # before it, two connections at a checkpoint could ruin the file
READERS = 6  # connections that read: one for each thread that may, so that none waits for another
WRITER_CACHE = 8192  # KB of pages in the clear: each one that is not there is read, deciphered and proved again
SETTINGS: Mapping[str, str | int] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged commit outlives a power cut
    "foreign_keys": "ON",
    "busy_timeout": 5000,
    "journal_size_limit": 64 * 1024 * 1024,
    "temp_store": "MEMORY",  # nothing in the clear on the disk
    "secure_delete": "FAST",
    "trusted_schema": "OFF",
    "mmap_size": 0,
}
USUAL = {"cache_size": -WRITER_CACHE, "wal_autocheckpoint": 1000}  # KB; pages of the journal
for _kind, _bound in ((bytes, bytes), (bool, int), (type(None), dict[None, None]().get)):
    driver.register_adapter(_kind, _bound)  # else the driver seeks one with each value, which takes longer than all the rest
_RUNNING, CLEAN = "in use, or stopped without a close", "closed"  # the first with the boot in which that was
_CLOSING = "being closed"
SUSPECT, PUT_BACK = "damage was met", "put back from a backup"
QUICK = 48 << 20  # bytes of a store up to which every page is read at each start: that takes some 90 ms
SEALS, TREES, ALL = "", "quick_check", "integrity_check"  # how deep a store is looked into


def mark_of(key: bytes) -> bytes:
    """Eight bytes that tell which key a store wants, and nothing else about the key."""
    return hashlib.sha256(b"fettle store " + key).digest()[:8]


def salt_of(key: bytes) -> bytes:
    """The sixteen bytes with which a store begins."""
    return KIND + mark_of(key)


def spoken(key: bytes) -> str:
    """A key with its salt, as SQLCipher's statements take it between double quotes."""
    return f"x'{(key + salt_of(key)).hex()}'"


def mark_in(path: Path) -> bytes:
    """The mark of the key that the store at `path` wants; Trouble when there is no store that we can read."""
    if not path.exists():
        raise Trouble(
            "store.missing",
            _("There is no store at {path}."),
            _("Check the place, or set up a new store there."),
            {"path": path},
        )
    try:
        head = _head(path)
    except OSError as error:
        raise unreadable(path) from error
    if len(head) == 16 and head.startswith(KIND):
        return head[len(KIND) :]
    raise newer(path) if len(head) == 16 and head.startswith(FAMILY) else foreign(path)


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(16)


class Store:
    """An open store. `writer` has its one writing connection, for the writer thread; `reader` serves everybody else.

    A transaction begins when SQLAlchemy begins one: the writer's with BEGIN IMMEDIATE, changes of tables included.
    """

    def __init__(self, path: Path, key: bytes, lock: FileLock, *, read: bool = True) -> None:
        """For `create` and `open` only: they have made sure that the file is a store, and ours alone."""
        self.path, self.key = path, key
        self.stopped = lock.read()  # as the lock told it: how the last one who had it let go of it
        self.read = read  # whether every page of it was read
        self._lock, self._suspect = lock, False
        self.writer = engine(path, key, "BEGIN IMMEDIATE", {**SETTINGS, **USUAL}, 1, self._met)
        self.reader = engine(path, key, "BEGIN", {**SETTINGS, "query_only": "ON"}, READERS, self._met)
        self.writer.connect().close()  # from here on there is a journal: one that is missing was deleted
        lock.write(_running())

    @classmethod
    def create(cls, path: Path, key: bytes) -> Store:
        """Makes an empty store, which is on the disk for good before it is used; Trouble when something is in its place."""
        check_surroundings(path)
        with locked(path) as lock:
            if path.exists() or _journal(path).exists():
                raise occupied(path)
            try:
                make_file(path, key)
            except (OSError, driver.DatabaseError) as error:
                raise trouble_of(error, path) or read_only(path) from error
            return cls(path, key, lock)

    @classmethod
    def open(cls, path: Path, key: bytes, known: Collection[str]) -> Store:
        """Opens a store whose tables stand at one of the revisions `known` to this program.

        Refuses with a Trouble, and changes nothing in the file, when it is no store, wants another key, is damaged, comes
        from a newer program, lies on a network drive or is open elsewhere. Every page is read where the machine itself stopped,
        and of a small store always; else somebody must `read` it behind the work.
        """
        check_surroundings(path)
        if mark_in(path) != mark_of(key):
            raise other_key(path)
        with locked(path) as lock:
            stopped = lock.read()
            closed = stopped in (CLEAN, PUT_BACK) and not _journal_size(path)
            read = path.stat().st_size <= QUICK or not (closed or _in_this_boot(stopped))
            _examine(path, key, known, stopped, every_page=read)
            return cls(path, key, lock, read=read)

    @property
    def unclean(self) -> bool:
        """Whether it was not closed the last time, or is not the one that was closed."""
        return self.stopped != CLEAN

    def _met(self, trouble: Trouble) -> None:
        if trouble.problem.code == "store.damaged":
            self.suspect()

    def suspect(self) -> None:
        """Damage was met: the next start looks at all of it, however this one ends."""
        self._suspect = True
        if self._lock.held:
            self._lock.write(SUSPECT)

    def close(self) -> None:
        """Moves everything into the one file and lets go of it; a connection still out makes the next start read all."""
        idle = not any(cast(QueuePool, engine.pool).checkedout() for engine in (self.reader, self.writer))
        if idle and self._lock.held and not self._suspect:
            self._lock.write(_CLOSING)  # from here on the journal may be gone
        for engine in (self.reader, self.writer):
            engine.dispose()
            engine.clear_compiled_cache()  # SQLAlchemy's mappers never quite let go of an engine: this is what weighs in it
        if idle and self._lock.held and not self._suspect:
            self._lock.write(CLEAN)
        self._lock.release()


# ------------------------------------------------------------------------------------------------------- connections


def connect(path: Path, key: bytes, mode: str) -> Any:
    """A driver's connection that begins nothing by itself. The key comes with the salt, so the first page keeps our bytes."""
    connection = driver.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA cipher_log_level = NONE")  # one bad page would print thousands of lines
    connection.execute(f'PRAGMA key = "{spoken(key)}"')
    return connection


def engine(
    path: Path,
    key: bytes,
    begin: str,
    settings: Mapping[str, str | int],
    connections: int,
    met: Callable[[Trouble], None] = lambda _trouble: None,
) -> Engine:
    """An engine on the store at `path`, whose transactions begin as `begin` says; the disk's faults come as Trouble, and
    `met` hears of them."""
    made = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connect(path, key, "rw"),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
    )

    @event.listens_for(made, "connect")
    def _set(connection: Any, _record: object) -> None:
        apply(connection, settings)

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(made, "handle_error")
    def _explain(context: ExceptionContext) -> None:
        trouble = trouble_of(context.original_exception, path)
        if trouble:
            met(trouble)
            raise trouble

    return made


@contextmanager
def unsynced(writer: Engine) -> Iterator[Connection]:
    """The writing connection, on the writer thread, for transactions that a power cut may take back because what they hold can
    be fetched again: their commits wait for no disk. Afterwards, whatever happens, every commit does so again."""
    with writer.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous = NORMAL")
        try:
            yield connection
        finally:
            try:
                connection.rollback()
            finally:
                if driver.in_transaction:  # a commit that failed half-way: inside it the setting could not be changed
                    driver.rollback()
                driver.execute("PRAGMA synchronous = FULL")


def apply(connection: Any, settings: Mapping[str, str | int]) -> None:
    """Sets each setting on a driver's connection; Trouble when the disk cannot keep the journal that we rely on."""
    for name, value in settings.items():
        connection.execute(f"PRAGMA {name} = {value}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise Trouble(
            "store.journal",
            _("This disk cannot keep the store's journal."),
            _("Keep the store on a disk inside this machine, formatted the usual way."),
        )


# ------------------------------------------------------------------------------------------------- making and judging


@contextmanager
def locked(path: Path) -> Iterator[FileLock]:
    """The store's lock, kept when the block succeeds; its text tells the next start whether we stopped cleanly."""
    try:
        make_folder(path.parent)
        lock = FileLock(path.with_name(path.name + ".lock"))
    except BlockingIOError as error:
        raise Trouble(
            "store.in_use",
            _("The store at {path} is open in another program."),
            _("Close the other Fettle, or wait until it has ended; two must never write one store."),
            {"path": path},
        ) from error
    except OSError as error:
        raise unreadable(path) from error
    try:
        yield lock
    except BaseException:
        lock.release()
        raise


def mark_suspect(path: Path) -> None:
    """The next start looks at all of a store that nobody has open."""
    with locked(path) as lock:
        lock.write(SUSPECT)
        lock.release()


def make_file(path: Path, key: bytes) -> None:
    """Makes the file under a passing name, and gives it its own when it is whole: nobody ever meets half a store."""
    passing = path.with_name(path.name + ".new")
    for left in (passing, _journal(passing)):
        left.unlink(missing_ok=True)  # of a creation that was cut short
    os.close(os.open(passing, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(passing, key, "rw")) as connection:
        apply(connection, SETTINGS)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    if _head(passing) != salt_of(key):
        raise RuntimeError("this SQLite does not encrypt")  # without it a store would lie open: never go on
    with passing.open("rb+") as file:
        os.fsync(file.fileno())
    passing.rename(path)
    keep_names(path.parent)


def _running() -> str:
    """What the lock says of a store that is open, or whose program ended without a close, in this run of the machine."""
    return f"{_RUNNING} {boot()}"


def _in_this_boot(stopped: str) -> bool:
    """Whether a store was open in this run of the machine: then all that was given to the system is still there."""
    return bool(boot()) and stopped == _running()


def _examine(path: Path, key: bytes, known: Collection[str], stopped: str, *, every_page: bool) -> None:
    """Judges a store through a connection that cannot write, so that a refusal changes nothing."""
    journal = _journal_size(path) > 0
    same_boot = _in_this_boot(stopped)
    left = wal.index_of(path) if same_boot else None
    if same_boot and not _journal(path).exists():
        raise behind(path)
    if left is not None and wal.is_strange(path, left):
        raise damaged(path)
    try:
        with closing(connect(path, key, "ro" if journal else "ro&immutable=1")) as connection:  # where none is, leave none behind
            if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
                raise foreign(path)
            covered = wal.pages(path) if journal and not same_boot else set[int]()
            depth = SEALS if stopped in (CLEAN, PUT_BACK) and not journal else ALL if stopped == SUSPECT else TREES
            if every_page and not is_whole(connection, depth, covered):
                raise damaged(path)
            if same_boot and journal and wal.is_spoilt(path, left):
                raise damaged(path)
            _check_revision(path, connection, known)
    except driver.DatabaseError as error:
        raise trouble_of(error, path) or damaged(path) from error


def is_whole(connection: Any, depth: str = TREES, covered: Container[int] = ()) -> bool:
    """Whether every page of a store has its seal; and, by `depth`, its trees are whole, and indexes agree with their tables.

    Pages that are `covered` by the journal may have been half written when the power went, and are read from there.
    """
    for (told,) in connection.execute("PRAGMA cipher_integrity_check"):
        page = _PAGE.search(told)
        if page is None or int(page[1]) not in covered:
            return False
    return not depth or bool(connection.execute(f"PRAGMA {depth}(1)").fetchone() == ("ok",))


def _check_revision(path: Path, connection: Any, known: Collection[str]) -> None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return
    revisions = {revision for (revision,) in connection.execute("SELECT version_num FROM alembic_version")}
    if not revisions <= set(known):
        raise newer(path)


def check_surroundings(path: Path) -> None:
    if driver.sqlite_version_info < OLDEST_SQLITE:
        raise Trouble(
            "store.sqlite",
            _("This program carries SQLite {found}, which can damage a store."),
            _("Install Fettle again: it brings SQLite {oldest} or newer."),
            {"found": driver.sqlite_version, "oldest": ".".join(map(str, OLDEST_SQLITE))},
        )
    kind = network_of(path)
    if kind:
        raise Trouble(
            "store.network",
            _("{path} is on a network drive ({kind}), where a store gets damaged."),
            _("Keep the store on a disk of this machine; the hub brings terminals together."),
            {"path": path, "kind": kind},
        )


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _journal_size(path: Path) -> int:
    journal = _journal(path)
    return journal.stat().st_size if journal.exists() else 0
