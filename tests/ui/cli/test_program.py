"""The program: its exit codes, its words when something lacks, and that no traceback ever reaches a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.kernel.files import FileLock
from ui.cli import main
from ui.cli.program import HOMES, parser

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PIN = "407192"
NOBODY = "Say who acts: --as USER, with their PIN in FETTLE_PIN.\n"


def issued(shop: Any) -> str:
    return json.dumps({"do": "IssuePart", **shop.issue(reason="Tried out")}) + "\n"


@pytest.mark.parametrize("verb", sorted(HOMES))
def test_every_verb_has_its_parser_and_a_sentence(verb: str) -> None:
    only, whole = parser(verb).format_help(), parser().format_help()
    assert verb in only
    assert verb in whole


def test_an_unknown_verb_is_wrong_usage_and_lists_what_there_is(fettle: Callable[..., Any]) -> None:
    said = fettle("sinc")
    assert said.code == 2
    assert all(verb in said.words for verb in HOMES)


@pytest.mark.parametrize("verb", ["backup", "restore", "odoo", "decode", "document"])
def test_a_verb_of_a_later_version_is_not_pretended(fettle: Callable[..., Any], verb: str) -> None:
    assert fettle(verb).code == 2


def test_common_options_may_stand_before_and_after_the_verb(shop: Any, fettle: Callable[..., Any]) -> None:
    before = fettle("--store", str(shop.folder), "ask", "stock", store=None)
    after = fettle("ask", "stock", "--store", str(shop.folder), store=None)
    assert before.out == after.out
    assert len(before.lines) == 5


def test_the_store_may_be_named_by_its_folder_or_its_file(shop: Any, fettle: Callable[..., Any]) -> None:
    assert fettle("ask", "stock", store=shop.folder).out == fettle("ask", "stock", store=shop.store).out


# ------------------------------------------------------------------------------------------------- what may be lacking


def test_a_store_that_is_not_there_is_said(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("ask", "stock", store=tmp_path / "nowhere")
    assert (said.code, said.out) == (3, "")
    assert said.words.startswith("There is no store at ")


def test_a_file_that_is_no_store_is_left_alone(fettle: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear customer, your motorcycle is ready.")
    said = fettle("ask", "stock", store=file)
    assert said.code == 3
    assert "is not a store of Fettle" in said.words
    assert file.read_text().startswith("Dear")


def test_a_store_that_is_open_elsewhere_is_said(shop: Any, fettle: Callable[..., Any]) -> None:
    lock = FileLock(shop.store.with_name(shop.store.name + ".lock"))
    try:
        said = fettle("ask", "stock")
    finally:
        lock.release()
    assert said.code == 3
    assert "open in another program" in said.words


def test_a_store_of_a_newer_version_is_said(shop: Any, fettle: Callable[..., Any]) -> None:
    with shop.store.open("rb+") as file:
        file.write(b"FETTLE9\0")
    said = fettle("ask", "stock")
    assert said.code == 3
    assert "newer version" in said.words


def test_a_store_without_its_key_is_said(shop: Any, fettle: Callable[..., Any]) -> None:
    for key in shop.folder.glob("*.key"):
        key.unlink()
    said = fettle("ask", "stock")
    assert said.code == 3
    assert "The key of the store" in said.words


# --------------------------------------------------------------------------------------------------------- who acts


def test_where_people_work_somebody_must_act(staffed: Any, fettle: Callable[..., Any]) -> None:
    said = fettle("ask", "stock")
    assert (said.code, said.words) == (2, NOBODY)


def test_a_person_acts_with_their_pin_and_their_grants(
    staffed: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_PIN", PIN)
    said = fettle("do", "IssuePart", json.dumps(staffed.issue()), "--as", "kim")
    assert (said.code, said.line["status"]) == (0, "done")
    refused = fettle("do", "CreateOrder", json.dumps({"site": staffed.ids["site"], "what": "Chain"}), "--as", "kim")
    assert refused.codes == ["access.denied"]


@pytest.mark.parametrize(("user", "pin", "code"), [("kim", "", 2), ("kim", "999999", 1), ("nobody", PIN, 1)])
def test_nobody_acts_without_the_right_name_and_pin(
    staffed: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, user: str, pin: str, code: int
) -> None:
    monkeypatch.setenv("FETTLE_PIN", pin)
    said = fettle("ask", "stock", "--as", user)
    assert (said.code, said.out) == (code, "")
    assert said.words.count("\n") == 1


def test_a_script_keeps_the_pin_in_a_file_that_only_it_may_read(
    staffed: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = tmp_path / "kim.key"
    key.write_text(PIN + "\n")
    monkeypatch.setenv("FETTLE_PIN_FILE", str(key))
    key.chmod(0o644)
    assert (fettle("ask", "stock", "--as", "kim").code, fettle("ask", "stock", "--as", "kim").out) == (3, "")
    key.chmod(0o600)
    assert fettle("ask", "stock", "--as", "kim").code == 0


# ------------------------------------------------------------------------------------------------------ when it breaks


def test_a_bug_leaves_a_report_and_no_traceback(shop: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_app: object, text: str, *_: object) -> None:
        raise LookupError(text)

    monkeypatch.setattr("app.assemble.App.meaning", broken)
    said = fettle("scan", "4711")
    assert (said.code, said.out) == (1, "")
    assert "Traceback" not in said.words
    [report] = (shop.folder / "reports").iterdir()
    assert str(report) in said.words
    assert "LookupError" in report.read_text()
    assert "4711" not in report.read_text(), "a report holds nothing that was typed"


def test_each_answer_comes_before_the_next_line_is_wanted(shop: Any, started: Callable[..., Any]) -> None:
    program = started(shop.program("do", "--batch", "-"))
    for _line in range(3):
        program.stdin.write(issued(shop))
        program.stdin.flush()
        assert json.loads(program.stdout.readline())["status"] == "done"
    program.stdin.close()
    assert program.wait(30) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_it_in_a_word(shop: Any, started: Callable[..., Any], fettle: Callable[..., Any]) -> None:
    program = started(shop.program("do", "--batch", "-"))
    program.stdin.write(issued(shop))
    program.stdin.flush()
    program.stdout.readline()
    program.send_signal(signal.SIGINT)
    _out, words = program.communicate(timeout=30)
    assert (program.returncode, words) == (130, "Stopped.\n")
    assert fettle("ask", "stock", f"part={shop.ids['part']}").line["on_hand"] == "4", "what was answered stands"


@pytest.mark.skipif(os.name == "nt", reason="Windows tells a broken pipe in another way")
def test_a_reader_who_goes_away_is_no_drama(shop: Any, started: Callable[..., Any]) -> None:
    program = started(shop.program("do", "--batch", "-"))
    program.stdout.close()
    program.stdin.write(issued(shop))
    program.stdin.close()
    words = program.stderr.read()
    assert (program.wait(30), words) == (1, "")


def test_the_program_says_words_on_stderr_and_data_on_stdout(shop: Any, started: Callable[..., Any]) -> None:
    program = started(shop.program("scan", "PT-0", "nobody knows this"))
    out, words = program.communicate(timeout=30)
    assert [json.loads(line)["kind"] for line in out.splitlines()] == ["row", "unknown"]
    assert (program.returncode, words) == (0, "")


def test_a_window_without_a_shop_shows_the_way(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle(store=tmp_path / "nowhere")
    assert said.code == 3
    assert "Begin one: fettle init. Or join a hub: fettle enrol. Or" in said.words


def test_a_machine_that_lacks_a_library_is_told_so(fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_args: object) -> int:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr("ui.cli.window.run", lacking)
    said = fettle()
    assert said.code == 3
    assert "libEGL.so.1" in said.words
    assert "packaging/run.py" in said.words


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_under_the_answers_is_no_bug(shop: Any) -> None:
    with Path("/dev/full").open("w") as full:
        program = subprocess.Popen(shop.program("ask", "stock"), cwd=ROOT, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE)
        _out, words = program.communicate(timeout=60)
    assert (program.returncode, words) == (3, b"The system refuses to go on: No space left on device.\n")


def test_streams_that_the_caller_closed_are_missed_by_nobody(
    shop: Any, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, verb in (("stdin", ("do", "--batch", "-")), ("stdout", ("ask", "stock"))):
        monkeypatch.setattr(sys, name, None)
        assert main(["--store", str(shop.folder), *verb]) == 0
        getattr(sys, name).close()
        monkeypatch.undo()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_a_window_without_a_display_is_told_so(fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    said = fettle()
    assert said.code == 3
    assert said.words.startswith("There is no display here for the window.")
