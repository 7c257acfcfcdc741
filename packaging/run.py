#!/usr/bin/env python3
"""Sets up a fresh machine, then runs Fettle or its checks. It needs nothing but Python.

python3 packaging/run.py demo [ARGS...]     the demo workshop; a guided tour in pictures where there is no display
python3 packaging/run.py test               every check: format, lint, types, import contracts, tests
python3 packaging/run.py fettle [ARGS...]   Fettle itself, from any folder
python3 packaging/run.py poe TASK [ARGS...] one task of pyproject.toml
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.sha256"  # written last, so that a set-up that was cut short is done again
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
BUILT = ("3.14", "3.13", "3.12", "3.11")  # every locked package has a built wheel for these
WRONG_USAGE, LACKING, INTERRUPTED = 2, 3, 130

# What Qt loads from the system: file name to Debian package, as found on a bare Debian.
DRAWING = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class Lacks(Exception):
    """This machine lacks something that the set-up cannot bring; the text says what to do."""


def say(sentence: str) -> None:
    """Progress goes to stderr: stdout belongs to the program that is started."""
    print(sentence, file=sys.stderr, flush=True)


def done(command: Sequence[str | Path], **extra: str) -> bool:
    """Run one step of the set-up, its output on stderr; True if it went well."""
    try:
        return subprocess.run([*map(str, command)], stdout=2, env={**os.environ, **extra}, check=False).returncode == 0
    except FileNotFoundError:
        return False


def answers(python: str) -> bool:
    return subprocess.run([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def older(version: tuple[int, ...]) -> bool:
    return version < OLDEST


def fitting_python() -> str | None:
    """Another interpreter on the PATH that is new enough and really starts (a version manager's shim may not)."""
    names = (shutil.which(f"python{version}") for version in BUILT)
    return next((name for name in names if name and answers(name)), None)


def use_a_fitting_python(arguments: Sequence[str]) -> None:
    """Start again with a newer interpreter if this one is too old."""
    if not older(sys.version_info[:2]):
        return
    newer = fitting_python()
    if newer is None:
        raise Lacks(
            f"Fettle needs Python 3.11 or newer; this is {platform.python_version()}. Install python3.11, then run this again."
        )
    say(f"Python {platform.python_version()} is too old; going on with {newer}.")
    raise SystemExit(run([newer, __file__, *arguments], dict(os.environ)))


def wanted_stamp(lock: bytes) -> str:
    """What a finished set-up depends on: the locked packages, the interpreter, the machine and the place."""
    about = (platform.python_version(), platform.machine(), sys.platform, str(ROOT))
    return hashlib.sha256(lock + "\n".join(about).encode()).hexdigest()


def is_set_up() -> bool:
    return PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == wanted_stamp(LOCK.read_bytes())


def has_display(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")) or not sys.platform.startswith("linux")


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries(environ: Mapping[str, str]) -> list[str]:
    """The Debian packages of the system libraries that Qt would not find here."""
    if not sys.platform.startswith("linux"):
        return []
    needed = {**DRAWING, **(WINDOW if environ.get("DISPLAY") else {})}
    return [package for library, package in needed.items() if not loads(library)]


def missing_venv() -> list[str]:
    """Debian splits the part of Python that makes environments into a package of its own."""
    has_it = importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")
    return [] if has_it else [f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"]


def apt_line(packages: Sequence[str]) -> list[str]:
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def add_packages(packages: Sequence[str]) -> None:
    """Install what Debian calls these packages, or say how to."""
    line = " ".join(apt_line(packages))
    if shutil.which("apt-get") is None:
        raise Lacks(f"This machine lacks what Debian calls {', '.join(packages)}. Install them its own way, then run this again.")
    if sys.platform != "win32" and os.geteuid() != 0:
        raise Lacks(f"This machine lacks {len(packages)} system packages. Run this line, then run this again:\n\n  sudo {line}\n")
    say(f"Installing system packages: {', '.join(packages)}.")
    done(["apt-get", "update", "-q"])  # a source that is away does no harm if the others have the packages
    if not done(apt_line(packages), DEBIAN_FRONTEND="noninteractive"):
        raise Lacks(
            f"Debian's packages could not be installed. Mend what apt-get says above, or run this line yourself:\n\n  {line}\n"
        )


def block(lock: str, name: str) -> str:
    """The lines of one package in the lock file: its version and its hashes."""
    lines = lock[lock.index(f"\n{name}==") + 1 :].splitlines(keepends=True)
    last = next(number for number, line in enumerate(lines) if not line.rstrip().endswith("\\"))
    return "".join(lines[: last + 1])


def install_uv() -> bool:
    """Bring the fast installer, checked by its hash like all the rest."""
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder, "uv.txt")
        only_uv.write_text(block(LOCK.read_text(), "uv"))
        return done([PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", only_uv])


def install_packages() -> None:
    if install_uv() and done([PYTHON, "-m", "uv", "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", LOCK]):
        return
    say("The fast installer uv did not manage; trying pip, which takes a minute.")
    if not done([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", LOCK]):
        raise Lacks(
            "The Python packages could not be installed; the reason stands above. Fettle needs the network once, and a system "
            "as new as Debian 12 or Ubuntu 22.04. Then run this again."
        )


def make_environment() -> None:
    """The checkout's own environment: its packages, and the checkout on its path."""
    began = time.monotonic()
    say(f"Setting up {VENV} with Python {platform.python_version()}; this happens once.")
    base = getattr(sys, "_base_executable", sys.executable)  # never make an environment from the one it replaces
    if not done([base, "-m", "venv", "--clear", VENV]):
        raise Lacks(f"Python could not make an environment in {VENV}; the reason stands above.")
    install_packages()
    Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}), "fettle.pth").write_text(f"{ROOT}\n")
    STAMP.write_text(wanted_stamp(LOCK.read_bytes()))
    say(f"Set up in {time.monotonic() - began:.0f} seconds.")


def prepare(environ: Mapping[str, str]) -> None:
    """Bring whatever is missing; do nothing if all is there."""
    ready = is_set_up()
    packages = missing_libraries(environ) + ([] if ready else missing_venv())
    if packages:
        add_packages(packages)
    if not ready:
        make_environment()


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of the program: the checkout's tools first, no desktop's Qt theme, off-screen without a display."""
    ours = {"PATH": os.pathsep.join([str(BIN), *filter(None, [given.get("PATH")])]), "VIRTUAL_ENV": str(VENV)}
    off_screen = {} if has_display(given) else {"QT_QPA_PLATFORM": "offscreen"}
    return {**off_screen, **given, **ours, "QT_QPA_PLATFORMTHEME": ""}


def command(verb: str, arguments: Sequence[str]) -> list[str] | None:
    """What a verb starts, or None if it is none. -P keeps the caller's folder off Python's path."""
    python = [str(PYTHON), "-P", "-m"]
    if verb == "test" and not arguments:
        return [*python, "poethepoet", "-C", str(ROOT), "check"]
    if verb == "poe" and arguments:
        return [*python, "poethepoet", "-C", str(ROOT), *arguments]
    starts = {"demo": ["demo"], "fettle": []}
    return [*python, "ui.cli", *starts[verb], *arguments] if verb in starts else None


def run(program: list[str], environ: Mapping[str, str]) -> int:
    """Become the program, so that signals and its exit code are its own; Windows cannot, and waits for it."""
    if os.name == "posix":
        os.execve(program[0], program, environ)  # noqa: S606 - no shell is wanted
    return subprocess.run(program, env=environ, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    program = command(arguments[0], arguments[1:]) if arguments else None
    if program is None:
        say(__doc__ or "")
        return 0 if arguments in (["-h"], ["--help"]) else WRONG_USAGE
    try:
        use_a_fitting_python(arguments)
        prepare(os.environ)
        return run(program, environment(os.environ))
    except Lacks as lack:
        say(str(lack))
    except OSError as error:
        say(f"The set-up could not go on: {error}. Mend that, then run this again.")
    except KeyboardInterrupt:
        say("Stopped. Run this again to go on.")
        return INTERRUPTED
    return LACKING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
