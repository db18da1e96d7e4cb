"""What shadows would have said, as numbers; no text is kept."""

from __future__ import annotations

from miaohui.experiments.types import Comparison
from miaohui.kit import metrics

LENGTHS = metrics.histogram(
    "miaohui_shadow_length_ratio",
    "Length of a shadow's answer beside that of the one given.",
    buckets=(0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0, 4.0),
)
FIRST = metrics.histogram("miaohui_shadow_first_content_seconds", "Time until a shadow's first word.")


class Counted:
    """See `ports.Findings`."""

    def note(self, comparison: Comparison) -> None:
        """Take one."""
        if comparison.shadow_outcome == "finished" and comparison.text:
            LENGTHS.observe(len(comparison.shadow_text) / len(comparison.text))
            FIRST.observe(comparison.shadow_first_content_ms / 1000)
