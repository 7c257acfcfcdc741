"""A bug's report: a file in the data folder for whoever mends it. It names places in the program, never what people typed."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ui.cli.opening import store_path


def report(bug: BaseException, args: argparse.Namespace) -> Path:
    """Writes what is known about a bug; the report's path."""
    moment = datetime.now(UTC)
    content = "\n".join(_lines(bug, moment)) + "\n"
    for folder in (store_path(args.store).parent / "reports", Path(tempfile.gettempdir())):
        path = folder / f"fettle-{moment:%Y%m%d-%H%M%S-%f}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(content, "utf-8")
        except OSError:
            continue
        return path
    return Path("(nowhere: no folder could be written)")


def _lines(bug: BaseException, moment: datetime) -> Iterator[str]:
    yield f"Fettle on Python {platform.python_version()}, {platform.platform()}, {moment.isoformat()}"
    yield f"The {type(bug).__name__} came up here:"
    shown: BaseException | None = bug
    while shown is not None:
        yield from (f"  {place.filename}:{place.lineno} in {place.name}" for place in traceback.extract_tb(shown.__traceback__))
        yield f"{type(shown).__module__}.{type(shown).__name__}"
        shown = shown.__cause__ or shown.__context__
    yield f"Python's path: {sys.prefix}"
