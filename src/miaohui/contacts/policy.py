"""What attributes say of a contact. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO = frozenset({"", "0", "no", "false"})


def is_vip(attributes: Mapping[str, str]) -> bool:
    """Whether they are served sooner: `vip` with any value but a no."""
    return attributes.get("vip", "").lower() not in _NO
