"""From when until when an article holds, as files say it."""

from __future__ import annotations

from datetime import datetime

import pytest

from miaohui.knowledge.holding import NoDate, parse_from, parse_until
from miaohui.knowledge.reading import BrokenFile, read_content

DAY_MS = 86_400_000


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_day_is_meant_whole() -> None:
    assert parse_from("2026-11-11") == _ms("2026-11-11")
    assert parse_until("2026-11-11") == parse_until("2026/11/11") == parse_until("2026-11-11 00:00:00")
    assert parse_until("2026-11-11") == _ms("2026-11-12")


def test_a_moment_with_its_zone_is_that_moment() -> None:
    assert parse_until("2026-11-11T18:00+08:00") == parse_from("2026-11-11T10:00+00:00") == 1_794_391_200_000


def test_nothing_is_for_ever() -> None:
    assert (parse_from(""), parse_until("  ")) == (0, 0)


@pytest.mark.parametrize("text", ["soon", "11.11", "2026-13-01", "99999-01-01"])
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(NoDate, match="such as 2026-11-11"):
        parse_until(text)


def test_front_matter_says_when_an_article_holds() -> None:
    told = "---\nvalid_from: 2026-11-01\nvalid_until: 2026-11-11\n---\n# 双十一\n\n满三百减四十。\n"
    (draft,) = read_content(told.encode(), "sale.md", ".md")
    assert (draft.valid_from_ms, draft.valid_until_ms) == (_ms("2026-11-01"), _ms("2026-11-12"))


def test_a_table_says_it_row_by_row() -> None:
    table = "问题,答案,失效日期\n双十一有活动吗,满三百减四十。,2026-11-11\n怎么退货,七天内可以。,\n"
    sale, returns = read_content(table.encode(), "faq.csv", ".csv")
    assert (sale.valid_until_ms, returns.valid_until_ms) == (_ms("2026-11-12"), 0)


@pytest.mark.parametrize("front", ["valid_until: 明天", "valid_from: 2026-11-12\nvalid_until: 2026-11-11"])
def test_a_file_whose_dates_cannot_be_is_broken(front: str) -> None:
    with pytest.raises(BrokenFile, match=r"valid_until|date"):
        read_content(f"---\n{front}\n---\n# 双十一\n\n满三百减四十。\n".encode(), "sale.md", ".md")
