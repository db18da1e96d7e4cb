"""Telegram's calls: `/v1/channels/telegram/{inbox_id}`. The header is looked at first, then the body."""

from __future__ import annotations

import hmac
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from miaohui.channels.telegram.policy import word_of
from miaohui.channels.telegram.types import Update
from miaohui.kit.errors import Forbidden, NotFound, TooLarge, Unreadable

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.accounts import Accounts
    from miaohui.channels.telegram.sending import Sending
    from miaohui.channels.telegram.types import Account
    from miaohui.channels.threads.hearing import Hearing

_MOST_BYTES = 262_144
_decode = msgspec.json.Decoder(Update).decode


class TelegramDoor:
    """What Telegram calls."""

    def __init__(self, accounts: Accounts[Account], hearing: Hearing, sending: Sending) -> None:
        self.accounts = accounts
        self.sending = sending
        self._hearing = hearing

    async def hear(self, request: Request) -> Response:
        """An update is told again until it is answered with 200: it is, as soon as it is durable."""
        account = await self.accounts.find(str(request.path_params["inbox_id"]))
        if account is None:
            raise NotFound("There is no such account here.")
        mark = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(mark.encode(), account.mark.encode()):
            raise Forbidden("This is not a genuine call.", code="not_genuine")
        word = word_of(account, await _read(request))
        # What a company that is not served was told is not kept, nor told again for a day.
        if word is not None and self.accounts.is_open(account):
            await self._hearing.hear(word, hint=partial(self.sending.show_typing, account))
        return Response(status_code=200)


async def _read(request: Request) -> Update:
    body = await request.body()
    if len(body) > _MOST_BYTES:
        raise TooLarge(f"An update has at most {_MOST_BYTES} bytes.")
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unreadable("The body is not an update of Telegram's.") from None
