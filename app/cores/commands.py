"""Old parts, step by step: taken in, put on a shelf, sent back, credited; or their deposit charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.cores.deposits import divide, keep_site, line_of
from app.cores.model import Core
from app.cores.rules import as_many, bill_stays, enough_expected, for_old_parts, names_nothing, none_owed, none_there
from app.kernel.commands import Authority, Command
from app.kernel.records import ChangeRow
from app.kernel.standard import Transition, transition
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.parts.rules import more_than_nothing, whole_pieces
from app.places.model import Bin
from app.work_orders.model import ChargeLine, WorkOrder

OWED = ("expected", "charged")
NONE = Quantity(0)


@dataclass(frozen=True, kw_only=True)
class ReceiveCore(Command):
    """Old parts of a job were handed in: so many of a part, the longest owed first; or the very one whose tag was scanned."""

    label = _("Old part taken in")
    about = {"part": "part", "core": "core", "order": "work_order"}
    needs = "cores.receive"
    authority = Authority.FACT
    order: UUID | None = None
    part: UUID | None = None
    quantity: Quantity = Quantity(1)
    core: UUID | None = None

    def undone_by(self, command_id: UUID) -> Command:
        return ReturnCore(order=self.order, part=self.part, quantity=self.quantity, core=self.core, entry=command_id)


@dataclass(frozen=True, kw_only=True)
class ReturnCore(Command):
    """Old parts that were taken in by mistake are owed again: those of one receipt, of which `entry` is the command's id."""

    label = _("Old part not taken in after all")
    about = {"part": "part", "core": "core", "order": "work_order"}
    needs = "cores.receive"
    authority = Authority.FACT
    order: UUID | None = None
    part: UUID | None = None
    quantity: Quantity = Quantity(1)
    core: UUID | None = None
    entry: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ShelveCore(Command):
    """An old part was put on a shelf, or from one to another."""

    label = _("Old part put on a shelf")
    about = {"core": "core", "bin": "bin"}
    needs = "cores.receive"
    authority = Authority.FACT
    core: UUID
    bin: UUID


@dataclass(frozen=True, kw_only=True)
class SendCore(Command):
    """An old part goes back to whoever supplied the new one."""

    label = _("Old part sent back")
    about = {"core": "core", "supplier": ""}
    needs = "cores.send"
    authority = Authority.FACT
    core: UUID
    supplier: str = ""


@dataclass(frozen=True, kw_only=True)
class CreditCore(Command):
    """The supplier credited an old part."""

    label = _("Old part credited")
    about = {"core": "core", "credit": ""}
    needs = "cores.credit"
    authority = Authority.FACT
    core: UUID
    credit: str


@dataclass(frozen=True, kw_only=True)
class ChargeCores(Command):
    """The deposits of all old parts that a job still owes go on its bill."""

    label = _("Deposits charged")
    about = {"order": "work_order"}
    needs = "cores.charge"
    authority = Authority.FACT
    order: UUID

    def undone_by(self, command_id: UUID) -> Command:
        return UnchargeCores(order=self.order, entry=command_id)


@dataclass(frozen=True, kw_only=True)
class UnchargeCores(Command):
    """Deposits that were charged by mistake come off the bill again, and the old parts are expected as before: those that one
    command put there, of which `entry` is the id; without it all of the job."""

    label = _("Deposits taken off the bill")
    about = {"order": "work_order"}
    needs = "cores.charge"
    authority = Authority.FACT
    order: UUID
    entry: UUID | None = None


def receive_core(do: ReceiveCore, work: Work) -> None:
    if do.core is not None:
        _step(work, work.get(Core, do.core), "receive")
        return
    found = _of_job(do, work)
    if found is None:
        return
    order, part = found
    owed = cores_of(work, order, OWED, part)
    work.check(enough_expected(part, order, do.quantity, sum((one.quantity for one in owed), NONE)))
    left = do.quantity
    for core in sorted(owed, key=lambda one: OWED.index(one.state)):
        if left > NONE:
            taken = min(left, core.quantity)
            left -= taken
            _step(work, _split(work, core, taken), "receive")


def _split(work: Work, core: Core, taken: Quantity) -> Core:
    """Where only some came back they go on alone, and the rest is owed under the number there was."""
    if taken == core.quantity:
        return core
    part = work.add(
        Core(
            number=f"{core.number}-{core.quantity}",  # the count left is another each time
            site_id=core.site_id,
            order_id=core.order_id,
            part_id=core.part_id,
            quantity=taken,
            state=core.state,
            deposit=core.deposit,
            due=core.due,
            supplier=core.supplier,
        ),
        core.id.hex,
    )
    core.quantity -= taken
    keep_site(work, core)
    keep_site(work, part)
    if core.state == "charged":
        divide(work, core, part)
    work.session.flush()
    return part


