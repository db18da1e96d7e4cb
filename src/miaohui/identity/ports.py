"""What identity needs to know of its neighbours."""

from __future__ import annotations

from typing import Protocol


class Known(Protocol):
    """A contact, as far as a visitor's token is concerned."""

    @property
    def id(self) -> str: ...

    @property
    def tenant_id(self) -> str: ...

    @property
    def inbox_id(self) -> str: ...

    @property
    def name(self) -> str: ...
