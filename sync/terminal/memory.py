"""What a terminal keeps in mind about its hub: its life, its own token and reach, and what this program could not read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.registry import Registry
from app.kernel.rows import codecs
from sync.protocol import Epoch

EPOCH, REACH, INCARNATION = "epoch", "reach", "incarnation"
EPOCHS = "epochs"  # the lives of the hub up to that one, each with the feed's last number when it began
RECHECK = "recheck"  # every cell is to be compared once nothing waits
RESEND = "resend"  # after this number all commands go up again, also those that were answered
SKIPPED = "skipped"  # entities whose rows came, and which this program does not know
ASIDE = "left_aside"  # columns, by entity, that came with rows and which this program does not know


def text(session: Session, key: str) -> str:
    """A fact that is a word; empty where it was never written."""
    return str(meta.read(session, key) or "")


def common(session: Session, epochs: Sequence[Epoch], horizon: int) -> int:
    """Up to which number of its feed the hub is the one that this terminal has followed."""
    theirs = {one.name: place for place, one in enumerate(epochs)}
    ours = [Epoch(*one) for one in meta.read(session, EPOCHS) or [[text(session, EPOCH), 0]]]
    shared = [place for place, one in enumerate(ours) if one.name in theirs]
    if not shared:
        return 0
    apart = [*ours[shared[-1] + 1 :], *epochs[theirs[ours[shared[-1]].name] + 1 :]]
    return min((one.began for one in apart), default=horizon)


def without(session: Session, registry: Registry) -> tuple[str, ...]:
    """The entities that this program still does not know: the hub need not send their rows."""
    return tuple(sorted(set(meta.read(session, SKIPPED) or ()) - registry.entities.keys()))


def skip(session: Session, names: Iterable[str]) -> None:
    """Rows of these entities came, and could not be laid down. Once a program knows them, they are found missing."""
    there = set(meta.read(session, SKIPPED) or ())
    if not there >= (found := there | set(names)):
        meta.keep(session, SKIPPED, sorted(found))


def leave_aside(session: Session, entity: str, columns: Collection[str]) -> None:
    """These columns came with rows, and could not be laid down."""
    there: dict[str, list[str]] = dict(meta.read(session, ASIDE) or {})
    found = sorted({*there.get(entity, ()), *columns})
    if found != there.get(entity):
        meta.keep(session, ASIDE, {**there, entity: found})


def now_known(session: Session, registry: Registry) -> dict[str, list[str]]:
    """The columns that were left aside by an older program and that this one knows, by entity."""
    there: dict[str, list[str]] = meta.read(session, ASIDE) or {}
    found = {
        name: sorted(codecs(registry.entities[name]).keys() & set(some))
        for name, some in there.items()
        if name in registry.entities
    }
    return {name: some for name, some in found.items() if some}


def read_again(session: Session, entity: str) -> None:
    """The rows of an entity hold now what had been left aside."""
    there: dict[str, list[str]] = dict(meta.read(session, ASIDE) or {})
    there.pop(entity, None)
    meta.keep(session, ASIDE, there)
