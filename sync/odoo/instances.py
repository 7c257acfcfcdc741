"""Which Odoo an organisation works with: its row, its key in a file that only the hub reads, and the secrets of its hooks."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.problems import Trouble
from app.kernel.words import _
from app.odoo.records import OdooInstance
from sync.odoo.keys import VARIABLE, key_file, key_of


def instance_of(app: App, org_id: UUID) -> OdooInstance | None:
    """The Odoo of an organisation; None where it works with none."""
    with Session(app.read_engine, info={"orgs": frozenset({org_id})}, expire_on_commit=False) as session:
        return session.get(OdooInstance, org_id)


def keep(app: App, org_id: UUID, told: Mapping[str, Any]) -> OdooInstance:
    """Writes what was told of it, by the names of its columns; the rest stays. It is made where there is none."""

    def change(row: OdooInstance) -> None:
        for name, value in told.items():
            setattr(row, name, value)

    return _changed(app, org_id, change)


def hook_secret(app: App, org_id: UUID, *, anew: bool = False) -> str:
    """The secret that the hooks' address has now, made where there is none. Of one made `anew` the one before lives on, so that
    nothing that is on its way is turned away; the one before that is dead."""

    def change(row: OdooInstance) -> None:
        if anew or not row.secret_a:
            row.secret_a, row.secret_b = secrets.token_hex(32), row.secret_a or ""

    return _changed(app, org_id, change).secret_a


def forget_old_secret(app: App, org_id: UUID) -> None:
    """Only the newest secret is let in from now on."""
    keep(app, org_id, {"secret_b": ""})


def _changed(app: App, org_id: UUID, change: Callable[[OdooInstance], None]) -> OdooInstance:
    def written() -> OdooInstance:
        with app.writer.sessions(info={"orgs": frozenset({org_id})}, expire_on_commit=False) as session:
            row = session.get(OdooInstance, org_id)
            if row is None:
                row = OdooInstance(org_id=org_id, url="", db="", secret_a="", secret_b="", places={})
                session.add(row)
            change(row)
            session.commit()
            return row

    return app.writer.run(written)


def store_key(folder: Path, org_id: UUID, key: str) -> Path:
    """Keeps a key where only the hub's user reads it: written whole under a passing name first."""
    path = key_file(folder, org_id)
    passing = path.with_suffix(".new")
    passing.unlink(missing_ok=True)
    with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(key.strip() + "\n")
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)
    return path


def needed_key(folder: Path, org_id: UUID) -> str:
    """The organisation's key; Trouble where there is none."""
    found = key_of(folder, org_id)
    if not found:
        message = _("The hub has no key to Odoo.")
        hint = _("Make one in Odoo (Preferences, Account security) and give it by “fettle odoo setup”, or in {variable}.")
        raise Trouble("odoo.no_key", message, hint, {"variable": VARIABLE})
    return found
