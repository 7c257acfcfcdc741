"""A bug's report: a file for whoever mends it. It names places in the program, never what people typed or scanned."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path


def write_report(folder: Path, bug: BaseException) -> Path:
    """Writes what is known about a bug, into the system's folder for passing files where `folder` cannot be; the file."""
    now = datetime.now(UTC)
    content = "\n".join(_lines(bug, now)) + "\n"
    for place in (folder, Path(tempfile.gettempdir())):
        path = place / f"report-{now:%Y%m%d-%H%M%S-%f}.txt"
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(content, "utf-8")
        except OSError:
            continue
        return path
    return Path("–")


def _lines(bug: BaseException, now: datetime) -> Iterator[str]:
    yield f"Fettle, {now:%Y-%m-%d %H:%M:%S} UTC"
    yield f"Python {platform.python_version()} on {platform.platform()}"
    shown: BaseException | None = bug
    while shown is not None:
        yield f"{type(shown).__module__}.{type(shown).__qualname__}"
        yield from traceback.format_tb(shown.__traceback__)
        shown = shown.__cause__ or shown.__context__
