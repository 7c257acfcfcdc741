"""Voice: how the terminal answers: a sound and its flash, the scan line, a message, or the crash page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import sentence_of
from ui.kit.flash import Announcer, FlashStrip
from ui.kit.sound import Outcome as Tone
from ui.kit.sound import Sounds
from ui.kit.toast import Toast
from ui.report import Reports
from ui.scan.router import Router
from ui.shell.crash import CrashPage
from ui.shell.scanline import ScanLine

_HEARD = {
    Outcome.SUCCESS: Tone.OK,
    Outcome.ASK: Tone.ASK,
    Outcome.DUPLICATE: Tone.DUPLICATE,
    Outcome.ERROR: Tone.ERROR,
    Outcome.NOT_FOUND: Tone.ERROR,
}
_TONES = {Tone.OK: "ok", Tone.HEARD: "", Tone.ASK: "ask", Tone.DUPLICATE: "warn", Tone.ERROR: "danger"}


class Voice(QObject):
    """The one place from which the window speaks. `covered`: something lies over the task now."""

    covered = Signal()

    def __init__(
        self, sounds: Sounds, strip: FlashStrip, line: ScanLine, toast: Toast, crash: CrashPage, router: Router, reports: Path
    ) -> None:
        super().__init__()
        self._sounds, self._strip, self._line, self._toast, self._crash = sounds, strip, line, toast, crash
        self._router = router
        self._reports = Reports(reports)
        self._announcer = Announcer(sounds, strip)
        router.slow.connect(self.busy)
        router.unbooked.connect(self.stands)
        router.unlogged.connect(self.stands)

    def hear(self, outcome: Outcome, said: str, committed: bool) -> None:
        """Every outcome is heard and seen. The OK tone is for what was committed; what was only understood has its own."""
        heard = _HEARD[outcome]
        if heard is Tone.OK and not committed:
            heard = Tone.HEARD
        self._announcer.announce(heard, said)
        self._line.show_last(_TONES[heard], said)

    def try_out(self, tone: Tone) -> None:
        """A sound with its flash, to hear whether it can be heard."""
        heard = (
            say(_("This is how it sounds.")) if self._sounds.available else say(_("This machine has no sound: watch the flash."))
        )
        self._announcer.announce(tone, heard)

    def hush(self) -> None:
        """The next scan has come: what was shown of the last one has been seen."""
        self._strip.acknowledge()
        self._toast.clear()

    def trouble(self, problem: Problem) -> None:
        """The disk, a lock or a rule, of which no scan is guilty: it stays on the screen, and sounds only between scans."""
        if self._router.idle:
            self.hear(Outcome.ERROR, sentence_of(problem), False)
        self._toast.show_message(sentence_of(problem), "danger")

    def busy(self, said: str) -> None:
        """Something takes a while: it is seen, and not heard."""
        self._line.show_last("", said)

    def not_saved(self, problem: Problem) -> None:
        """What was tried again was not saved this time either; its page says so too."""
        self.hear(Outcome.ERROR, say(_("NOT SAVED: {why}"), why=sentence_of(problem)), False)

    def stands(self, said: str) -> None:
        """What was told by its sound already stays on the screen until the next scan."""
        self._toast.show_message(said, "danger")

    def crashed(self, bug: BaseException) -> None:
        """A bug: the page says so, and the report says where."""
        self._crash.show_report(self._reports.of(bug))
        self.covered.emit()
