"""A search is too small to be shared out among threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import os
from miaohui.knowledge.index import np
a = np.ones((10_000, 256), np.float32)
a @ a[0]
a.T @ a
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_numpy_starts_no_threads_whatever_was_imported_first() -> None:
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, check=True, env=environment)
    assert done.stdout.split() == [b"1"]
