"""Listed words out of a text that comes in pieces: none ever leaves, and nothing else waits."""

from __future__ import annotations

from miaohui.guard.normalise import MASK
from miaohui.guard.words import Found, Words


class Screen:
    """One answer on its way out. What might be the beginning of a listed word is held until that is decided.

    Whatever the pieces, together they give the same. Each piece is looked at once, with what was held before it.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._held = ""
        self._before = ""
        self._masked = 0
        """So much of the held text belongs to a word that began before it."""
        self._in_mask = False
        self.withheld = False
        """Whether a listed word was replaced so far."""

    def feed(self, piece: str) -> str:
        """Take a piece; give what may leave now."""
        text = self._held + piece
        found, until = self._words.look(text, self._before)
        if found or self._masked or until != len(text) or not text:
            return self._release(text, until, found)
        self._held, self._before, self._in_mask = "", text[-1], False
        return text

    def close(self) -> str:
        """What was held, when nothing follows."""
        return self._release(self._held, len(self._held), self._words.find(self._held, self._before))

    def _release(self, text: str, until: int, found: list[Found]) -> str:
        if not found and not self._masked:
            safe = text[:until]
            if safe:
                self._in_mask = False
        else:
            safe = self._mask(text, until, [(word.start, word.end) for word in found if word.start < until])
        self._held = text[until:]
        if until:
            self._before = text[until - 1]
        return safe

    def _mask(self, text: str, until: int, spans: list[tuple[int, int]]) -> str:
        reach = max(self._masked, *(end for _, end in spans), 0)
        masked = bytearray(b"\1" * self._masked).ljust(len(text), b"\0")
        for start, end in spans:
            masked[start:end] = b"\1" * (end - start)
        self.withheld = self.withheld or bool(spans)
        self._masked = max(0, reach - until)
        parts: list[str] = []
        for index in range(until):
            if not masked[index]:
                parts.append(text[index])
            elif not self._in_mask:
                parts.append(MASK)
            self._in_mask = bool(masked[index])
        return "".join(parts)
