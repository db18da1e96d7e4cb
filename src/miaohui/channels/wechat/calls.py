"""Calls of all accounts with the shared token: one retry with a new token, and no other repetition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.parts import Enclosure, Picture
from miaohui.channels.wechat.tokens import Bearer
from miaohui.channels.wechat.wire import Said, Upload

if TYPE_CHECKING:
    from miaohui.channels.media.files import File, Files
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
Fits: TypeAlias = "Callable[[File], Upload | None]"
"""As what a vendor takes a file; None: not at all."""
TOKEN_IS_STALE = frozenset({40001, 40014, 42001})


class Api(Protocol[S_co]):
    """The vendor; see `wire.Wire`."""

    async def call(self, path: str, token: str, payload: Any) -> S_co:
        """One call with a token. Raises `Unanswered`."""
        ...

    async def upload(self, token: str, file: File, what: Upload) -> S_co:
        """A file; `media_id` names it. Raises `Unanswered`."""
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

    async def shown(self, account: A, part: Picture | Enclosure, fits: Fits) -> dict[str, Any] | None:
        """The message that shows a file; None when it is not to be had or does not fit: then its address is told."""
        if isinstance(part, Enclosure):
            file = await self._files.any_of(account.tenant_id, part.url)
        else:
            file = await self._files.get(account.tenant_id, part.url)
        what = fits(file) if file is not None else None
        if file is None or what is None:
            return None
        try:
            said = await self._with_token(account, lambda token: self._api.upload(token, file, what))
        except Unanswered:
            return None  # nobody has seen anything yet
        return {"msgtype": what, what: {"media_id": said.media_id}} if said.media_id else None

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
