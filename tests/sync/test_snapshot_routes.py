"""Snapshots over HTTP: told, cut into parts, gone on with, and refused in words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from replay_world import LEFT, ORG, ZONE, Trio
from wired import Client

from app.assemble import open_terminal
from app.kernel.dispatch import Station
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Refused, Trouble
from app.parts.model import Part
from sync.hub import problems
from sync.hub.feed import Reach
from sync.hub.snapshot_routes import routes
from sync.hub.snapshots import Make, Snapshots, here
from sync.pool import Reply
from sync.snapshots import COLUMNS, FILE, Manifest
from sync.terminal.http import judged
from sync.terminal.snapshot import fetch_store
from sync.terminal.snapshot_line import FIRST, SMALLEST, HttpSource

Serves = Callable[[Make], Client]


@pytest.fixture
def serves(trio: Trio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serves:
    """A hub that builds as it is told, and serves everybody, who wait for it as long as it takes."""
    monkeypatch.setattr("sync.hub.snapshot_routes.PATIENCE", 20.0)

    def make(builds: Make) -> Client:
        app = FastAPI()
        problems.install(app)
        snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, builds)
        app.include_router(routes(lambda _request: Reach(ORG), lambda: 1_790_000_000_000, snapshots))
        return Client(app)

    return make


@pytest.fixture
def client(serves: Serves, trio: Trio) -> Client:
    return serves(here(trio.hub.engine, trio.hub.registry))


@pytest.fixture
def piece(client: Client) -> tuple[str, bytes]:
    """The address of a piece, and the whole of it."""
    manifest = Manifest.of_json(client.ask("GET", "/sync/v1/snapshot").json())
    address = f"/sync/v1/snapshot/{manifest.name}/0"
    return address, client.ask("GET", address).content


class Asks:
    """A terminal's signed line, without the signature."""

    def __init__(self, client: Client, fails: int = 0) -> None:
        self.client = client
        self.fails = fails
        self.asked: list[str] = []

    def ask(self, method: str, target: str, body: bytes = b"") -> Reply:
        self.asked.append(target)
        if self.fails and "most=" in target:
            self.fails -= 1
            raise Trouble("hub.silent", "The hub does not answer in time.")
        answer = self.client.ask(method, target)
        return judged(Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content))


@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_a_terminal_fetches_its_store_over_http(form: str, client: Client, tmp_path: Path, trio: Trio) -> None:
    path = tmp_path / "terminal" / "terminal.fettle"
    keeper = KeyKeeper(KeyFile(lambda: b"this machine"))
    fetch_store(HttpSource(Asks(client)), path, Station(LEFT, ZONE), ORG, keeper=keeper, form=form)
    terminal = open_terminal(path, keeper=keeper)
    with terminal.app.read_engine.connect() as connection:
        count = len(connection.execute(Part.__table__.select()).all())
    terminal.close()
    assert count == len(trio.hub.all(Part))


def test_a_piece_can_be_asked_for_by_range(client: Client, piece: tuple[str, bytes]) -> None:
    address, whole = piece
    answer = client.ask("GET", address, headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.content == whole[10:20]
    assert answer.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert client.ask("GET", address, headers={"Range": "bytes=10-"}).content == whole[10:]


def test_a_range_beyond_the_end_is_refused(client: Client, piece: tuple[str, bytes]) -> None:
    address, whole = piece
    assert client.ask("GET", address, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_piece_that_is_no_more_is_gone(client: Client, piece: tuple[str, bytes]) -> None:
    address, _whole = piece
    for beside in (f"{address}99", address.rpartition("/")[0] + "/-1", address.rpartition("/")[0] + "/x"):
        answer = client.ask("GET", beside)
        assert answer.status_code == 410
        assert answer.json()["code"] == "snapshot.gone"


def test_a_form_that_nobody_knows_is_refused(client: Client) -> None:
    answer = client.ask("GET", "/sync/v1/snapshot?form=cake")
    assert answer.status_code == 400
    assert answer.json()["code"] == "snapshot.form"


def test_who_asks_while_the_hub_builds_is_told_to_ask_again(serves: Serves, trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.snapshot_routes.PATIENCE", 0.0)
    may_build, built = threading.Event(), threading.Event()
    make = here(trio.hub.engine, trio.hub.registry)

    def patiently(reach: Reach, form: str, folder: Path) -> None:
        may_build.wait(20)
        make(reach, form, folder)
        built.set()

    client = serves(patiently)
    answer = client.ask("GET", "/sync/v1/snapshot")
    assert answer.status_code == 503
    assert answer.json()["code"] == "snapshot.building"
    assert answer.headers["retry-after"]
    may_build.set()
    built.wait(20)
    monkeypatch.setattr("sync.hub.snapshot_routes.PATIENCE", 20.0)
    assert client.ask("GET", "/sync/v1/snapshot").status_code == 200


def test_every_answer_carries_the_hubs_time(client: Client, piece: tuple[str, bytes]) -> None:
    for address in ("/sync/v1/snapshot", "/sync/v1/snapshot?form=x", piece[0]):
        assert client.ask("GET", address).headers["fettle-time"] == "1790000000000"


def test_a_line_that_fails_is_asked_for_less(client: Client, piece: tuple[str, bytes]) -> None:
    name = piece[0].split("/")[-2]
    asks = Asks(client, fails=2)
    source = HttpSource(asks)
    for _attempt in range(2):
        with pytest.raises(Trouble):
            list(source.piece(name, 0))
    assert b"".join(source.piece(name, 0)) == piece[1]
    sizes = [int(target.rpartition("=")[2]) for target in asks.asked]
    assert sizes[:3] == [FIRST, FIRST // 2, FIRST // 4]
    assert min(sizes) >= SMALLEST


def test_what_is_no_manifest_is_not_believed(client: Client) -> None:
    good = client.ask("GET", "/sync/v1/snapshot").json()
    for bad in (
        None,
        [],
        {},
        {**good, "form": "cake"},
        {**good, "cursor": "1"},
        {**good, "pieces": [{"size": 1 << 40, "plain": 1, "sha256": ""}]},
        {**good, "pieces": [{"size": 1, "plain": 1 << 40, "sha256": ""}]},
        {**good, "pieces": [{"size": "x", "plain": 1, "sha256": ""}]},
    ):
        with pytest.raises((Trouble, Refused)):
            Manifest.of_json(bad)


class Flips(Asks):
    """A line that changes one bit of every manifest."""

    def ask(self, method: str, target: str, body: bytes = b"") -> Reply:
        reply = super().ask(method, target, body)
        place = reply.body.index(b"sha256") + 12
        changed = reply.body[:place] + bytes([reply.body[place] ^ 1]) + reply.body[place + 1 :]
        return Reply(reply.status, reply.headers, changed)


def test_a_manifest_of_which_a_bit_was_changed_on_the_way_is_not_gone_by(client: Client) -> None:
    assert HttpSource(Asks(client)).manifest(FILE).pieces
    with pytest.raises(Trouble, match="cannot be understood"):
        HttpSource(Flips(client)).manifest(FILE)
