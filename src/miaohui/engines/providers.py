"""How providers differ from the form that they all claim to speak. Pure: one table, one row a provider.

The codes of a row are read before those that all providers share (`classify.py`), because the same number means one
thing here and another there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from miaohui.engines.classify import FailureClass
from miaohui.engines.types import NO_PARAMETERS, Parameters
from miaohui.kit.errors import FieldError, Invalid


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One vendor's ways."""

    name: str
    auth: Literal["bearer", "api-key"] = "bearer"
    stream_usage: bool = True
    """Understands `stream_options.include_usage`; others report usage of their own accord, or refuse the field."""
    temperatures: tuple[float, float] = (0.0, 2.0)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extras: Mapping[str, Any] = {}
    """Sent with every request."""
    codes: Mapping[str, FailureClass] = {}
    """Codes in lower case."""
    done_suffices: bool = False
    """`[DONE]` without any `finish_reason` ends a whole answer."""
    quota_scope: Literal["key", "account"] = "key"
    """Whose requests the limits count."""
    smooths: bool = False
    """A minute's limit is also held in each second."""
    runs_here: bool = False
    """A server of the operator's own: it may be reached without a key, and costs nothing a token."""


_THINKS_NOT = {"enable_thinking": False}
"""An answer within a second leaves no time to think aloud; with some models thinking is on unless refused."""

_PROVIDERS = (
    Provider(name="openai"),
    Provider(name="azure", auth="api-key", codes={"429": FailureClass.RATE_LIMIT, "404": FailureClass.ROUTE_GONE}),
    Provider(
        name="deepseek",
        codes={"insufficient_system_resource": FailureClass.TRANSIENT, "402": FailureClass.QUOTA},
    ),
    Provider(
        name="dashscope",
        temperatures=(0.0, 1.99),
        extras=_THINKS_NOT,
        quota_scope="account",
        smooths=True,
        codes={
            "throttling": FailureClass.RATE_LIMIT,
            "limit_burst_rate": FailureClass.RATE_LIMIT,
            "arrearage": FailureClass.QUOTA,
            "allocationquota.freetieronly": FailureClass.QUOTA,
            "throttling.allocationquota": FailureClass.RATE_LIMIT,
            "data_inspection_failed": FailureClass.CONTENT,
            "model.accessdenied": FailureClass.ROUTE_GONE,
        },
    ),
    Provider(
        name="qianfan",
        temperatures=(0.01, 1.0),
        codes={
            "4": FailureClass.RATE_LIMIT,
            "17": FailureClass.QUOTA,
            "18": FailureClass.RATE_LIMIT,
            "110": FailureClass.CREDENTIAL,
            "111": FailureClass.CREDENTIAL,
            "336100": FailureClass.TRANSIENT,
            "336103": FailureClass.CONTEXT,
            "336007": FailureClass.CONTEXT,
            "336501": FailureClass.RATE_LIMIT,
            "336502": FailureClass.RATE_LIMIT,
        },
    ),
    Provider(
        name="zhipu",
        temperatures=(0.01, 1.0),
        stream_usage=False,
        extras={"thinking": {"type": "disabled"}},
        codes={
            "1110": FailureClass.CREDENTIAL,
            "1111": FailureClass.CREDENTIAL,
            "1112": FailureClass.QUOTA,
            "1113": FailureClass.QUOTA,
            "1120": FailureClass.TRANSIENT,
            "1211": FailureClass.ROUTE_GONE,
            "1214": FailureClass.CALLER,
            "1261": FailureClass.CONTEXT,
            "1301": FailureClass.CONTENT,
            "1302": FailureClass.RATE_LIMIT,
            "1303": FailureClass.RATE_LIMIT,
            "1304": FailureClass.QUOTA,
            "1305": FailureClass.RATE_LIMIT,
        },
    ),
    Provider(
        name="moonshot",
        temperatures=(0.0, 1.0),
        quota_scope="account",
        stream_usage=False,
        codes={
            "engine_overloaded_error": FailureClass.TRANSIENT,
            "exceeded_current_quota_error": FailureClass.QUOTA,
            "invalid_authentication_error": FailureClass.CREDENTIAL,
            "resource_not_found_error": FailureClass.ROUTE_GONE,
        },
    ),
    Provider(
        name="ark",
        quota_scope="account",
        extras={"thinking": {"type": "disabled"}},
        codes={
            "invalidendpoint.closedendpoint": FailureClass.ROUTE_GONE,
            "modelnotopen": FailureClass.ROUTE_GONE,
            "accountoverdueerror": FailureClass.QUOTA,
            "endpointrpmexceeded": FailureClass.RATE_LIMIT,
            "endpointtpmexceeded": FailureClass.RATE_LIMIT,
            "ratelimitexceeded.endpointrpmexceeded": FailureClass.RATE_LIMIT,
            "ratelimitexceeded.endpointtpmexceeded": FailureClass.RATE_LIMIT,
            "serveroverloaded": FailureClass.TRANSIENT,
            "quotaexceeded": FailureClass.QUOTA,
            "setlimitexceeded": FailureClass.RATE_LIMIT,
            "sensitivecontentdetected": FailureClass.CONTENT,
        },
    ),
    Provider(
        name="openrouter",
        codes={"402": FailureClass.QUOTA, "408": FailureClass.TIMEOUT, "502": FailureClass.TRANSIENT},
    ),
    Provider(name="vllm", runs_here=True, extras={"chat_template_kwargs": _THINKS_NOT}),
    Provider(name="sglang", runs_here=True, extras={"chat_template_kwargs": _THINKS_NOT}),
    Provider(name="ollama", runs_here=True),
    Provider(name="llamacpp", runs_here=True, extras={"cache_prompt": True}),
    Provider(name="lmstudio", runs_here=True, done_suffices=True),
)
PROVIDERS = {provider.name: provider for provider in _PROVIDERS}
OPENAI = PROVIDERS["openai"]


