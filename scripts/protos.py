"""Compiles `proto/`: the description that the server reads at run time, and the code that the clients bring along.

`python scripts/protos.py` writes all of it, with `grpcio-tools` for Python and `npx` for TypeScript; `--check` only
says what is out of date, and needs no Node.
"""

from __future__ import annotations

import base64
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
SOURCE = "miaohui/v1/frames.proto"
DESCRIPTION = ROOT / "src/miaohui/channels/web/frames.desc"
PYTHON = ROOT / "clients/python/src/miaohui_client"
TYPESCRIPT = ROOT / "clients/typescript/src/frames_pb.ts"
PLUGIN = "@bufbuild/protoc-gen-es@2.17.0"


def main() -> int:
    """Write, or with `--check` compare."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        description = str(out / "frames.desc")
        compile_protos("--python_out", folder, "--pyi_out", folder, "--descriptor_set_out", description)
        made = {
            DESCRIPTION: (out / "frames.desc").read_bytes(),
            **{PYTHON / one: (out / "miaohui/v1" / one).read_bytes() for one in ("frames_pb2.py", "frames_pb2.pyi")},
        }
    stale = [path for path, content in made.items() if not path.is_file() or path.read_bytes() != content]
    if "--check" in sys.argv:
        stale += [] if describes(TYPESCRIPT, made[DESCRIPTION]) else [TYPESCRIPT]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: python scripts/protos.py")
        return 1 if stale else 0
    for path in stale:
        path.write_bytes(made[path])
    if not describes(TYPESCRIPT, made[DESCRIPTION]):
        write_typescript()
    return 0


def compile_protos(*options: str) -> None:
    """Run protoc; `options` are pairs of a name and its value."""
    from grpc_tools import protoc  # type: ignore[import-untyped]

    pairs = [f"{name}={value}" for name, value in zip(options[::2], options[1::2], strict=True)]
    if protoc.main(["protoc", f"-I{ROOT / 'proto'}", *pairs, SOURCE]):
        raise SystemExit("proto/ does not compile")


def write_typescript() -> None:
    """By the plugin, which `npx` fetches."""
    npx = shutil.which("npx")
    if npx is None:
        raise SystemExit("The code for TypeScript needs npx: scripts/node.sh puts it there.")
    with tempfile.TemporaryDirectory() as folder:
        plugin = Path(folder, "protoc-gen-es")
        plugin.write_text(f'#!/bin/sh\nexec "{npx}" --yes {PLUGIN} "$@"\n', encoding="utf-8")
        plugin.chmod(0o755)
        named = f"protoc-gen-es={plugin}"
        compile_protos("--plugin", named, "--es_out", folder, "--es_opt", "target=ts,import_extension=js")
        shutil.copyfile(Path(folder, "miaohui/v1/frames_pb.ts"), TYPESCRIPT)


def describes(generated: Path, description: bytes) -> bool:
    """Whether generated TypeScript is of this FileDescriptorSet; it holds its own in base 64, without JSON's names."""
    from google.protobuf import descriptor_pb2

    found = re.search(r'fileDesc\("([^"]+)"', generated.read_text(encoding="utf-8")) if generated.is_file() else None
    if found is None:
        return False
    (wanted,) = descriptor_pb2.FileDescriptorSet.FromString(description).file
    _without_json_names(wanted.message_type)
    raw = base64.b64decode(found[1] + "=" * (-len(found[1]) % 4))
    return bool(descriptor_pb2.FileDescriptorProto.FromString(raw) == wanted)


def _without_json_names(messages: Sequence[Any]) -> None:
    for message in messages:
        for field in message.field:
            field.ClearField("json_name")
        _without_json_names(message.nested_type)


if __name__ == "__main__":
    sys.exit(main())
