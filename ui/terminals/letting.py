"""Letting a machine in by a code, and shutting one out: asked in words, said back in words."""

from __future__ import annotations

from uuid import UUID

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.terminals.codes import code_hash, new_code
from app.terminals.commands import InviteTerminal, RevokeTerminal
from app.terminals.model import Terminal
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile

WAYS_OUT = (
    (_("It is replaced"), _("replaced"), False),
    (_("It is lost"), _("lost"), False),
    (_("Lost or stolen: wipe it"), _("lost or stolen"), True),
)


def invite_beside(bench: Bench, terminal: Match) -> None:
    """A code for a machine at the same site as this terminal, shown until somebody has it: also for this one to come back."""

    def look() -> tuple[UUID | None, UUID | None]:
        with bench.app.read(bench.actor) as session:
            row = session.get_one(Terminal, terminal.id)
            return row.site_id, row.warehouse_id

    bench.read(bench, look, lambda places: _invite(bench, *places))


def _invite(bench: Bench, site: UUID | None, warehouse: UUID | None) -> None:
    code = new_code()

    def made(answer: Answer) -> None:
        if not answer.done:
            bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        tiles = (Tile(say(_("I have it")), True, icon="check"),)
        bench.ways.ask(Question(code, lambda _answer, told: told.quietly(Outcome.SUCCESS, ""), _advice(bench, code), tiles=tiles))

    bench.run(bench, InviteTerminal(code_hash=code_hash(code), site=site, warehouse=warehouse), made)


def _advice(bench: Bench, code: str) -> str:
    """What is typed at the machine, and when the hub does not know the code yet."""
    hub = bench.link.details().hub or say(_("the hub's address"))
    told = say(_("On the machine: fettle enrol {hub} {code}. It is good once, for ten minutes."), hub=hub, code=code)
    if bench.link.state().kind != "offline":
        return told
    return f"{told} {say(_('The hub is out of reach now: it knows the code once this terminal has reached it.'))}"


def shut_out(bench: Bench, terminal: Match) -> None:
    """Asks why; where it may be in wrong hands, it is ordered to remove its store."""

    def answer(choice: tuple[str, bool], told: Told) -> None:
        reason, wipe = choice
        command = RevokeTerminal(terminal=terminal.id, wipe=wipe, reason=say(reason))
        bench.run(bench, command, lambda done: _shut(terminal, done, told, wipe=wipe))

    tiles = tuple(Tile(say(label), (reason, wipe), icon="lock", grave=wipe) for label, reason, wipe in WAYS_OUT)
    advice = say(_("What waits on it is kept there. Wiped, it hands that over in a sealed file and removes the rest."))
    bench.ways.ask(Question(say(_("Why is {name} shut out?"), name=terminal.title), answer, advice, tiles=tiles))


def _shut(terminal: Match, answer: Answer, told: Told, *, wipe: bool) -> None:
    if not answer.done:
        told(Outcome.ERROR, said_of(answer))
        return
    sentence = _("{name} removes its store as soon as it reaches the hub.") if wipe else _("{name} is shut out.")
    told(Outcome.SUCCESS, say(sentence, name=terminal.title), answer.id)