def get_provider(name: str) -> Provider:
    """The row of this provider. Raises `Invalid` naming those that are known."""
    provider = PROVIDERS.get(name.lower())
    if provider is None:
        known = ", ".join(PROVIDERS)
        raise Invalid(f"No provider is named {name}; there are {known}.", errors=[FieldError("$.provider", known)])
    return provider


class _Message(msgspec.Struct, frozen=True):
    messages: Any
    max_tokens: int


class _NewMessage(msgspec.Struct, frozen=True, rename={"max_tokens": "max_completion_tokens"}):
    messages: Any
    max_tokens: int


class Shape:
    """The body of a route's requests: what never changes is encoded once."""

    __slots__ = ("_form", "_low_high", "_tail", "_tail_without_temperature")

    def __init__(self, provider: Provider, model: str, temperature: float | None) -> None:
        self._form = _Message if provider.max_tokens_field == "max_tokens" else _NewMessage
        self._low_high = provider.temperatures
        fixed: dict[str, Any] = {"model": model, "stream": True, **provider.extras}
        if provider.stream_usage:
            fixed["stream_options"] = {"include_usage": True}
        self._tail_without_temperature = b"," + msgspec.json.encode(fixed)[1:]
        if temperature is not None:
            fixed["temperature"] = self._within(temperature)
        self._tail = b"," + msgspec.json.encode(fixed)[1:]

    def build(self, messages: Any, max_tokens: int, parameters: Parameters = NO_PARAMETERS) -> bytes:
        """One request's JSON."""
        head = _encode(self._form(messages, max_tokens))[:-1]
        if parameters is NO_PARAMETERS:
            return head + self._tail
        tail = self._tail
        if parameters.temperature is not None:
            parameters = msgspec.structs.replace(parameters, temperature=self._within(parameters.temperature))
            tail = self._tail_without_temperature
        chosen = _encode(parameters)[1:-1]
        return b"%b,%b%b" % (head, chosen, tail) if chosen else head + tail

    def _within(self, temperature: float) -> float:
        low, high = self._low_high
        return min(max(temperature, low), high)


_encode = msgspec.json.Encoder().encode
