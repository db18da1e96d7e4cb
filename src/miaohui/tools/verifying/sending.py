"""Codes over a gateway of the operator's: one request for each, by SMS or e-mail as it knows to."""

from __future__ import annotations

from typing import Literal

import msgspec

from miaohui.kit.errors import Unavailable
from miaohui.kit.fetch import Ask, Fetcher
from miaohui.tools.connectors.types import Found

Way = Literal["sms", "email"]


class GatewayCodes:
    """See `verifying.ports.Codes`. POST {"kind": "sms", "to": …, "code": …, "tenant": …}, answered with any 2xx."""

    def __init__(self, fetcher: Fetcher, url: str, key: str, *, ways: tuple[Way, ...] = ("sms", "email")) -> None:
        self._fetcher = fetcher
        self._url = url
        self._key = key
        self._ways = ways

    def reaches(self, found: Found) -> str:
        return next((to for way in self._ways if (to := found.phone if way == "sms" else found.email)), "")

    async def send(self, tenant_id: str, to: str, code: str) -> None:
        body = {"kind": "email" if "@" in to else "sms", "to": to, "code": code, "tenant": tenant_id}
        headers = {"content-type": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        asked = Ask(url=self._url, method="POST", headers=headers, body=msgspec.json.encode(body))
        answer = await self._fetcher.fetch(asked)
        if not 200 <= answer.status < 300:
            raise Unavailable(f"The gateway for codes answered {answer.status}.", code="codes_refused")
