"""What processes have spent of the processors, and what they hold, as Linux tells (proc(5)); 0 where the system does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import Engine, text

_PID = text("SELECT pg_backend_pid()")
_PARENT, _OWN, _ENDED = 1, slice(11, 13), slice(13, 15)  # fields of a process's stat, behind its name


def servers(owner: Engine) -> float:
    """The seconds of processor that the database's server has spent, in all of its processes, also those that have ended."""
    with owner.connect() as connection:
        told = _told(connection.scalar(_PID) or 0)
    if not told:
        return 0.0
    postmaster = told[_PARENT]
    others = (_told(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdecimal())
    living = sum(_seconds(one[_OWN]) for one in others if one and one[_PARENT] == postmaster)
    return living + _seconds(_told(int(postmaster))[_ENDED])


def spent(pid: int) -> float:
    """User and system time of a process, in seconds."""
    return _seconds(_told(pid)[_OWN])


def resident(pid: int) -> float:
    """The memory that a process holds, in megabytes."""
    if sys.platform == "win32":
        return 0.0
    try:
        return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    except OSError:
        return 0.0


def _told(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(ticks: list[str]) -> float:
    if sys.platform == "win32":
        return 0.0
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") if ticks else 0.0
