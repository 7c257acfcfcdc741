"""The pictures of every screen are made alike again and again, so that a difference is a change of the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = "light-glove-1024"


def shots(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m ui.shots` in a process of its own: no test before it has dressed the program."""
    command = [sys.executable, "-m", "ui.shots", str(folder), LOOK, "--seen", str(folder / "seen.txt"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.prove
def test_the_same_program_makes_the_same_pictures(tmp_path: Path) -> None:
    assert shots(tmp_path, "--keep").returncode == 0
    again = shots(tmp_path, "--compare")
    assert (again.returncode, [line for line in again.stdout.splitlines() if not line[0].isdecimal()]) == (0, [])
