"""The garbage collector, told what never becomes garbage.

A full collection walks every object that lives: with a large knowledge base loaded that stops the event loop for most
of a second. What stands after the start is set aside, and collections run by thousands of new objects, not hundreds.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""New objects before a young collection; young ones before a middle one; middle ones before a full one."""


def settle() -> None:
    """Collect once, then set all that lives aside. Call it when something large and lasting was just built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
