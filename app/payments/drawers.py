"""Cash drawers: one is open at a desk for a shift, cash goes into it, and at its end somebody counts it blind."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.codes import take
from app.kernel.commands import Authority, Command
from app.kernel.money import Money
from app.kernel.words import _
from app.kernel.work import Work
from app.payments.model import DRAWERS, Drawer
from app.payments.rules import counted_off, is_open, none_open, not_below_nothing, opened_by_itself
from app.payments.sums import NOTHING, should_hold
from app.places.model import Site


@dataclass(frozen=True, kw_only=True)
class OpenDrawer(Command):
    """Begins a shift's cash at this desk, with what lies in the drawer."""

    label = _("Cash drawer opened")
    about = {"site": "site"}
    makes = "drawer"
    needs = "payments.drawer"
    authority = Authority.FACT
    site: UUID
    began_with: Money = NOTHING


@dataclass(frozen=True, kw_only=True)
class CountDrawer(Command):
    """Ends a shift's cash: what was counted, and why it is not what the drawer should hold."""

    label = _("Cash drawer counted")
    about = {"drawer": "drawer"}
    needs = "payments.drawer"
    authority = Authority.FACT
    drawer: UUID
    counted: Money
    reason: str = ""


def open_drawer(do: OpenDrawer, work: Work) -> None:
    site = work.get(Site, do.site)
    if work.check(not_below_nothing(do.began_with, "began_with")):
        work.check(none_open(_here(work)))
        _opened(work, site.id, do.began_with)


def count_drawer(do: CountDrawer, work: Work) -> None:
    drawer = work.get(Drawer, do.drawer)
    if not work.check(is_open(drawer), not_below_nothing(do.counted, "counted")):
        return
    expected = should_hold(work.session, drawer)
    work.check(counted_off(do.counted, expected))
    drawer.state, drawer.expected, drawer.counted = "counted", expected, do.counted
    drawer.counted_at, drawer.reason = work.now, do.reason.strip()


def drawer_here(work: Work, site: UUID) -> Drawer:
    """The open drawer of the desk where cash is taken; there is always one, so that nobody is sent away with their money.

    It is drawn: the cash lies in the drawer that it was laid into, also where somebody counted that one meanwhile.
    """
    drawn = work.draw("drawer", lambda: found.id.hex if (found := _here(work)) is not None else "")
    if not drawn:
        opened = _opened(work, site, NOTHING)
        work.check(opened_by_itself(opened.number))
        return opened
    drawer = work.get(Drawer, UUID(drawn), even_retired=True)
    work.check(is_open(drawer))
    return drawer


def open_at(session: Session, org: UUID, desk: UUID) -> Drawer | None:
    """The drawer that is open at a desk."""
    wanted = select(Drawer).where(Drawer.org_id == org, Drawer.desk_id == desk, Drawer.state == "open")
    return session.scalars(wanted.order_by(Drawer.id.desc()).limit(1)).first()


def _here(work: Work) -> Drawer | None:
    return open_at(work.session, work.envelope.org_id, work.envelope.terminal_id)


def _opened(work: Work, site: UUID, began_with: Money) -> Drawer:
    number = take(work, DRAWERS)
    return work.add(Drawer(number=number, site_id=site, desk_id=work.envelope.terminal_id, state="open", began_with=began_with))
