"""Settings of one's own: a site's, a terminal's, a person's; who may set them, and that each can be taken back."""

from __future__ import annotations

from uuid import UUID

from app.kernel.ids import new_id
from app.kernel.looking import history
from app.kernel.settings import SettingValue, read_setting
from app.kernel.upkeep import ChooseOwn, SetSetting
from world import World

LANGUAGE, PRINTER, LIMIT = "terminals.language", "terminals.printer", "stock.adjust_limit"


def read(world: World, key: str, *holders: UUID | None) -> object:
    with world.session() as session:
        return read_setting(session, world.app.registry, world.org, key, *holders)


def test_everybody_chooses_their_own_language_and_nobody_else_s(anywhere: World) -> None:
    world = anywhere.furnish()
    mara, ben = world.person("Mara", "KEE"), world.person("Ben", "MEC")
    assert world.codes(ChooseOwn(key=LANGUAGE, value="de"), mara) == []
    assert (read(world, LANGUAGE, mara.id), read(world, LANGUAGE, ben.id)) == ("de", "")
    assert world.codes(ChooseOwn(key=LANGUAGE, value="tlh"), mara) == ["setting.beyond"]
    assert world.codes(ChooseOwn(key=LIMIT, value=3), mara) == ["setting.place"]
    assert world.codes(SetSetting(key=LANGUAGE, value="de", place=ben.id), mara) == ["access.denied"]


def test_who_works_at_one_site_alone_has_a_language_all_the_same(world: World) -> None:
    mara = world.person("Mara", "KEE", place=world.site)
    assert world.codes(ChooseOwn(key=LANGUAGE, value="de"), mara) == []


def test_a_terminal_has_its_own_printer_though_no_hub_knows_it(world: World) -> None:
    world.done(SetSetting(key=PRINTER, value="tcp://10.0.0.7", place=world.app.station.id))
    assert read(world, PRINTER, world.app.station.id, world.site) == "tcp://10.0.0.7"
    assert read(world, PRINTER, new_id(), world.site) == ""
    assert world.codes(SetSetting(key=PRINTER, value="x", place=new_id())) == ["setting.place"]


def test_what_is_taken_out_counts_as_everywhere_again(anywhere: World) -> None:
    world = anywhere.furnish()
    world.done(SetSetting(key=LIMIT, value=3, place=world.site))
    world.done(SetSetting(key=LIMIT, value=None, place=world.site))
    assert read(world, LIMIT, world.site) == 50
    world.done(SetSetting(key=LIMIT, value=4, place=world.site))
    assert read(world, LIMIT, world.site) == 4


def test_a_setting_is_undone_to_what_it_was(world: World) -> None:
    first = SetSetting(key=LIMIT, value=3, was=[None])
    undo = first.undone_by(world.done(first).id)
    second = SetSetting(key=LIMIT, value=9, was=[3])
    back = second.undone_by(world.done(second).id)
    assert undo is not None
    assert back is not None
    world.done(back)
    assert read(world, LIMIT) == 3
    world.done(undo)
    assert read(world, LIMIT) == 50
    assert SetSetting(key=LIMIT, value=1).undone_by(new_id()) is None


def test_who_set_what_is_in_the_record_s_history(world: World) -> None:
    world.done(SetSetting(key=LIMIT, value=3))
    world.done(SetSetting(key=LIMIT, value=4))
    (row,) = world.rows(SettingValue)

    with world.session() as session:
        told = history(session, row.id)
    assert (told[0].command, told[0].fields) == ("SetSetting", (("value", 3, 4),))
