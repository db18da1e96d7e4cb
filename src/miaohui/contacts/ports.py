"""What contacts need to know of their neighbours."""

from __future__ import annotations

from typing import Protocol


class Door(Protocol):
    """An inbox, as far as a contact is concerned."""

    @property
    def id(self) -> str: ...

    @property
    def tenant_id(self) -> str: ...
