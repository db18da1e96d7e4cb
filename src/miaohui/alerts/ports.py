"""What this room needs of others."""

from __future__ import annotations

from typing import Protocol

from miaohui.alerts.types import Letter, Sample


class Way(Protocol):
    """One way to operators."""

    @property
    def name(self) -> str:
        """`mail`, `webhook`, `robot`, `sms`."""
        ...

    async def tell(self, letter: Letter) -> str:
        """Tell; why it did not work, or empty. Never raises."""
        ...


class Sampler(Protocol):
    """Who looks at this node."""

    def sample(self, now_ms: int) -> Sample:
        """Its numbers now; what only the records know is left out."""
        ...
