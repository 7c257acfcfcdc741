"""`fettle odoo setup`: what Odoo has to have before the bridge works with it. Done twice it changes nothing.

Everything is loaded under external ids of ours, by an administrator's key that is not kept; no module is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.words import _
from sync.odoo.errors import Said, shown
from sync.odoo.places import learned
from sync.odoo.rights import CREATE, GROUPS, READ, SINGLE, WRITE
from sync.odoo.transport import Odoo

GROUP, USER = "fettle.group_bridge", "fettle.user_bridge"
HOOKED = ("product.product", "product.template", "res.partner", "res.users", "stock.location", "repair.order")
WRITTEN = "write_date"  # goes with each hint, so that two changes are not taken for one


@dataclass(frozen=True)
class Step:
    """One thing that Odoo has to have: whether it is there now, and in a sentence what it is or why it is not."""

    name: str
    there: bool
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


def prepare(odoo: Odoo, company: int, *, login: str = "", hook: str = "", bridge: int = 0) -> Iterator[Step]:
    """Places and group always; the bridge's own user where it shall have a `login`; and rules that call `hook`, an address.

    `bridge` is the number of the user whose own changes nobody needs to be told of.
    """
    yield _tried("places", _("The places of the workshop cannot be made in Odoo: {said}"), lambda: _places(odoo, company))
    yield _tried("group", _("The group “Fettle bridge” cannot be made: {said}"), lambda: _group(odoo))
    if login:
        yield _tried("user", _("The bridge's user cannot be made: {said}"), lambda: _user(odoo, login, company))
    if hook:
        yield _tried("hooks", _("Odoo cannot be told to call the hub: {said}"), lambda: _hooks(odoo, hook, bridge))


def _tried(name: str, otherwise: str, act: Any) -> Step:
    """What an administrator's key would be needed for says so, and the rest goes on."""
    try:
        message, values = act()
    except Said as error:
        return Step(name, False, otherwise, {"said": shown(error.message)})
    return Step(name, True, message, values)


# ------------------------------------------------------------------------------------------------------- what is made


def _places(odoo: Odoo, company: int) -> tuple[str, dict[str, object]]:
    found = learned(odoo, company)
    message = _("{count} warehouses have a place for what lies at a job; scrap goes to location {scrap}.")
    return message, {
        "count": len(found.own),
        "scrap": found.of("scrap") or 0,
        "wip": {n: own["wip"] for n, own in found.own.items()},
    }


def _group(odoo: Odoo) -> tuple[str, dict[str, object]]:
    """Odoo's own groups by their names, as far as their modules are there; and the rights that none of them has."""
    there = [name for name in GROUPS if _number(odoo, "res.groups", name)]
    [group] = odoo.load("res.groups", ["id", "name", "implied_ids/id"], [[GROUP, "Fettle bridge", ",".join(there)]])
    rows = [
        [f"fettle.access_{model.replace('.', '_')}", f"Fettle bridge: {model}", _model(model), str(group), *_marks(rights)]
        for model, rights in SINGLE
    ]
    fields = ["id", "name", "model_id/id", "group_id/.id", "perm_read", "perm_write", "perm_create", "perm_unlink"]
    odoo.load("ir.model.access", fields, rows)
    return _("The group “Fettle bridge” has the rights that the bridge needs, and no more."), {"group": group}


def _marks(rights: Sequence[str]) -> list[str]:
    return ["1" if one in rights else "0" for one in (READ, WRITE, CREATE, "unlink")]


def _user(odoo: Odoo, login: str, company: int) -> tuple[str, dict[str, object]]:
    """Without a password: a person signs in for it once, by Odoo's invitation, to make its key."""
    groups = "group_ids" if odoo.version().major >= 19 else "groups_id"
    alike = odoo.search_read("res.users", [["login", "=", login]], ["id"], context={"active_test": False})
    own = _number(odoo, "res.users", USER)
    if alike and alike[0]["id"] != own:
        odoo.call("res.users", "write", [alike[0]["id"]], vals={groups: [[4, _number(odoo, "res.groups", GROUP)]]})
        return _("“{login}” was there already, and is in the group “Fettle bridge” now."), {
            "login": login,
            "user": alike[0]["id"],
        }
    fields = ["id", "name", "login", "company_id/.id", "company_ids/.id", f"{groups}/id"]
    quiet = {"no_reset_password": True}
    row = [USER, "Fettle bridge", login, str(company), str(company), GROUP]
    [made] = odoo.load("res.users", fields, [row], context=quiet)
    return _("“{login}” is the bridge's own user: sign in as it in Odoo and make an API key."), {"login": login, "user": made}


def _hooks(odoo: Odoo, hook: str, bridge: int) -> tuple[str, dict[str, object]]:
    """A rule and its action for each model; changes that the bridge itself makes call nobody."""
    there = [model for model in HOOKED if _number(odoo, "ir.model", _model(model))]
    others = f"[('write_uid', '!=', {bridge})]" if bridge else "[]"
    rules = [[_rule(model), f"Fettle: {model}", _model(model), "on_create_or_write", others, "1"] for model in there]
    odoo.load("base.automation", ["id", "name", "model_id/id", "trigger", "filter_domain", "active"], rules)
    fields = ["id", "name", "model_id/id", "state", "webhook_url", "webhook_field_ids/.id", "usage", "base_automation_id/id"]
    odoo.load("ir.actions.server", fields, [_action(odoo, model, hook) for model in there])
    return _("Odoo tells the hub of changes to {count} kinds of records."), {"count": len(there)}


def _rule(model: str) -> str:
    return f"fettle.rule_{model.replace('.', '_')}"


def _action(odoo: Odoo, model: str, hook: str) -> list[str]:
    domain = [["model", "=", model], ["name", "=", WRITTEN]]
    [found] = odoo.search_read("ir.model.fields", domain, ["id"])
    name = f"fettle.action_{model.replace('.', '_')}"
    return [name, f"Fettle: {model}", _model(model), "webhook", hook, str(found["id"]), "base_automation", _rule(model)]


# -------------------------------------------------------------------------------------------------------- Odoo's names


def _model(model: str) -> str:
    """The external id of a model, in the module that has it."""
    home = {"res": "base", "ir": "base"}.get(model.partition(".")[0], model.partition(".")[0])
    return f"{home}.model_{model.replace('.', '_')}"


def _number(odoo: Odoo, model: str, name: str) -> int:
    """The record that stands under an external id; 0 where none does."""
    module, _dot, rest = name.partition(".")
    domain = [["module", "=", module], ["name", "=", rest], ["model", "=", model]]
    found = odoo.search_read("ir.model.data", domain, ["res_id"])
    return int(found[0]["res_id"]) if found else 0
