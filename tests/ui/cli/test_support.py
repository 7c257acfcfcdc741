"""The support file helps whoever helps, and tells nobody who works here, who brings work, or how the store is opened."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.access.badges import badge_code
from app.access.founding import Founder, Shop
from app.assemble import Terminal, make_terminal
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.standard import AddNote, SaveRecord
from ui.cli import main
from ui.cli.beginning import Store
from ui.report import write_report
from ui.support import bundle
from world import World

PIN = "407192"


@dataclass
class Told:
    """A workshop in which everything has been written that nobody else may read."""

    terminal: Terminal
    secrets: list[str] = field(default_factory=list)

    def bundle(self, folder: Path) -> dict[str, str]:
        file = bundle(self.terminal, self.terminal.store.path.parent / "reports", folder / "support.zip")
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    terminal = make_terminal(tmp_path / "annas shop" / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    store, badge = Store(terminal), badge_code()[0]
    store.found(Shop("Moto Quast", zone="Europe/Berlin"))
    code = store.appoint(Founder("Wilhelmina Quast", PIN, badge=badge))
    store.keep_printer("tcp://192.168.77.5:9100")
    world = World(terminal.app, terminal.org_id)
    customer = world.save("customer", name="Otto Kunde", phone="+49 170 5550815", email="otto@kunde.example")
    world.done(AddNote(entity="customer", id=customer, text="pays late"))
    world.run(SaveRecord(entity="customer", fields={"name": [None, ""], "phone": [None, "+49 170 5550816"]}))
    typed = ("Otto", "Kunde", "typed", "this")
    try:
        raise ValueError(" ".join(typed))
    except ValueError as bug:
        write_report(terminal.store.path.parent / "reports", bug)
    secrets = ["Quast", "quast", PIN, badge, badge.split(":")[2], code, code.replace("-", ""), "192.168.77.5", "Otto", "Kunde"]
    secrets += ["5550815", "5550816", "otto@", "pays late", terminal.store.key.hex(), "annas shop", "argon2"]
    yield Told(terminal, secrets)
    terminal.close()


def test_no_name_phone_badge_pin_or_key_is_in_it(told: Told, tmp_path: Path) -> None:
    whole = json.dumps(told.bundle(tmp_path), ensure_ascii=False)
    assert [secret for secret in told.secrets if secret in whole] == []
    assert told.terminal.store.key.hex().upper() not in whole


def test_what_helps_is_in_it(told: Told, tmp_path: Path) -> None:
    parts = told.bundle(tmp_path)
    names = ("about", "health", "data", "counts", "commands", "findings", "settings")
    assert {f"{name}.json" for name in names} <= set(parts)
    assert json.loads(parts["counts.json"])["customer"] == 1
    assert "SaveRecord" in parts["commands.json"]
    assert json.loads(parts["findings.json"])["refused"]["parties.name"] == 1
    assert any(name.startswith("reports/report-") for name in parts)


def test_the_page_and_the_verb_know_where_everything_lies(told: Told) -> None:
    found = Store(told.terminal).whereabouts()
    assert {one.name for one in found.pieces} >= {"store", "backups", "reports"}
    assert found.pieces[0].size > 0
    assert found.opens_elsewhere


@pytest.mark.parametrize("state", ["open elsewhere", "damaged", "gone"])
def test_a_store_that_does_not_open_is_told_of_without_a_secret(told: Told, tmp_path: Path, state: str) -> None:
    """That is when help is needed most."""
    store, to = told.terminal.store.path, tmp_path / "support.zip"
    if state != "open elsewhere":
        told.terminal.close()
        store.write_bytes(b"spoilt") if state == "damaged" else store.unlink()
    assert main(["--store", str(store), "support", str(to)]) == 0
    with zipfile.ZipFile(to) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    code = {"open elsewhere": "store.in_use", "damaged": "store.foreign", "gone": "store.missing"}[state]
    assert json.loads(parts["trouble.json"])["code"] == code
    assert any(name.startswith("reports/report-") for name in parts)
    assert [secret for secret in told.secrets if secret in json.dumps(parts)] == []
