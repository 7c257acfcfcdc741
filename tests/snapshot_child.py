"""A program that fetches a store from a folder of pieces: for tests that kill it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from app.kernel.dispatch import Station
from app.kernel.keys import KeyFile, KeyKeeper
from sync.snapshots import Manifest
from sync.terminal.snapshot import fetch_store


class Folder:
    """A folder with a manifest and pieces, as the hub keeps them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def manifest(self, form: str) -> Manifest:
        found = [Manifest.of_json(json.loads(path.read_text("utf-8"))) for path in self._folder.glob("*/manifest.json")]
        return next(one for one in found if one.form == form)

    def piece(self, name: str, number: int, start: int = 0) -> Iterator[bytes]:
        yield (self._folder / name / f"{number:05d}.zst").read_bytes()[start:]


def main() -> None:
    folder, path, form, station, org, piece = sys.argv[1:]
    import sync.terminal.staging as staging

    staging.PIECE = int(piece)
    staging.TOGETHER = 1
    print("begun", flush=True)  # noqa: T201
    station_of = Station(UUID(station), "Europe/Berlin", index=1, enrolled=True)
    fetch_store(Folder(Path(folder)), Path(path), station_of, UUID(org), keeper=KeyKeeper(KeyFile()), form=form)


if __name__ == "__main__":
    main()
