"""Photo: one photo of a record, as large as the screen allows; where it lies at the hub alone, it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout
from sqlalchemy.orm import Session

from app.kernel import blobs
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.live import Once
from ui.kit.photos import AWAY, COMING, WORDS, Photo, photos_of
from ui.kit.screen import Deed, Screen
from ui.kit.strip import AGAIN
from ui.theme import role, worn

EDGE = 2048  # pixels of its longer side: more than a screen shows
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
Found = tuple[list[Photo], UUID, bytes]


class PhotoPage(Screen):
    """`place.id` is the record, `place.given["photo"]` the photo that it opens with."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Photo"))
        self._at: UUID = place.given["photo"]
        self._photos: list[Photo] = []
        self._whole, self._wanted = QPixmap(), set[str]()
        self._name, self._told = role(QLabel(), "heading"), role(QLabel(), "quiet")
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setMinimumSize(1, 1)
        self._picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        gap = worn().density.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        column.addWidget(self._name)
        column.addWidget(self._told)
        column.addWidget(self._picture, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._once = Once(bench, self, self._look, self._show)
        self._later = QTimer(self, singleShot=True, interval=AGAIN)
        self._later.timeout.connect(self._once.ask)

    def arrive(self) -> None:
        self._once.ask()

    def _look(self) -> Callable[[], Found]:
        bench, name, ident, at = self.bench, self.place.name, self.place.id, self._at

        def look() -> Found:
            photos = photos_of(bench, name, ident) if ident is not None else []
            photo = next((one for one in photos if one.id == at), None)
            if photo is None:
                return photos, at, b""
            with bench.app.read(bench.actor) as session:
                content = blobs.content_of(session, bench.actor.org_id, photo.sha256)
            return photos, at, (blobs.small_picture(content, EDGE) if content else photo.small) or b""

        return look

    def _show(self, found: Found) -> None:
        self._photos, at, content = found
        photo = self._photo
        if at != self._at or photo is None:
            self._name.setText("" if photo else say(_("This record is not here any more.")))
            return
        self._whole = QPixmap()
        self._whole.loadFromData(content)
        self._name.setText(photo.name)
        self._told.setText(
            " · ".join(part for part in (photo.told, say(WORDS[photo.way]) if photo.way else "", self._lacks) if part)
        )
        self._picture.setAccessibleName(photo.name)
        self._draw()
        if photo.way in (AWAY, COMING):
            self._want(photo)
        self.altered.emit()

    @property
    def _lacks(self) -> str:
        photo = self._photo
        if photo is not None and photo.way in (AWAY, COMING):
            return say(_("Small as yet: the whole photo comes with the next exchanges."))
        return say(_("This file is no photo that can be shown.")) if self._whole.isNull() else ""

    def _want(self, photo: Photo) -> None:
        """Asks the hub for it, once, and looks again until it is here."""
        org, name = self.bench.actor.org_id, photo.sha256

        def want(session: Session) -> None:
            blobs.mark(session, org, name, "wanted")
            session.commit()

        if photo.way == AWAY and name not in self._wanted:
            self._wanted.add(name)
            self.bench.write(want)
            self.bench.link.try_now()
        self._later.start()

    def _draw(self) -> None:
        size, scale = self._picture.size(), self.devicePixelRatioF()
        if self._whole.isNull() or size.isEmpty():
            self._picture.clear()
            return
        room = QSize(round(size.width() * scale), round(size.height() * scale))
        drawn = self._whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        drawn.setDevicePixelRatio(scale)
        self._picture.setPixmap(drawn)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    # ------------------------------------------------------------------------------------------------- from one to another

    @property
    def _photo(self) -> Photo | None:
        return next((one for one in self._photos if one.id == self._at), None)

    def _step(self, by: int) -> None:
        idents = [one.id for one in self._photos]
        if self._at in idents:
            self._at = idents[(idents.index(self._at) + by) % len(idents)]
            self._once.ask()

    @property
    def primary(self) -> Deed | None:
        return Deed(say(_("Next photo")), lambda: self._step(1), "next") if len(self._photos) > 1 else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk through the record's photos."""
        if event.key() in STEPS:
            self._step(STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
