"""A disk that is slow, full or broken, and a resolver that is silent: between one program and the kernel."""

from __future__ import annotations

import functools
import mmap
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("failing.c")
_FIELDS = ("fsync_errno", "fsync_ms", "growth_errno", "lookup_ms")


@functools.cache
def library() -> str:
    """Compiled once for this process. Skips the test where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine; apt-get install gcc libc6-dev")
    made = Path(tempfile.mkdtemp(prefix="miaohui-failing-"), "failing.so")
    made.parent.chmod(0o755)  # a database's server may be another person's
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(_SOURCE), "-ldl"], check=True)
    return str(made)


@dataclass
class Failing:
    """What fails for the files whose path contains `path`; change it with `now` while the program runs."""

    folder: Path
    path: str
    log: bool = False
    _state: mmap.mmap = field(init=False, repr=False)

    def __post_init__(self) -> None:
        file = self.folder / "failing"
        file.write_bytes(bytes(16))
        with file.open("r+b") as opened:
            self._state = mmap.mmap(opened.fileno(), 16)

    @property
    def log_file(self) -> Path:
        return self.folder / "failing.log"

    @property
    def environment(self) -> dict[str, str]:
        """For the program."""
        names = {"LD_PRELOAD": library(), "FAILING_STATE": str(self.folder / "failing"), "FAILING_PATH": self.path}
        return names | ({"FAILING_LOG": str(self.log_file)} if self.log else {})

    @property
    def command(self) -> list[str]:
        """What a program's own command line is put behind."""
        return ["env", *(f"{name}={value}" for name, value in self.environment.items())]

    def now(self, **values: int) -> None:
        """What fails from now on; what is not named works."""
        self._state[:] = struct.pack("4i", *(values.get(name, 0) for name in _FIELDS))
