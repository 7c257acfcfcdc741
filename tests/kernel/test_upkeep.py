"""Settings that cannot be set wrong, and findings that somebody settles."""

from __future__ import annotations

from app.kernel.ids import new_id
from app.kernel.records import Discrepancy
from app.kernel.settling import Settle
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.parts_issue.commands import IssuePart
from app.stock.commands import AdjustStock
from world import World


def test_a_setting_changes_what_a_rule_says(world: World) -> None:
    keeper = world.person("Sam", "SUP")
    adjust = AdjustStock(part=world.part, bin=world.bin, change=Quantity(40), reason="Found a box")
    world.done(SetSetting(key="stock.adjust_limit", value=10))
    assert world.codes(adjust, keeper) == ["stock.large"]
    world.done(SetSetting(key="stock.adjust_limit", value=100))
    assert world.codes(adjust, keeper) == []


def test_a_setting_takes_only_what_it_was_declared_for(world: World) -> None:
    assert world.codes(SetSetting(key="stock.adjust_limit", value="many")) == ["setting.kind"]
    assert world.codes(SetSetting(key="stock.adjust_limit", value=-1)) == ["setting.beyond"]
    assert world.codes(SetSetting(key="stock.adjust", value=1)) == ["setting.unknown"]


def test_a_store_room_may_have_its_own_limit(world: World) -> None:
    keeper = world.person("Sam", "SUP")
    adjust = AdjustStock(part=world.part, bin=world.bin, change=Quantity(4), reason="Found a box")
    world.done(SetSetting(key="stock.adjust_limit", value=3, place=world.site))
    assert world.codes(adjust, keeper) == ["stock.large"]
    world.done(SetSetting(key="stock.adjust_limit", value=9, place=world.warehouse))
    assert world.codes(adjust, keeper) == []
    assert world.codes(SetSetting(key="stock.adjust_limit", value=1, place=new_id())) == ["setting.place"]
    elsewhere = World(world.app).furnish()
    assert world.codes(SetSetting(key="stock.adjust_limit", value=1, place=elsewhere.site)) == ["setting.place"]


def test_a_finding_is_settled_with_a_word_about_how(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(9), reason="They were here"))
    (finding,) = world.rows(Discrepancy)
    assert world.codes(Settle(discrepancy=finding.id, how=" ")) == ["discrepancy.how"]
    world.done(Settle(discrepancy=finding.id, how="Counted: the shelf was full"))
    assert world.app.count("discrepancies", world.actor) == 0
    assert world.app.count("discrepancies", world.actor, open=False) == 1
