"""Who may do what, and how often somebody may try to sign in. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import get_args

from miaohui.identity.types import Principal, Role, Scope
from miaohui.kit.errors import FieldError, Forbidden, Invalid

SCOPES: frozenset[str] = frozenset(get_args(Scope))
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


def check_scope(principal: Principal, scope: Scope) -> None:
    """A key needs the scope (`admin` has all); an agent's rights are its role's; a visitor has none of these.

    Raises `Forbidden`.
    """
    if principal.kind == "visitor":
        raise Forbidden("This is not for visitors.")
    if principal.kind == "key" and scope not in principal.scopes and "admin" not in principal.scopes:
        raise Forbidden(f"This API key lacks the scope {scope}.")


def check_role(principal: Principal, roles: Collection[Role]) -> None:
    """An agent needs one of `roles`; a key needs the scope `admin`. Raises `Forbidden`."""
    allowed = principal.role in roles if principal.kind == "agent" else "admin" in principal.scopes
    if not allowed:
        raise Forbidden("Your role does not allow this.")


def checked_email(email: str) -> str:
    """In the form it is stored and compared in. Raises `Invalid`."""
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid("The e-mail address is not in form.", errors=[FieldError("$.email", "name@host")])
    return email


def check_password(password: str) -> None:
    """Raises `Invalid` on what is too short to keep or too long to hash."""
    if not 8 <= len(password) <= 256:
        raise Invalid("The password is not in form.", errors=[FieldError("$.password", "8 to 256 characters")])


def check_scopes(scopes: Collection[str]) -> None:
    """Raises `Invalid` on none or an unknown one."""
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        raise Invalid("Give one scope or more.", errors=[FieldError("$.scopes", ", ".join(sorted(SCOPES)))])


class Attempts:
    """Tries in the last minute, by who tries. Bounded: the one that tried the longest ago is forgotten first."""

    def __init__(self, per_minute: int, *, remembered: int = 10_000) -> None:
        self._per_minute = per_minute
        self._remembered = remembered
        self._times: dict[str, list[float]] = {}

    def try_(self, key: str, now_s: float) -> float:
        """Note a try at monotonic `now_s`. Seconds until the next is allowed; 0 when this one is."""
        times = [at for at in self._times.pop(key, ()) if at > now_s - 60]
        wait_s = times[0] + 60 - now_s if len(times) >= self._per_minute else 0.0
        if not wait_s:
            times.append(now_s)
        while len(self._times) >= self._remembered:
            del self._times[next(iter(self._times))]
        self._times[key] = times
        return wait_s
