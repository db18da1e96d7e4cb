"""Speaking through WeCom, and passing sessions on: one retry with a new token, and no other repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miaohui.channels.link.tickets import TICKET_BYTES
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.parts import Card, Enclosure, Part, Picture, Words, plain, read_part, split_message
from miaohui.channels.threads.policy import AGAIN_MS, outcome, unheard
from miaohui.channels.threads.types import Sent, Thread
from miaohui.channels.wechat.calls import Calls
from miaohui.channels.wecom import api
from miaohui.channels.wecom.api import Said
from miaohui.channels.wecom.policy import PART_BYTES, fits, judge, sending_id
from miaohui.channels.wecom.types import ENDED, QUEUED, SERVED
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.link.tickets import Tickets
    from miaohui.channels.media.files import Files
    from miaohui.channels.media.service import MediaStore
    from miaohui.channels.wechat.tokens import AccessTokens
    from miaohui.channels.wecom.api import HttpApi
    from miaohui.channels.wecom.types import Account
    from miaohui.conversations.types import Message

_log = get_log(__name__)


class Sending:
    """All accounts' calls."""

    def __init__(self, http: HttpApi, tokens: AccessTokens[Account], files: Files, tickets: Tickets) -> None:
        self._api = http
        self._calls = Calls(http, tokens, files)
        self._files = files
        self._tickets = tickets

    @property
    def store(self) -> MediaStore:
        """Where files that people send are kept."""
        return self._files.store

    def split(self, message: Message) -> tuple[str, ...]:
        """In parts of at most 2,048 bytes, with room for a ticket where there is a link."""
        return split_message(message, PART_BYTES - (TICKET_BYTES if self._tickets.has_link(message.text) else 0))

    async def call(self, account: Account, path: str, payload: Any) -> Said:
        """A call with the shared token. Raises `Unanswered`, `Unavailable`."""
        return await self._calls.call(account, path, payload)

    async def send(self, account: Account, thread: Thread, text: str) -> Sent:
        """One part. Every failure is a value."""
        try:
            payload = await self._payload(account, thread, read_part(text))
            said = await self.call(account, api.SEND, {**_to(account, thread), **payload})
            if judge(said.errcode) == "session":
                return await self._refused(account, thread)
        except (Unanswered, Unavailable) as error:
            return unheard(error)
        return _sent(said)

    async def _payload(self, account: Account, thread: Thread, part: Part) -> dict[str, Any]:
        if isinstance(part, Card):  # WeCom's own cards need a picture
            url = await self._tickets.personal(thread, part.url)
            return _text("\n".join(filter(None, (part.title, part.text, url))))
        if isinstance(part, Picture | Enclosure):
            if (message := await self._calls.shown(account, part, fits)) is not None:
                return message
            part = Words(self._files.told(part.alt if isinstance(part, Picture) else part.name, part.url))
        return _text(plain(await self._tickets.personal(thread, part.text)))

    async def _refused(self, account: Account, thread: Thread) -> Sent:
        """We do not have the session. Whoever has it answers; if nobody has, their next word opens another."""
        state = await self.state_of(account, thread.address)
        if state in {QUEUED, SERVED}:
            return Sent(state="undeliverable", detail="wecom_has_it")
        if state == ENDED:
            return Sent(state="waiting", detail="wecom_ended")
        return Sent(state="waiting", detail="wecom_95018", wait_ms=AGAIN_MS)

    async def state_of(self, account: Account, person: str) -> int:
        """Who has the session, as `types` names it. Raises `Unanswered`, `Unavailable`."""
        said = await self.call(account, api.STATE, {"open_kfid": account.open_kfid, "external_userid": person})
        return said.service_state if said.errcode == 0 else -1

    async def transfer(self, account: Account, person: str, state: int, servicer: str = "") -> bool:
        """Pass a session on; False when WeCom does not allow it. Raises `Unanswered`, `Unavailable`."""
        payload = {"open_kfid": account.open_kfid, "external_userid": person, "service_state": state}
        if servicer:
            payload["servicer_userid"] = servicer
        said = await self.call(account, api.TRANSFER, payload)
        if said.errcode:
            _log.warning("wecom.not_transferred", inbox=account.inbox_id, state=state, errcode=said.errcode)
        return said.errcode == 0

    async def welcome(self, account: Account, code: str, key: str) -> None:
        """First words, in answer to somebody's coming in; best effort, within twenty seconds."""
        try:
            said = await self.call(account, api.WELCOME, {"code": code, "msgid": key[:32], **_text(account.welcome)})
        except (Unanswered, Unavailable) as error:
            _log.warning("wecom.not_welcomed", inbox=account.inbox_id, reason=error.code)
            return
        if said.errcode:
            _log.warning("wecom.not_welcomed", inbox=account.inbox_id, reason=f"wecom_{said.errcode}")

    async def prove(self, account: Account) -> Said:
        """Which accounts the secret's app may speak for, or what WeCom has against it. Raises `Unanswered`."""
        said = await self._api.fetch_token(account, force=False)
        if said.errcode:
            return said
        return await self._api.call(api.ACCOUNTS, said.access_token, {"offset": 0, "limit": 100})

    async def bring(self, account: Account, media_id: str) -> bytes:
        """A file that somebody sent. Raises `Unanswered`, `Unavailable`."""
        said = await self._calls.download(account, media_id)
        if isinstance(said, Said):
            raise Unavailable("WeCom does not give this file.", code=f"wecom_{said.errcode}")
        return said


def _to(account: Account, thread: Thread) -> dict[str, str]:
    return {"touser": thread.address, "open_kfid": account.open_kfid, "msgid": sending_id(thread)}


def _text(words: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": words}}


def _sent(said: Said) -> Sent:
    verdict = judge(said.errcode)
    if verdict == "config":
        _log.error("wecom.config", errcode=said.errcode)
    return outcome(verdict, f"wecom_{said.errcode}")
