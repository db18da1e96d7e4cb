"""Times as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def parse_stamp(stamp: str) -> int:
    """Of a time in the form of `schemas.Stamp`. A 31st of February is the 3rd of March, as every clock would say."""
    first = datetime.fromisoformat(f"{stamp[:8]}01{stamp[10:19]}").replace(tzinfo=UTC)
    moment = first + timedelta(days=int(stamp[8:10]) - 1)
    fraction = stamp[20:-1] if len(stamp) > 20 else ""
    return int(moment.timestamp()) * 1000 + int(fraction.ljust(3, "0") or 0)
