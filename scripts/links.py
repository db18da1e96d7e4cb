"""Every relative link in the documentation leads to a file that is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
PLACES = ("*.md", "docs/**/*.md", "demo/*.md", "bench/*.md", "deploy/**/*.md")


def main() -> int:
    """Print every link that leads nowhere."""
    found = [complaint for place in PLACES for path in sorted(Path().glob(place)) for complaint in _broken(path)]
    print("\n".join(found))
    return 1 if found else 0


def _broken(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for target in LINK.findall(line):
            if not (path.parent / target).exists():
                yield f"{path}:{number}: {target} is not there"


if __name__ == "__main__":
    sys.exit(main())
