"""Covers: what lies over the task, a mistake's page or what was not saved, so that no scan is dealt with that nobody sees."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.kernel.words import _
from ui.scan.router import Cover, Router
from ui.shell.crash import CrashPage
from ui.shell.keeping import Keeping


class Covers(QObject):
    """Tells the router what lies on top just now; scans that waited go on once nothing does."""

    def __init__(self, router: Router, crash: CrashPage, keeping: Keeping, parent: QObject) -> None:
        super().__init__(parent)
        self._router, self._crash, self._keeping = router, crash, keeping
        crash.gone_on.connect(self.look)
        keeping.altered.connect(self.look)
        self.look()

    def look(self) -> None:
        before, self._router.cover = self._router.cover, self._top()
        if before is not None and self._router.cover is None:
            self._router.resume()

    def _top(self) -> Cover | None:
        if not self._crash.isHidden():
            refusal = _("Not booked: touch “Go on working” or scan the DONE card first, then scan it again.")
            return Cover(self._crash.go_on, _("Go on working"), refusal)
        if self._keeping.items:
            refusal = _("Not booked: what was scanned before is not saved yet. Scan the DONE card to try it again.")
            return Cover(self._keeping.try_again, _("It is tried again."), refusal)
        return None
