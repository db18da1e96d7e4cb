"""Signed tokens: what they say, and whether they hold. Pure."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, cast

import jwt

from miaohui.identity.ports import Known
from miaohui.identity.types import Person, Principal
from miaohui.kit.errors import Unauthenticated

_ALGORITHM = "HS256"
_PARTY = "miaohui"
_REQUIRED = ["sub", "tid", "typ", "aud", "iss", "iat", "exp"]


class Signer:
    """Signs and reads tokens with keys derived from the installation's secret, and reads those of the one before."""

    def __init__(self, secret: bytes, before: bytes = b"") -> None:
        given = (secret, before) if before else (secret,)
        self._keys = [hmac.digest(one, b"miaohui access token", hashlib.sha256) for one in given]

    def for_visitor(self, contact: Known, now_ms: int, lifetime_s: int) -> str:
        """A visitor's token: names the contact and the inbox it came through."""
        claims = {"sub": contact.id, "tid": contact.tenant_id, "typ": "visitor", "inb": contact.inbox_id}
        return self._sign(claims | ({"name": contact.name} if contact.name else {}), now_ms, lifetime_s)

    def for_person(self, person: Person, now_ms: int, lifetime_s: int) -> str:
        """An agent's access token. Milliseconds in `ims`: a password changed in the same second still ends it."""
        claims = {
            "sub": person.id,
            "tid": person.tenant_id,
            "typ": "agent",
            "name": person.name,
            "role": person.role,
            "ims": now_ms,
        }
        return self._sign(claims, now_ms, lifetime_s)

    def _sign(self, claims: dict[str, Any], now_ms: int, lifetime_s: int) -> str:
        now_s = now_ms // 1000
        standard = {"aud": _PARTY, "iss": _PARTY, "iat": now_s, "exp": now_s + lifetime_s}
        return jwt.encode(claims | standard, self._keys[0], algorithm=_ALGORITHM)

    def read(self, token: str, now_ms: int) -> tuple[Principal, int]:
        """Who the token says it is, and when it was issued (ms). Raises `Unauthenticated`."""
        claims = self._claims(token)
        if claims["exp"] * 1000 <= now_ms:
            raise Unauthenticated("The token has expired; get a new one.", code="token_expired")
        return _principal(claims), int(claims.get("ims", claims["iat"] * 1000))

    def _claims(self, token: str) -> dict[str, Any]:
        for key in self._keys:
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key,
                    algorithms=[_ALGORITHM],
                    audience=_PARTY,
                    issuer=_PARTY,
                    # Expiry is judged by the clock that we were given.
                    options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
                )
            except (jwt.InvalidTokenError, ValueError):
                continue
            return claims
        raise Unauthenticated("This key or token does not hold; check it, or sign in again.")


def _principal(claims: dict[str, Any]) -> Principal:
    kind = claims["typ"]
    if kind not in ("visitor", "agent"):
        raise Unauthenticated("The token is not one for this service.")
    return Principal(
        tenant_id=claims["tid"],
        kind=cast(Any, kind),
        id=claims["sub"],
        name=claims.get("name", ""),
        inbox_id=claims.get("inb", ""),
        role=claims.get("role"),
        expires_at_ms=claims["exp"] * 1000,
    )


def digest_of(token: str) -> str:
    """What is stored of a key or refresh token: 160 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
