"""The terminal: a company is suspended, resumed and deleted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.cli.test_commands import call, data
from tests.desk.every_table import holding
from tests.support.opening import opened

from miaohui.cli import main
from miaohui.cli.demo import forget_shop
from miaohui.settings.types import Settings

__all__ = ["data", "main"]


def tenant(*words: str | Path, at: Path) -> Result:
    return call("tenant", *words, "--data", at)


def states(at: Path) -> dict[str, str]:
    listed = json.loads(tenant("list", "--json", at=at).stdout)
    return {one["slug"]: one["state"] for one in listed}


@pytest.fixture
def two(data: Path, tmp_path: Path) -> Path:
    """Two companies with an article each."""
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "returns.md").write_text("# 退货\n\n签收后 7 天内可以申请退货。\n", encoding="utf-8")
    for slug in ("acme", "beta"):
        tenant("create", slug, at=data)
        assert call("kb", "import", articles, "--tenant", slug, "--data", data).exit_code == 0
        assert call("key", "create", "till", "--tenant", slug, "--data", data).exit_code == 0
    return data


def test_a_company_is_suspended_and_resumed_and_its_neighbour_is_not(two: Path) -> None:
    assert tenant("suspend", "acme", at=two).exit_code == 0
    assert states(two) == {"acme": "suspended", "beta": "active"}
    assert tenant("suspend", "acme", at=two).exit_code == 0, "twice is once"
    assert tenant("resume", "acme", at=two).exit_code == 0
    assert states(two) == {"acme": "active", "beta": "active"}


@pytest.mark.parametrize("command", ["suspend", "resume", "delete"])
def test_a_company_that_is_not_there_is_refused_with_a_sentence(two: Path, command: str) -> None:
    said = tenant(command, "gamma", at=two)
    assert said.exit_code == 1
    assert "There is no tenant gamma" in said.output
    assert states(two) == {"acme": "active", "beta": "active"}


def test_whoever_does_not_type_the_slug_deletes_nothing(two: Path) -> None:
    words = ["tenant", "delete", "acme", "--data", str(two)]
    said = CliRunner().invoke(main, words, input="beta\n")
    assert said.exit_code == 1
    assert "knowledge versions" in said.output, "how much would go is told"
    assert "Nothing was deleted" in said.output
    assert states(two) == {"acme": "active", "beta": "active"}
    assert CliRunner().invoke(main, words, input="acme\n").exit_code == 0
    assert states(two) == {"beta": "active"}


async def test_a_deleted_company_is_in_no_table_and_its_slug_is_free_again(two: Path) -> None:
    listed = json.loads((await asyncio.to_thread(tenant, "list", "--json", at=two)).stdout)
    gone, kept = ({one["slug"]: one["id"] for one in listed}[slug] for slug in ("acme", "beta"))
    done = await asyncio.to_thread(tenant, "delete", "acme", "--yes", "--json", at=two)
    told = json.loads(done.stdout)
    assert (told["id"], told["state"]) == (gone, "gone")
    assert told["rows"] >= 4
    async with opened(f"sqlite:///{two / 'miaohui.db'}", two) as database:
        assert await holding(database, gone) == {"tenant_standings"}
        assert len(await holding(database, kept)) > 3
    again = json.loads((await asyncio.to_thread(tenant, "create", "acme", "--json", at=two)).stdout)
    assert again["id"] != gone
    found = await asyncio.to_thread(call, "kb", "list", "--tenant", "acme", "--data", two, "--json")
    assert json.loads(found.stdout) == []


def test_the_last_company_may_go_too_and_that_is_said(data: Path) -> None:
    tenant("create", "acme", at=data)
    said = CliRunner().invoke(main, ["tenant", "delete", "acme", "--data", str(data)], input="acme\n")
    assert said.exit_code == 0
    assert "the only tenant" in said.output
    assert states(data) == {}


def test_what_the_sample_shop_wrote_goes_with_it_and_with_nobody_else(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "demo.json").write_text("{}", encoding="utf-8")
    forget_shop(settings, "acme")
    assert (tmp_path / "demo.json").is_file()
    forget_shop(settings, "yunshan")
    assert not (tmp_path / "demo.json").exists()
