"""Loaded by schemathesis. What is right by the document and yet refused: a key that was used, a cursor of
nobody, an address inside this network."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from pydantic import ValidationError

from miaohui.channels.reading import parse_json
from miaohui.channels.rest.company_schemas import ConnectorForm, PriceListForm
from miaohui.channels.rest.schemas import Form
from miaohui.kit.errors import MiaohuiError

_counter = itertools.count()


def _lacks(case: Any, header: str) -> bool:
    """Whether this case is about a header that is not there."""
    about: Any = getattr(getattr(case.meta, "phase", None), "data", None)
    missing = getattr(getattr(about, "scenario", None), "name", "") == "MISSING_PARAMETER"
    return missing and str(about.parameter).lower() == header


def _fit_together(account: dict[str, Any]) -> None:
    """No schema says which fields of an account need one another; wrong ones stay wrong."""
    if "app_id" in account:
        _fit_wechat(account)
    if "open_kfid" in account:
        for name, usable in (("token", "abc"), ("aes_key", "a" * 43), ("secret", "s")):
            if account.get(name, "") == "":
                account[name] = usable  # may be left out where one is kept


def _fit_wechat(account: dict[str, Any]) -> None:
    if str(account.get("mode", "encrypted")) in {"plain", "compatible", "encrypted"}:
        account["mode"] = "plain"
    if account.get("token", "") == "":
        account["token"] = "abc"  # may be left out where one is kept
    if isinstance(account.get("can_send", True), bool):
        account["can_send"] = False
    if re.fullmatch("[A-Za-z0-9]{43}", str(account.get("aes_key", ""))):
        account["aes_key"] = ""
    if isinstance(account.get("welcome"), str) and len(account["welcome"]) <= 2000:
        account["welcome"] = account["welcome"][:500]


def _make_usable(route: dict[str, Any]) -> None:
    """A route needs an address and a model unless it is a shared one, and each of its keys an id of its own."""
    given = (("base_url", 2048, "https://example.com/v1"), ("model", 200, "m"), ("provider", 32, "openai"))
    for name, most, usable in given:
        if isinstance(route.get(name, ""), str) and len(route.get(name, "")) <= most:
            route[name] = usable
    if isinstance(route.get("enabled", True), bool):
        # No turn of this house is to wait for it.
        route["enabled"] = False
    keys = route.get("keys")
    for number, key in enumerate(keys if isinstance(keys, list) else ()):
        if isinstance(key, dict) and re.fullmatch("[A-Za-z0-9_.:@+-]{1,64}", str(key.get("id", ""))):
            key["id"] = f"k{number}"


def _make_possible(body: dict[str, Any]) -> None:
    """What no schema says of the desk: moments to come, hours that can be, words that show, a rule that asks."""
    soon = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in ("until", "at"):
        if isinstance(body.get(name), str) and re.fullmatch(_STAMP, body[name]):
            body[name] = soon
    if isinstance(body.get("timezone"), str) and 1 <= len(body["timezone"]) <= 64:
        body["timezone"] = "UTC"
    if isinstance(body.get("week"), list) and len(body["week"]) == 7 and all(map(_is_day, body["week"])):
        body["week"] = [[{"start": 540, "end": 1080}], *[[]] * 6]
    if isinstance(body.get("holidays"), dict) and all(map(_is_day, body["holidays"].values())):
        body["holidays"] = {}
    if isinstance(body.get("labels"), list) and all(isinstance(one, str) and one.strip() for one in body["labels"]):
        body["labels"] = ["x"] if len(body["labels"]) <= 20 else body["labels"]
    for name in ("name", "subject", "short_code"):
        if isinstance(body.get(name), str) and not body[name].isprintable():
            body[name] = re.sub(r"[^ -~]", "x", body[name])
    if {"name", "subject"} <= body.keys() and not body.get("handoff_reason") and body.get("label", "") == "":
        body["label"] = "x"


def _forget_period(query: dict[str, Any]) -> None:
    """Backwards, or more steps than are counted: no schema says."""
    for name in ("since", "until"):
        if re.fullmatch(_STAMP, str(query.get(name, ""))):
            query.pop(name)


_STAMP = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z"


def _make_countable(prices: dict[str, Any]) -> None:
    """Ids of their own, and nothing that names what is not there; what has not the form of a list stays as it is."""
    if _fits(PriceListForm, prices):
        prices.update({name: [] for name in ("products", "offers", "delivery") if name in prices})


def _make_connectable(connector: dict[str, Any]) -> None:
    """Which templates name what is no matter of form."""
    if _fits(ConnectorForm, connector):
        connector.update({"url": "https://example.com/shop", "operations": []})
        connector.pop("identity", None)


def _make_holding(path: str, body: dict[str, Any]) -> None:
    """What knowledge and tools stand on."""
    if all(re.fullmatch(_STAMP, str(body.get(name, ""))) for name in ("valid_from", "valid_until")):
        body["valid_until"] = None
    if path == "/v1/prices":
        _make_countable(body)
    if path.startswith("/v1/admin/connectors/"):
        _make_connectable(body)


def _fits(form: type[Form], body: dict[str, Any]) -> bool:
    try:
        form.model_validate(parse_json(json.dumps(body).encode()))
    except (MiaohuiError, ValidationError):
        return False
    return True


def _is_minute(value: Any) -> bool:
    """As JSON Schema counts integers: 45.0 is one."""
    return type(value) in {int, float} and value == int(value) and 0 <= value <= 1440


def _is_day(spans: Any) -> bool:
    return (
        isinstance(spans, list)
        and all(
            isinstance(span, dict)
            and set(span) == {"start", "end"}
            and all(_is_minute(minute) for minute in span.values())
            for span in spans
        )
        and len(spans) <= 8
    )


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """Replace what the document allows; leave what it does not."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
        case.headers["Idempotency-Key"] = f"generated-{next(_counter)}"
    if len(str((case.query or {}).get("cursor", ""))) <= 200:
        # A cursor is opaque: no schema can tell one that we gave out from one that we did not.
        (case.query or {}).pop("cursor", None)
    if isinstance(case.body, dict) and 1 <= len(str(case.body.get("url", ""))) <= 2048:
        # Which addresses may be called is no matter of form; `7` stays a 7.
        callable_ = "mailto:a@example.com" if case.body.get("kind") == "mail" else "https://example.com/hook"
        case.body["url"] = callable_ if isinstance(case.body["url"], str) else case.body["url"]
    if isinstance(case.body, dict) and case.path.startswith("/v1/admin/engines/routes/"):
        _make_usable(case.body)
    if isinstance(case.body, dict) and case.path == "/v1/admin/tools" and isinstance(case.body.get("tools"), list):
        # Which tools there are depends on the house.
        known = [
            name if not isinstance(name, str) or not 1 <= len(name) <= 64 else "now" for name in case.body["tools"]
        ]
        case.body["tools"] = known
    if isinstance(case.body, dict):
        _make_holding(case.path, case.body)
        _make_possible(case.body)
    if case.path == "/v1/files" and isinstance(case.body, bytes | str):
        # Any bytes have the form; which are a file that is taken, no schema tells.
        case.body = b"%PDF-1.7\n%%EOF"
    _forget_period(case.query or {})
    if isinstance(case.body, dict):
        _fit_together(case.body)
    if _lacks(case, "authorization"):
        # `--header` is added to every request, to those too that are about its absence.
        case.headers.pop("Authorization", None)
