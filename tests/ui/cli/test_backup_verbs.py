"""`fettle backup` and `fettle restore` as somebody who moves to a new PC uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kernel.keys import KeyFile, KeyKeeper


@pytest.fixture(autouse=True)
def key_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks this machine's own key store."""
    monkeypatch.setattr("app.kernel.restoring.machine_keeper", lambda: KeyKeeper(KeyFile()))


def test_a_workshop_moves_to_a_new_machine(shop, fettle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = fettle("backup", "--code").line["code"]
    made = fettle("backup", str(tmp_path / "stick.fettle-backup"))
    assert (made.code, made.line["elsewhere"]) == (0, True)
    parts = fettle("ask", "part").out
    monkeypatch.setenv("FETTLE_RECOVERY", code)
    new = tmp_path / "new"
    restored = fettle("restore", made.line["file"], store=new)
    assert (restored.code, restored.line["here"], restored.line["redone"]) == (0, False, 0)
    assert fettle("ask", "part", store=new).out == parts
    assert fettle("doctor", store=new).code == 0


def test_a_backup_that_opens_here_alone_says_so(fettle, tmp_path: Path) -> None:
    made = fettle("backup", str(tmp_path / "stick.fettle-backup"))
    assert made.line["elsewhere"] is False
    assert "fettle backup --code" in made.words


def test_what_was_done_after_the_backup_is_done_again(shop, fettle, tmp_path: Path) -> None:
    made = fettle("backup", "--now").line["file"]
    fettle("do", "IssuePart", f'{{"order": "{shop.ids["order"]}", "part": "{shop.ids["part"]}", "bin": "{shop.ids["bin"]}"}}')
    before = fettle("fingerprint").out
    restored = fettle("restore", made)
    assert restored.line["redone"] == 1
    assert "is kept in" in restored.words
    assert fettle("fingerprint").out == before
    as_it_was = fettle("restore", made, "--as-it-was")
    assert as_it_was.line["redone"] == 0
    assert fettle("fingerprint").out != before


def test_the_backups_made_by_themselves_are_listed_the_newest_first(fettle) -> None:
    before = fettle("backup", "--list").lines
    made = fettle("backup", "--now").line
    assert fettle("backup", "--list").lines == [made, *before]


def test_only_who_may_set_things_makes_a_recovery_code(staffed, fettle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_PIN", "407192")
    assert fettle("--as", "kim", "backup", "--code").code == 1
    assert len(fettle("--as", "nora", "backup", "--code").line["code"]) > 26
    assert fettle("backup", "--list").lines[0]["elsewhere"], "the code opens a backup from the moment that it was told"


@pytest.mark.parametrize(
    ("arguments", "code"), [(("backup",), 2), (("restore", "nowhere.fettle-backup"), 3), (("restore", "README.md"), 3)]
)
def test_what_cannot_be_meant_is_said(fettle, arguments: tuple[str, ...], code: int) -> None:
    said = fettle(*arguments)
    assert said.code == code
    assert said.words.strip().endswith(".")


def test_a_damaged_store_goes_on_by_itself_and_the_doctor_tells_of_it(shop, fettle) -> None:
    fettle("backup", "--now")
    content = bytearray(shop.store.read_bytes())
    content[len(content) // 2] ^= 1
    shop.store.write_bytes(content)
    assert fettle("ask", "part").code == 0
    told = {line["check"]: line for line in fettle("--json", "doctor").lines}
    assert told["mishaps"]["state"] == "warn"
    assert "damaged" in told["mishaps"]["message"]
    assert told["backups"]["state"] == "ok"


def test_where_no_window_stands_whoever_changes_something_makes_the_backup_that_is_due(shop, fettle) -> None:
    for made in fettle("backup", "--list").lines:
        Path(made["file"]).unlink()
    fettle("ask", "part")
    assert fettle("backup", "--list").lines == [], "nothing was changed"
    fettle("do", "CreateOrder", f'{{"site": "{shop.ids["site"]}", "what": "Chain"}}')
    assert len(fettle("backup", "--list").lines) == 1
