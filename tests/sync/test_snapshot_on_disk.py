"""A new store takes the old one's place in an order that a power cut at any moment leaves whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import KEEPER
from replay_world import LEFT, ORG, ZONE, Trio, morning

from app.kernel.dispatch import Station
from sync.hub.feed import Reach
from sync.hub.snapshots import HubSource, Snapshots, here
from sync.snapshots import COLUMNS, FILE
from sync.terminal import snapshot
from sync.terminal.snapshot import fetch_store
from sync.terminal.staging import Stage


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    made.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="an open file's name is read from /proc")
@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_the_store_is_on_the_disk_before_its_name_and_its_name_before_the_pieces_are_cleared_away(
    form: str, trio: Trio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "terminal" / "terminal.fettle"
    said: list[str] = []
    fsync, replace, keep_names, clear = os.fsync, Path.replace, snapshot.keep_names, Stage.clear

    def synced(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}") == str(Stage.place(path)):
            said.append("synced")
        fsync(descriptor)

    def renamed(one: Path, to: Path) -> Path:
        if to == path:
            said.append("renamed")
        return replace(one, to)

    def kept(folder: Path) -> None:
        said.append("name kept")
        keep_names(folder)

    def cleared(*place: Any) -> None:
        said.append("cleared")
        clear(*place)

    for where, name, instead in ((os, "fsync", synced), (Path, "replace", renamed), (snapshot, "keep_names", kept)):
        monkeypatch.setattr(where, name, instead)
    monkeypatch.setattr(Stage, "clear", cleared)
    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, here(trio.hub.engine, trio.hub.registry))
    station = Station(LEFT, ZONE, index=1, enrolled=True)
    fetch_store(HubSource(snapshots, Reach(ORG)), path, station, ORG, keeper=KEEPER, form=form)
    assert said[said.index("renamed") - 1 :] == ["synced", "renamed", "name kept", "cleared"]
