"""The words of the program for translators: `python packaging/words.py` brings every catalogue in resources/locale up to date.

What is marked in the program and new stands in it without a translation; what is gone goes.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOMES = ("app", "ui", "sync", "printing")
sys.path.insert(0, str(ROOT))

from app.kernel import po  # noqa: E402 - it is found once the root is on the path


def marked() -> dict[str, str]:
    """Every text that is marked with `_`, and the first file that it stands in."""
    found: dict[str, str] = {}
    for home in HOMES:
        for file in sorted((ROOT / home).rglob("*.py")):
            for message in _in(file):
                found.setdefault(message, file.relative_to(ROOT).as_posix())
    return found


def _in(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def main() -> int:
    """How many translations are lacking, for each catalogue; 1 where any is."""
    homes, lacking = marked(), 0
    for path in sorted((ROOT / "resources" / "locale").glob("*.po")):
        known = po.read(path)
        po.write(path, path.stem, {message: known.get(message, "") for message in homes}, homes)
        empty = [message for message in homes if message not in known]
        lacking += len(empty)
        print(f"{path.stem}: {len(homes) - len(empty)} translated, {len(empty)} lacking")
        for message in empty[:20]:
            print(f"  {homes[message]}: {message}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
