"""From a route and one of its keys to the client that speaks with it."""

from __future__ import annotations

from miaohui.engines.lines import Connect
from miaohui.engines.openai import OpenAICompatible, OpenAIOptions
from miaohui.engines.ports import Engine
from miaohui.engines.providers import get_provider
from miaohui.engines.routes import Route, RouteKey


def connect_openai(*, coalesce_ms: int = 80) -> Connect:
    """Clients for OpenAI-shaped routes. Raises `Invalid` for a provider, an address or a key that cannot be used."""

    def connect(route: Route, key: RouteKey) -> Engine:
        return OpenAICompatible(
            OpenAIOptions(
                url=route.base_url,
                model=route.model,
                key=key.secret,
                provider=get_provider(route.provider),
                api_version=route.api_version,
                name=route.name,
                connect_ms=route.connect_ms,
                first_content_ms=route.first_content_ms,
                idle_ms=route.idle_ms,
                total_s=route.total_ms / 1000,
                coalesce_ms=coalesce_ms,
                temperature=route.temperature,
                public_only=route.public_only,
            )
        )

    return connect
