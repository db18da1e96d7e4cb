"""A server of its own with a console on it, and what a test does there over REST."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.conftest import STATIC
from tests.e2e.shop import fetch, sample_shop
from tests.e2e.test_desk import people_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Place:
    """The sample shop, its owner's token and API calls by anybody."""

    def __init__(self, base: str, data: Path) -> None:
        self.base = base
        self.data = data
        self.facts = people_of(data / "demo.json")
        self.owner: dict[str, str] = self.facts["admin"]
        login = {"email": self.owner["email"], "password": self.owner["password"]}
        self.token: str = fetch(f"{base}/v1/auth/login", body=login)["access_token"]

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        """One call, as the owner unless another token is given."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            raw = answer.read()
            return json.loads(raw) if raw else None

    def visitor(self) -> str:
        """The token of somebody new."""
        return str(fetch(f"{self.base}/v1/widget/session", body={"site_key": "demo-site"})["token"])

    def begin(self, token: str, *words: str) -> str:
        """A conversation in which a visitor says this; its id."""
        conversation = str(self.ask("POST", "/v1/conversations", {}, token=token)["id"])
        for text in words:
            self.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": text}, token=token)
        return conversation


@contextmanager
def place_in(data: Path) -> Iterator[Place]:
    """Up while the block runs; skips where the pages are not built."""
    if not (STATIC / "widget.js").exists():
        pytest.skip("the pages are not built: make web")
    with sample_shop(data) as base:
        yield Place(base, data)
