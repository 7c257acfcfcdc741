"""News: what is new is shown to each person once, when they sign in for the first time after an update."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.kernel import drafts
from app.kernel.access import Actor
from ui.help.handbook import changes, news
from ui.kit.bench import Bench

FORM = "…news"  # no form has such a name


class News(QObject):
    """`came` carries the names of the pages of changes that whoever has just signed in has not seen; whoever shows them says
    that they are `seen`."""

    came = Signal(list)

    def __init__(self, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._who: Actor | None = None

    def show_person(self, who: Actor | None) -> None:
        """Somebody came, or went."""
        self._who = who
        if who is None:
            return
        app = self._bench.app

        def look() -> tuple[bool, list[str]]:
            with app.read(who) as session:
                seen = drafts.find(session, who.id, FORM)
            return bool(seen), news(seen)

        self._bench.read(self, look, lambda found: self._found(who, *found))

    def _found(self, who: Actor, known: bool, names: list[str]) -> None:
        """Whoever is here for the first time knows no other version: all of it is new to them, and nothing is news."""
        if self._who is not who or not names:
            return
        if known:
            self.came.emit(names)
        else:
            self.seen()

    def seen(self) -> None:
        """Whoever is here has read what there is, and is not told of it again."""
        if self._who is not None:
            actor, at, fields = self._who.id, self._bench.app.clock.now(), dict(changes())
            self._bench.write(lambda session: drafts.keep(session, actor, FORM, at, fields))
