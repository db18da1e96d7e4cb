"""Signing in, proving who one is, and giving keys."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from functools import lru_cache

import msgspec
from argon2 import PasswordHasher

from miaohui.identity import policy, repository
from miaohui.identity.passwords import Passwords
from miaohui.identity.ports import Known
from miaohui.identity.tokens import Signer, digest_of
from miaohui.identity.types import ApiKey, Person, Principal, Role, Scope, Tokens
from miaohui.kit.aio import spawn
from miaohui.kit.cache import Cache
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound, Throttled, Unauthenticated
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

_log = get_log(__name__)
_KEY_PREFIXES = ("mh_live_", "mh_test_")
_CACHED = 50_000
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_KEY_CHARACTERS = 64
_digest_of_key = lru_cache(1_000)(digest_of)
"""A program shows the same key with every request."""


class IdentityOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Lifetimes and limits."""

    access_s: int = 15 * 60
    refresh_s: int = 30 * 24 * 3600
    visitor_s: int = 30 * 24 * 3600
    verified_s: float = 60
    """How long a verified credential is believed without asking again; the longest a revoked one may still work in
    another process."""
    login_attempts_per_minute: int = 10
    hasher: PasswordHasher | None = None
    secret_before: bytes = b""
    """Reads what it signed while it was the secret."""


