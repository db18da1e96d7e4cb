"""The garbage collector, told what never becomes garbage.

A full collection walks every object that lives: with a large knowledge base loaded that stops the event loop for most
of a second. What stands after the start is set aside, and collections run by thousands of new objects, not hundreds.
A start itself makes next to nothing but what lasts, and searching that again and again takes a tenth of it.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""New objects before a young collection; young ones before a middle one; middle ones before a full one."""
STARTING = 500_000
"""New objects before a young collection while it starts: twice what loading all modules makes."""


def begin() -> None:
    """Hardly collect while it starts. Call it before the modules are loaded, and `settle` when all stands."""
    gc.set_threshold(STARTING, MIDDLE, OLD)


def set_aside() -> None:
    """Keep all that lives out of collections to come; garbage there is now stays, so call it where there is little."""
    gc.freeze()


def settle() -> None:
    """Collect once, then set all that lives aside. Call it when something large and lasting was just built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
