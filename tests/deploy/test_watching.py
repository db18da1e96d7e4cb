"""What watches an installation asks for things that exist, in words that Prometheus understands."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

import miaohui
from miaohui.kit.metrics import REGISTRY

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARDS = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
RULES = DEPLOY / "prometheus/rules.yml"
FOREIGN = {"up"}


def known() -> dict[str, set[str]]:
    """Every sample that a server may show, and its labels."""
    for module in pkgutil.walk_packages(miaohui.__path__, "miaohui."):
        if not module.name.startswith(("miaohui.migrations", "miaohui.__main__", "miaohui.testing")):
            importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    for collector in set(REGISTRY._names_to_collectors.values()):
        labels = set(getattr(collector, "_labelnames", ())) | {"instance", "job"}
        for family in collector.describe() if hasattr(collector, "describe") else collector.collect():
            for end in ends.get(family.type, ("",)):
                found[family.name + end] = labels | ({"le"} if end == "_bucket" else set())
    for family in REGISTRY.collect():
        if family.name.startswith("process_"):
            found |= {sample.name: {"instance", "job"} for sample in family.samples}
    return found


KNOWN = known()


def queries() -> Iterator[tuple[str, str]]:
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def plain(query: str) -> str:
    """As Grafana sends it."""
    return query.replace("$__rate_interval", "1m").replace("$instance", ".*")


def selectors(node: Any) -> Iterator[Any]:
    """Every series that an expression reads."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
        return
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        if (child := getattr(node, name, None)) is not None and not isinstance(child, str | float):
            yield from selectors(child)
    for child in getattr(node, "args", None) or ():
        yield from selectors(child)


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_every_query_is_promql_over_metrics_that_exist(where: str, query: str) -> None:
    read = list(selectors(promql_parser.parse(plain(query))))
    assert read, where
    for one in read:
        assert one.name in KNOWN or one.name in FOREIGN, f"{where}: there is no metric {one.name}"
        wanted = {matcher.name for matcher in one.matchers.matchers}
        allowed = KNOWN.get(one.name, {"instance", "job"})
        assert wanted <= allowed, f"{where}: {one.name} has no label {wanted - allowed}"


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_what_is_parted_by_a_label_has_it(where: str, query: str) -> None:
    for labels in re.findall(r"by \(([^)]*)\)", query):
        names = {name.strip() for name in labels.split(",")}
        metrics = [one.name for one in selectors(promql_parser.parse(plain(query)))]
        assert any(names <= KNOWN.get(metric, set()) for metric in metrics), f"{where}: {names}"


def test_a_metric_that_is_not_there_would_be_found() -> None:
    unknown = [one.name for one in selectors(promql_parser.parse("sum by (x) (rate(miaohui_nothing_total[5m])) / 2"))]
    assert unknown == ["miaohui_nothing_total"]
    assert unknown[0] not in KNOWN
    with pytest.raises(ValueError, match="unclosed"):
        promql_parser.parse("sum by (x) rate(")


def test_dashboards_are_as_their_list_says() -> None:
    done = subprocess.run([sys.executable, "scripts/dashboards.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert len(DASHBOARDS) == 3


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_panels_of_a_dashboard_stand_beside_each_other(file: Path) -> None:
    panels = json.loads(file.read_text(encoding="utf-8"))["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_chart_rings_for_the_same_as_the_compose_file() -> None:
    assert (DEPLOY / "helm/miaohui/rules.yml").read_text(encoding="utf-8") == RULES.read_text(encoding="utf-8")


def test_whatever_rings_inside_rings_from_outside_as_well() -> None:
    from miaohui.alerts.types import CODES

    outside = {
        "throttled": "MiaohuiThrottled", "timeouts": "MiaohuiTimeouts", "success": "MiaohuiTurnsFail",
        "p95": "MiaohuiTurnsSlow", "queue": "MiaohuiWritesWait", "cost": "MiaohuiCostly", "disk": "MiaohuiDiskFull",
        "budget_near": "MiaohuiBudgetNear", "budget_reached": "MiaohuiBudgetReached",
        "lag": "MiaohuiLoopLate", "route_away": "MiaohuiRouteAway", "key_dead": "MiaohuiKeyDead",
        "bus_away": "MiaohuiBusAway",
    }  # fmt: skip
    assert set(outside) == set(CODES)
    assert set(outside.values()) <= {where for where, _ in queries()}


PROMTOOL = shutil.which("promtool")
AMTOOL = shutil.which("amtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here")
@pytest.mark.parametrize(
    "words",
    [("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml"), ("check", "config", "prometheus.yml")],
)
def test_promtool_accepts_rules_and_configuration_and_a_storm_rings(words: tuple[str, ...]) -> None:
    done = subprocess.run([str(PROMTOOL), *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(AMTOOL is None, reason="amtool is not here")
def test_amtool_accepts_the_routes() -> None:
    command = [str(AMTOOL), "check-config", str(DEPLOY / "alertmanager/alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
