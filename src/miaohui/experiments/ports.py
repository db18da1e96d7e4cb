"""Where comparisons go."""

from __future__ import annotations

from typing import Protocol

from miaohui.experiments.types import Comparison


class Findings(Protocol):
    """Keeps what shadows would have said."""

    def note(self, comparison: Comparison) -> None:
        """Take one; never blocks."""
        ...
