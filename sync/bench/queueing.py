"""What a long queue costs: the same store twice, in one of them many commands wait, and both do the same by turns."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import Any

from app.assemble import Terminal, open_terminal
from app.kernel.measuring import spread
from sync.bench import bare
from sync.bench.joined import KEEPER, Ground, change, in_step, peer_of
from sync.bench.working import Working

SCANS = 150
PART = 5  # of the rows that are fetched with and without the queue


def measured(here: Ground, working: Working, count: int) -> dict[str, float]:
    """Scans and rows with `count` commands that wait, beside the same without."""
    here.in_step()
    here.terminal.close()
    beside = here.path.parent.with_name("queued")
    shutil.copytree(here.path.parent, beside)
    with closing(open_terminal(beside / here.path.name, keeper=KEEPER)) as filled:
        Working(filled.app, here.hub, working.order).scan()
        filled.app.writer.submit(_fill, filled, count).result()
    here.terminal = open_terminal(here.path, keeper=KEEPER)
    with closing(open_terminal(beside / here.path.name, keeper=KEEPER)) as queued:
        scanned = _scans(Working(here.terminal.app, here.hub, working.order), Working(queued.app, here.hub, working.order))
        change(here, count // PART)
        rates = []
        for terminal in (here.terminal, queued):
            with bare.took() as made:
                made.rows = in_step(terminal.app, peer_of(terminal, here.line), sends=False)
            rates.append(made.rate)
    return {**scanned, "rows_s_queued": round(rates[1]), "rows_queued_times": round(rates[0] / rates[1], 2)}


def _scans(plain: Working, queued: Working) -> dict[str, float]:
    times: tuple[list[float], list[float]] = [], []
    for _each in range(SCANS):
        times[0].append(plain.scan())
        times[1].append(queued.scan())
    without, waiting = spread(times[0]), spread(times[1], "scan_queued_")
    return {**waiting, "scan_queued_times": round(waiting["scan_queued_p50_ms"] / without["p50_ms"], 2)}


def _fill(terminal: Terminal, count: int) -> None:
    """The last command again and again, under other ids: only their number matters here."""
    with terminal.store.writer.begin() as connection:
        driver: Any = connection.connection.driver_connection
        (last,) = driver.execute("SELECT max(seq) FROM envelope").fetchone()
        for statement in _QUEUE:
            driver.execute(statement, {"last": last, "count": count})


_QUEUE = (
    "WITH RECURSIVE turn(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM turn WHERE n < :count) "
    "INSERT INTO envelope (seq, id, terminal_id, number, command, org_id, actor_id, stamp, content, state, problems, chain) "
    "SELECT seq + n, randomblob(16), terminal_id, number + n, command, org_id, actor_id, stamp, content, state, problems, chain "
    "FROM envelope, turn WHERE seq = :last",
    "INSERT INTO change (org_id, envelope_id, entity, row_id, before, after) "
    "SELECT c.org_id, e.id, c.entity, iif(c.before IS NULL, randomblob(16), c.row_id), c.before, c.after "
    "FROM envelope e, change c WHERE e.seq > :last AND c.envelope_id = (SELECT id FROM envelope WHERE seq = :last)",
    "INSERT INTO touch (row_id, seq, wrote) SELECT c.row_id, e.seq, 1 FROM change c JOIN envelope e ON e.id = c.envelope_id "
    "WHERE e.seq > :last",
    "INSERT INTO touch (row_id, seq, wrote) SELECT t.row_id, e.seq, 0 FROM touch t, envelope e "
    "WHERE t.seq = :last AND NOT t.wrote AND e.seq > :last",
)
