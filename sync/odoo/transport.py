"""What the bridge can ask of an Odoo, whichever protocol carries it, and which protocol that is for a given one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sync.odoo.json2 import Json2
from sync.odoo.jsonrpc import JsonRpc, asked_version
from sync.odoo.line import DEADLINE, Line, Row, until
from sync.odoo.version import JSON2_SINCE, Version, known

__all__ = ["Account", "Instance", "Odoo", "Row", "Version", "connect", "version_of"]


class Instance(Protocol):
    """Where an Odoo is and as whom the bridge signs in there; rows of `odoo_instance` are such."""

    @property
    def url(self) -> str: ...
    @property
    def db(self) -> str: ...
    @property
    def login(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def company(self) -> int: ...


@dataclass(frozen=True)
class Account:
    """An instance that is not in a database (yet)."""

    url: str
    db: str
    login: str = ""
    version: str = ""
    company: int = 0


class Odoo(Protocol):
    """One Odoo database, asked as one user. Away when it cannot be asked, Said when it does not do it.

    Each call is a transaction of its own. After Away nobody knows whether the call was done: ask, or do it again so that twice
    is harmless.
    """

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        """The answer of a public method, for these records where it is one of records."""
        ...

    def load(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> list[int]:
        """Odoo's importer: all rows or, with BadRows, none. With a column `id` of external ids, loading again updates.

        One id for each record, in the rows' order; lines of a record (rows whose own cells are empty) have none.
        """
        ...

    def search_read(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: str = "",
        limit: int = 0,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """Records as Odoo's JSON has them; no `limit` is all of them."""
        ...

    def user(self) -> int:
        """The number of the user as whom it is asked."""
        ...

    def version(self) -> Version:
        """Which Odoo this is, asked once."""
        ...

    def close(self) -> None:
        """Ends what is going on, on whichever thread, and whatever is asked from now on."""
        ...


def connect(instance: Instance, key: str, *, deadline: float = DEADLINE, patience: float | None = None) -> Odoo:
    """The Odoo of an instance, over JSON-2 where it is 19 or later. The version is asked for where the instance does not know it.

    Away where it cannot be asked; Refused where the address is none. `patience` is for the version alone.
    """
    version = known(instance.version) or version_of(instance.url, deadline=patience or deadline)
    context = {"allowed_company_ids": [instance.company]} if instance.company else {}
    if version.major >= JSON2_SINCE:
        return Json2(instance.url, instance.db, key, context=context, deadline=deadline, version=version)
    return JsonRpc(instance.url, instance.db, instance.login, key, context=context, deadline=deadline, version=version)


def version_of(url: str, *, deadline: float = DEADLINE) -> Version:
    """Asks an address which Odoo is there; nobody need be signed in. Away where none answers."""
    line = Line(url)
    try:
        return asked_version(line, until(deadline))
    finally:
        line.close()
