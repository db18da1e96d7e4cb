"""What a check needs of others."""

from __future__ import annotations

from typing import Protocol

from miaohui.tools.connectors.types import Found


class Accounts(Protocol):
    """The company's accounts."""

    def can_identify(self, tenant_id: str) -> bool:
        """Whether any system knows accounts."""
        ...

    async def find_identity(self, tenant_id: str, account: str) -> Found | None:
        """Whose account it is, and where a code can be sent."""
        ...


class Codes(Protocol):
    """Takes codes to people."""

    def reaches(self, found: Found) -> str:
        """The address that it would send to; empty for none."""
        ...

    async def send(self, tenant_id: str, to: str, code: str) -> None:
        """Raises `MiaohuiError` when it cannot be sent."""
        ...
