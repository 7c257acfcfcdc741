"""The window beside its hub: the engine runs while the window stands, and what the hub orders is done once it has closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.assemble import Terminal, open_terminal
from app.kernel import meta
from app.kernel.dispatch import Station
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.store import mark_of
from sync import signing
from sync.terminal.identity import HUB, Membership
from ui.cli.linked import Linked


@pytest.fixture
def alone(shop: Any) -> Iterator[Terminal]:
    terminal = open_terminal(shop.store, keeper=KeyKeeper(KeyFile()))
    yield terminal
    terminal.close()


def enrolled(shop: Any, *, key: bool = True) -> Terminal:
    """A terminal of a hub that nobody can reach; with its key, or without."""
    keeper = KeyKeeper(KeyFile())
    terminal = open_terminal(shop.store, keeper=keeper)
    private = keeper.make_beside(Path(shop.folder))
    public = signing.public_of(private)
    mark = mark_of(private) if key else mark_of(bytes(32))
    hub = Membership("http://127.0.0.1:9", public, public, mark, "Counter")

    def keep() -> None:
        with terminal.app.writer.sessions() as session:
            meta.keep_station(session, Station(uuid4(), enrolled=True))
            meta.keep(session, HUB, hub.plain())
            session.commit()

    terminal.app.writer.run(keep)
    terminal.close()
    return open_terminal(shop.store, keeper=keeper)


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.terminal.joined.machine_keeper", lambda: KeyKeeper(KeyFile()))


def test_a_terminal_that_works_alone_has_no_engine(alone: Terminal) -> None:
    assert Linked.of(alone) is None


def test_a_terminal_whose_key_is_gone_opens_and_says_so(shop: Any, keyed: None, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = enrolled(shop, key=False)
    assert Linked.of(terminal) is None
    assert "enrol it again" in capsys.readouterr().err
    terminal.close()


def test_the_engine_runs_while_the_window_stands(shop: Any, keyed: None, qapp: QApplication) -> None:
    terminal = enrolled(shop)
    linked = Linked.of(terminal)
    assert linked is not None
    told = threading.Event()
    linked.engine.listen(told.set)
    linked.start(qapp)
    assert told.wait(10)
    linked.close()
    assert linked.engine.state().kind == "offline"
    assert linked.obeyed(0) == 0
    terminal.close()


def test_what_the_hub_orders_closes_the_window_and_is_done_then(
    shop: Any, keyed: None, qapp: QApplication, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = enrolled(shop)
    linked = Linked.of(terminal)
    assert linked is not None
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    monkeypatch.setattr(linked.engine, "start", lambda: None)
    linked.start(qapp)
    order: Callable[[object], None] = linked._wiped
    threading.Thread(target=order, args=("the order",)).start()
    qtbot.waitUntil(lambda: not window.isVisible())
    done: list[object] = []
    monkeypatch.setattr("ui.cli.sync.obey", lambda _terminal, identity: done.append(identity) or 1)
    linked.close()
    assert linked.obeyed(0) == 1
    assert done == ["the order"]
    terminal.close()
