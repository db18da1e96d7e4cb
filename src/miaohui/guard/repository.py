"""Rows of companies' own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.guard.tables import guard_words
from miaohui.guard.types import OwnWords
from miaohui.kit.versioned import Versioned

if TYPE_CHECKING:
    from miaohui.kit.database import Database


class OwnWordsRepository(Versioned[OwnWords]):
    """What is kept of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, guard_words, OwnWords)
