"""The start bench: a fresh process, from its first moment to the one in which a scan would be taken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from ui.bench import Result, spread
from ui.bench.shelf import KEEPER, PARTS, copied
from ui.cli.ending import READY

STARTS = 5
_EMPTY = """
from PySide6.QtWidgets import QApplication, QWidget
from PySide6.QtCore import QTimer
app = QApplication([])
window = QWidget()
window.show()
QTimer.singleShot(0, lambda: print("ready", flush=True))
app.exec()
"""
_DRIVER = """
import sys
from sqlcipher3 import dbapi2
store = dbapi2.connect(sys.argv[1])
store.execute(f"PRAGMA key = \\"x'{sys.argv[2]}'\\"")
store.execute("SELECT code FROM barcode LIMIT 1").fetchone()
print("ready", flush=True)
sys.stdin.read()
"""


def bench(n: int | None = None) -> Result:
    """Starts the program again and again, each time after a clean stop; beside it an empty window, and the driver alone."""
    count = n or PARTS
    with copied(count) as path:
        ours, bare, driver = [], [], []
        for _turn in range(STARTS):
            ours.append(_started(["-m", "ui.cli", "--store", str(path)]))
            bare.append(_started(["-c", _EMPTY]))
            driver.append(_started(["-c", _DRIVER, str(path), _raw_key(path)]))
    held = [mb for _ms, mb in ours if mb]
    metrics = spread([ms for ms, _mb in ours]) | ({"rss_mb": max(held)} if held else {})
    limits = {
        "empty_window_p50_ms": round(median(ms for ms, _mb in bare), 1),
        "empty_window_rss_mb": max(mb for _ms, mb in bare),
        "open_store_p50_ms": round(median(ms for ms, _mb in driver), 1),
    }
    return Result(
        "start",
        count,
        metrics,
        limits,
        {"p50_times_bare": round(metrics["p50_ms"] / (limits["empty_window_p50_ms"] + limits["open_store_p50_ms"]), 1)},
        {"p50_ms": ("<=", 2000.0)} | ({"rss_mb": ("<=", 250.0)} if held else {}),
        did=f"{STARTS} starts with {count:,} parts, from the process to the first scan it would take",
    )


def _raw_key(path: Path) -> str:
    """The key and the file's first bytes, as SQLCipher takes them."""
    with path.open("rb") as file:
        return KEEPER.find(path).hex() + file.read(16).hex()


def _started(command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds until a child of this interpreter says that it is ready, and the megabytes it holds then."""
    screen = {} if os.environ.get("DISPLAY") or sys.platform in ("win32", "darwin") else {"QT_QPA_PLATFORM": "offscreen"}
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *command],
        env={**os.environ, **screen, READY: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        if child.stdout is None or child.stdout.readline() != b"ready\n":
            child.kill()
            raise RuntimeError("the program ended before it was ready")
        took = (time.perf_counter() - begun) * 1000
        held = _resident(child.pid)
        child.terminate()
    return took, held


def _resident(pid: int) -> float:
    """The memory a process holds now, in megabytes; the most any child has held, or 0, where the system tells no more."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
        return round(int(found[1]) / 1024, 1) if found else 0.0
    if sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
