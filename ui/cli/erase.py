"""`fettle erase CUSTOMER`: overwrites who a customer is, everywhere."""

from __future__ import annotations

import argparse
from typing import Any

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, FAILED


def add(verbs: Any) -> None:
    parser = verbs.add_parser("erase", help="erase a customer: what says who they are is overwritten, for good")
    parser.add_argument("customer", metavar="CUSTOMER", help="their id, or the code on their card (FT1:CU:…)")
    parser.add_argument("--reason", required=True, help="who asked for it, and when")
    parser.add_argument("--yes", action="store_true", help="do it; without this, only who it would be is told")


def run(args: argparse.Namespace) -> int:
    from app.kernel import squeezing
    from app.parties.erasing import EraseCustomer
    from ui.cli.opening import opened

    with opened(args) as here:
        ident, name = _who(here, args.customer)
        if not args.yes:
            out.line({"customer": str(ident), "name": name, "erased": False})
            out.word(_("This would erase {name}, and cannot be taken back. Run it again with --yes."), name=name)
            return DONE
        answer = here.app.run(EraseCustomer(customer=ident, reason=args.reason), here.actor)
        squeezing.squeeze(here.app.writer, lambda: None)
    out.line(answer.as_json())
    if not answer.done:
        out.explain(*answer.problems)
        return FAILED
    out.word(_("Erased here. Terminals follow when they reach the hub; backups that were made before keep it until they go."))
    return DONE


def _who(here: Any, given: str) -> Any:
    """The id and the name of the customer who is meant; Refused where that is nobody."""
    from uuid import UUID

    from app.kernel.problems import Problem, Refused
    from app.parties.model import Customer

    ident: UUID | None
    try:
        ident = UUID(given)
    except ValueError:
        matches = here.app.meaning(given, here.actor).matches
        ident = next((one.id for one in matches if one.entity == "customer"), None)
    with here.app.read(here.actor) as session:
        row = session.get(Customer, ident) if ident else None
        if row is None:
            hint = _("Look them up: fettle ask customer.")
            raise Refused(Problem("cli.no_customer", _("There is no such customer here."), hint=hint, field="customer"))
        return row.id, row.name
