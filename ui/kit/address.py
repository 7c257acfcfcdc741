"""Address: a page on the web, opened in this machine's browser, or shown as a code for a phone where there is none to open."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.readable import words
from ui.kit.screen import Screen
from ui.theme import role, worn

SIDE = 280  # points of the code on the glass


def open_in_browser(address: str) -> bool:
    """Hands a page to this machine's own browser; whether there was one."""
    return QDesktopServices.openUrl(QUrl(address))


def is_page(address: str) -> bool:
    """Whether it is a page on the web, and nothing that starts a program."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def show_page(bench: Bench, address: str, title: str) -> None:
    """Opens the page; at a kiosk, which has no browser, it is scanned from the screen."""
    if not is_page(address):
        return
    if bench.browse is None or not bench.browse(address):
        bench.ways.go(Place("address", given={"address": address, "title": title}))


class AddressPage(Screen):
    """What the page is about, its code, and its address to be read."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        address = str(place.given.get("address", ""))
        self.title = str(place.given.get("title", "")) or say(_("Page"))
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(role(QLabel(self.title), "title"))
        if not is_page(address):
            layout.addWidget(words(say(_("There is no page to open.")), "heading"), 1)
            return
        layout.addWidget(words(say(_("Scan it with a phone that is in the network of the workshop.")), "heading"))
        layout.addWidget(self._code(bench, address))
        layout.addWidget(words(address, "quiet"))
        layout.addStretch()

    def _code(self, bench: Bench, address: str) -> QLabel:
        picture, label = QPixmap(), QLabel()
        if bench.paper is not None and picture.loadFromData(bench.paper.code(address)):
            label.setPixmap(picture.scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio))
            label.setAccessibleName(say(_("QR code of {address}"), address=address))
        return label
