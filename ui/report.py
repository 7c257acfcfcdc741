"""A bug's report: a file for whoever mends it. It names places in the program, never what people typed or scanned."""

from __future__ import annotations

import atexit
import faulthandler
import platform
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

KEPT = 50  # reports in the folder; a bug that comes again and again must not fill the disk
FAULT = "fault.txt"  # where Python writes when the program itself is killed by what it does


class Reports:
    """The reports of one window: a bug that is met again in the same place is written once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, Path] = {}

    def of(self, bug: BaseException) -> Path:
        """The file that tells of this bug."""
        told = "\n".join(_places(bug))
        if told not in self._written:
            self._written[told] = write_report(self._folder, bug)
        return self._written[told]


def write_report(folder: Path, bug: BaseException) -> Path:
    """Writes what is known about a bug, into the system's folder for passing files where `folder` cannot be; the file."""
    now = datetime.now(UTC)
    content = "\n".join((*_machine(now), *_places(bug))) + "\n"
    for place in (folder, Path(tempfile.gettempdir())):
        path = place / f"report-{now:%Y%m%d-%H%M%S-%f}.txt"
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(content, "utf-8")
            _thin(place)
        except OSError:
            continue
        return path
    return Path("–")


def catch_faults(folder: Path) -> None:
    """From here on a fault outside Python (in Qt, in a driver) is reported too; what the last run left joins the others."""
    now = datetime.now(UTC)
    last = folder / FAULT
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if last.exists() and last.stat().st_size:
            last.replace(folder / f"report-{now:%Y%m%d-%H%M%S-%f}-fault.txt")
        file = last.open("w", encoding="utf-8")
    except OSError:
        return  # the store says better what is wrong with the disk
    faulthandler.enable(file)
    atexit.register(_close, file, last)


def _close(file: TextIO, last: Path) -> None:
    """Nothing went wrong: no empty report stays."""
    faulthandler.disable()
    file.close()
    last.unlink(missing_ok=True)


def _thin(folder: Path) -> None:
    """The oldest go."""
    for old in sorted(folder.glob("report-*.txt"))[:-KEPT]:
        old.unlink(missing_ok=True)


def _machine(now: datetime) -> Iterator[str]:
    yield f"Fettle, {now:%Y-%m-%d %H:%M:%S} UTC"
    yield f"Python {platform.python_version()} on {platform.platform()}"


def _places(bug: BaseException) -> Iterator[str]:
    shown: BaseException | None = bug
    while shown is not None:
        yield f"{type(shown).__module__}.{type(shown).__qualname__}"
        yield from traceback.format_tb(shown.__traceback__)
        shown = shown.__cause__ or shown.__context__
