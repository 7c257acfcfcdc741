"""`fettle enrol` and `fettle hub enrol-code`: from a code at the hub to a terminal that holds what it should."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import zxingcpp
from PIL import Image
from sqlalchemy import URL

from app.assemble import open_terminal
from app.kernel.access import system
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Trouble
from sync.hub.main import Hub, asgi
from sync.terminal.exchange import exchange
from sync.terminal.joined import joined
from ui.cli.joining import Joining
from ui.joining.port import Far
from world import World


@dataclass
class Served:
    """A hub on a port of its own, and `fettle hub …` beside it."""

    hub: Hub
    address: str
    verb: Callable[..., Any]


@pytest.fixture
def served(postgres: URL, tmp_path: Path, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("DATABASE_URL", postgres.render_as_string(hide_password=False))
    for place in ("app.kernel.keys", "sync.terminal.enrol", "sync.terminal.starting", "sync.terminal.snapshot"):
        monkeypatch.setattr(f"{place}.machine_keeper", lambda: KeyKeeper(KeyFile()))
    folder = tmp_path / "hub"
    hub = Hub.open(postgres, folder)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi(hub), log_config=None))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield Served(hub, address, lambda *arguments: fettle("hub", *arguments, store=folder))
    hub.stopping.set()
    server.should_exit = True
    thread.join()
    listening.close()
    hub.close()


def test_a_fresh_machine_joins_by_what_the_qr_code_says(served: Served, fettle: Callable[..., Any], tmp_path: Path) -> None:
    World(served.hub.app).furnish()
    picture = tmp_path / "code.png"
    told = served.verb("enrol-code", "--name", "Counter", "--site", "m", "--url", served.address, "--to", str(picture))
    assert told.code == 0
    assert picture.stat().st_mode & 0o077 == 0, "whoever reads it may come in"
    with Image.open(picture) as shown:
        (found,) = zxingcpp.read_barcodes(shown.convert("L"))
    assert found.text == told.line["link"]

    said = fettle("enrol", found.text, store=tmp_path / "machine")
    assert (said.code, said.line["name"], said.line["organisation"]) == (0, "Counter", "Moto Keller")
    assert said.line["hub_words"] == told.line["hub_words"]
    (known,) = served.verb("status", "--json").line["each_terminal"]
    assert (known["name"], known["id"], known["words"]) == ("Counter", said.line["terminal"], said.line["words"])
    assert "Counter" in served.verb("status").out
    assert served.verb("fingerprint", "--device", known["id"]).line["part"]["count"] == 5
    terminal = open_terminal(tmp_path / "machine" / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    try:
        assert terminal.app.count("part", system(terminal.org_id)) == 5
        assert joined(terminal, KeyKeeper(KeyFile())).identity.hub.url == served.address
    finally:
        terminal.close()
    assert fettle("enrol", served.address, told.line["code"], store=tmp_path / "other").code == 1, "the code is used up"


def test_a_shop_that_worked_alone_is_taken_over_by_an_empty_hub(served: Served, shop: Any, fettle: Callable[..., Any]) -> None:
    for place in ("--site", "--warehouse", "--organisation"):
        said = served.verb("enrol-code", place, "M")
        assert (said.code, said.out) == (2, "")
        assert place in said.words, "an empty hub knows no places"
    code = served.verb("enrol-code").line["code"]
    said = fettle("enrol", served.address, code, "--name", "First")
    assert (said.code, said.line["adopts"]) == (0, True)
    terminal = open_terminal(shop.store, keeper=KeyKeeper(KeyFile()))
    try:
        while exchange(terminal.app, served.hub.peer).behind:
            pass
    finally:
        terminal.close()
    assert list(served.hub.organisations().values()) == ["Moto Keller"]
    assert fettle("fingerprint").line == served.verb("fingerprint").line


def test_a_machine_joins_in_the_window_and_its_rows_are_counted_as_they_come(served: Served, tmp_path: Path) -> None:
    World(served.hub.app).furnish()
    code = served.verb("enrol-code", "--name", "Counter", "--site", "m", "--url", served.address).line
    store, far = tmp_path / "machine" / "terminal.fettle", list[Far]()
    joining = Joining(store, KeyKeeper(KeyFile()))
    invitation = joining.read(code["link"])
    assert invitation is not None
    assert (invitation.hub, invitation.words) == (served.address, code["hub_words"])
    assert joining.read(served.address) is None
    joined = joining.join(invitation)
    assert (joined.name, joined.organisation, joined.fresh, joined.hub_words) == (
        "Counter",
        "Moto Keller",
        True,
        code["hub_words"],
    )
    with pytest.raises(Trouble) as stopped:
        joining.fetch(far.append, lambda: True)
    assert stopped.value.problem.code == "snapshot.stopped"
    joining.fetch(far.append, lambda: False)
    assert far[-1].done == far[-1].total > 0
    terminal = open_terminal(store, keeper=KeyKeeper(KeyFile()))
    try:
        assert terminal.app.count("part", system(terminal.org_id)) == 5
    finally:
        terminal.close()


def test_a_store_that_was_cut_on_its_way_is_gone_on_with_by_the_same_call(
    served: Served, fettle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(served.hub.app).furnish()
    code = served.verb("enrol-code", "--name", "Counter").line["code"]

    def cut(*_all: Any) -> Any:
        raise Trouble("hub.away", "The hub cannot be reached.")

    with monkeypatch.context() as patched:
        patched.setattr("sync.terminal.snapshot._put_in_place", cut)
        said = fettle("enrol", served.address, code, store=tmp_path / "machine")
    assert (said.code, said.line["name"]) == (3, "Counter")
    assert list((tmp_path / "machine").glob("*.new*"))
    again = fettle("enrol", served.address, code, store=tmp_path / "machine")
    assert (again.code, again.line["terminal"]) == (0, said.line["terminal"])
    assert {one.suffix for one in (tmp_path / "machine").iterdir()} == {".fettle", ".key", ".lock"}
    terminal = open_terminal(tmp_path / "machine" / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    try:
        assert terminal.app.count("part", system(terminal.org_id)) == 5
    finally:
        terminal.close()


def test_what_is_wrong_with_a_call_is_said(served: Served, fettle: Callable[..., Any], tmp_path: Path) -> None:
    World(served.hub.app).furnish()
    assert fettle("enrol", served.address).code == 2
    assert fettle("enrol", "no address", "CODE", store=tmp_path / "new").code == 1
    assert fettle("enrol", "http://127.0.0.1:9", "CODE", store=tmp_path / "new").code == 3
    assert served.verb("enrol-code", "--site", "nowhere").code == 2
    assert served.verb("enrol-code", "--organisation", "nobody").code == 2
    assert served.verb("recover", str(tmp_path / "nothing")).code == 3
    (tmp_path / "something").write_bytes(b"x" * 100)
    assert served.verb("recover", str(tmp_path / "something")).code == 3
    assert not (tmp_path / "new" / "terminal.fettle").exists()
