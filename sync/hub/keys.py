"""The hub's own keys: one signs its orders to terminals, the other opens what a wiped terminal hands over.

They lie in the data folder, in a file that nobody else may read, or in the environment; the database has only the public ones.
Processes that share a folder share the keys; on another machine the file is copied there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kernel import meta
from app.kernel.files import keep_names, make_folder
from app.kernel.ids import new_id
from app.kernel.problems import Trouble
from app.kernel.records import MetaRow
from app.kernel.upsert import upsert
from app.kernel.words import _
from app.kernel.writer import Writer
from sync import handover, signing

FILE, NAMED = "hub.keys", "FETTLE_HUB_KEYS"
META = "hub_keys"


@dataclass(frozen=True)
class HubKeys:
    """The two private keys, 32 bytes each."""

    signing: bytes
    recovery: bytes

    @property
    def public(self) -> bytes:
        """What terminals know the hub by."""
        return signing.public_of(self.signing)

    @property
    def recovery_public(self) -> bytes:
        """What terminals seal to."""
        return handover.public_of(self.recovery)

    def text(self) -> str:
        return json.dumps({"signing": self.signing.hex(), "recovery": self.recovery.hex()})


def hub_keys(writer: Writer, folder: Path, environ: Mapping[str, str] = os.environ) -> HubKeys:
    """This hub's keys, made at the first start; Trouble when they are not those of its database."""
    keys = _read(environ[NAMED], NAMED) if environ.get(NAMED) else _in_folder(writer, folder)
    if writer.run(_agreed, writer, _public(keys)) != _public(keys):
        raise _others()
    return keys


def _in_folder(writer: Writer, folder: Path) -> HubKeys:
    path = folder / FILE
    if not path.exists():
        if writer.run(_agreed, writer, None) is not None:
            raise _others()
        _make(path)
    return _read(path.read_text("utf-8"), str(path))


def _make(path: Path) -> None:
    """Makes the file whole or not at all; where two processes do so at once, the first one's stays."""
    make_folder(path.parent)
    passing = path.with_name(f"{path.name}.{new_id().hex}")
    file = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, HubKeys(signing.keypair()[0], handover.recovery_pair()[0]).text().encode())
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.link(passing, path)
    except FileExistsError:
        pass
    finally:
        passing.unlink()
    keep_names(path.parent)


def _read(text: str, where: str) -> HubKeys:
    try:
        plain = json.loads(text)
        keys = HubKeys(bytes.fromhex(plain["signing"]), bytes.fromhex(plain["recovery"]))
        _public(keys)
    except (ValueError, TypeError, KeyError) as error:
        hint = _("Bring it back from the hub's backup.")
        raise Trouble("hub.keys_unreadable", _("{where} does not hold the hub's keys."), hint, {"where": where}) from error
    return keys


def _public(keys: HubKeys) -> dict[str, str]:
    return {"signing": keys.public.hex(), "recovery": keys.recovery_public.hex()}


def _agreed(writer: Writer, ours: dict[str, str] | None) -> Any:
    """The public keys that the database knows; ours, where it knows none yet."""
    table: Any = MetaRow.__table__
    with writer.sessions() as session:
        if ours is not None:
            row = {"key": META, "value": ours}
            upsert(session, table, [row], tuple(row))  # left alone where it is there
            session.commit()
        return meta.read(session, META)


def _others() -> Trouble:
    return Trouble(
        "hub.keys",
        _("The hub's keys are not here: its database knows others, and so do its terminals."),
        _("Copy {file} from the hub's data folder, or from the copy that you keep, or put its text into {named}."),
        {"file": FILE, "named": NAMED},
    )
