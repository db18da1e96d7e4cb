"""What a visitor is told when nobody is there. Plain and short; Chinese first."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from miaohui.inboxes.hours import Hours


def away_words(hours: Hours, opens_at_ms: int | None, locale: str) -> str:
    """The company's own words for the locale, or ours with the time at which somebody is there again."""
    chinese = locale.startswith("zh")
    if own := hours.away.get(locale) or hours.away.get("zh-CN" if chinese else "en"):
        return own
    if opens_at_ms is None:
        return (
            "现在没有同事在线。您的留言已经收到, 我们会尽快在这里回复您。"
            if chinese
            else "Nobody is here right now. We have your message and will answer here as soon as we can."
        )
    there = datetime.fromtimestamp(opens_at_ms / 1000, UTC).astimezone(ZoneInfo(hours.timezone))
    if chinese:
        return f"现在是非工作时间, 同事将在 {there:%m月%d日 %H:%M} 上线。您的留言已经收到, 到时会在这里回复您。"
    return f"We are closed now and back on {there:%d %b at %H:%M}. We have your message and will answer here then."
