"""A window that stands before there is a terminal: what breaks in it is told in it; and it can start the program once more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.kernel.problems import Refused, Trouble
from app.kernel.words import _, language, say, speak
from ui.cli import entering, window
from ui.cli.entering import entered
from ui.cli.window import _demo
from ui.kit.bench import problems_of, sentence_of
from ui.kit.entry import Entry
from ui.settings import look

SECRET = "a bolt that nobody may know of"


class Door(Entry):
    """A window in which a touch meets a bug."""

    def __init__(self, crash: Callable[[BaseException], None]) -> None:
        super().__init__(crash, "door")
        self.said: list[str] = []
        QTimer.singleShot(0, self, self.touched)

    def touched(self) -> None:
        QTimer.singleShot(0, self, self.close)
        raise KeyError(SECRET)

    def _failed(self, error: Refused | Trouble) -> None:
        self.said.append(sentence_of(problems_of(error)[0]))


@pytest.mark.usefixtures("qapp")
def test_a_bug_is_told_in_the_window_and_written_down_without_what_was_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = entered(tmp_path / "terminal.fettle", Door, kiosk=False)
    [report] = (tmp_path / "reports").glob("report-*.txt")
    assert shown.said == [f"Something in the program broke. A report for your supplier was written: {report.name}"]
    assert SECRET not in report.read_text()
    assert "Traceback" not in capsys.readouterr().err
    shown.deleteLater()
    QApplication.processEvents()


class Asked(Door):
    """A window in which somebody chooses a language, or none."""

    chooses = ""

    def touched(self) -> None:
        self.said.append(say(_("Settings")))
        if self.chooses:
            speak(self.chooses)
        self.close()


class German(Asked):
    chooses = "de"


@pytest.mark.usefixtures("qapp")
def test_what_stands_before_there_is_a_store_speaks_the_machine_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "machine_language", lambda: "de")
    assert entered(tmp_path / "terminal.fettle", Asked, kiosk=False).said == ["Einstellungen"]
    assert language() == "en", "nobody else is spoken to otherwise"


@pytest.mark.usefixtures("qapp")
def test_or_the_one_that_was_spoken_last_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "machine_language", lambda: "en")
    store = tmp_path / "terminal.fettle"
    assert entered(store, German, kiosk=False).said == ["Settings"]
    assert entered(store, Asked, kiosk=False).said == ["Einstellungen"]


@pytest.mark.parametrize(("wants", "spoken"), [(["de-AT", "en"], "de"), (["fr-FR", "de"], "de"), (["fr"], "en"), ([], "en")])
def test_of_the_machine_s_languages_the_first_that_is_known_here_is_taken(
    wants: list[str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "QLocale", SimpleNamespace(system=lambda: SimpleNamespace(uiLanguages=lambda: wants)))
    assert look.machine_language() == spoken


def test_an_installed_program_starts_itself_for_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """It brings its own Python, which knows no modules by name."""
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command: called.append(command) or 0)
    _demo()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    _demo()
    assert called == [[sys.executable, "-m", "ui.cli", "demo"], [sys.executable, "demo"]]


def test_a_store_in_trouble_is_told_of_in_a_window_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "terminal.fettle"
    store.write_bytes(b"spoilt")
    answers, told = [True, False], []
    monkeypatch.setattr(window, "has_display", lambda: True)
    monkeypatch.setattr(entering, "told_of", lambda _path, problem, kiosk: told.append(problem.code) or answers.pop(0))
    with pytest.raises(Trouble):
        window._opened(store, kiosk=False)
    assert told == ["store.foreign", "store.foreign"]
