"""Whatever the audit keeps has a name in the console, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_KEPT = re.compile(r'\baudit\(\s*[\w.]+,\s*"([a-z_]+\.[a-z_]+)"')


def actions() -> set[str]:
    files = (ROOT / "src" / "miaohui").rglob("*.py")
    return {action for file in files for action in _KEPT.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_action_that_is_audited_has_words(language: str) -> None:
    kept = actions()
    assert len(kept) > 40
    catalogue = ROOT / "web" / "apps" / "console" / "src" / "shared" / "i18n" / language / "audit.ts"
    words = catalogue.read_text(encoding="utf-8")
    assert {action for action in kept if f'"audit.{action}"' not in words} == set()
