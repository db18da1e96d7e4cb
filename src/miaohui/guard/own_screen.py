"""A company's own words out of an answer: some withheld, some said otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.guard.own import instead_of, is_withheld
from miaohui.guard.screen import Screen

if TYPE_CHECKING:
    from miaohui.guard.own import Own
    from miaohui.guard.words import Found


class Replacing(Screen):
    """As `Screen`; where words overlap, the one that begins first is said otherwise, and of those the longest."""

    def __init__(self, own: Own) -> None:
        super().__init__(own.spoken)

    def _release(self, text: str, until: int, found: list[Found]) -> str:
        here = sorted((one for one in found if one.start < until), key=lambda one: (one.start, -one.end))
        self.withheld = self.withheld or any(map(is_withheld, here))
        parts, at = [], min(self._masked, until)
        reach = self._masked
        for one in here:
            if one.start >= reach:
                parts += [text[at : one.start], instead_of(one)]
            reach = max(reach, one.end)
            at = min(reach, until)
        parts.append(text[at:until])
        self._masked = max(0, reach - until)
        self._held = text[until:]
        if until:
            self._before = text[until - 1]
        return "".join(parts)


class TwoScreens:
    """The company's own first, so that what it has said instead is screened as all else is."""

    def __init__(self, own: Replacing, shared: Screen) -> None:
        self._own = own
        self._shared = shared
        self.withheld = False
        """Whether a listed word was withheld so far."""

    def feed(self, piece: str) -> str:
        """Take a piece; give what may leave now."""
        return self._noted(self._shared.feed(self._own.feed(piece)))

    def close(self) -> str:
        """What was held, when nothing follows."""
        return self._noted(self._shared.feed(self._own.close()) + self._shared.close())

    def _noted(self, text: str) -> str:
        self.withheld = self._own.withheld or self._shared.withheld
        return text
