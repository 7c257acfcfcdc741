"""A real Odoo on this machine, made once: Debian's own package, an environment for it, and a PostgreSQL with a template database.

It is made without a system package and without root; what it lacks says `Lacking`. Later runs copy the template's data.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from app.kernel.files import FileLock
from app.kernel.postgres import Embedded, passing_folder

PACKAGE = "odoo-19"
MODULES = "stock,repair,maintenance,mrp,sale_management,purchase,base_automation,rpc"
TEMPLATE = "template_workshop"
ROLE = "odoo"
# The template's data are copied whole and its copies thrown away: small, and no pains about power cuts.
PASSING = {"max_wal_size": "64MB", "min_wal_size": "32MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# What Odoo imports with these modules, at the versions that this was tried with.
# fmt: off
NEEDS = [
    "asn1crypto==1.5.1", "babel==2.18.0", "cbor2==6.2.1", "chardet==7.7.0", "cryptography==50.0.2", "decorator==5.3.1",
    "docutils==0.23", "freezegun==1.5.5", "geoip2==5.3.0", "gevent==26.9.0", "greenlet==3.5.6", "idna==3.20", "jinja2==3.1.6",
    "libsass==0.23.0", "lxml==6.1.3", "lxml-html-clean==0.4.6", "markupsafe==3.0.4", "num2words==0.5.14", "ofxparse==0.21",
    "openpyxl==3.1.5", "passlib==1.7.4", "pillow==13.0.0", "polib==1.2.0", "psutil==7.2.2", "psycopg2-binary==2.9.13",
    "pyopenssl==26.4.0", "pypdf==7.1.0", "pyserial==3.5", "python-dateutil==4.0.0", "python-magic==0.4.27",
    "python-stdnum==2.2", "pytz==2026.6", "pyusb==1.3.1", "qrcode==8.2", "reportlab==4.5.1", "requests==2.34.2",
    "rjsmin==1.3.0", "urllib3==2.8.0", "vobject==0.9.9", "werkzeug==3.0.6", "xlrd==2.0.2", "xlsxwriter==3.3.1", "xlwt==1.3.0",
    "zeep==4.3.3",
]
# fmt: on
# Said to Odoo's own shell: a key for the administrator, as its settings page makes it.
MAKE_KEY = """
import datetime
key = env["res.users.apikeys"].with_user(2)._generate("rpc", "tests", datetime.datetime.now() + datetime.timedelta(days=3650))
env.cr.commit()
print("KEY", key)
"""


class Lacking(Exception):
    """This machine cannot have an Odoo of its own; the sentence says why."""


Tell = Callable[[str], None]


class Home:
    """The folder where an Odoo is kept: ODOO_HOME, else one among the user's caches."""

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get("ODOO_HOME")
        self.folder = folder or (Path(named) if named else Path(platformdirs.user_cache_path("fettle")) / PACKAGE)
        self.site = self.folder / "root/usr/lib/python3/dist-packages"
        self.python = self.folder / "venv/bin/python"
        self.data = self.folder / "postgresql"
        self.files = self.folder / "filestore"

    @property
    def key(self) -> str:
        """The administrator's key, the same in every copy of the template."""
        return (self.folder / "key").read_text()

    def make(self, tell: Tell) -> None:
        """Brings whatever is missing; does nothing if all is there. One process at a time does; the others wait for it."""
        _fit()
        self.folder.mkdir(parents=True, exist_ok=True)
        with _alone(self.folder / "lock"):
            if not (self.site / "odoo").exists():
                tell("Downloading Debian's Odoo.")
                self._unpack()
            if not self._is_made("environment", NEEDS):
                tell("Installing what Odoo imports.")
                self._install()
            if not self._is_made("template", [MODULES, self.version]):
                tell("Making the template database.")
                self._make_template()

    def odoo(self, *words: str | Path) -> list[str]:
        """The command line of one of Odoo's own verbs."""
        return [str(self.python), "-m", "odoo", *map(str, words)]

    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {**kept, "PYTHONPATH": str(self.site), "LC_ALL": "C.UTF-8", "ODOO_RC": os.devnull}

    # -------------------------------------------------------------------------------------------------- the package

    def _unpack(self) -> None:
        """Debian's unstable has it, whichever of Debian's releases this is: nothing of it is installed, only unpacked."""
        apt, unpacked = self.folder / "apt", self.folder / "root.new"
        (apt / "lists/partial").mkdir(parents=True, exist_ok=True)
        (apt / "sid.list").write_text(_unstable())
        options = (
            f"-oDir::Etc::SourceList={apt / 'sid.list'}",
            "-oDir::Etc::SourceParts=/dev/null",
            f"-oDir::State::Lists={apt / 'lists'}",
            "-oDir::Cache::pkgcache=",
            "-oDir::Cache::srcpkgcache=",
            "-oAPT::Sandbox::User=root",
            "-oAcquire::Retries=3",
            "-oAcquire::Languages=none",
        )
        _run(["apt-get", *options, "update", "-qq"], apt)
        _run(["apt-get", *options, "download", "-qq", PACKAGE], apt)
        shutil.rmtree(unpacked, ignore_errors=True)
        _run(["dpkg", "-x", *map(str, apt.glob(f"{PACKAGE}_*.deb")), str(unpacked)], apt)
        shutil.rmtree(apt)
        shutil.rmtree(self.folder / "root", ignore_errors=True)
        unpacked.rename(self.folder / "root")
        (self.folder / "template.made").unlink(missing_ok=True)

    @property
    def version(self) -> str:
        """Which Odoo this is, as its package says."""
        told = next(self.site.glob("odoo-*.egg-info/PKG-INFO")).read_text()
        return next(line for line in told.splitlines() if line.startswith("Version: ")).removeprefix("Version: ")

    # ---------------------------------------------------------------------------------------------- the environment

    def _install(self) -> None:
        folder = self.folder / "venv"
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], self.folder)
        quick = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(self.python), *NEEDS]
        slow = [str(self.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *NEEDS]
        try:
            _run(quick, self.folder)
        except Lacking:
            _run(slow, self.folder)
        self._note("environment", NEEDS)

    # ------------------------------------------------------------------------------------------------- the template

    def _make_template(self) -> None:
        """In memory where there is room; only what a copy needs is kept."""
        place = passing_folder(f"odoo-template-{os.getpid()}", quick=True)
        files = place / "files"
        try:
            with Embedded(place) as server:
                key = self._filled(server.url(), files)
            self._keep(place / "data", files / "filestore" / TEMPLATE, key)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        self._note("template", [MODULES, self.version])

    def _filled(self, url: URL, files: Path) -> str:
        """The database, with Odoo's own demonstration in it; a key to it."""
        files.mkdir()
        sql(url, *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in PASSING.items()))
        sql(url, "SELECT pg_reload_conf()", f"CREATE ROLE {ROLE} LOGIN CREATEDB SUPERUSER")
        words = ["--data-dir", str(files), *connection(url), "-d", TEMPLATE]
        _run(self.odoo(*words, "-i", MODULES, "--with-demo", "--stop-after-init", "--log-level=error"), files, self.environ())
        key = self._made_key(words, files)
        sql(url, f"ALTER DATABASE {TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")  # else Odoo itself goes there
        return key

    def _made_key(self, words: Sequence[str | Path], place: Path) -> str:
        told = _run(self.odoo("shell", *words, "--no-http", "--log-level=error"), place, self.environ(), MAKE_KEY)
        found = re.search(r"KEY (\w+)", told)
        if found is None:
            raise Lacking(f"Odoo has made no key: {told[-300:]}")
        return found[1]

    def _keep(self, data: Path, files: Path, key: str) -> None:
        for old in (self.data, self.files):
            shutil.rmtree(old, ignore_errors=True)
        copy(data, self.data)
        copy(files, self.files)
        (self.folder / "key").write_text(key)

    # ----------------------------------------------------------------------------------------------- what was done

    def _is_made(self, what: str, recipe: Sequence[str]) -> bool:
        noted = self.folder / f"{what}.made"
        return noted.exists() and noted.read_text() == _stamp(recipe)

    def _note(self, what: str, recipe: Sequence[str]) -> None:
        (self.folder / f"{what}.made").write_text(_stamp(recipe))


