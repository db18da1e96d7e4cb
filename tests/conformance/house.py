"""A real server process, as an operator would start it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.nursery import Born, nursery

from miaohui.settings.types import Settings
from miaohui.wiring import open_house

PASSWORD = "correct horse battery staple"
START_S = 90
"""Where a machine is busy; a second or two where it is not."""
SCOPES = ["chat", "conversations:read", "conversations:write", "knowledge:read", "admin"]
ARTICLE = (
    "# 退货\n\n## 期限\n\n签收后 7 天内可以申请退货, 商品须保持完好, 退款在 3 个工作日内原路退回。运费由买家承担。\n"
)


@dataclass(frozen=True)
class Tenant:
    """What a test may use."""

    id: str
    site_key: str
    api_key: str
    email: str
    password: str = PASSWORD


@dataclass
class Process:
    """`miaohui serve`, to be killed and started again."""

    data: Path
    options: dict[str, str] = field(default_factory=dict)
    base: str = ""
    port: int = 0
    tenants: list[Tenant] = field(default_factory=list)
    process: asyncio.subprocess.Process | Born | None = None
    output: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    """How it is started; none: forked off a process that has everything imported."""
    _reader: asyncio.Task[None] | None = None

    @property
    def environment(self) -> dict[str, str]:
        own = {f"MIAOHUI_{name.upper()}": value for name, value in self.options.items()}
        return {**os.environ, "PYTHONUNBUFFERED": "1", "MIAOHUI_DATA": str(self.data), **own}

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start, and wait until requests are taken."""
        self.process = await self._begin("serve", "--port", str(self.port))
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            while not self.base or self._reader is None:
                line = (await self.process.stdout.readline()).decode()
                assert line, "the server ended: " + "".join(self.output)
                self.output.append(line)
                if found := re.search(r"is up on (http://\S+:(\d+))", line):
                    self.base, self.port = found[1], int(found[2])
                    self._reader = asyncio.create_task(self._drain(self.process.stdout))

    async def _begin(self, *words: str) -> asyncio.subprocess.Process | Born:
        if not self.command:
            return await nursery().start(words, self.environment)
        return await asyncio.create_subprocess_exec(
            *self.command, *words,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(40):
            status = await self.process.wait()
        if self._reader is not None:
            await self._reader
        self._reader, self.base = None, ""
        return status

    async def _drain(self, stdout: asyncio.StreamReader) -> None:
        while line := await stdout.readline():
            self.output.append(line.decode())


@asynccontextmanager
async def serving(data: Path, **options: str) -> AsyncIterator[Process]:
    """A server on a new data folder with two tenants, that limits nobody; ended when the block is left."""
    limits = {"visitor_messages_per_minute": "600000", "visitor_burst": "100000", "tenant_burst": "100000"}
    # Tests ask the same and the unknown all day, and want an answer each time.
    free = {**limits, "tenant_messages_per_minute": "6000000", "handoff_unanswered": "0"}
    process = Process(data, {**free, **options})
    process.tenants = await furnish(process)
    await process.start()
    try:
        yield process
    finally:
        await process.end(signal.SIGKILL)


async def furnish(process: Process) -> list[Tenant]:
    articles = process.data.parent / "articles"
    articles.mkdir(exist_ok=True)
    (articles / "returns.md").write_text(ARTICLE, encoding="utf-8")
    settings = Settings(data=process.data, **process.options)  # type: ignore[arg-type]
    async with open_house(settings, background=False) as house:
        tenants = []
        for name in ("ours", "theirs"):
            tenant = await house.tenants.create(name.title(), name)
            inbox = await house.inboxes.create(tenant.id, f"{name} web")
            _, key = await house.identity.create_key(tenant.id, "all", SCOPES)
            email = f"{name}@example.com"
            await house.identity.create_person(email, name, PASSWORD, tenant.id, "owner")
            await house.knowledge.import_folder(tenant.id, articles)
            tenants.append(Tenant(tenant.id, inbox.site_key, key, email))
        return tenants
