"""The terminal tells what a company spent of its budget."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

from tests.cli.test_commands import call, data

__all__ = ["data"]
DAY_S = 86_400


def test_each_tenant_is_told_its_own_spending_and_its_budget(data: Path) -> None:
    for slug in ("acme", "beta"):
        assert call("tenant", "create", slug, "--data", data).exit_code == 0
    with sqlite3.connect(data / "miaohui.db") as connection:
        ((tenant_id,),) = connection.execute("SELECT id FROM tenants WHERE slug = 'acme'").fetchall()
        tomorrow = int(time.time()) // DAY_S + 1  # counts for today as well, and still does when that is over meanwhile
        connection.execute("INSERT INTO engine_spent VALUES (?, ?, 'before', 2500000)", (tenant_id, tomorrow))
        limits = '{"cost_day_micro": 10000000, "version": 1}'
        connection.execute("INSERT INTO company_limits VALUES (?, ?, 1, 1)", (tenant_id, limits))
    told = {}
    for slug in ("acme", "beta"):
        said = call("engines", "budget", "--tenant", slug, "--json", "--data", data)
        assert said.exit_code == 0, said.output
        told[slug] = [(one["period"], one["spent"], one["budget"], one["part"]) for one in json.loads(said.stdout)]
    assert told["acme"] == [("day", "2.500000", "10.000000", "25%"), ("month", "2.500000", "none", "")]
    assert told["beta"] == [("day", "0.000000", "none", ""), ("month", "0.000000", "none", "")]
