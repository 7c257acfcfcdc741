"""What sync put right by itself, in words for people: nothing is to be done, and yet it is not kept from them."""

from __future__ import annotations

from app.kernel.problems import Problem
from app.kernel.words import _
from sync.terminal.repair import Healed

_SAID = {
    "repaired": _("This terminal and the hub held different rows; {fetched} were fetched again, {removed} taken away."),
    "reach": _("This terminal may hold other places now: {fetched} rows came, {removed} went."),
    "epoch": _(
        "The hub was put back from a backup. It got again what was done here; {fetched} rows were fetched, {removed} taken away."
    ),
    "stale": _("This terminal was away for very long: {fetched} rows were fetched again, {removed} taken away."),
    "updated": _("After the update, {fetched} rows were fetched again."),
    "checked": _("The check found what differed from the hub: {fetched} rows were fetched again, {removed} taken away."),
}


def healed(kind: str, done: Healed) -> tuple[Problem, ...]:
    """What people are told of a repair; nothing where there was nothing to mend."""
    if not done.rows:
        return ()
    values = {"fetched": sum(done.fetched.values()), "removed": sum(done.removed.values())}
    hint = _("Nothing is lost: what was taken away is kept with this notice.") if values["removed"] else ""
    return (Problem(f"sync.{kind}", _SAID[kind], hint=hint, blocks=False, values=values),)


def reborn() -> Problem:
    """What people are told once a copied store has an identity of its own."""
    message = _("This terminal's store was copied or put back. It has a name of its own for the hub now.")
    return Problem("sync.reborn", message, hint=_("What was done here is kept, and sent under it."), blocks=False)
