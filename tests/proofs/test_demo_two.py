"""`fettle demo --two`: a hub and two terminals as programs of their own, which part, work on, and meet again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.prove
def test_two_terminals_and_a_hub_part_and_meet_again(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    env.pop("DATABASE_URL", None)
    words = [sys.executable, "-m", "ui.cli", "--store", str(tmp_path / "town"), "demo", "--two"]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["same"] is True
    assert told["rows"] > 1000
    assert told["cards"] >= 1
