"""What the set-up promises on a fresh machine, tested without the network and without touching this machine."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "run.py"
BARE = {"PATH": "/usr/bin"}
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux are Qt's libraries packages")


class Steps(list[list[str]]):
    """The steps that a set-up takes: written down instead of taken, and they go well unless they hold a word of `fails`."""

    fails: tuple[str, ...] = ()

    def done(self, command: list[str | Path], **extra: str) -> bool:
        self.append([str(word) for word in command])
        return not any(word in self[-1] for word in self.fails)

    def holding(self, word: str) -> list[list[str]]:
        return [step for step in self if word in step]


@pytest.fixture
def run() -> ModuleType:
    """The script, as a module of this test's own."""
    spec = importlib.util.spec_from_file_location("fettle_run", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def steps(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Steps:
    steps = Steps()
    monkeypatch.setattr(run, "done", steps.done)
    return steps


@pytest.fixture
def checkout(run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout that nobody has set up, on a machine that has every library."""
    venv = tmp_path / ".venv"
    for name, path in {"VENV": venv, "STAMP": venv / "set-up.sha256", "PYTHON": venv / "python"}.items():
        monkeypatch.setattr(run, name, path)
    monkeypatch.setattr(run, "LOCK", tmp_path / "requirements.txt")
    monkeypatch.setattr(run, "loads", lambda library: True)
    (tmp_path / "requirements.txt").write_text("alembic==1 \\\n    --hash=sha256:aa\nuv==2 \\\n    --hash=sha256:bb\n")
    Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)})).mkdir(parents=True)
    (venv / "python").touch()
    return tmp_path


def lacking(run: ModuleType, monkeypatch: pytest.MonkeyPatch, *, root: bool, apt: bool = True) -> None:
    monkeypatch.setattr(run, "loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(run.os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}" if apt else None)


# What is asked for


@pytest.mark.parametrize("words", [[], ["dmeo"], ["test", "tests/kernel"], ["poe"]])
def test_a_wrong_call_is_told_the_right_ones(run: ModuleType, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(words) == 2
    assert "packaging/run.py demo" in capsys.readouterr().err


def test_each_verb_starts_its_program(run: ModuleType) -> None:
    assert run.command("demo", ["--fresh"])[-2:] == ["demo", "--fresh"]
    assert run.command("fettle", ["ask", "parts"])[-3:] == ["ui.cli", "ask", "parts"]
    assert run.command("test", [])[-3:] == ["-C", str(run.ROOT), "check"]
    assert run.command("poe", ["test", "-x"])[-2:] == ["test", "-x"]


def test_the_callers_folder_cannot_hide_a_package_of_fettle(run: ModuleType) -> None:
    assert "-P" in run.command("fettle", [])


# What the program finds around it


@linux_only
def test_without_a_display_the_program_draws_off_screen(run: ModuleType) -> None:
    assert run.environment(BARE)["QT_QPA_PLATFORM"] == "offscreen"
    assert "QT_QPA_PLATFORM" not in run.environment({**BARE, "DISPLAY": ":0"})
    assert "QT_QPA_PLATFORM" not in run.environment({**BARE, "WAYLAND_DISPLAY": "wayland-0"})


def test_a_platform_that_someone_chose_stays(run: ModuleType) -> None:
    assert run.environment({**BARE, "QT_QPA_PLATFORM": "vnc"})["QT_QPA_PLATFORM"] == "vnc"


def test_the_desktop_changes_nothing_in_the_window(run: ModuleType) -> None:
    assert run.environment({**BARE, "QT_QPA_PLATFORMTHEME": "gtk3"})["QT_QPA_PLATFORMTHEME"] == ""


def test_the_checkouts_tools_come_first(run: ModuleType) -> None:
    assert run.environment(BARE)["PATH"].split(run.os.pathsep) == [str(run.BIN), "/usr/bin"]


# System libraries


@linux_only
def test_libraries_for_a_window_are_wanted_only_where_there_is_one(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "loads", lambda library: False)
    assert run.missing_libraries(BARE) == [*run.DRAWING.values()]
    assert run.missing_libraries({"DISPLAY": ":0"}) == [*run.DRAWING.values(), *run.WINDOW.values()]


@linux_only
def test_root_gets_what_is_missing_and_no_more(
    run: ModuleType, steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking(run, monkeypatch, root=True)
    run.prepare(BARE)
    assert steps[:2] == [["apt-get", "update", "-q"], ["apt-get", "install", "-y", "--no-install-recommends", "libegl1"]]


@linux_only
def test_anyone_else_gets_the_line_to_run(
    run: ModuleType, steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking(run, monkeypatch, root=False)
    assert run.main(["demo"]) == 3
    assert "sudo apt-get install -y --no-install-recommends libegl1\n" in capsys.readouterr().err
    assert steps == []


@linux_only
def test_a_machine_that_is_not_debian_is_told_what_it_lacks(
    run: ModuleType, steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking(run, monkeypatch, root=True, apt=False)
    assert run.main(["demo"]) == 3
    assert "libegl1" in capsys.readouterr().err
    assert steps == []


def test_debian_keeps_environments_in_a_package_of_its_own(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.missing_venv() == []
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    assert run.missing_venv() == [f"python3.{sys.version_info[1]}-venv"]


# The environment


def test_a_set_up_is_made_once(run: ModuleType, steps: Steps, checkout: Path) -> None:
    run.prepare(BARE)
    assert steps.holding("venv")
    steps.clear()
    run.prepare(BARE)
    assert steps == []


def test_a_changed_lock_a_changed_python_and_a_moved_checkout_are_set_up_again(
    run: ModuleType, steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.prepare(BARE)
    run.LOCK.write_text(run.LOCK.read_text() + "zipp==1 \\\n    --hash=sha256:cc\n")
    assert not run.is_set_up()
    run.prepare(BARE)
    monkeypatch.setattr(run, "ROOT", checkout / "elsewhere")
    assert not run.is_set_up()
    run.prepare(BARE)
    monkeypatch.setattr(run.platform, "python_version", lambda: "3.99.0")
    assert not run.is_set_up()


def test_every_package_is_checked_by_its_hash(run: ModuleType, steps: Steps, checkout: Path) -> None:
    run.prepare(BARE)
    installs = steps.holding("install")
    assert installs
    assert all("--require-hashes" in step for step in installs)


def test_the_fast_installer_itself_is_checked_by_its_hash(run: ModuleType, checkout: Path) -> None:
    assert run.block(run.LOCK.read_text(), "uv") == "uv==2 \\\n    --hash=sha256:bb\n"
    real = run.block((run.ROOT / "requirements.txt").read_text(), "uv").splitlines()
    assert len(real) > 1
    assert all("--hash=sha256:" in line for line in real[1:])


def test_without_the_fast_installer_pip_does_it(run: ModuleType, steps: Steps, checkout: Path) -> None:
    steps.fails = ("uv",)
    run.prepare(BARE)
    assert steps[-1][1:4] == ["-m", "pip", "install"]
    assert run.is_set_up()


def test_a_set_up_that_failed_says_why_and_is_tried_again(
    run: ModuleType, steps: Steps, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.fails = ("install",)
    assert run.main(["demo"]) == 3
    assert "needs the network once" in capsys.readouterr().err
    assert not run.is_set_up()


def test_a_folder_that_cannot_be_written_is_a_sentence(
    run: ModuleType, steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(environ: object) -> None:
        raise PermissionError(13, "Permission denied", str(run.VENV))

    monkeypatch.setattr(run, "prepare", refuse)
    assert run.main(["demo"]) == 3
    told = capsys.readouterr().err
    assert "Permission denied" in told
    assert "Traceback" not in told


# The interpreter


def test_an_old_python_hands_over_to_a_newer_one(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "older", lambda version: True)
    monkeypatch.setattr(run, "fitting_python", lambda: "/usr/bin/python3.12")
    monkeypatch.setattr(run, "run", lambda program, environ: program)
    with pytest.raises(SystemExit) as handed_over:
        run.main(["demo", "--fresh"])
    assert handed_over.value.code == ["/usr/bin/python3.12", str(SCRIPT), "demo", "--fresh"]


def test_only_an_old_python_is_a_sentence(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "older", lambda version: True)
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    assert run.main(["demo"]) == 3
    assert "Install python3.11" in capsys.readouterr().err


def test_a_python_that_does_not_start_is_passed_over(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run, "answers", lambda python: python.endswith("3.12"))
    assert run.fitting_python() == "/usr/bin/python3.12"


def test_the_oldest_python_is_the_one_that_the_project_names(run: ModuleType) -> None:
    assert run.older((3, 10))
    assert not run.older((3, 11))
    assert 'requires-python = ">=3.11"' in (run.ROOT / "pyproject.toml").read_text()


# The end


def test_the_programs_exit_code_is_the_callers(tmp_path: Path) -> None:
    become = "import runpy, sys; runpy.run_path(sys.argv[1])['run']([sys.executable, '-c', 'raise SystemExit(7)'], {})"
    assert subprocess.run([sys.executable, "-c", become, SCRIPT], cwd=tmp_path, check=False).returncode == 7
