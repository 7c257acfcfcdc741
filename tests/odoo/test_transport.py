"""Odoo is asked and answers, over both protocols, and what it refuses is understood."""

from __future__ import annotations

from sync.odoo.transport import Odoo


def test_a_partner_loaded_twice_is_one(odoo: Odoo) -> None:
    first = odoo.load("res.partner", ["id", "name"], [["fettle.try_1", "Ann"]])
    assert odoo.load("res.partner", ["id", "name"], [["fettle.try_1", "Ann Lee"]]) == first
    assert odoo.search_read("res.partner", [["id", "in", first]], ["name"]) == [{"id": first[0], "name": "Ann Lee"}]
