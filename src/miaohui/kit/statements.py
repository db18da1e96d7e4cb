"""Statements compiled once: SQLAlchemy Core in, the driver's own SQL and values out.

SQLAlchemy's engine would cost 150–300 µs a statement; a module-level statement found here costs about one. The cache is
keyed by the statement object itself and forgets it when the object dies, so statements built per call do not pile up.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, Update

Values = Sequence[Any]
Bind = Callable[[Mapping[str, Any]], tuple[str, Values]]


class _Entry(NamedTuple):
    statement: weakref.ref[Executable]
    binds: dict[tuple[str, ...], Bind]
    by_columns: bool


class Statements:
    """The compiled forms for one dialect. Safe to use from several threads: the worst race compiles twice."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._entries: dict[int, _Entry] = {}

    def bind(self, statement: Executable, params: Mapping[str, Any]) -> tuple[str, Values]:
        """SQL text and positional values. Raises `LookupError` naming a parameter that was not given."""
        entry = self._entries.get(id(statement))
        if entry is None or entry.statement() is not statement:
            entry = self._remember(statement)
        columns = tuple(params) if entry.by_columns else ()
        bind = entry.binds.get(columns)
        if bind is None:
            bind = entry.binds[columns] = self._compile(statement, columns if entry.by_columns else None)
        return bind(params)

    def _remember(self, statement: Executable) -> _Entry:
        identity = id(statement)

        def forget(_: weakref.ref[Executable]) -> None:
            self._entries.pop(identity, None)

        # An INSERT or UPDATE takes its columns from the names of the parameters, as with SQLAlchemy's own engine.
        by_columns = isinstance(statement, Insert | Update)
        entry = self._entries[identity] = _Entry(weakref.ref(statement, forget), {}, by_columns)
        return entry

    def _compile(self, statement: Executable, columns: tuple[str, ...] | None) -> Bind:
        options = {} if columns is None else {"column_keys": columns}
        compiled = statement.compile(dialect=self._dialect, **options)  # type: ignore[attr-defined]
        if not isinstance(compiled, SQLCompiler):
            text = str(compiled)
            return lambda _: (text, ())
        if compiled.post_compile_params:
            return _expanding(compiled)
        return _fixed(str(compiled), tuple(compiled.positiontup or ()), _constants(compiled))


def _constants(compiled: SQLCompiler) -> dict[str, Any]:
    """Values written into the statement, and scalar column defaults; what is missing here the caller must give."""
    constants = {compiled.bind_names[bind]: bind.effective_value for bind in compiled.bind_names if not bind.required}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        default = column.default if compiled.isinsert else column.onupdate
        if default is None or not default.is_scalar:
            raise TypeError(f"{column}: give the value; computed column defaults are not supported")
        constants[column.key] = default.arg  # type: ignore[attr-defined]
    return constants


def _fixed(text: str, names: tuple[str, ...], constants: dict[str, Any]) -> Bind:
    if not names:
        return lambda _: (text, ())
    if constants:

        def with_constants(params: Mapping[str, Any]) -> tuple[str, Values]:
            merged = {**constants, **params}
            return text, [merged[name] for name in names]

        return with_constants
    if len(names) == 1:
        only = names[0]
        return lambda params: (text, (params[only],))
    pick = itemgetter(*names)
    return lambda params: (text, pick(params))


def _expanding(compiled: SQLCompiler) -> Bind:
    """Statements with an IN list: the text depends on how many values there are.

    What is compiled outlives the statement otherwise: nothing may hold the key of its own place in the cache.
    """
    compiled.statement = compiled.compile_state = None

    def bind(params: Mapping[str, Any]) -> tuple[str, Values]:
        state = compiled.construct_expanded_state(dict(params))
        return state.statement, state.positional_parameters

    return bind
