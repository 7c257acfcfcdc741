"""What every entity gets for nothing: save (field by field), save many, retire, move through its states, notes and files."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel import settling
from app.kernel.attached import AddNote, AttachFile, Attachment, BlobRow, Note, add_note, attach_file, blob
from app.kernel.attention import QUERIES
from app.kernel.blobs import BlobPart, BlobWay, ThumbRow
from app.kernel.bulk import SaveMany, save_many
from app.kernel.cards import Master
from app.kernel.commands import A_RECORD, Authority, Command
from app.kernel.drafts import DraftRow
from app.kernel.entity import Entity
from app.kernel.events import Event
from app.kernel.moving import meeting, parted
from app.kernel.outgoing import QUERY as SENT
from app.kernel.problems import Problem, Refused
from app.kernel.records import Discrepancy
from app.kernel.registry import Capability, Registry
from app.kernel.retention import SETTINGS as RETENTION
from app.kernel.room import SETTINGS as ROOM
from app.kernel.saving import Saved, SaveRecord, hold_rules, refuse_ledger, save_record
from app.kernel.scan_log import SCANS, ScanRow
from app.kernel.settings import SettingValue
from app.kernel.settling import CARDS
from app.kernel.states import Machine, Move
from app.kernel.tries import QUERY as REFUSED_TRIES
from app.kernel.tries import ReportTry, report_try
from app.kernel.upkeep import HANDLERS
from app.kernel.words import _
from app.kernel.work import Work

__all__ = [
    "AddNote",
    "AttachFile",
    "Attachment",
    "BlobRow",
    "ExportRows",
    "Moved",
    "Note",
    "Reinstate",
    "Retire",
    "SaveMany",
    "SaveRecord",
    "Saved",
    "Transition",
    "blob",
    "capability",
    "move_of",
]


@dataclass(frozen=True, kw_only=True)
class Moved(Event):
    """A record went from one state to another."""

    row: Entity
    move: Move
    before: str


@dataclass(frozen=True, kw_only=True)
class Retire(Command):
    """Takes a record out of use; nothing is deleted."""

    label = _("Taken out of use")
    about = A_RECORD
    entity: str
    id: UUID

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def undone_by(self, command_id: UUID) -> Command:
        return Reinstate(entity=self.entity, id=self.id)


@dataclass(frozen=True, kw_only=True)
class Reinstate(Command):
    """Takes a record that was out of use into use again, where its rules still hold."""

    label = _("Taken into use again")
    about = A_RECORD
    entity: str
    id: UUID

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def undone_by(self, command_id: UUID) -> Command:
        return Retire(entity=self.entity, id=self.id)


@dataclass(frozen=True, kw_only=True)
class Transition(Command):
    """Moves a record along its state machine. It happened on the floor, so the hub questions it rather than refuse."""

    label = _("Taken a step on")
    about = A_RECORD
    authority = Authority.FACT
    entity: str
    id: UUID
    move: str
    reason: str = ""

    def grant(self, registry: Registry) -> str:
        return move_of(registry, self.entity, self.move)[1].needs


@dataclass(frozen=True, kw_only=True)
class ExportRows(Command):
    """Somebody took a list out of the program as a file: kept in the audit's chain, so that it can be told who has what."""

    label = _("List taken out as a file")
    about = {"what": "list"}
    authority = Authority.FACT
    what: str  # an entity or a query
    form: str
    count: int

    def grant(self, registry: Registry) -> str:
        entity = registry.entities.get(self.what)
        return registry.grant_of(entity, "read") if entity else registry.query(self.what).needs


def export_rows(_do: ExportRows, _work: Work) -> None:
    """Nothing changes; that it was done is the command's own line in the chain."""


def move_of(registry: Registry, entity: str, name: str) -> tuple[Machine, Move]:
    """A declared move, or Refused with the moves there are."""
    machine = registry.machines.get(registry.entity(entity))
    move = machine.move(name) if machine else None
    if machine is None or move is None:
        moves = ", ".join(one.name for one in machine.moves) if machine else "–"
        raise Refused(
            Problem(
                "state.no_move",
                _("{entity} has no move “{move}”."),
                hint=_("Its moves are: {moves}."),
                values={"entity": entity, "move": name[:60], "moves": moves},
            )
        )
    return machine, move


# ------------------------------------------------------------------------------------------------------------- handlers


def retire(do: Retire, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    refuse_ledger(work.registry, entity)
    row = work.get(entity, do.id, even_retired=True)
    work.check(ends_by_its_steps(row, work.registry.machines.get(entity)))
    if not row.retired:
        row.retired = True
        work.emit(Saved(row=row, fresh=False))


def reinstate(do: Reinstate, work: Work) -> None:
    entity = work.registry.entity(do.entity)
    refuse_ledger(work.registry, entity)
    row = work.get(entity, do.id, even_retired=True)
    if row.retired:
        row.retired = False
        hold_rules(work, row, fresh=False)


def ends_by_its_steps(row: Entity, machine: Machine | None) -> Problem | None:
    """What goes from state to state is cancelled or closed; taken out of use, it would vanish on its way.

    What goes round and round, as a thing does that is lent and comes back, has no such end: it goes from where it began.
    """
    if machine is None:
        return None
    state = getattr(row, machine.field)
    if not machine.ends and state == machine.start:
        return None
    return Problem(
        "record.steps",
        _("{row} is not taken out of use: it ends by its own steps."),
        hint=_("From {state} it can go by: {moves}."),
        values={
            "row": row.title,
            "state": state,
            "moves": ", ".join(move.name for move in machine.open_moves(state)) or "–",
        },
    )


def transition(do: Transition, work: Work) -> None:
    machine, move = move_of(work.registry, do.entity, do.move)
    row = work.get(machine.entity, do.id)
    before = getattr(row, machine.field)
    own = "from" if do is work.command else f"from:{do.id.hex}"  # what follows from it elsewhere began elsewhere
    seen = work.draw(own, lambda: before)  # the state that the person saw
    met = meeting(work, row, machine, move)
    if met is None:
        work.check(machine.illegal(row, move.target))
        return
    if met.state == move.target != before:
        _step(do, work, row, machine, move)
    if met.lost:
        work.check(parted(work, row, machine, move, before, seen, met))


def _step(do: Transition, work: Work, row: Entity, machine: Machine, move: Move) -> None:
    if move.reason and not do.reason.strip():
        work.check(Problem("state.reason", _("This step needs a reason."), field="reason", hint=_("Say why in a few words.")))
    work.check(*(gate(row, work) for gate in move.gates))
    before = getattr(row, machine.field)
    setattr(row, machine.field, move.target)
    work.emit(Moved(row=row, move=move, before=before))


capability = Capability(
    name="kernel",
    entities=(Discrepancy, SettingValue, Note, Attachment),
    anywhere=(Discrepancy, Note, Attachment),
    local=(BlobRow, BlobPart, BlobWay, ThumbRow, DraftRow, ScanRow),
    queries=(SCANS, *QUERIES, SENT, REFUSED_TRIES),
    cards=CARDS,
    settings=(*RETENTION, *ROOM),
    masters={SettingValue: Master("hub")},
    handlers={
        SaveRecord: save_record,
        SaveMany: save_many,
        Retire: retire,
        Reinstate: reinstate,
        Transition: transition,
        AddNote: add_note,
        AttachFile: attach_file,
        ExportRows: export_rows,
        ReportTry: report_try,
        **HANDLERS,
        **settling.HANDLERS,
    },
)
