"""Calls of all accounts with the shared token: one retry with a new token, and no other repetition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.wechat.tokens import Bearer
from miaohui.channels.wechat.wire import Said

if TYPE_CHECKING:
    from miaohui.channels.media.files import File, Files
    from miaohui.channels.threads.parts import Picture
    from miaohui.channels.wechat.tokens import AccessTokens


class Owned(Bearer, Protocol):
    """An account whose calls need a token, and whose pictures are its company's."""

    @property
    def tenant_id(self) -> str:
        """Whose."""
        ...


T = TypeVar("T")
A = TypeVar("A", bound=Owned)
S = TypeVar("S", bound=Said)
S_co = TypeVar("S_co", bound=Said, covariant=True)
TOKEN_IS_STALE = frozenset({40001, 40014, 42001})


class Api(Protocol[S_co]):
    """The vendor; see `wire.Wire`."""

    async def call(self, path: str, token: str, payload: Any) -> S_co:
        """One call with a token. Raises `Unanswered`."""
        ...

    async def upload(self, token: str, file: File) -> S_co:
        """A picture; `media_id` names it. Raises `Unanswered`."""
        ...

    async def download(self, token: str, media_id: str) -> S_co | bytes:
        """What somebody sent, or why not. Raises `Unanswered`."""
        ...


class Calls(Generic[A, S]):
    """Of one vendor."""

    def __init__(self, api: Api[S], tokens: AccessTokens[A], files: Files) -> None:
        self._api = api
        self._tokens = tokens
        self._files = files

    async def call(self, account: A, path: str, payload: Any) -> S:
        """Raises `Unanswered`, `Unavailable`."""
        return await self._with_token(account, lambda token: self._api.call(path, token, payload))

    async def upload(self, account: A, picture: Picture) -> str:
        """The vendor's id of it; empty when the picture is not to be had: then its address is told."""
        file = await self._files.get(account.tenant_id, picture.url)
        if file is None:
            return ""
        try:
            said = await self._with_token(account, lambda token: self._api.upload(token, file))
        except Unanswered:
            return ""  # nobody has seen anything yet
        return said.media_id

    async def download(self, account: A, media_id: str) -> S | bytes:
        """What somebody sent, or why not. Raises `Unanswered`, `Unavailable`."""
        return await self._with_token(account, lambda token: self._api.download(token, media_id))

    async def _with_token(self, account: A, ask: Callable[[str], Awaitable[T]]) -> T:
        token = await self._tokens.get(account)
        said = await ask(token.text)
        if not isinstance(said, Said) or said.errcode not in TOKEN_IS_STALE:
            return said
        token = await self._tokens.renew(account, token)
        return await ask(token.text)
