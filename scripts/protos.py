"""Compiles `proto/` into the description that the server reads at run time.

`python scripts/protos.py` writes it; `--check` only says whether it is out of date. Needs `grpcio-tools`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = "miaohui/v1/frames.proto"
TARGET = ROOT / "src/miaohui/channels/web/frames.desc"


def main() -> int:
    """Write, or with `--check` compare."""
    compiled = compile_description()
    if TARGET.is_file() and TARGET.read_bytes() == compiled:
        return 0
    if "--check" in sys.argv:
        print("src/miaohui/channels/web/frames.desc is out of date: python scripts/protos.py")
        return 1
    TARGET.write_bytes(compiled)
    return 0


def compile_description() -> bytes:
    """A FileDescriptorSet."""
    from grpc_tools import protoc  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "frames.desc")
        arguments = ["protoc", f"-I{ROOT / 'proto'}", f"--descriptor_set_out={out}", SOURCE]
        if protoc.main(arguments):
            raise SystemExit("proto/ does not compile")
        return out.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
