"""What a new version brings: grants that the standard roles have by now, and that no role of an organisation names yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.access.model import Role
from app.access.roles import ROLES
from app.kernel.commands import Command
from app.kernel.problems import Problem
from app.kernel.standard import Saved
from app.kernel.words import _
from app.kernel.work import Work


@dataclass(frozen=True, kw_only=True)
class GrantNew(Command):
    """Gives the standard roles what this version brought and no role names yet. Whatever else was decided of them stays."""

    label = _("Grants of this version given")
    needs = "access.edit"


def grant_new(_do: GrantNew, work: Work) -> None:
    wanted = select(Role).where(Role.org_id == work.envelope.org_id, Role.retired.is_(False)).order_by(Role.code)
    roles = list(work.session.scalars(wanted))
    lacking = work.draw("lacking", lambda: unnamed(roles))  # the hub may be of another version
    work.check(None if lacking else nothing_new())
    for role in roles:
        if more := lacking.get(role.code):
            role.grants = [*(role.grants or ()), *more]
            work.emit(Saved(row=role, fresh=False))


def unnamed(roles: Iterable[Role]) -> dict[str, list[str]]:
    """By a standard role's code, what it has in this version and no role here names; `stock.*` names none of it."""
    here = list(roles)
    named = {grant for role in here for grant in role.grants or ()}
    codes = {role.code for role in here}
    found = {one.code: [grant for grant in one.grants if grant not in named] for one in ROLES if one.code in codes}
    return {code: grants for code, grants in found.items() if grants}


def nothing_new() -> Problem:
    return Problem(
        "access.nothing_new",
        _("Every grant of this version is in a role already."),
        hint=_("Change a role itself to give somebody more."),
    )
