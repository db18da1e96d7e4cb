"""Signing, timing and whom we may call: decisions without I/O.

Signatures and schedule are those of Standard Webhooks (https://www.standardwebhooks.com): the receiver checks
`webhook-signature` over `id.timestamp.body` with the secret that it was given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import urlsplit

from miaohui.kit.errors import FieldError, Invalid
from miaohui.webhooks.types import Answer

_MINUTE, _HOUR = 60, 3600
SCHEDULE_S = (
    0,
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Wait before each attempt, from the failure before it."""
MAX_URL_CHARS = 2048
_GONE = 410
_NAT64 = IPv6Address("64:ff9b::")

Verdict = Literal["sent", "gone", "again", "dead"]


def sign(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """Value of `webhook-signature`; the secret is `whsec_` and base 64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def judge(answer: Answer, attempts: int) -> Verdict:
    """What an answer means after `attempts` earlier ones. A redirect is a failure: it is not followed."""
    if 200 <= answer.status < 300:
        return "sent"
    if answer.status == _GONE:
        return "gone"
    return "again" if attempts + 1 < len(SCHEDULE_S) else "dead"


def next_wait_ms(answer: Answer, attempts: int) -> int:
    """Milliseconds until the next attempt after `attempts` earlier ones and this one."""
    wait_s = SCHEDULE_S[min(attempts + 1, len(SCHEDULE_S) - 1)]
    return round(max(wait_s, min(answer.retry_after_s, 24 * _HOUR)) * 1000)


def check_url(url: str, *, allow_private: bool) -> None:
    """Raises `Invalid` for an address that we do not call. Names are checked again when they are looked up."""
    detail = "an http or https address outside this network, without credentials"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    clean = url.isascii() and url.isprintable() and not set(url) & set(" \\") and len(url) <= MAX_URL_CHARS
    if not clean or not host or parts.scheme not in {"http", "https"} or parts.username is not None:
        raise Invalid("The webhook URL cannot be called.", errors=[FieldError("$.url", detail)])
    if not allow_private and not _is_public_host(host):
        raise Invalid("The webhook URL points into this network.", errors=[FieldError("$.url", detail)])


def _is_public_host(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        # `0x7f.1`, `127.1`: forms that some resolvers take for an address, and no name ends in a number.
        last = host.rstrip(".").rpartition(".")[2]
        return not (last.isdigit() or last.startswith("0x") or host == "localhost" or host.endswith(".localhost"))


def is_public(address: str) -> bool:
    """Whether an IP address lies outside every private, local or reserved range. Raises `ValueError` on a name."""
    ip: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and int(ip) >> 32 == int(_NAT64) >> 32:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return ip is not None and ip.is_global and not ip.is_multicast
