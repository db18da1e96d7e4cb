"""The program as it was one version of the tables ago, and as it may be one version on, beside the one of today."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.conformance.house import Process, Tenant
from tests.faults.visiting import LIFTED
from tests.support.servers import RedisServer

from miaohui import migrations
from miaohui.testing.upstream import Upstream, UpstreamOptions

ROOT = Path(__file__).parents[2]
CHOSEN = "MIAOHUI_TEST_BEFORE"
"""The variable that names another commit than the last one with older tables."""
_PARTS = ("src", "tests", "bench", "clients/python", "pyproject.toml")
_FURNISH = """
import asyncio, json, sys
from dataclasses import asdict
from pathlib import Path
from tests.conformance.house import Process, furnish
tenants = asyncio.run(furnish(Process(Path(sys.argv[1]), json.loads(sys.argv[2]))))
print(json.dumps([asdict(one) for one in tenants]))
"""
_AFTER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{newest}", None, None


def upgrade() -> None:
    op.add_column("messages", sa.Column("mood", sa.String(length=8), nullable=False, server_default=""))
    op.create_table("moods", sa.Column("name", sa.String(length=8), primary_key=True))
"""


@dataclass(frozen=True)
class Program:
    """One version: a source tree."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """For a Python that is to know this version and no other."""
        paths = [self.root / "src", self.root, self.root / "clients" / "python" / "src"]
        outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return {**outer, "PYTHONPATH": os.pathsep.join(map(str, paths))}

    @property
    def command(self) -> list[str]:
        """`miaohui` of this version."""
        return ["env", f"PYTHONPATH={self.environment['PYTHONPATH']}", sys.executable, "-m", "miaohui"]

    @property
    def tables(self) -> str:
        """Its newest version of the tables."""
        files = (self.root / "src" / "miaohui" / "migrations" / "versions").glob("[0-9]*.py")
        return max(file.name for file in files).partition("_")[0]

    async def run(self, *words: str) -> tuple[int, str]:
        """Python with these words: how it ended, and what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words,
            cwd=self.root, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()


NOW = Program(ROOT)


def find_before(folder: Path) -> Program:
    """The last commit with older tables, in `folder`. Skips the test where the history does not go back so far."""
    commit = os.environ.get(CHOSEN) or f"{_newest_migration()}^"
    archive = _git("archive", "--format=zip", commit, "--", *_PARTS)
    if archive is None:
        pytest.skip(f"no commit with older tables in reach: this needs the repository's history, or {CHOSEN}")
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(folder)
    return Program(folder)


def make_after(folder: Path) -> Program:
    """Today's, with one migration more, that expands."""
    for part in ("src/miaohui", "tests"):
        left_out = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(ROOT / part, folder / part, ignore=left_out)
    program = Program(folder)
    migration = folder / "src" / "miaohui" / "migrations" / "versions" / "9999_moods.py"
    migration.write_text(_AFTER.format(newest=NOW.tables), encoding="utf-8")
    return program


def _newest_migration() -> str:
    """The commit that brought it; HEAD's successor to be while it is not committed."""
    (file,) = (Path(migrations.__file__).parent / "versions").glob(f"{migrations.newest_version()}_*.py")
    added = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", str(file.relative_to(ROOT)))
    return (added or b"").decode().strip() or "HEAD"


def _git(*words: str) -> bytes | None:
    """What it says; None where it fails, or is not there."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


@dataclass
class Installation:
    """One PostgreSQL, one Redis, one provider, and nodes of any version."""

    data: Path
    options: dict[str, str]
    tenants: list[Tenant]
    nodes: list[Process] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return self.options["database_url"]

    async def start(self, program: Program) -> Process:
        """A node more."""
        node = Process(self.data, dict(self.options), tenants=self.tenants, command=program.command)
        await node.start()
        self.nodes.append(node)
        return node

    async def replace(self, node: Process, program: Program) -> Process:
        """Drain a node, and start one in its place."""
        assert await node.end() == 0
        self.nodes.remove(node)
        return await self.start(program)

    async def migrate(self, program: Program) -> None:
        """As an operator does, with the program that is to come."""
        code, said = await program.run("-m", "miaohui", "migrate", "--database", self.database_url)
        assert code == 0, said


@asynccontextmanager
async def installed(program: Program, data: Path, database_url: str) -> AsyncIterator[Installation]:
    """This version has been here, and its tables are there; no node runs yet."""
    redis = RedisServer()
    redis.start()
    upstream = await Upstream(UpstreamOptions(gap_ms=20, first_ms=50)).start()
    options = {
        **LIFTED,
        "database_url": database_url,
        "redis_url": redis.url,
        "engine_url": upstream.url,
        "engine_model": "chunks:10",
        "answer_cache": "false",
        "drain_seconds": "5",
    }
    furnished = {**options, "redis_url": "", "engine_url": ""}
    code, said = await program.run("-c", _FURNISH, str(data), json.dumps(furnished))
    assert code == 0, said
    tenants = [Tenant(**one) for one in json.loads(said.splitlines()[-1])]
    place = Installation(data, options, tenants)
    try:
        yield place
    finally:
        for node in place.nodes:
            await node.end()
            sys.stdout.writelines([f"node at {node.port}:\n", *node.output])
        await upstream.close()
        redis.kill()
