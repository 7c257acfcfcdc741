"""Window: an empty store's first start: what is wanted, then five screens, each of which may wait, then the open terminal."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from pathlib import Path

from PySide6.QtGui import QCloseEvent

from app.kernel.problems import Refused, Trouble
from app.kernel.words import _, say
from ui.first.frame import Frame, ending
from ui.first.port import Begins, Known
from ui.first.step import Step
from ui.first.steps import steps_for
from ui.first.welcome import OPEN, WelcomePage
from ui.kit.bench import problems_of, sentence_of
from ui.kit.choosing import SHEETS, chosen
from ui.kit.entry import Deed, Entry
from ui.scan.burst import ScannerSetup
from ui.scan.raw import RawScan
from ui.scan.wedge import Wedge

FOUNDER = 1  # the place of the step that makes the administrator
HOW_IN = _("Sign in with your badge, or touch your name and type your PIN.")


class FirstWindow(Entry):
    """`wants` says, once the window has closed, what is to be opened: the terminal, a hub, the demo, or nothing."""

    def __init__(self, begins: Begins, crash: Callable[[BaseException], None], choose: Callable[[], Path | None] | None = None):
        super().__init__(crash, "first")
        self.wants = ""
        self._begins = begins
        self._choose = choose or partial(chosen, self, say(_("Choose a file")), say(_("Sheets")), SHEETS)
        self._listen(ScannerSetup())
        self._steps: tuple[Step, ...] = ()
        self._left: set[int] = set()
        self._frame = Frame(self._bar)
        self._hold(self._frame)
        self.welcome()

    def _listen(self, setup: ScannerSetup) -> None:
        self.wedge = Wedge(setup, parent=self)
        self.wedge.scanned.connect(self._scanned)

    # ----------------------------------------------------------------------------------------------------------- welcome

    def welcome(self) -> None:
        """What is this machine to be? Asked anew when the language changes."""
        page = WelcomePage()
        page.chosen.connect(self.choose_way)
        page.spoken.connect(self.welcome)
        self._frame.put(page)
        self._frame.tell("", say(_("Welcome to Fettle")), say(_("This machine holds no workshop yet. What is it to be?")))
        self._offer((_("Leave it"), "back", self.close))

    def choose_way(self, what: str) -> None:
        """One of the tiles of the welcome was touched."""
        if what == OPEN:
            self.setEnabled(False)
            context = copy_context()  # the reader's language goes along
            self._runner.submit(lambda: context.run(self._begins.begin), self._begun, self._not_begun, self)
        else:
            self.wants = what
            self.close()

    def _begun(self, known: Known) -> None:
        """The steps, from the first that is still to be done."""
        self.setEnabled(True)
        self.wedge.stop()
        self._listen(known.scanner)
        self._steps = steps_for(self._begins, self._runner, known, self._choose)
        for place, step in enumerate(self._steps):
            step.done.connect(lambda place=place: self._done(place))
            step.altered.connect(self._show_bar)
        self.go(1 if known.founded else 0)

    def _not_begun(self, error: Refused | Trouble) -> None:
        self.setEnabled(True)
        self._failed(error)

    # ------------------------------------------------------------------------------------------------------------- steps

    @property
    def step(self) -> Step | None:
        seen = self._frame.seen
        return seen if isinstance(seen, Step) else None

    def go(self, place: int) -> None:
        """Shows a step; behind the last one is the end."""
        if place >= len(self._steps):
            self._end()
            return
        step = self._steps[place]
        self._frame.put(step)
        where = say(_("{count} of {all}"), count=place + 1, all=len(self._steps))
        self._frame.tell(where, say(step.label), say(step.advice))
        self._show_bar()
        step.setFocus()

    def _done(self, place: int) -> None:
        self._left.discard(place)
        self.go(place + 1)

    def _leave(self, place: int) -> None:
        self._left.add(place)
        self.go(place + 1)

    def _show_bar(self) -> None:
        step = self.step
        if step is None:
            return
        place = self._steps.index(step)
        back: tuple[Deed, ...] = ((_("Back"), "back", lambda: self.go(place - 1)),) if place else ()
        later: tuple[Deed, ...] = ((_("Later"), "next", lambda: self._leave(place)),) if step.waits else ()
        self._offer(*back, *later, (step.verb, "check", step.submit))
        for button in self._buttons:
            button.setEnabled(not step.busy)

    def _end(self) -> None:
        """What is there, what waits, and how one comes in."""
        self._frame.put(ending([step for place, step in enumerate(self._steps) if place in self._left]))
        if getattr(self._steps[FOUNDER], "there", True):
            self._frame.tell("", say(_("The workshop is open")), say(HOW_IN))
            self._offer((_("Back"), "back", lambda: self.go(len(self._steps) - 1)), (_("Open the terminal"), "next", self._open))
        else:
            self._frame.tell("", say(_("Nobody can sign in yet")), say(_("The terminal opens once there is an administrator.")))
            self._offer((_("Leave it"), "back", self.close), (_("Make the administrator"), "people", lambda: self.go(FOUNDER)))

    def _open(self) -> None:
        self.wants = OPEN
        self.close()

    # ---------------------------------------------------------------------------------------------------- what comes in

    def _scanned(self, scan: RawScan) -> None:
        if self.step is not None:
            self.step.takes(scan)

    def _failed(self, error: Refused | Trouble) -> None:
        self._frame.complain(sentence_of(problems_of(error)[0]))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.wedge.stop()
        super().closeEvent(event)
