"""Writes the Grafana dashboards from one plain list; `--check` only says which are out of date.

A panel is a title, a unit, and queries with their legends. Where it stands follows from its place in the list.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "deploy/grafana/dashboards"
NODE = 'instance=~"$instance"'


class Panel(NamedTuple):
    """One drawing; `queries` are pairs of expression and legend."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    says: str = ""


def rate(metric: str, by: str = "", where: str = "") -> str:
    """A second's share of a counter."""
    labels = ",".join(filter(None, (NODE, where)))
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{{{labels}}}[$__rate_interval]))"


def quantiles(metric: str, *shares: float, by: str = "") -> tuple[tuple[str, str], ...]:
    """Of a histogram."""
    inner = ", ".join(filter(None, ("le", by)))
    legend = f"{{{{{by}}}}} " if by else ""
    return tuple(
        (
            f"histogram_quantile({share}, sum by ({inner}) (rate({metric}_bucket{{{NODE}}}[$__rate_interval])))",
            f"{legend}P{share * 100:.0f}",
        )
        for share in shares
    )


def rates(metric: str, by: str) -> tuple[tuple[str, str], ...]:
    """A counter, parted by labels."""
    return ((rate(metric, by), _legend(by)),)


def part(of: str, whole: str) -> tuple[tuple[str, str], ...]:
    """A share, which is nothing where nothing of it was counted yet."""
    return ((f"({of} or vector(0)) / {whole}", ""),)


def gauge(metric: str, by: str = "instance", how: str = "max") -> tuple[tuple[str, str], ...]:
    """A gauge, by node if nothing else."""
    return ((f"{how} by ({by}) ({metric}{{{NODE}}})", _legend(by)),)


def _legend(by: str) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in by.split(", "))


LATE = 'failure="timeout"'
KEPT = 'source!~"miss|bypass"'
BAD = 'reason=~"engines_unavailable|broke|poison"'

COST = ((f"{rate('miaohui_engine_cost_micro_total', 'route')} / 1e6", "{{route}}"),)

