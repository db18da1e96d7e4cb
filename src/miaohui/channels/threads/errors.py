"""What a channel's vendor may fail at."""

from __future__ import annotations

from miaohui.kit.errors import MiaohuiError


class Unanswered(MiaohuiError):
    """Nobody knows whether a channel's vendor did it; `code` is `timeout` or another of `kit.fetch`."""

    status = 502
    code = "unreachable"
    title = "The channel's vendor did not answer"
    retryable = True
