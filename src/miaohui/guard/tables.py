"""Words that companies list for themselves."""

from __future__ import annotations

from miaohui.kit.versioned import versioned_table

guard_words = versioned_table("guard_words")
"""Of `OwnWords`."""
