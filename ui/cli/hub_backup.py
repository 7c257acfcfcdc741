"""`fettle hub backup` and `fettle hub restore`: the hub in one file, and back again."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import files, out
from ui.cli.out import DONE

if TYPE_CHECKING:
    from sync.hub.backup import Manifest

KEPT = 14
HOUR = 2  # of the night, in UTC, for `--daily`


def add(inner: Any) -> None:
    parser = inner.add_parser("backup", help="write all there is into one file, and prove that it can be restored")
    parser.add_argument("--to", metavar="PATH", default="", help="a folder, or a file ending in .fettle-hub (default: backups)")
    parser.add_argument("--keep", type=int, default=KEPT, metavar="N", help=f"how many stay in the folder (default: {KEPT})")
    parser.add_argument("--no-drill", action="store_true", help="do not restore it for proof, where that would take too long")
    parser.add_argument("--daily", action="store_true", help="go on, with one every night, until told to end")
    parser.set_defaults(run=run_backup)
    parser = inner.add_parser("restore", help="fill an empty database from a backup")
    parser.add_argument("file", metavar="FILE", help="the backup")
    parser.add_argument("--drill", action="store_true", help="only prove that it can be restored: into a database of its own")
    parser.set_defaults(run=run_restore)


def run_backup(args: argparse.Namespace) -> int:
    while args.daily:
        time.sleep(_until_night(datetime.now(UTC)))
        _back_up(args)
    _back_up(args)
    return DONE


def _until_night(now: datetime) -> float:
    night = now.replace(hour=HOUR, minute=30, second=0, microsecond=0)
    return (night + timedelta(days=night <= now) - now).total_seconds()


def _back_up(args: argparse.Namespace) -> None:
    from sync.hub.backup import SUFFIX, back_up, drill, prune
    from ui.cli.hub_opening import database, folder_of

    place = Path(args.to).expanduser() if args.to else folder_of(args) / "backups"
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S") + SUFFIX
    target = place if place.suffix == SUFFIX else place / name
    with database(args) as url, files.written(target):
        manifest = back_up(url, target, _progress)
    if not args.no_drill:
        with _scratch() as folder:
            drill(target, folder)
    _told(target, manifest, drilled=not args.no_drill)
    if target is not place:
        for old in prune(target.parent, max(1, args.keep)):
            out.word(_("Removed the old backup {path}."), path=old)


def run_restore(args: argparse.Namespace) -> int:
    from sync.hub.backup import drill, restore
    from ui.cli.hub_opening import database

    source = Path(args.file).expanduser()
    files.opened(source).close()  # before a database is asked for
    if args.drill:
        with _scratch() as folder:
            _told(source, drill(source, folder), drilled=True)
        return DONE
    with database(args) as url:
        manifest = restore(source, url, _progress)
    _told(source, manifest, drilled=False)
    _ask_for_keys(args)
    out.word(_("Start the hub. Terminals send again what came after {made}."), made=manifest.made)
    return DONE


def _ask_for_keys(args: argparse.Namespace) -> None:
    """The backup holds no keys, and without them the hub does not start: best said while the safe is near."""
    from sync.hub.keys import FILE, NAMED
    from ui.cli.hub_opening import folder_of

    place = folder_of(args) / FILE
    if not place.exists() and not os.environ.get(NAMED):
        out.word(_("First put the hub's keys, which no backup holds, back from where you keep them: {path}."), path=place)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for a drill, where PostgreSQL may go too; gone afterwards."""
    import shutil

    from app.kernel.postgres import passing_folder

    folder = passing_folder(f"drill-{os.getpid()}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _progress(name: str, rows: int) -> None:
    out.word(_("{name}: {rows} rows"), name=name, rows=rows)


def _told(path: Path, manifest: Manifest, *, drilled: bool) -> None:
    told = {"file": str(path), "made": manifest.made, "schema": manifest.schema, "tables": len(manifest.tables)}
    out.line(told | {"rows": manifest.rows, "drilled": drilled})
