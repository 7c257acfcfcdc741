"""What every forked program finds imported already. It is imported as `tests.preload`, before anything knows of this folder."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
WANTED = ("ui.cli.program", "ui.cli.do", "ui.cli.sync", "ui.cli.doctor", "striking", "ui.cli.hub", "uvicorn", "hub_town")

for name in WANTED:
    with suppress(ImportError):  # the hub's part may not be installed
        import_module(name)
