"""The sheet of a check-in: whose it is, what is wrong, what is promised, the quick check and the odometer, all on one screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.problems import Problem, Refused
from app.kernel.types import moment
from app.kernel.words import _, say
from app.work_orders.arrivals import COMES, Arrival
from app.work_orders.check_in import CheckIn
from ui.kit.bench import Bench
from ui.kit.buttons import secondary
from ui.kit.chips import Chips
from ui.kit.held import HeldPhotos
from ui.kit.lines import scrolled
from ui.kit.pad import Pad
from ui.kit.readable import words
from ui.kit.screen import Deed
from ui.kit.seeker import Seeker
from ui.kit.twins import twin_of
from ui.theme import tone, worn
from ui.work_orders.arriving import Whose
from ui.work_orders.quick import QuickCheck


class Sheet(QWidget):
    """First the search alone; once it is `open`, everything else. `altered` says that something is filled in otherwise."""

    altered = Signal()

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self.seeker = Seeker(bench, COMES, say(_("Plate, phone, VIN or name")))
        self._hint = words(say(_("Scan the key tag, or type and press Enter.")), "quiet")
        self.whose, self.quick = Whose(bench), QuickCheck(bench)
        self.wrong, self.promise = Chips(_("What is wrong?"), many=True), Chips(_("Promised for"))
        self._free, self._km = QLineEdit(), Pad("")
        self._free.setPlaceholderText(say(_("In their own words")))
        self._free.setAccessibleName(say(_("In their own words")))
        self._km.setAccessibleName(say(_("Odometer, km")))
        self._km_says = words(say(_("Odometer, km")), "quiet")
        self._take = secondary("", "check")
        self._take.clicked.connect(self._taken)
        self._fold = secondary(say(_("Quick check")), "health")
        self._fold.clicked.connect(self._turn_fold)
        self._taking: Callable[[], None] = self._take.hide
        self.photos = HeldPhotos(bench, self)
        self._seek, self._body = QWidget(), QWidget()
        self._laid = QTimer(self, singleShot=True, interval=0)
        self._lay_out()
        self._km.typed.connect(self._weigh)
        for signal in (self.whose.altered, self.quick.altered, self.wrong.altered, self.promise.altered, self._km.typed,
                       self._free.textEdited, self.photos.altered):  # fmt: skip
            signal.connect(lambda *_words: self.altered.emit())
        self.clear()

    def _lay_out(self) -> None:
        gap = worn().density.gap
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        seek = QVBoxLayout(self._seek)
        seek.setContentsMargins(0, 0, 0, 0)
        seek.addWidget(words(say(_("Who has come?")), "title"))
        seek.addWidget(self._hint)
        seek.addWidget(self.seeker, 1)
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2 * gap)
        left = QWidget()
        column = scrolled(left)
        area = left.findChild(QScrollArea)
        if area is not None:
            self._laid.timeout.connect(lambda: area.ensureWidgetVisible(self.quick))
        for part in (self.whose, self._take, self.wrong, self._free, self.promise, self._fold, self.quick):
            column.addWidget(part)
        column.addStretch()
        body.addWidget(left, 1)
        body.addWidget(self._right())
        whole.addWidget(self._seek)
        whole.addWidget(self._body)

    def _right(self) -> QWidget:
        """The odometer with its keys: they stand there for as long as the sheet is open."""
        box = QWidget()
        box.setFixedWidth(15 * worn().density.body)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._km_says)
        column.addWidget(self._km)
        column.addStretch()
        return box

    def offer(self, phrases: Sequence[str], promises: Sequence[tuple[int, str]]) -> None:
        """What there is to touch: phrases, and moments in milliseconds with their words."""
        self.wrong.offer([(one, one) for one in phrases])
        self.promise.offer(promises)

    # ---------------------------------------------------------------------------------------------------------- whose it is

    @property
    def open(self) -> bool:
        """Whether somebody is being checked in."""
        return not self._body.isHidden()

    @property
    def title(self) -> str:
        """Who or what is being checked in, in a few words."""
        known, typed = self.whose.known, self.whose.typed
        names = (known.vehicle or known.customer, typed.get("plate") or typed.get("model") or typed.get("name"))
        return names[0].title if names[0] is not None else names[1] or say(_("Somebody new"))

    @property
    def first(self) -> QWidget:
        """Where the keys go: the search, what is still empty of somebody new, or the odometer."""
        return (self.whose.first or self._km) if self.open else self.seeker

    def show_known(self, known: Arrival) -> None:
        """Somebody is there: the sheet opens."""
        self._seek.hide()
        self._body.show()
        self._take.hide()
        self.whose.show_known(known)
        self._weigh()
        self.first.setFocus()

    def ask_which(self) -> None:
        """Nobody is called just so, and somebody nearly so."""
        self._hint.setText(say(_("Touch whoever it is. Somebody new: press Enter again.")))

    def _weigh(self) -> None:
        """An odometer does not run backwards."""
        text, before = self._km.text, self.whose.known.odometer
        low = bool(text) and before is not None and int(text) < before
        less = say(_("Less than the {before} km of last time. Read it again."), before=before)
        self._km_says.setText(less if low else say(_("Odometer, km")))
        tone(self._km_says, "warn" if low else "")

    # -------------------------------------------------------------------------------------------------------------- values

    def command(self, site: UUID | None) -> CheckIn:
        """What was filled in, as the command. Refused where a reading is no number, or there is no site."""
        if site is None:
            raise Refused(Problem("work_orders.no_site", _("There is no site yet."), hint=_("Add one under Sites.")))
        promised = self.promise.chosen
        return CheckIn(
            site=site,
            what=", ".join(filter(None, (*self.wrong.words, self._free.text().strip()))),
            odometer=int(self._km.text) if self._km.text else None,
            promised=moment(promised[0]) if promised else None,
            **self.whose.asked,
            **self.quick.read(),
        )

    def kept(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        known = self.whose.known.vehicle or self.whose.known.customer
        found = {
            "known": [known.entity, known.id.hex] if known else None,
            "whose": self.whose.typed,
            "wrong": self.wrong.chosen,
            "words": self._free.text(),
            "promised": self.promise.chosen,
            "quick": self.quick.typed,
            "odometer": self._km.text,
            "photos": self.photos.kept,
        }
        return {name: value for name, value in found.items() if value} if self.open else {}

    def come_back(self, draft: dict[str, Any]) -> None:
        """Fills it in as it was left."""
        self.whose.fill(draft.get("whose", {}))
        self.wrong.choose(draft.get("wrong", ()))
        self._free.setText(draft.get("words", ""))
        self.promise.choose(draft.get("promised", ()))
        self.quick.fill(draft.get("quick", {}))
        self.quick.setVisible(bool(draft.get("quick")))
        self._km.set_text(draft.get("odometer", ""))
        self.photos.hold(draft.get("photos", ()))
        self._weigh()

    def clear(self) -> None:
        """Nobody is being checked in."""
        self._body.hide()
        self._seek.show()
        self.seeker.clear()
        self._hint.setText(say(_("Scan the key tag, or type and press Enter.")))
        self.whose.show_known(Arrival())
        self.come_back({})

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What else can be noted."""
        count = len(self.photos.kept)
        taken = say(_("Photo ({count})"), count=count) if count else say(_("Photo"))
        return (Deed(taken, self.photos.take, "camera", stays=True),) if self._bench.photos is not None else ()

    def _turn_fold(self) -> None:
        """Shows the quick check, or folds it away."""
        self.quick.setVisible(self.quick.isHidden())
        if not self.quick.isHidden():
            self.quick.first.setFocus()
            self._laid.start()  # there is something to move to once it is laid out

    def _taken(self) -> None:
        self._taking()

    def mark(self, problems: tuple[Problem, ...], take: Callable[[Match], None]) -> None:
        """What is wrong, at its field; who is there already is offered."""
        self.whose.mark(problems)
        if self.quick.mark(problems):
            self.quick.show()
        other = twin_of(problems)
        self._take.setVisible(other is not None)
        if other is not None:
            self._take.setText(say(_("It is {title}: take this one"), title=other.title))
            self._taking = partial(take, other)
