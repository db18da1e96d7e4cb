"""Visitors of a real process, as many messages as they like."""

from __future__ import annotations

import aiohttp
from tests.conformance.client import Site
from tests.conformance.house import Process

LIFTED = {
    "visitor_messages_per_minute": "600000",
    "visitor_burst": "100000",
    "tenant_burst": "100000",
    "tenant_messages_per_minute": "6000000",
    "handoff_unanswered": "0",
    "log_level": "warning",
}
"""Settings under which nobody is told to slow down, or handed to people."""


async def arrive(process: Process, http: aiohttp.ClientSession) -> tuple[Site, str]:
    """A visitor and their conversation."""
    async with http.post(f"{process.base}/v1/widget/session", json={"site_key": process.tenants[0].site_key}) as answer:
        site = Site(process.base, (await answer.json())["token"], http)
    return site, await site.begin()
