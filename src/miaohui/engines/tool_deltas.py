"""Tool calls put together from the deltas of a stream. Pure.

Providers disagree about what marks a call, so: an id that was seen tells the call; a new id at a used index begins a
new one; without either the delta belongs to the call that was last written to; an empty id or name is none at all.
Arguments are text until the answer has ended, and are not read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from miaohui.engines.types import CalledFunction, ToolCall

MOST_CALLS = 64
MOST_BYTES = 256 * 1024
"""Of all arguments together."""


class TooManyCalls(Exception):
    """More calls or longer arguments than anybody could want."""


class _Call:
    __slots__ = ("arguments", "id", "name")

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        self.name = ""
        self.arguments: list[str] = []


class ToolDeltas:
    """The calls of one answer so far."""

    __slots__ = ("_by_id", "_by_index", "_bytes", "_calls", "_current")

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._current: _Call | None = None
        self._by_id: dict[str, _Call] = {}
        self._by_index: dict[int, _Call] = {}
        self._bytes = 0

    def take(self, deltas: Any) -> bool:
        """What one chunk holds under `tool_calls`; whether it said anything of a call. Raises `TooManyCalls`."""
        for delta in _objects(deltas):
            call_id, index = _text(delta.get("id")), _number(delta.get("index"))
            name, arguments = _read_function(delta)
            call = self._find(call_id, index, name, arguments)
            if not _repeats(call, call_id, name, arguments):
                self._write(call, name, arguments)
        return bool(self._calls)

    def take_whole(self, calls: Any) -> bool:
        """As `take`, of an answer that came in one piece: every entry is a call, except one that stands there twice."""
        seen: set[tuple[str, str, str]] = set()
        for entry in _objects(calls):
            call_id = _text(entry.get("id"))
            name, arguments = _read_function(entry)
            if call_id and (call_id, name, arguments) in seen:
                continue
            seen.add((call_id, name, arguments))
            self._write(self._begin("" if call_id in self._by_id else call_id, None), name, arguments)
        return bool(self._calls)

    def _find(self, call_id: str, index: int | None, name: str, arguments: str) -> _Call:
        if call_id:
            return self._find_by_id(call_id, index)
        found = self._current if index is None else self._by_index.get(index)
        if found is None or (name and found.name and name != found.name):
            return self._begin("", index)
        if index is None and name and arguments and _is_json("".join(found.arguments)):
            return self._begin("", None)
        return found

    def _find_by_id(self, call_id: str, index: int | None) -> _Call:
        found = self._by_id.get(call_id)
        if found is None and index is not None:
            at_index = self._by_index.get(index)
            if at_index is not None and not at_index.id:
                at_index.id = call_id
                self._by_id[call_id] = found = at_index
        return found or self._begin(call_id, index)

    def _begin(self, call_id: str, index: int | None) -> _Call:
        if len(self._calls) >= MOST_CALLS:
            raise TooManyCalls
        call = _Call(call_id)
        self._calls.append(call)
        if call_id:
            self._by_id[call_id] = call
        if index is not None:
            self._by_index[index] = call
        return call

    def _write(self, call: _Call, name: str, arguments: str) -> None:
        call.name = call.name or name
        if arguments:
            self._bytes += len(arguments.encode(errors="replace"))
            if self._bytes > MOST_BYTES:
                raise TooManyCalls
            call.arguments.append(arguments)
        self._current = call

    def calls(self) -> tuple[ToolCall, ...]:
        """All of them in the order they began; an id is made up where none came."""
        named = [call for call in self._calls if call.name]
        taken = {call.id for call in named}
        return tuple(
            ToolCall(call.id or _free_id(i, taken), CalledFunction(call.name, "".join(call.arguments).strip() or "{}"))
            for i, call in enumerate(named)
        )


def _repeats(call: _Call, call_id: str, name: str, arguments: str) -> bool:
    """The whole call once more, as some providers send it when it is complete."""
    said = "".join(call.arguments)
    return bool(call_id and name == call.name and arguments and arguments == said and _is_json(said))


def _objects(values: Any) -> Iterable[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _read_function(delta: dict[str, Any]) -> tuple[str, str]:
    function = delta.get("function")
    if not isinstance(function, dict):
        return "", ""
    arguments = function.get("arguments")
    if isinstance(arguments, dict):
        arguments = msgspec.json.encode(arguments).decode()
    return _text(function.get("name")), arguments if isinstance(arguments, str) else ""


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _free_id(index: int, taken: set[str]) -> str:
    while (found := f"call_{index}") in taken:
        index += 1
    taken.add(found)
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
