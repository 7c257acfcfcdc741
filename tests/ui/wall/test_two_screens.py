"""A terminal with two screens, as the platform reports them: the board fills the second one, and never covers the first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCREENS = {
    "screens": [
        {"name": "desk", "x": 0, "y": 0, "width": 1024, "height": 600},
        {"name": "wall", "x": 1024, "y": 0, "width": 1920, "height": 1080},
    ]
}
PROGRAM = """
from PySide6.QtWidgets import QApplication, QWidget
from ui.wall.window import Hanging

qt = QApplication([])
window, wall = QWidget(), QWidget()
window.resize(800, 500)
window.show()
hanging = Hanging(wall, window)
for screens in (qt.screens(), qt.screens()[:1], qt.screens()):
    hanging.hang(screens)
    qt.processEvents()
    print(window.screen().name(), wall.screen().name(), wall.isFullScreen(), wall.width(), wall.height())
"""


def test_the_board_fills_the_second_screen_leaves_it_when_it_is_unplugged_and_comes_back(tmp_path: Path) -> None:
    config = tmp_path / "screens.json"
    config.write_text(json.dumps(SCREENS))
    env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=env, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["desk wall True 1920 1080", "desk desk False 1280 720", "desk wall True 1920 1080"]
