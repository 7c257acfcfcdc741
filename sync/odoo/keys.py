"""The key with which the bridge signs in at Odoo: never in the database, so that no backup of it opens somebody's books."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

VARIABLE = "FETTLE_ODOO_KEY"


def key_file(folder: Path, org_id: UUID) -> Path:
    """Where an organisation's key lies beside the hub's own."""
    return folder / f"odoo-{org_id.hex}.key"


def key_of(folder: Path, org_id: UUID, environ: Mapping[str, str] = os.environ) -> str:
    """The key of an organisation; empty where there is none."""
    try:
        return key_file(folder, org_id).read_text("utf-8").strip()
    except OSError:
        return environ.get(VARIABLE, "").strip()
