"""A database of each kind to be migrated."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("empty_postgres_url", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("empty_mariadb_url", marks=pytest.mark.maria, id="mariadb"),
    ]
)
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'miaohui.db'}"
    found: str = request.getfixturevalue(request.param)
    return found