class Identity:
    """Everyone who may act: people, keys, visitors."""

    def __init__(self, database: Database, clock: Clock, secret: bytes, options: IdentityOptions | None = None) -> None:
        self._database = database
        self._clock = clock
        self._options = options or IdentityOptions()
        self._signer = Signer(secret, self._options.secret_before)
        self._passwords = Passwords(self._options.hasher)
        self._attempts = policy.Attempts(self._options.login_attempts_per_minute)
        self._verified: Cache[str, Principal] = Cache(clock, size=_CACHED, seconds=self._options.verified_s)
        self._used_keys: dict[tuple[str, str], int] = {}
        self._noting: asyncio.Task[None] | None = None
        self.check_served: Callable[[str], None] = lambda _tenant_id: None
        """Raises when a tenant is not served; then nobody of it is let in, whatever they show."""

    # Proving who one is

    async def verify(self, token: str) -> Principal:
        """The one behind a bearer token of any kind. Raises `Unauthenticated`, and what `check_served` raises."""
        digest = _digest_of_key(token) if len(token) <= _KEY_CHARACTERS else digest_of(token)
        principal = self._verified.get(digest)
        if principal is not None and not 0 < principal.expires_at_ms <= self._clock.now_ms():
            self.check_served(principal.tenant_id)
            return principal
        if token.startswith(_KEY_PREFIXES):
            principal = await self._verify_key(digest)
        else:
            principal = await self._verify_signed(token)
        self._verified.put(digest, principal)
        return principal

    async def _verify_key(self, digest: str) -> Principal:
        key = await repository.find_key(self._database, digest)
        if key is None:
            raise Unauthenticated("The API key is unknown or was revoked.")
        self.check_served(key.tenant_id)
        self._note_use(key)
        return Principal(tenant_id=key.tenant_id, kind="key", id=key.id, name=key.name, scopes=key.scopes)

    def _note_use(self, key: ApiKey) -> None:
        self._used_keys[key.tenant_id, key.id] = self._clock.now_ms()
        if self._noting is None or self._noting.done():
            self._noting = spawn(self._store_uses(), name="identity-key-uses")

    async def _store_uses(self) -> None:
        await asyncio.sleep(0.05)  # what comes together is stored together
        used, self._used_keys = self._used_keys, {}
        await self._database.write(lambda: repository.use_keys(used))

    async def _verify_signed(self, token: str) -> Principal:
        principal, issued_at_ms = self._signer.read(token, self._clock.now_ms())
        self.check_served(principal.tenant_id)
        if principal.kind == "visitor":
            return principal
        known = await repository.find_person(self._database, principal.tenant_id, principal.id)
        if known is None or not known.person.active or issued_at_ms < known.sessions_from_ms:
            raise Unauthenticated("This login has ended; sign in again.")
        return msgspec.structs.replace(principal, role=known.person.role, name=known.person.name)

    @staticmethod
    def check_scope(principal: Principal, scope: Scope) -> None:
        """Raises `Forbidden`; see `policy.check_scope`."""
        policy.check_scope(principal, scope)

    @staticmethod
    def check_role(principal: Principal, roles: Collection[Role]) -> None:
        """Raises `Forbidden`; see `policy.check_role`."""
        policy.check_role(principal, roles)

    def issue_visitor(self, contact: Known) -> str:
        """A token that makes its bearer this contact."""
        return self._signer.for_visitor(contact, self._clock.now_ms(), self._options.visitor_s)

    # Signing in

    async def login(self, email: str, password: str, client: str) -> Tokens:
        """Sign in; `client` is the address the request came from.

        Raises `Throttled` after too many tries for this account from this client, `Unauthenticated`. An unknown e-mail
        takes as long as a wrong password, and is told the same; that the tenant is not served, only who knows theirs.
        """
        email = email.strip().lower()
        wait_s = self._attempts.try_(f"{email}\0{client}", self._clock.monotonic())
        if wait_s:
            raise Throttled(
                "Too many attempts to sign in; wait a little.", code="login_throttled", retry_after_s=wait_s
            )
        known = await repository.find_by_email(self._database, email)
        stored = known.password_hash if known is not None and known.person.active else None
        if not await self._passwords.check(stored, password) or known is None:
            raise Unauthenticated("E-mail and password do not match.", code="login_failed")
        self.check_served(known.person.tenant_id)
        return await self._begin_session(known.person)

    async def _begin_session(self, person: Person) -> Tokens:
        refresh = _new_refresh()
        stored = repository.RefreshToken(
            digest=digest_of(refresh),
            family=new_id("login"),
            tenant_id=person.tenant_id,
            person_id=person.id,
            expires_at_ms=self._clock.now_ms() + self._options.refresh_s * 1000,
        )
        await self._database.write(lambda: repository.insert_refresh(stored))
        return self._tokens(person, refresh)

    def _tokens(self, person: Person, refresh: str) -> Tokens:
        access_s = self._options.access_s
        access = self._signer.for_person(person, self._clock.now_ms(), access_s)
        return Tokens(access=access, refresh=refresh, expires_in_s=access_s, person=person)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token, which is used up; its second use ends the whole login, for it was stolen.

        Raises `Unauthenticated`, and what `check_served` raises: then the token is not used up.
        """
        successor, now_ms = _new_refresh(), self._clock.now_ms()
        old, new, lifetime_ms = digest_of(refresh_token), digest_of(successor), self._options.refresh_s * 1000
        rotation = await self._database.write(
            lambda: repository.rotate_refresh(old, new, now_ms, lifetime_ms, self.check_served)
        )
        if rotation.outcome == "reused":
            _log.warning("identity.refresh_reused", person=rotation.person_id, tenant=rotation.tenant_id)
        known = None
        if rotation.outcome == "rotated":
            known = await repository.find_person(self._database, rotation.tenant_id, rotation.person_id)
        if known is None or not known.person.active:
            raise Unauthenticated("This login has ended; sign in again.")
        return self._tokens(known.person, successor)

    async def logout(self, refresh_token: str) -> None:
        """End the login that a refresh token belongs to."""
        digest, now_ms = digest_of(refresh_token), self._clock.now_ms()
        await self._database.write(lambda: repository.revoke_login(digest, now_ms))

    # People

    async def create_person(self, email: str, name: str, password: str, tenant_id: str, role: Role) -> Person:
        """Raises `Invalid`, and `Conflict` when somebody has that e-mail already."""
        policy.check_password(password)
        if not name.strip() or len(name) > 200:
            raise Invalid("A person needs a name.", errors=[FieldError("$.name", "1 to 200 characters")])
        person = Person(
            id=new_id("per"),
            tenant_id=tenant_id,
            email=policy.checked_email(email),
            name=name.strip(),
            role=role,
            created_at_ms=self._clock.now_ms(),
        )
        password_hash = await self._passwords.hash(password)
        try:
            return await self._database.write(lambda: repository.insert_person(person, password_hash))
        except Conflict:
            raise Conflict("Somebody with this e-mail address is here already.") from None

    async def get_person(self, tenant_id: str, person_id: str) -> Person:
        """Raises `NotFound`."""
        known = await repository.find_person(self._database, tenant_id, person_id)
        if known is None:
            raise NotFound("There is no such person.")
        return known.person

    async def list_people(self, tenant_id: str) -> list[Person]:
        """The tenant's, oldest first."""
        return await repository.list_people(self._database, tenant_id)

    async def check_own_password(self, tenant_id: str, person_id: str, password: str) -> None:
        """Raises `Conflict` when it is another, `Throttled` after too many tries."""
        wait_s = self._attempts.try_(person_id, self._clock.monotonic())
        if wait_s:
            raise Throttled("Too many attempts; wait a little.", code="login_throttled", retry_after_s=wait_s)
        known = await repository.find_person(self._database, tenant_id, person_id)
        if not await self._passwords.check(known.password_hash if known else None, password):
            raise Conflict(
                "That is not your current password.",
                code="wrong_password",
                errors=[FieldError("$.current", "the password that holds until now")],
            )

    async def set_password(self, tenant_id: str, person_id: str, password: str) -> None:
        """Also ends every login of that person. Raises `Invalid`, `NotFound`."""
        policy.check_password(password)
        password_hash, now_ms = await self._passwords.hash(password), self._clock.now_ms()
        await self._database.write(lambda: repository.set_password(tenant_id, person_id, password_hash, now_ms))
        self._verified.clear()

    async def deactivate(self, tenant_id: str, person_id: str) -> None:
        """Ends every login and lets no new one begin. Raises `NotFound`."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.set_active(tenant_id, person_id, now_ms, active=False))
        self._verified.clear()

    async def activate(self, tenant_id: str, person_id: str) -> None:
        """Let somebody sign in again. Raises `NotFound`."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.set_active(tenant_id, person_id, now_ms, active=True))

    async def set_role(self, tenant_id: str, person_id: str, role: Role) -> None:
        """Holds at once here, and within `verified_s` in other processes. Raises `NotFound`."""
        await self._database.write(lambda: repository.set_role(tenant_id, person_id, role))
        self._verified.clear()

    # API keys

    async def create_key(
        self, tenant_id: str, name: str, scopes: Collection[str], *, test: bool = False
    ) -> tuple[ApiKey, str]:
        """A key as it will be listed, and the key itself, which is never shown again. Raises `Invalid`."""
        policy.check_scopes(scopes)
        if not name.strip() or len(name) > 200:
            raise Invalid("A key needs a name.", errors=[FieldError("$.name", "1 to 200 characters")])
        plain = _KEY_PREFIXES[test] + "".join(secrets.choice(_ALPHABET) for _ in range(32))
        key = ApiKey(
            id=new_id("key"),
            tenant_id=tenant_id,
            name=name.strip(),
            scopes=frozenset(scopes),
            hint=f"{plain[:12]}…{plain[-4:]}",
            created_at_ms=self._clock.now_ms(),
        )
        return await self._database.write(lambda: repository.insert_key(key, digest_of(plain))), plain

    async def list_keys(self, tenant_id: str) -> list[ApiKey]:
        """The tenant's, oldest first, revoked ones too."""
        return await repository.list_keys(self._database, tenant_id)

    async def revoke_key(self, tenant_id: str, key_id: str) -> None:
        """It stops working at once here, and within `verified_s` in other processes. Raises `NotFound`."""
        now_ms = self._clock.now_ms()
        if not await self._database.write(lambda: repository.revoke_key(tenant_id, key_id, now_ms)):
            raise NotFound("There is no such key, or it was revoked before.")
        self._verified.clear()


def _new_refresh() -> str:
    return "mhr_" + secrets.token_urlsafe(32)
