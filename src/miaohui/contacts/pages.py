"""What may be kept of a page's address, and what a browser says of itself. Pure.

An address can hold what opens doors: links for new passwords, tokens of sessions, e-mail addresses. None is kept.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

LONGEST_URL = 1_000
LONGEST_TITLE = 200

_SECRET_NAME = re.compile(
    r"token|secret|passw|session|sessid|signature|apikey|(?:^|[^a-z])(?:pwd|pass|auth|authorization|key|code|sid|sig|"
    r"sign|jwt|otp|pin|hash|nonce|ticket|e?mail|phone|mobile|tel)(?:[^a-z]|$)"
)
"""The widget has the same, so that none of it leaves the page."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_VALUE = re.compile(r"@|^eyJ|^(?=[^\d]*\d)[\w.~+/=-]{24,}$|^\+?\d[\d -]{9,}$")
_SECRET_SEGMENT = re.compile(r"^(?=\D*\d)[\w.~=-]{24,}$|^eyJ|@|%40")
HIDDEN = "*"
_BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


def clean_url(address: str) -> str:
    """Origin, path and harmless parameters of a web address, up to `LONGEST_URL`; empty for anything else."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[\w.:-]{1,253}", host):
        return ""
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme.lower()}://{shown}" + (f":{port}" if port is not None else "")
    segments = [HIDDEN if _SECRET_SEGMENT.search(one) else one for one in parts.path.split("/")]
    path = quote("/".join(segments), safe="/%:@!$&'()*+,;=~-._") or "/"
    kept = [(name, value) for name, value in parse_qsl(parts.query, max_num_fields=None) if _is_harmless(name, value)]
    whole = origin + path + ("?" + urlencode(kept) if kept else "")
    return whole if len(whole) <= LONGEST_URL else (origin + path)[:LONGEST_URL]


def _is_harmless(name: str, value: str) -> bool:
    return not (_SECRET_NAME.search(_CAMEL.sub("_", name).lower()) or _SECRET_VALUE.search(value))


def clean_title(title: str) -> str:
    """On one line, up to `LONGEST_TITLE`."""
    return " ".join("".join(one if one.isprintable() else " " for one in title).split())[:LONGEST_TITLE]


def browser_of(agent: str) -> str:
    """`Chrome 130 · Windows` of a `User-Agent`; empty when it says nothing known."""
    agent = agent[:500]
    browser = next((f"{name} {_major(agent, mark)}".strip() for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(one for one in (browser, system) if one)


def _major(agent: str, mark: str) -> str:
    found = re.match(r"\d{1,4}", agent.partition(mark)[2])
    return found[0] if found else ""


def language_of(accepted: str) -> str:
    """The first of an `Accept-Language`."""
    found = _LANGUAGE.match(accepted.strip())
    return found[0] if found else ""
