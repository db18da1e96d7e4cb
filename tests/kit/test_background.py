"""Work that nobody waits for comes last."""

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
def test_it_is_pushed_aside_at_once_by_whoever_is_woken() -> None:
    before, _ = _standing("")
    assert _standing(_BEGIN) == [min(before + 19, 19), os.SCHED_IDLE]


@pytest.mark.skipif(sys.platform != "linux", reason="schedulers are Linux's")
def test_where_that_is_forbidden_it_is_only_nice() -> None:
    forbid = "def no(*_): raise PermissionError\nos.sched_setscheduler = no\n"
    asked = _ASK.format(begin="\n" + forbid + _BEGIN).replace("; \n", "\n")
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == "19"
    assert told.stdout.split()[1] == str(os.sched_getscheduler(0))