DASHBOARDS: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "miaohui-visitors": (
        "Miaohui: visitors and turns",
        (
            Panel("Turns a second", "ops", ((rate("miaohui_turns_total"), "turns"),), "stat"),
            Panel(
                "Turns that end well",
                "percentunit",
                ((f"1 - ({rate('miaohui_turns_total', where=BAD)} or vector(0)) / {rate('miaohui_turns_total')}", ""),),
                "stat",
            ),
            Panel("Time of a turn, P95", "s", quantiles("miaohui_turn_seconds", 0.95), "stat"),
            Panel("Open sockets", "short", ((f"sum(miaohui_sockets{{{NODE}}})", ""),), "stat"),
            Panel("Turns by their end", "ops", rates("miaohui_turns_total", "state, reason")),
            Panel("Time of a turn", "s", quantiles("miaohui_turn_seconds", 0.5, 0.95, 0.99)),
            Panel("Turns running", "short", gauge("miaohui_turns_running")),
            Panel("Requests", "reqps", rates("miaohui_http_requests_total", "status")),
            Panel("Time to the first byte", "s", quantiles("miaohui_http_seconds", 0.5, 0.95, 0.99)),
            Panel("Sockets", "short", gauge("miaohui_sockets")),
            Panel("Sockets cut", "ops", rates("miaohui_sockets_cut_total", "code")),
            Panel("Watchers of conversations", "short", gauge("miaohui_watchers")),
            Panel("Answers of the OpenAI door", "ops", rates("miaohui_completions_total", "outcome")),
            Panel("Wait for a person", "s", quantiles("miaohui_desk_wait_seconds", 0.5, 0.95)),
            Panel("Given to agents", "ops", rates("miaohui_desk_assigned_total", "kind")),
        ),
    ),
    "miaohui-engines": (
        "Miaohui: engines",
        (
            Panel(
                "Answers that say 429",
                "percentunit",
                part(rate("miaohui_engine_throttled_total"), rate("miaohui_engine_attempts_total")),
                "stat",
                "Over 1 % it rings.",
            ),
            Panel(
                "Timeouts",
                "percentunit",
                part(rate("miaohui_engine_failures_total", where=LATE), rate("miaohui_engine_attempts_total")),
                "stat",
                "Over 5 % it rings.",
            ),
            Panel(
                "Cost of a day",
                "short",
                ((f"sum(increase(miaohui_engine_cost_micro_total{{{NODE}}}[1d])) / 1e6", ""),),
                "stat",
            ),
            Panel(
                "Answers from the cache",
                "percentunit",
                part(rate("miaohui_answer_cache_total", where=KEPT), rate("miaohui_answer_cache_total")),
                "stat",
            ),
            Panel("Attempts", "ops", rates("miaohui_engine_attempts_total", "route, outcome")),
            Panel("Failures", "ops", rates("miaohui_engine_failures_total", "route, failure")),
            Panel("First word", "s", quantiles("miaohui_engine_first_content_seconds", 0.5, 0.95, by="route")),
            Panel("Breakers: 0 closed, 3 open", "short", gauge("miaohui_engine_route_state", "route")),
            Panel("Under way", "short", gauge("miaohui_engine_in_flight", "route", "sum")),
            Panel("Left of the quotas", "short", gauge("miaohui_engine_headroom", "route, kind", "min")),
            Panel("Dead keys", "short", gauge("miaohui_engine_dead_keys", "route")),
            Panel("Tokens", "ops", rates("miaohui_engine_tokens_total", "direction")),
            Panel("Cost a second", "short", COST),
            Panel("Cache", "ops", rates("miaohui_answer_cache_total", "source")),
            Panel("Tools", "ops", rates("miaohui_tool_calls_total", "tool, outcome")),
            Panel("Time of tools", "s", quantiles("miaohui_tool_seconds", 0.95, by="tool")),
        ),
    ),
    "miaohui-house": (
        "Miaohui: the house",
        (
            Panel("Alerts", "short", ((f"sum(miaohui_alert_firing{{{NODE}}})", ""),), "stat"),
            Panel("Nodes", "short", (('count(up{job="miaohui"} == 1)', ""),), "stat"),
            Panel("Free disk", "bytes", ((f"min(miaohui_data_free_bytes{{{NODE}}})", ""),), "stat"),
            Panel("Lateness of the event loop", "s", ((f"max(miaohui_event_loop_lag_seconds{{{NODE}}})", ""),), "stat"),
            Panel("CPU", "percentunit", rates("process_cpu_seconds_total", "instance")),
            Panel("Memory", "bytes", gauge("process_resident_memory_bytes")),
            Panel("Lateness of the event loop", "s", gauge("miaohui_event_loop_lag_seconds")),
            Panel(
                "Open files",
                "percentunit",
                ((f"process_open_fds{{{NODE}}} / process_max_fds{{{NODE}}}", "{{instance}}"),),
            ),
            Panel("Writes waiting", "short", gauge("miaohui_records_queue_depth")),
            Panel("Time of a commit", "s", quantiles("miaohui_records_commit_seconds", 0.5, 0.99)),
            Panel("Writes in a commit", "short", quantiles("miaohui_records_group_size", 0.5, 0.95)),
            Panel("Writes that failed", "ops", rates("miaohui_records_failures_total", "reason")),
            Panel("Hears the other nodes", "short", gauge("miaohui_fanout_connected")),
            Panel("Announcements given up", "ops", ((rate("miaohui_fanout_dropped_total"), "dropped"),)),
            Panel("Holes filled from the records", "ops", ((rate("miaohui_feed_holes_total"), "holes"),)),
            Panel("Webhooks", "ops", rates("miaohui_webhook_deliveries_total", "outcome")),
            Panel(
                "Background work that failed",
                "ops",
                rates("miaohui_background_failures_total", "task"),
            ),
            Panel("Audit links", "ops", ((rate("miaohui_audit_links_total"), "links"),)),
            Panel("Spans not sent", "ops", ((rate("miaohui_trace_spans_dropped_total"), "spans"),)),
        ),
    ),
}


def main() -> int:
    """Write, or with `--check` compare."""
    built = {FOLDER / f"{uid}.json": _format(uid, title, panels) for uid, (title, panels) in DASHBOARDS.items()}
    stale = [file for file, text in built.items() if not file.is_file() or file.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        print("\n".join(f"{file} is out of date: python scripts/dashboards.py" for file in stale))
        return 1 if stale else 0
    for file in stale:
        file.write_text(built[file], encoding="utf-8")
        print(file)
    return 0


def _format(uid: str, title: str, panels: tuple[Panel, ...]) -> str:
    dashboard = {
        "uid": uid,
        "title": title,
        "tags": ["miaohui"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source(), _instance()]},
        "panels": _place(panels),
    }
    return json.dumps(dashboard, ensure_ascii=False, indent=1) + "\n"


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Source", "type": "datasource", "query": "prometheus", "hide": 0}


def _instance() -> dict[str, Any]:
    return {
        "name": "instance",
        "label": "Node",
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "query": {"query": "label_values(miaohui_event_loop_lag_seconds, instance)", "refId": "instance"},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def _place(panels: tuple[Panel, ...]) -> list[dict[str, Any]]:
    """Numbers four in a row, then drawings two in a row."""
    placed: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(panels, start=1):
        width, height = (6, 4) if panel.kind == "stat" else (12, 8)
        if x + width > 24 or (placed and placed[-1]["gridPos"]["h"] != height and x):
            x, y = 0, y + placed[-1]["gridPos"]["h"]
        placed.append(_panel(number, panel) | {"gridPos": {"x": x, "y": y, "w": width, "h": height}})
        x += width
        if x >= 24:
            x, y = 0, y + height
    return placed


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + place),
            "expr": query,
            "legendFormat": legend or "__auto",
            "datasource": {"type": "prometheus", "uid": "${source}"},
        }
        for place, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


if __name__ == "__main__":
    sys.exit(main())
