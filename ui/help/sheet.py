"""Help sheet: the handbook over the task: its pages at the left, by title or by what is typed; the page at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.help.handbook import NEWS, ROOT, Section, followed, search, text_of, told
from ui.kit.buttons import quiet
from ui.kit.picker import ResultList, step_of
from ui.kit.sheet import Sheet
from ui.theme import role, worn

MARGIN, LEAST = 12, 480  # round a picture; and the page, which has no width before it is seen
PAGING = (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_End)


class Pages(QTextBrowser):
    """Markdown with its pictures, none wider than the page."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value or not isinstance(found, bytes | QByteArray):
            return found
        picture, room = QImage.fromData(found), max(self.viewport().width(), LEAST) - 2 * MARGIN
        return picture if picture.width() <= room else picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)


class HelpSheet(Sheet):
    """Opens at a page; everything in it is read from the files beside the program, and no network is asked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.page = ""
        self._before: list[str] = []
        self.box = role(QLineEdit(), "scan")
        self.list = ResultList(say(_("Pages of the handbook")))
        size = worn().density.icon
        self.list.setIconSize(QSize(size, size))
        self.list.picked.connect(self._picked)
        self.text = Pages()
        self.text.setOpenLinks(False)
        self.text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.text.anchorClicked.connect(self._follow)
        self._back = quiet(say(_("Back")), "back")
        self._back.clicked.connect(self._go_back)
        self.box.textEdited.connect(lambda _text: self._seek())
        self.box.installEventFilter(self)
        self._lay_out()

    def _lay_out(self) -> None:
        gap = worn().density.gap
        top = QHBoxLayout()
        top.setSpacing(gap)
        for widget, stretch in ((self.box, 1), (self._back, 0), (self._close, 0)):
            top.addWidget(widget, stretch)
        body = QHBoxLayout()
        body.setSpacing(gap)
        body.addWidget(self.list, 2)
        body.addWidget(self.text, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(top)
        layout.addLayout(body, 1)

    # --------------------------------------------------------------------------------------------------------- opening

    def open(self, link: str) -> None:
        """The handbook at page#heading; a second time it closes."""
        if self.isVisible():
            self.leave()
            return
        self._begin()
        self.show_page(link)
        self._seek()

    def open_news(self, names: list[str]) -> None:
        """What is new, one page of changes below the other."""
        self._begin()
        self._write(f"{NEWS}/README.md", told(names))
        self._seek()

    def _begin(self) -> None:
        self._before = []
        self._back.setText(say(_("Back")))
        self._back.hide()
        self.box.setPlaceholderText(say(_("Find in the handbook")))
        self.box.setAccessibleName(say(_("Find in the handbook")))
        self.text.setAccessibleName(say(_("The handbook's page")))
        self.box.clear()
        self.cover()
        self.box.setFocus()

    def show_page(self, link: str) -> None:
        """A page, scrolled to its heading."""
        page, _hash, heading = link.partition("#")
        self._write(page, text_of(page))
        if heading:
            self._scroll_to(heading)

    def _write(self, page: str, markdown: str) -> None:
        self.page = page
        self.text.setSearchPaths([str((ROOT / page).parent)])
        self.text.document().setDefaultFont(worn().font())
        self.text.document().setMarkdown(markdown, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def _scroll_to(self, heading: str) -> None:
        """The heading stands at the top; where there is none of these words, the page begins."""
        plain = heading.replace("-", " ").casefold()
        block = self.text.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text().casefold() in (heading.casefold(), plain):
                top = self.text.document().documentLayout().blockBoundingRect(block).top()
                self.text.verticalScrollBar().setValue(int(top))
                return
            block = block.next()

    # --------------------------------------------------------------------------------------------------------- walking

    def _seek(self) -> None:
        found = search(self.box.text().strip())
        nothing = say(_("The handbook says nothing about “{text}”."), text=self.box.text().strip())
        self.list.show_rows([(one.words, one) for one in found] or [(nothing, None)])

    def _picked(self, section: Section) -> None:
        self._go(section.link)

    def _follow(self, url: QUrl) -> None:
        link = followed(self.page, url.toString())
        if link:
            self._go(link)

    def _go(self, link: str) -> None:
        self._before.append(self.page)
        self._back.show()
        self.show_page(link)

    def _go_back(self) -> None:
        if self._before:
            self.show_page(self._before.pop())
            self._back.setVisible(bool(self._before))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        """Arrows walk through the pages, Page Up and Down turn the page that is read, Escape closes."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.list.pick()
        elif key in PAGING:
            QApplication.sendEvent(self.text, QKeyEvent(event.type(), key, event.modifiers()))
        else:
            return self.list.step(step_of(event))
        return True
