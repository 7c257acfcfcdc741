"""Files that somebody names on the command line: read and written, or told in words why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import BinaryIO

from app.kernel.files import write_whole
from app.kernel.problems import Trouble
from app.kernel.words import _


def opened(named: str | Path) -> BinaryIO:
    """A file to read from; Trouble when it cannot be."""
    path = Path(named).expanduser()
    try:
        return path.open("rb")
    except OSError as error:
        hint = _("Check its name and whose it is.")
        raise Trouble("cli.no_file", _("{path} cannot be read."), hint, {"path": path}) from error


def content(named: str | Path) -> bytes:
    """All that is in a file; Trouble when it cannot be read."""
    with opened(named) as file:
        return file.read()


@contextmanager
def written(named: str | Path) -> Iterator[Path]:
    """Where something is to be written; Trouble when the system refuses."""
    path = Path(named).expanduser()
    try:
        yield path
    except OSError as error:
        message, hint = _("{path} cannot be written: {reason}."), _("Choose another place for it.")
        raise Trouble("cli.no_place", message, hint, {"path": path, "reason": error.strerror or str(error)}) from error


def keep(named: str | Path, made: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all; Trouble when the system refuses."""
    with written(named) as path:
        if path.exists() and not path.is_file():  # a folder, or a device that must not be put aside
            raise OSError(EINVAL, _("it is no plain file"))
        write_whole(path, made)
