"""What processes have spent of the processors, and what they hold, as Linux tells; 0 where the system does not."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Engine, text

AT_WORK = "datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'fettle'"
_PIDS = text(f"SELECT pid FROM pg_stat_activity WHERE {AT_WORK}")  # noqa: S608 (our own words)


def servers(owner: Engine) -> float:
    """The seconds of processor that PostgreSQL's processes have spent for those at work."""
    with owner.connect() as connection:
        return sum(map(spent, connection.scalars(_PIDS)))


def spent(pid: int) -> float:
    """User and system time of a process, in seconds (proc(5), fields 14 and 15 of its stat)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """The memory that a process holds, in megabytes."""
    try:
        return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    except OSError:
        return 0.0
