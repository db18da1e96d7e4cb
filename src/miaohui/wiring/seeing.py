"""What lets operators see through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import miaohui
from miaohui.kit.tracing import TRACES, Exporter, FileExporter, HttpExporter

if TYPE_CHECKING:
    from miaohui.settings.types import Settings


def begin_traces(settings: Settings, node: str) -> bool:
    """Trace as the settings say; whether anything is traced."""
    exporters: list[Exporter] = []
    if settings.trace_url:
        exporters.append(HttpExporter(settings.trace_url))
    if settings.trace_file is not None:
        exporters.append(FileExporter(settings.trace_file))
    resource = {"service.name": "miaohui", "service.version": miaohui.__version__, "service.instance.id": node}
    TRACES.begin(exporters, share=settings.trace_share, resource=resource)
    return TRACES.on
