"""A file and fields beside it, as `multipart/form-data` (RFC 7578). Pure but for the boundary."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from miaohui.channels.media.files import File
from miaohui.kit.fetch import Limits

FOR_FILES = Limits(total_s=60.0, answer_bytes=52_428_800)
"""Of a request that carries a whole file there or back."""


def form_of(name: str, file: File, fields: Mapping[str, object] | None = None) -> tuple[str, bytes]:
    """Content type and body; the file goes under `name`, after the fields."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in (fields or {}).items()
    ]
    head = f'Content-Disposition: form-data; name="{name}"; filename="{_quoted(file.name)}"\r\n'
    head += f"Content-Type: {file.type}\r\n\r\n"
    parts += [f"--{boundary}\r\n{head}".encode(), file.body, f"\r\n--{boundary}--\r\n".encode()]
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def _quoted(name: str) -> str:
    """As browsers write it: in UTF-8, and nothing in it ends the name or the line."""
    return name.replace('"', "%22").replace("\r", "").replace("\n", "")
