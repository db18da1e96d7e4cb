"""Which addresses outside may be called: nothing private, local or reserved, however it is written. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from miaohui.kit.errors import FieldError, Invalid

MAX_URL_CHARS = 2048
_NAT64 = IPv6Address("64:ff9b::")


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
        raise Invalid("The URL cannot be called.", errors=[FieldError("$.url", detail)])
    if not allow_private and not _is_public_host(host):
        raise Invalid("The URL points into this network.", errors=[FieldError("$.url", detail)])


def _is_public_host(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        # `0x7f.1`, `127.1`: forms that some resolvers take for an address, and no name ends in a number.
        last = host.rstrip(".").rpartition(".")[2]
        return not (last.isdigit() or last.startswith("0x") or last == "localhost")


def is_public(address: str) -> bool:
    """Whether an IP address lies outside every private, local or reserved range. Raises `ValueError` on a name."""
    ip: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and int(ip) >> 32 == int(_NAT64) >> 32:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return ip is not None and ip.is_global and not ip.is_multicast
