"""Window: joining a hub from the first touch to the open terminal: what is wanted, how far it is, what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.kernel.problems import Refused, Trouble
from app.kernel.words import _, say
from ui.joining.form import InvitationForm
from ui.joining.port import Far, Invitation, Joined, Joins
from ui.joining.steps import Steps
from ui.kit.bench import problems_of
from ui.kit.entry import Entry
from ui.theme import role, tone, worn

STEPS = (_("The hub lets this machine in"), _("What it is to hold is fetched"), _("It is put in place"))
ASK, FETCH, LAY, OVER = range(4)
LOOKED_AT = 100  # milliseconds between two counts
PATIENCE = _("Whoever looks after the hub makes a code there: fettle hub enrol-code. It is good for ten minutes.")


class JoinWindow(Entry):
    """`opens` says, once the window has closed, whether there is a terminal to be opened."""

    def __init__(self, joins: Joins, crash: Callable[[BaseException], None], name: str = "", *, first: bool = False) -> None:
        super().__init__(crash, "joining")
        self.opens = False
        self._joins = joins
        self._stopping = threading.Event()
        self._step, self._far = ASK, Far("fetch", 0, 0)
        self._joined: Joined | None = None
        self._title = role(QLabel(say(_("Join a hub"))), "title")
        self._said = role(QLabel(say(_("This machine holds no workshop yet.") if first else "")), "heading")
        self._advice = role(QLabel(say(PATIENCE)), "quiet")
        self._form = InvitationForm(joins.read, name)
        self._form.given.connect(self._join)
        self._steps = Steps(tuple(say(one) for one in STEPS))
        self._stage = QStackedWidget()
        self._looks = QTimer(self, interval=LOOKED_AT)
        self._looks.timeout.connect(self._count)
        self._lay_out()
        self._ask()

    def _lay_out(self) -> None:
        gap = worn().density.gap
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(4 * gap, 4 * gap, 4 * gap, 2 * gap)
        column.setSpacing(2 * gap)
        for label in (self._title, self._said, self._advice):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        steps = QWidget()
        inside = QVBoxLayout(steps)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._steps)
        inside.addStretch()
        for one in (self._form, steps):
            self._stage.addWidget(one)
        column.addWidget(self._stage, 1)
        column.addLayout(self._bar)
        self._hold(whole)

    def _tell(self, sentence: str, advice: str = "", tone_name: str = "") -> None:
        self._said.setText(sentence)
        self._advice.setText(advice)
        self._said.setVisible(bool(sentence))
        self._advice.setVisible(bool(advice))
        tone(self._said, tone_name)

    # ------------------------------------------------------------------------------------------------------- step by step

    def _ask(self) -> None:
        self._said.setVisible(bool(self._said.text()))
        self._stage.setCurrentIndex(0)
        self._offer((_("Leave it"), "back", self.close), (_("Join the hub"), "sync", self._form.submit))
        self._form.setFocus()

    def _join(self, invitation: Invitation) -> None:
        self._begin(ASK)
        self._runner.submit(lambda: self._joins.join(invitation), self._let_in, self._not_let_in, self)

    def _begin(self, step: int) -> None:
        """Something is under way."""
        self._stopping.clear()
        self._step, self._far = step, Far("fetch", 0, 0)
        self._tell("")
        self._steps.reach(step)
        self._stage.setCurrentIndex(1)
        self._offer((_("Stop"), "cross", self._stop))
        self._looks.start()

    def _let_in(self, joined: Joined) -> None:
        self._joined = joined
        if not joined.fresh:
            self._over()
        elif self._stopping.is_set():
            self._interrupted(say(_("Stopped: this machine belongs to the hub now, and its rows are still there.")), "")
        else:
            self._fetch()

    def _not_let_in(self, error: Refused | Trouble) -> None:
        """All is as it was before: what was typed can be put right."""
        self._looks.stop()
        self._form.fail(problems_of(error)[0])
        self._tell("", say(PATIENCE))
        self._ask()

    def _fetch(self) -> None:
        self._begin(FETCH)
        stop = self._stopping.is_set
        self._runner.submit(lambda: self._joins.fetch(self._went, stop), lambda _none: self._over(), self._failed, self)

    def _went(self, far: Far) -> None:
        """On the thread that fetches; the screen looks at it ten times a second."""
        self._far = far

    def _count(self) -> None:
        far = self._far
        if self._step == ASK or not far.total:
            return
        step = FETCH if far.step == "fetch" else LAY
        if step != self._step:
            self._step = step
            self._steps.reach(step)
        if step == FETCH:
            told = say(_("{done} of {total} MB"), done=f"{far.done / 1e6:.1f}", total=f"{far.total / 1e6:.1f}")
        else:
            told = say(_("{done} of {total} rows"), done=f"{far.done:,}", total=f"{far.total:,}")
        self._steps.count(step, told, far.done / far.total)

    def _stop(self) -> None:
        self._stopping.set()
        self._tell(say(_("Stopping…")))

    def _failed(self, error: Refused | Trouble) -> None:
        problem = problems_of(error)[0]
        self._interrupted(problem.sentence, problem.advice)

    def _interrupted(self, sentence: str, advice: str) -> None:
        """It belongs to the hub, and does not hold everything yet: that comes now, or once the terminal is open."""
        self._looks.stop()
        self._steps.reach(self._step or FETCH, failed=True)
        self._stage.setCurrentIndex(1)
        self._tell(sentence, advice or say(_("The terminal can be opened: what it lacks comes by itself.")), "warn")
        self._offer((_("Open the terminal"), "next", self._open), (_("Fetch again"), "sync", self._fetch))

    def _over(self) -> None:
        joined = self._joined
        self._looks.stop()
        self._steps.reach(OVER)
        if joined is not None:
            values = {"name": joined.name, "organisation": joined.organisation or say(_("this organisation"))}
            self._tell(say(_("This machine is “{name}” now, a terminal of {organisation}."), values), _words(joined), "ok")
        self._offer((_("Leave it"), "back", self.close), (_("Open the terminal"), "next", self._open))

    def _open(self) -> None:
        self.opens = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way ends at its next step."""
        self._stopping.set()
        self._looks.stop()
        super().closeEvent(event)


def _words(joined: Joined) -> str:
    """What people compare, so that nobody stands between the two."""
    told = [
        say(_("Compare with the hub's list of terminals: this machine's key is {words}."), words=joined.words),
        say(_("And with what was shown beside the code: the hub's key is {words}."), words=joined.hub_words),
    ]
    if joined.adopts:
        told.append(say(_("The hub was empty: it takes over what was set up here, as soon as the terminal is open.")))
    return "\n".join(told)
