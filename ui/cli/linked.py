"""The engine beside the window: begun once the window stands, asked again when the network is back, ended before the store."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from ui.cli import out

if TYPE_CHECKING:
    from app.assemble import Terminal
    from sync.terminal.engine import Engine


class Linked(QObject):
    """An enrolled terminal's engine, and what the hub may order."""

    _ordered = Signal()

    def __init__(self, terminal: Terminal) -> None:
        """Trouble where its key is not on this machine."""
        super().__init__()
        from sync.terminal.joined import joined

        self._terminal = terminal
        self._order: Any = None
        self._network: Any = None
        self.engine: Engine = joined(terminal, wiped=self._wiped).engine

    @classmethod
    def of(cls, terminal: Terminal) -> Linked | None:
        """None for a terminal that works alone, and for one whose key is gone: it works on, and whoever started it is told."""
        from app.kernel.problems import Trouble

        if not terminal.app.station.enrolled:
            return None
        try:
            return cls(terminal)
        except Trouble as trouble:
            out.explain(trouble.problem)
            return None

    def start(self, qt: QApplication) -> None:
        self._ordered.connect(qt.closeAllWindows, Qt.ConnectionType.QueuedConnection)
        self.engine.start()
        self._watch_network()

    def close(self) -> None:
        self.engine.close()

    def obeyed(self, code: int) -> int:
        """The exit code; before that, what the hub ordered is done."""
        if self._order is None:
            return code
        from ui.cli.sync import obey

        return obey(self._terminal, self._order)

    def _wiped(self, identity: Any) -> None:
        """On the engine's thread."""
        self._order = identity
        self._ordered.emit()

    def _watch_network(self) -> None:
        """Where the system tells that the network is back, the engine need not wait for its own next try."""
        with suppress(ImportError):
            from PySide6.QtNetwork import QNetworkInformation

            if QNetworkInformation.loadDefaultBackend():
                self._network = QNetworkInformation.instance()
                self._network.reachabilityChanged.connect(self._reachability)

    def _reachability(self, reachable: Any) -> None:
        from PySide6.QtNetwork import QNetworkInformation

        if reachable == QNetworkInformation.Reachability.Online:
            self.engine.try_now()
