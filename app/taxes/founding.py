"""The usual tax of a workshop, as its first screen asks for it: a rate in per cent, which becomes a code of that name."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.access import Actor, system
from app.kernel.commands import Answer, Command
from app.kernel.ids import derived_id
from app.kernel.money import Rate
from app.kernel.settings import values_of
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.kernel.words import _, say
from app.taxes.model import TaxCode
from app.taxes.rules import DEFAULT, rows_of


class Doing(Protocol):
    """What is needed of the App."""

    def run(self, command: Command, actor: Actor) -> Answer: ...

    def read(self, actor: Actor) -> Session: ...


def usual_tax(app: Doing, org: UUID) -> str:
    """The code for whatever names none; empty where nothing is taxed."""
    with app.read(system(org)) as session:
        return _set(session, org)


def read_percent(said: str) -> str:
    """A rate as a person writes it in plain digits, such as `8.1`; empty for none. Refused where it is no rate."""
    if not said.strip():
        return ""
    return str(Quantity.parse(str(Rate.parse(said, "tax")).removesuffix(" %"), "tax"))


def keep_usual_tax(app: Doing, who: Actor, said: str) -> None:
    """Makes the code that was asked for, where there is none, and the usual one. A code that is there stays as it is."""
    with app.read(system(who.org_id)) as session:
        if said.strip() == _set(session, who.org_id):
            return
        code = read_percent(said)
        there = not code or bool(rows_of(session, who.org_id, code))
    if not there:
        fields = {"code": [None, code], "name": [None, say(_("{percent} %"), percent=code)], "percent": [None, code]}
        ident = derived_id(who.org_id, TaxCode.__tablename__, code)
        app.run(SaveRecord(entity=TaxCode.__tablename__, id=ident, fields=fields), who).or_refused()
    app.run(SetSetting(key=DEFAULT, value=code), who).or_refused()


def _set(session: Session, org: UUID) -> str:
    return str(values_of(session, org, None).get((DEFAULT, None), ""))