def return_core(do: ReturnCore, work: Work) -> None:
    here = _taken_in(do, work)
    work.check(none_there() if not here else None)
    for core in here:
        owe_again(work, core)


def _taken_in(do: ReturnCore, work: Work) -> list[Core]:
    """What of that receipt is here still and has not gone on."""
    if do.core is not None:
        found = [work.get(Core, do.core)]
    elif (job := _of_job(do, work)) is None:
        return []
    elif do.entry is not None:
        found = [one for one in moved_by(work, do.entry, "received") if (one.order_id, one.part_id) == (job[0].id, job[1].id)]
    else:
        return _newest(do, work, cores_of(work, job[0], ("received",), job[1]))
    return [one for one in found if one.state == "received"]


def _newest(do: ReturnCore, work: Work, here: list[Core]) -> list[Core]:
    """So many as are to go back, the last that came first. What was taken in together goes back together."""
    found, left = list[Core](), do.quantity
    while here and left > NONE:
        found.append(here.pop())
        left -= found[-1].quantity
    if found:
        work.check(as_many(do.quantity, do.quantity - left))
    return found


def owe_again(work: Work, core: Core) -> None:
    """As before it came: charged where its deposit is on the bill, otherwise expected."""
    back = work.session.get(ChargeLine, line_of(core, "back"))
    if back is not None and not back.retired:
        work.check(bill_stays(work.get(WorkOrder, core.order_id, even_retired=True)))
        back.retired = True
    charged = work.session.get(ChargeLine, line_of(core, "charged"))
    keep_site(work, core)
    core.state = "charged" if charged is not None and not charged.retired else "expected"


def shelve_core(do: ShelveCore, work: Work) -> None:
    core, bin = work.get(Core, do.core), work.get(Bin, do.bin)
    work.check(for_old_parts(bin))
    if core.state in OWED:
        _step(work, core, "receive")
    core.bin_id = bin.id
    _step(work, core, "shelve")


def send_core(do: SendCore, work: Work) -> None:
    core = work.get(Core, do.core)
    core.supplier = do.supplier.strip() or core.supplier
    _step(work, core, "send")


def credit_core(do: CreditCore, work: Work) -> None:
    core = work.get(Core, do.core)
    core.credit = do.credit.strip()
    _step(work, core, "credit")


def charge_cores(do: ChargeCores, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    owed = cores_of(work, order, ("expected",))
    work.check(None if owed else none_owed(order))
    for core in owed:
        _step(work, core, "charge")


def uncharge_cores(do: UnchargeCores, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(bill_stays(order))
    found = cores_of(work, order, ("charged",))
    if do.entry is not None:
        numbers = [one.number for one in moved_by(work, do.entry, "charged")]
        found = [one for one in found if any(f"{one.number}-".startswith(f"{number}-") for number in numbers)]  # or a part of it
    work.check(None if found else none_there())
    for core in found:
        line = work.session.get(ChargeLine, line_of(core, "charged"))
        if line is not None:
            line.retired = True
        core.state = "expected"


def moved_by(work: Work, entry: UUID, state: str) -> list[Core]:
    """The old parts that one command brought into a state, as the trail tells where that is taken back."""
    wanted = select(ChangeRow.row_id, ChangeRow.after).where(
        ChangeRow.envelope_id == entry, ChangeRow.entity == Core.__tablename__
    )

    def there() -> list[str]:
        return sorted(ident.hex for ident, after in work.session.execute(wanted) if (after or {}).get("state") == state)

    return [work.get(Core, UUID(ident), even_retired=True) for ident in work.draw(f"by:{entry.hex}", there)]


def cores_of(work: Work, order: WorkOrder, states: Sequence[str], part: Part | None = None) -> list[Core]:
    """A job's old parts in some states, the longest owed first."""
    wanted = select(Core).where(Core.order_id == order.id, Core.state.in_(states), Core.retired.is_(False))
    wanted = wanted if part is None else wanted.where(Core.part_id == part.id)
    return list(work.session.scalars(wanted.order_by(Core.number, Core.id)))


def _of_job(do: ReceiveCore | ReturnCore, work: Work) -> tuple[WorkOrder, Part] | None:
    """The job and the part; None where a command that is replayed names neither these nor a tag."""
    if do.order is None or do.part is None:
        work.check(names_nothing())
        return None
    order, part = work.get(WorkOrder, do.order), work.get(Part, do.part, even_retired=True)
    work.check(more_than_nothing(do.quantity), whole_pieces(part, do.quantity))
    return order, part


def _step(work: Work, core: Core, move: str) -> None:
    transition(Transition(entity=Core.__tablename__, id=core.id, move=move), work)
