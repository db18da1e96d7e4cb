"""The tree of everything that may go wrong and that a caller is told about.

    MiaohuiError                 500 internal
      x Invalid                  422 invalid              the form is wrong; `errors` names the fields
      x Unreadable               400 unreadable           not JSON, not UTF-8
      x Unauthenticated          401 unauthenticated      no credential, or one that does not hold
      x Forbidden                403 forbidden            known, without the right
      x NotFound                 404 not_found            also for what belongs to another tenant
      x Conflict                 409 conflict             (subclasses set their own code)
      x TooLarge                 413 too_large
      x Unsupported              415 unsupported_type
      x Throttled                429 throttled            come back after `retry_after_s`
      x Unavailable              503 unavailable          nothing was stored; trying again helps

Each knows its HTTP status, its code, and whether trying again helps. The message says what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class FieldError(NamedTuple):
    """One wrong field: a JSON path such as `$.question`, and what it should be."""

    field: str
    detail: str


class MiaohuiError(Exception):
    """Root of the tree; raised as such only for a fault of ours."""

    status: ClassVar[int] = 500
    code: str = "internal"
    title: ClassVar[str] = "Something went wrong on our side"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s


class Invalid(MiaohuiError):
    """The request was read, but its form is wrong."""

    status = 422
    code = "invalid"
    title = "The request is not in the documented form"


class Unreadable(MiaohuiError):
    """The bytes are not what they claim to be."""

    status = 400
    code = "unreadable"
    title = "The request could not be read"


class Unauthenticated(MiaohuiError):
    """No credential, or one that does not hold."""

    status = 401
    code = "unauthenticated"
    title = "A valid credential is needed"


class Forbidden(MiaohuiError):
    """A known principal without the right."""

    status = 403
    code = "forbidden"
    title = "You may not do this"


class NotFound(MiaohuiError):
    """Absent, or another tenant's: the caller cannot tell which."""

    status = 404
    code = "not_found"
    title = "There is no such thing here"


class Conflict(MiaohuiError):
    """The state of things does not allow it."""

    status = 409
    code = "conflict"
    title = "This conflicts with what is already there"


class TooLarge(MiaohuiError):
    """Over a documented bound."""

    status = 413
    code = "too_large"
    title = "The request is too large"


class Unsupported(MiaohuiError):
    """A content type that this door does not read."""

    status = 415
    code = "unsupported_type"
    title = "This content type is not accepted here"


class Throttled(MiaohuiError):
    """Over a limit; `retry_after_s` says when it will work."""

    status = 429
    code = "throttled"
    title = "Too many requests"
    retryable = True


class Unavailable(MiaohuiError):
    """Not now, and nothing was stored; trying again helps."""

    status = 503
    code = "unavailable"
    title = "The service cannot take this now"
    retryable = True
