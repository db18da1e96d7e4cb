"""How an engine may fail, and what that calls for.

    EngineFailed             502
      x EngineBroken         transient: refused, cut off, malformed, 5xx        next engine
      x EngineTooSlow        timeout: connect, first content, idle, total       next engine
      x EngineThrottled      rate_limit, quota                                  next engine; see `retry_after_s`
      x EngineLockedOut      credential, route_gone                             next engine; tell the operator
      x EngineOverfull       context: the prompt is longer than the window      next engine
      x BudgetReached        429: the company's budget is used up               stop; what is free was asked
      x EngineDeclined       content, caller: no other engine should be asked   stop

No message ever holds the key or the words of the prompt.
"""

from __future__ import annotations

from typing import ClassVar

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.types import Usage
from miaohui.kit.errors import MiaohuiError


class EngineFailed(MiaohuiError):
    """No whole answer could be had from this engine."""

    status = 502
    code = "engine_failed"
    title = "The answering engine failed"
    retryable = True
    tries_next: ClassVar[bool] = True
    """Whether another engine should be asked."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail, code=failure.code, retry_after_s=failure.retry_after_s)
        self.failure = failure
        self.usage: Usage | None = None
        """Tokens that the upstream reported before it failed."""

    @property
    def failure_class(self) -> FailureClass:
        """What kind of failure it was."""
        return self.failure.failure_class


class EngineBroken(EngineFailed):
    """The upstream or the way to it is broken."""


class EngineTooSlow(EngineFailed):
    """A deadline passed."""

    status = 504


class EngineThrottled(EngineFailed):
    """Over a rate or a balance."""

    status = 503


class EngineLockedOut(EngineFailed):
    """The key does not hold, or the model is gone."""

    retryable = False


class EngineOverfull(EngineFailed):
    """The prompt is longer than the model's window."""

    retryable = False


class EngineDeclined(EngineFailed):
    """The provider judged the content, or could not read the request; shopping for a laxer one is not done."""

    retryable = False
    tries_next = False


class BudgetReached(EngineFailed):
    """Only routes with a price are left, and the company's budget for them is used up."""

    status = 429
    code = "budget_reached"
    title = "The budget for model providers is used up"
    retryable = False
    tries_next = False

    def __init__(self) -> None:
        super().__init__(_SPENT)


_SPENT = Failure(
    failure_class=FailureClass.QUOTA,
    code="budget_reached",
    detail="the company's budget for model providers is used up, and no route without a price can answer",
)
_KINDS: dict[FailureClass, type[EngineFailed]] = {
    FailureClass.TRANSIENT: EngineBroken,
    FailureClass.TIMEOUT: EngineTooSlow,
    FailureClass.RATE_LIMIT: EngineThrottled,
    FailureClass.QUOTA: EngineThrottled,
    FailureClass.CREDENTIAL: EngineLockedOut,
    FailureClass.ROUTE_GONE: EngineLockedOut,
    FailureClass.CONTEXT: EngineOverfull,
    FailureClass.CONTENT: EngineDeclined,
    FailureClass.CALLER: EngineDeclined,
    FailureClass.CANCEL: EngineDeclined,
}


def failed(failure: Failure) -> EngineFailed:
    """The error of the kind that `failure` calls for."""
    return _KINDS[failure.failure_class](failure)
