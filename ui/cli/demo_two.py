"""`fettle demo --two`: a hub and two terminals on this machine, to watch them part, work on, and come in step again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from app.kernel.problems import Trouble
from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, FAILED
from ui.cli.window import has_display

READY = 60.0  # seconds for the hub to be there
PEOPLE = {"counter": "nora", "bench": "tomas"}  # who works where


class Town:
    """The folder with three programs' stores in it, and the hub's process while it runs."""

    def __init__(self, folder: Path, hub: Path) -> None:
        self.folder, self.hub = folder, hub
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def store(self, name: str) -> Path:
        return self.folder / name

    def fettle(self, *words: str, store: Path, given: str = "") -> list[Any]:
        """Runs the program; what it printed, line by line as JSON. Trouble with its own words when it failed."""
        from app.demo import PIN

        who = ("--as", PEOPLE[store.name]) if words[0] in ("do", "ask") else ()
        done = subprocess.run(  # noqa: S603, our own program with our own words
            _program("--store", str(store), *who, *words),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "FETTLE_PIN": PIN},
        )
        if done.returncode:
            raise Trouble("demo.step", _("{step} did not work: {why}"), values={"step": words[0], "why": done.stderr[-600:]})
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def start_hub(self) -> None:
        """Returns once it answers."""
        log = (self.folder / "hub.log").open("ab")
        words = _program("--store", str(self.hub), "hub", "serve", "--port", str(self.port))
        self._process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603, our own program
        log.close()
        until = time.monotonic() + READY
        while time.monotonic() < until and self._process.poll() is None:
            if _answers(f"{self.url}/ready"):
                return
            time.sleep(0.2)
        raise Trouble("demo.hub", _("The hub did not start: see {log}."), values={"log": self.folder / "hub.log"})

    def stop_hub(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(READY)
            self._process = None


def _program(*words: str) -> list[str]:
    return [sys.executable, "-m", "ui.cli", *words]


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310, an address of this machine
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ------------------------------------------------------------------------------------------------------------- the play


def run(place: str) -> int:
    """Plays it all, and shows it: done when all three hold the same in the end."""
    with _town(place) as town:
        _open(town)
        _part(town)
        same = _meet(town)
        if same and has_display():
            _windows(town)
    return DONE if same else FAILED


@contextmanager
def _town(place: str) -> Iterator[Town]:
    """Fresh folders each time; the hub ends with us."""
    from app.kernel.postgres import passing_folder
    from ui.cli.opening import data_folder

    folder = Path(place).expanduser() if place else data_folder() / "demo-two"
    hub = passing_folder("demo-hub")
    for one in (folder, hub):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    town = Town(folder, hub)
    try:
        yield town
    finally:
        town.stop_hub()


def _open(town: Town) -> None:
    """A workshop, its hub, and a second terminal."""
    out.word(_("Building the demo workshop. This takes some seconds."))
    _build(town.store("counter"))
    town.start_hub()
    out.word(
        _("The hub is there: {url}. The counter's terminal joins it, and the empty hub takes over what is there."), url=town.url
    )
    _enrol(town, "counter", "Counter")
    town.fettle("sync", "--once", store=town.store("counter"))
    out.word(_("A second terminal, at the workbench, starts with nothing and gets it all."))
    _enrol(town, "bench", "Workbench")
    town.fettle("sync", "--once", store=town.store("bench"))


def _build(folder: Path) -> None:
    from app.assemble import make_terminal
    from app.demo import Calendar, build
    from ui.cli.opening import FILE

    calendar = Calendar()
    folder.mkdir(parents=True, exist_ok=True)
    terminal = make_terminal(folder / FILE, clock=calendar.clock())
    try:
        build(terminal, calendar, lambda _sentence: None)
    finally:
        terminal.close()


def _enrol(town: Town, name: str, title: str) -> None:
    code = town.fettle("hub", "enrol-code", "--name", title, "--json", store=town.hub)[0]["code"]
    town.fettle("enrol", town.url, code, "--name", title, store=town.store(name))


def _part(town: Town) -> None:
    """The hub goes away, and both work on: on different jobs, and on the same one."""
    town.stop_hub()
    out.word(_("The network is gone. Both work on."))
    jobs = town.fettle("ask", "work_orders", "open=true", "--limit", "2", store=town.store("counter"))
    shelf = town.fettle("ask", "stock", "--limit", "3", store=town.store("counter"))
    _do(town, "counter", _issues(jobs[0]["id"], shelf), _edit(jobs[1], "Brakes squeal in the wet"))
    _do(town, "bench", _issues(jobs[0]["id"], shelf), _edit(jobs[1], "Brakes squeal when cold"))
    for name in PEOPLE:
        told = town.fettle("sync", "--status", "--json", store=town.store(name))[0]
        out.word(_("{name}: {waiting} commands wait."), name=name, waiting=told["waiting"])


def _issues(job: str, shelf: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"do": "IssuePart", "order": job, "part": one["id"], "bin": one["bin_id"], "reason": "needed"} for one in shelf]


def _edit(job: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [{"do": "SaveRecord", "entity": "work_order", "row": job["id"], "fields": {"what": [job["what"], what]}}]


def _do(town: Town, name: str, *some: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(one) for commands in some for one in commands)
    for answer in town.fettle("do", "--batch", "-", store=town.store(name), given=lines):
        out.word(_("{name}: {command}: {status}"), name=name, command=answer["do"], status=answer["status"])


def _meet(town: Town) -> bool:
    """The hub is back: what waited is sent, what differs is put before people, and all three hold the same."""
    town.start_hub()
    out.word(_("The hub is back."))
    for name in ("counter", "bench", "counter"):
        town.fettle("sync", "--once", store=town.store(name))
    cards = town.fettle("ask", "attention", "noted=true", store=town.store("counter"))
    for card in cards:
        out.word(_("For people to decide: {what}"), what=card.get("message") or card.get("code"))
    prints = {name: town.fettle("fingerprint", store=town.store(name))[0] for name in PEOPLE}
    prints["hub"] = town.fettle("hub", "fingerprint", store=town.hub)[0]
    same = bool(prints["counter"] == prints["bench"] == prints["hub"])
    rows = sum(one["count"] for one in prints["hub"].values())
    out.line({"same": same, "rows": rows, "cards": len(cards), "folder": str(town.folder)})
    out.word(_("All three hold the same {rows} rows.") if same else _("They differ: see fettle fingerprint."), rows=rows)
    return same


def _windows(town: Town) -> None:
    """Both terminals' windows, and the hub behind them, until both are closed."""
    out.word(_("Two windows open now, with the hub behind them. Close both to end it."))
    opened = [subprocess.Popen(_program("--store", str(town.store(name)))) for name in PEOPLE]  # noqa: S603, our own program
    for one in opened:
        one.wait()
