"""What may go wrong.

ClientError
  x ApiError          the server refused; `code` says why, `errors` names the fields
  x Unreachable       nobody answered, after every retry
"""

from __future__ import annotations


class ClientError(Exception):
    """Root of the tree."""


class ApiError(ClientError):
    """The server refused: an `application/problem+json` (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, object]) -> None:
        self.status = status
        self.code = str(problem.get("code", f"http_{status}"))
        self.detail = str(problem.get("detail", problem.get("title", "")))
        self.request_id = str(problem.get("request_id", ""))
        self.retry_after_s = 0.0
        """When it will work, if the server says so."""
        listed = problem.get("errors")
        self.errors: list[dict[str, str]] = listed if isinstance(listed, list) else []
        super().__init__(f"{status} {self.code}: {self.detail}")


class Unreachable(ClientError):
    """Nobody answered. The request may have been done: it is safe to make it again under the same key."""
