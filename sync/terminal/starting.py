"""An enrolled terminal starts from its hub's snapshot: its store is replaced by a ready one, and what is its own taken along."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.assemble import open_terminal
from app.kernel.keys import KeyKeeper, machine_keeper
from sync.terminal.asking import over
from sync.terminal.fetching import Tell, silent
from sync.terminal.http import HttpLine, HttpPeer
from sync.terminal.identity import identity
from sync.terminal.snapshot import Fetched, fetch_store
from sync.terminal.snapshot_line import HttpSource


def start_from_hub(
    path: Path,
    *,
    keeper: KeyKeeper | None = None,
    form: str = "",
    tell: Tell = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Fetched | None:
    """Fetches the store of the terminal at `path` anew from its hub; None for a terminal that works alone.

    Nobody may have the store open meanwhile. Trouble and Refused as `fetch_store` raises them: then all is as it was, and
    the next try goes on from what is here.
    """
    keeper = keeper or machine_keeper()
    with closing(open_terminal(path, keeper=keeper)) as terminal:
        who = identity(terminal.app.read_engine, terminal.app.station, path.parent, keeper)
        station, org_id, now_ms = terminal.app.station, terminal.org_id, terminal.app.clock.now_ms
    if who is None:
        return None
    line = HttpPeer(HttpLine(who.hub.url, who.hub.authority), who.key, now_ms)
    try:
        fetched = fetch_store(HttpSource(line), path, station, org_id, keeper=keeper, form=form, tell=tell, stop=stop)
    finally:
        line.close()
    over(path, keeper, who.hub.mark)
    return fetched
