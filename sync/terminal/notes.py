"""What sync put right by itself, in words for people: nothing is to be done, and yet it is not kept from them."""

from __future__ import annotations

from dataclasses import replace

from app.kernel.problems import Problem
from app.kernel.words import _
from sync.terminal.repair import Healed

_SAID = {
    "repaired": Problem(
        "sync.repaired",
        _("This terminal and the hub held different rows; {fetched} were fetched again, {removed} taken away."),
        blocks=False,
    ),
    "reach": Problem(
        "sync.reach", _("This terminal may hold other places now: {fetched} rows came, {removed} went."), blocks=False
    ),
    "epoch": Problem(
        "sync.epoch",
        _("The hub was put back from a backup, and got again what was done here; {fetched} rows were fetched, {removed} went."),
        blocks=False,
    ),
    "stale": Problem(
        "sync.stale",
        _("This terminal was away for very long: {fetched} rows were fetched again, {removed} taken away."),
        blocks=False,
    ),
    "updated": Problem("sync.updated", _("After the update, {fetched} rows were fetched again."), blocks=False),
    "checked": Problem(
        "sync.checked",
        _("The check found what differed from the hub: {fetched} rows were fetched again, {removed} taken away."),
        blocks=False,
    ),
}


def healed(kind: str, done: Healed) -> tuple[Problem, ...]:
    """What people are told of a repair; nothing where there was nothing to mend."""
    if not done.rows:
        return ()
    values = {"fetched": sum(done.fetched.values()), "removed": sum(done.removed.values())}
    hint = _("What was taken away is kept with this notice, up to 200 rows.") if values["removed"] else ""
    return (replace(_SAID[kind], hint=hint, values=values),)


def reborn() -> Problem:
    """What people are told once a copied store has an identity of its own."""
    message = _("This terminal's store was copied or put back. It has a name of its own for the hub now.")
    return Problem("sync.reborn", message, hint=_("What was done here is kept, and sent under it."), blocks=False)
