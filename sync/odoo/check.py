"""`fettle odoo check`: what answers at the address, as whom the bridge comes in there, and what that one may do and lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.kernel.problems import Problem
from app.kernel.words import _, say
from sync.odoo.errors import Said, verdict_of
from sync.odoo.json2 import Json2
from sync.odoo.rights import ADMINISTRATOR, NEEDS, VERBS, Need
from sync.odoo.transport import Account, Odoo

OLDEST = 14
HOOKS_SINCE = 17  # before it, Odoo's automation cannot call an address


@dataclass(frozen=True)
class Found:
    """How an Odoo stands to the bridge. `lacking` stands in the way of something; `advice` does not."""

    version: str = ""
    login: str = ""
    company: str = ""
    companies: tuple[str, ...] = ()
    lacking: tuple[Problem, ...] = ()
    advice: tuple[Problem, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.lacking


def examine(odoo: Odoo, account: Account) -> Found:
    """Asks Odoo all of it; changes nothing. Away and Said where it cannot be asked at all, or lets nobody in."""
    version = odoo.version()
    [user] = odoo.call("res.users", "read", [odoo.user()], fields=["login", "company_id", "company_ids"])
    names = {row["id"]: row["name"] for row in odoo.search_read("res.company", [["id", "in", user["company_ids"]]], ["name"])}
    company = account.company or user["company_id"][0]
    of_sums = [*_of_rounding(odoo, company), *_of_thousandths(odoo)]
    findings = [*_of_version(version.major), *_of_company(company, names), *_of_rights(odoo), *of_sums]
    return Found(
        version.text,
        user["login"],
        names.get(company, ""),
        tuple(names.values()),
        tuple(one for one in findings if one.blocks),
        tuple([*(one for one in findings if not one.blocks), *_of_power(odoo)]),
    )


def _of_version(major: int) -> Iterator[Problem]:
    if major < OLDEST:
        yield _too_old(major)
    elif major < HOOKS_SINCE:
        yield _no_hooks(major)


def _too_old(major: int) -> Problem:
    message, hint = _("This is Odoo {major}; the bridge knows 14 and later."), _("Bring Odoo up to date.")
    return Problem("odoo.too_old", message, hint=hint, values={"major": major})


def _no_hooks(major: int) -> Problem:
    message = _("Odoo {major} cannot tell the hub of changes by itself; the bridge asks once a minute.")
    return Problem("odoo.no_hooks", message, values={"major": major}, blocks=False)


def _of_company(company: int, names: Mapping[int, str]) -> Iterator[Problem]:
    if company not in names:
        message = _("The bridge's user does not belong to company {company}.")
        hint = _("Give the user that company in Odoo, or name one that it has: fettle odoo setup --company.")
        yield Problem("odoo.no_company", message, hint=hint, values={"company": company})


def _of_rights(odoo: Odoo) -> Iterator[Problem]:
    for need in NEEDS:
        lacks, absent = _lacks(odoo, need)
        if absent:
            yield _no_module(need)
        elif lacks:
            yield _no_right(need, lacks)


def _no_module(need: Need) -> Problem:
    message = _("Odoo has no {records}: its module “{module}” is not installed.")
    hint = _("Install it in Odoo under Apps, or leave it out: what goes there then waits.")
    return Problem("odoo.no_module", message, hint=hint, values={"records": need.records, "module": need.module})


def _no_right(need: Need, lacks: Sequence[str]) -> Problem:
    message = _("The bridge's user may not {verbs} {records} ({model}).")
    hint = _("Give it the group “Fettle bridge”, which “fettle odoo setup” makes with an administrator's key.")
    values = {"verbs": ", ".join(say(VERBS[one]) for one in lacks), "records": need.records, "model": need.model}
    return Problem("odoo.right", message, hint=hint, values=values)


def _lacks(odoo: Odoo, need: Need) -> tuple[list[str], bool]:
    """The rights that are lacking, and whether the model itself is."""
    try:
        return [right for right in need.rights if not may(odoo, need.model, right)], False
    except Said as error:
        if verdict_of(error).code != "odoo.module":
            raise
        return [], True


def may(odoo: Odoo, model: str, right: str) -> bool:
    """Whether the user has a right on a model as a whole."""
    if isinstance(odoo, Json2):
        return bool(odoo.call(model, "has_access", operation=right))
    return bool(odoo.call(model, "check_access_rights", operation=right, raise_exception=False))


def _of_rounding(odoo: Odoo, company: int) -> Iterator[Problem]:
    try:
        found = odoo.search_read("res.company", [["id", "=", company]], ["tax_calculation_rounding_method"])
    except Said:
        return  # without invoices nothing is rounded
    if any(row["tax_calculation_rounding_method"] != "round_per_line" for row in found):
        message = _("Odoo rounds taxes once for each document, and the workshop for each line: a cent may differ.")
        hint = _("In Odoo, under Invoicing, Settings, Taxes, choose “Round per Line”. What differs is never posted.")
        yield Problem("odoo.rounding", message, hint=hint, blocks=False)


def _of_thousandths(odoo: Odoo) -> Iterator[Problem]:
    try:
        coarse = odoo.search_read("decimal.precision", [["name", "=like", "Product Unit%"], ["digits", "<", 3]], ["digits"])
    except Said:
        return
    for row in coarse[:1]:
        message = _("Odoo keeps quantities to {digits} decimals, and the workshop to three: 0.125 l would be booked as 0.13 l.")
        hint = _("In Odoo, under Settings, Technical, Decimal Accuracy, give “Product Unit” three digits.")
        yield Problem("odoo.coarse", message, hint=hint, values={"digits": row["digits"]}, blocks=False)


def _of_power(odoo: Odoo) -> Iterator[Problem]:
    try:
        mighty = odoo.call("res.users", "has_group", [odoo.user()], group_ext_id=ADMINISTRATOR)
    except Said:
        return  # up to 17 it asks for the group alone, of whoever asks
    if mighty:
        message = _("The bridge comes in as an administrator of Odoo: whoever got hold of its key could do anything there.")
        hint = _("Let “fettle odoo setup --make-user” make a user for it, and use a key of that one.")
        yield Problem("odoo.too_mighty", message, hint=hint, blocks=False)
