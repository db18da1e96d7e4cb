"""Work that nobody waits for comes last, but it comes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ASK = "import os; {begin}print(os.nice(0), os.sched_getscheduler(0))"
_BEGIN = "from miaohui.kit.background import give_way; give_way(); "


def _standing(begin: str) -> list[int]:
    told = subprocess.run([sys.executable, "-c", _ASK.format(begin=begin)], capture_output=True, text=True, check=True)
    return [int(number) for number in told.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="schedulers are Linux's")
def test_it_is_as_nice_as_can_be_and_still_gets_its_share() -> None:
    before, scheduler = _standing("")
    assert _standing(_BEGIN) == [min(before + 19, 19), scheduler]
    assert scheduler != os.SCHED_IDLE
