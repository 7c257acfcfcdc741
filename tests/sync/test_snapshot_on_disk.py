"""A new store takes the old one's place in an order that a power cut at any moment leaves whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killing import KEEPER
from replay_world import LEFT, ORG, ZONE, Trio

from app.kernel.dispatch import Station
from sync.hub.feed import Reach
from sync.hub.snapshots import HubSource, Snapshots, here
from sync.snapshots import COLUMNS, FILE
from sync.terminal import snapshot
from sync.terminal.snapshot import fetch_store
from sync.terminal.staging import Stage

Call = Callable[..., Any]


def heard(said: list[str], word: str, real: Call, when: Call = lambda *_all: True) -> Call:
    """The same, and it is taken down that it was called."""

    def called(*given: Any) -> Any:
        if when(*given):
            said.append(word)
        return real(*given)

    return called


@pytest.mark.skipif(sys.platform != "linux", reason="an open file's name is read from /proc")
@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_the_store_is_on_the_disk_before_its_name_and_its_name_before_the_pieces_are_cleared_away(
    form: str, trio: Trio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "terminal" / "terminal.fettle"
    said: list[str] = []

    def staged(descriptor: int) -> bool:
        return os.readlink(f"/proc/self/fd/{descriptor}") == str(Stage.place(path))

    monkeypatch.setattr(snapshot, "_check_kept", heard(said, "complete", snapshot._check_kept))
    monkeypatch.setattr(os, "fsync", heard(said, "synced", os.fsync, staged))
    monkeypatch.setattr(Path, "replace", heard(said, "renamed", Path.replace, lambda _one, to: to == path))
    monkeypatch.setattr(snapshot, "keep_names", heard(said, "name kept", snapshot.keep_names))
    monkeypatch.setattr(Stage, "clear", heard(said, "cleared", Stage.clear))
    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, here(trio.hub.engine, trio.hub.registry))
    station = Station(LEFT, ZONE, index=1, enrolled=True)
    fetch_store(HubSource(snapshots, Reach(ORG)), path, station, ORG, keeper=KEEPER, form=form)
    assert said[said.index("complete") :] == ["complete", "synced", "renamed", "name kept", "cleared"]