def connection(url: URL) -> list[str]:
    """Odoo's own words for a server of ours; it refuses to be PostgreSQL's first user."""
    return ["--db_host", str(url.query["host"]), "--db_port", str(url.query["port"]), "--db_user", ROLE, "--db_maxconn", "20"]


def copy(folder: Path, to: Path) -> None:
    """A folder with its owners and rights: PostgreSQL runs as whom its data belong to."""
    _run(["cp", "-a", str(folder), str(to)], folder)


def sql(url: URL, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as there:
        for statement in statements:
            there.execute(text(statement))


def _stamp(recipe: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([sys.version, *recipe]).encode()).hexdigest()


def _fit() -> None:
    if sys.platform != "linux" or not all(map(shutil.which, ("apt-get", "dpkg"))):
        raise Lacking("this is no Debian, whose package of Odoo they would run")


def _unstable() -> str:
    """Debian's unstable at the mirror and under the keys that this machine's apt already uses."""
    listed = (path.read_text() for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")))
    for entry in "\n\n".join(listed).split("\n\n"):
        told = dict(re.findall(r"^([\w-]+): *(.*)$", entry, re.MULTILINE))
        if told.get("URIs", "").rstrip("/").endswith("/debian"):
            keys = f"[signed-by={told['Signed-By']}] " if told.get("Signed-By", "").startswith("/") else ""
            return f"deb {keys}{told['URIs'].split()[0]} sid main\n"
    old = Path("/etc/apt/sources.list")
    found = re.search(r"^deb (\[.*?\] )?(\S+/debian/?) ", old.read_text() if old.exists() else "", re.MULTILINE)
    if found is None:
        raise Lacking("this machine's apt knows no mirror of Debian")
    return f"deb {found[1] or ''}{found[2]} sid main\n"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time makes it; the others wait until it is there."""
    lock = _taken(path)
    while lock is None:
        time.sleep(0.2)
        lock = _taken(path)
    try:
        yield
    finally:
        lock.release()


def _taken(path: Path) -> FileLock | None:
    try:
        return FileLock(path)
    except BlockingIOError:
        return None


def _run(command: Sequence[str], folder: Path, environ: dict[str, str] | None = None, said: str = "") -> str:
    """What a program says; Lacking, with its last words, when it fails."""
    done = subprocess.run(command, cwd=folder, env=environ, input=said, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Lacking(f"{Path(command[0]).name} did not manage: {' '.join(words)[-300:]}")
    return done.stdout


def main() -> None:
    """Makes it, and says how long that took."""
    began = time.monotonic()
    Home().make(lambda sentence: print(sentence, file=sys.stderr, flush=True))  # noqa: T201
    print(f"Made in {time.monotonic() - began:.0f} s.", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
