"""Traces in OpenTelemetry's form: what belongs to one turn, on whatever node it happened, under one id.

Ids are made from the turn's id. So nobody hands a context about: who knows the turn knows its trace, another node that
adopts the turn goes on with the same one, and while tracing is off nothing is done at all. Spans are noted when they
have ended, from the times that the journal and the ledger keep anyway.

Form: https://opentelemetry.io/docs/specs/otlp/ (JSON), and for headers https://www.w3.org/TR/trace-context/.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log, mask

MOST_WAITING = 8_192
"""Spans that may wait to be sent; more are dropped and counted."""
AT_ONCE = 512
FLUSH_S = 1.0
_SEND_S = 5.0
_SHARES = 0xFFFFFFFF

DROPPED = metrics.counter("miaohui_trace_spans_dropped_total", "Spans not sent: too many, or nobody took them.")
_log = get_log(__name__)

Fact: TypeAlias = str | int | float | bool


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of work that has ended."""

    trace: str
    id: str
    parent: str = ""
    name: str
    kind: Literal["internal", "client"] = "internal"
    began_ms: float
    """Wall time."""
    took_ms: float
    facts: Mapping[str, Fact] = {}
    failed: bool = False


class Exporter(Protocol):
    """Where spans go. Called in a thread: it may wait."""

    def export(self, document: bytes) -> None:
        """One `ExportTraceServiceRequest` as JSON. Raises `OSError`."""
        ...


class FileExporter:
    """Adds a line to a file for each batch, as the collector's own file exporter does."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def export(self, document: bytes) -> None:
        """Readable by its owner only."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as out:
            out.write(document + b"\n")


class HttpExporter:
    """OTLP over HTTP, as every collector takes it on port 4318."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/v1/traces"

    def export(self, document: bytes) -> None:
        """The operator's own address, so nothing is checked of it."""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self._url, data=document, headers=headers, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=_SEND_S) as answer:  # noqa: S310
            answer.read()


class Traces:
    """This process's spans on their way out."""

    def __init__(self) -> None:
        self.on = False
        """Ask this first: nothing else may cost anything while it is off."""
        self._share = 0.0
        self._exporters: tuple[Exporter, ...] = ()
        self._waiting: list[Span] = []
        self._resource: dict[str, Any] = {}

    def begin(self, exporters: Sequence[Exporter], *, share: float, resource: Mapping[str, Fact]) -> None:
        """Trace that share of the turns from now on; without exporters none."""
        self._exporters, self._share = tuple(exporters), share
        self._resource = {"attributes": _attributes(resource)}
        self.on = bool(exporters) and share > 0

    def traces(self, trace: str) -> bool:
        """Whether that trace is among the share; every node says the same."""
        return self.on and int(trace[:8], 16) <= self._share * _SHARES

    def header(self, turn_id: str, *span: str) -> str:
        """W3C `traceparent` for what is asked of others in the span that goes by these names; empty when not traced."""
        trace = trace_of(turn_id) if self.on else ""
        return f"00-{trace}-{span_of(*span)}-01" if trace and self.traces(trace) else ""

    def note(self, spans: Sequence[Span]) -> None:
        """Never waits, never raises."""
        if not self.on or not spans or not self.traces(spans[0].trace):
            return
        if len(self._waiting) + len(spans) > MOST_WAITING:
            DROPPED.inc(len(spans))
            return
        self._waiting += spans

    async def run(self) -> None:
        """Send what waits, until cancelled; what is left then is sent at once."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            await self.flush()
            self.begin((), share=0, resource={})

    async def flush(self) -> None:
        """Send what waits now."""
        while self._waiting:
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            document = format_document(batch, self._resource)
            for exporter in self._exporters:
                try:
                    await asyncio.to_thread(exporter.export, document)
                except (OSError, ValueError) as error:
                    DROPPED.inc(len(batch))
                    _log.warning("traces.not_taken", reason=str(error), spans=len(batch))


TRACES = Traces()


def trace_of(turn_id: str) -> str:
    """The trace of a turn: 16 bytes in hexadecimal."""
    return hashlib.sha256(turn_id.encode()).hexdigest()[:32]


def span_of(*names: str) -> str:
    """The id of a span that goes by these names: 8 bytes in hexadecimal."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def format_document(spans: Sequence[Span], resource: Mapping[str, Any]) -> bytes:
    """`ExportTraceServiceRequest` in OTLP's JSON."""
    body = {"scope": {"name": "miaohui"}, "spans": [_span(one) for one in spans]}
    return msgspec.json.encode({"resourceSpans": [{"resource": resource, "scopeSpans": [body]}]})


def _span(span: Span) -> dict[str, Any]:
    began = round(span.began_ms * 1_000_000)
    return {
        "traceId": span.trace,
        "spanId": span.id,
        "parentSpanId": span.parent,
        "name": span.name,
        "kind": 3 if span.kind == "client" else 1,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + round(span.took_ms * 1_000_000)),
        "attributes": _attributes(span.facts),
        "status": {"code": 2} if span.failed else {},
    }


def _attributes(facts: Mapping[str, Fact]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(fact)} for name, fact in facts.items()]


def _value(fact: Fact) -> dict[str, Any]:
    match fact:
        case bool():
            return {"boolValue": fact}
        case int():
            return {"intValue": str(fact)}
        case float():
            return {"doubleValue": fact}
        case _:
            return {"stringValue": mask(fact)}
