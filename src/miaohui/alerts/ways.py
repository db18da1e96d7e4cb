"""Ways to operators: a letter, a signed call, a group's robot, an SMS gateway. The operator named each address."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from miaohui.alerts.policy import show
from miaohui.kit.errors import Invalid, MiaohuiError
from miaohui.kit.fetch import Ask

if TYPE_CHECKING:
    from miaohui.alerts.types import Letter, Line
    from miaohui.kit.fetch import Fetcher

_SMTP_S = 15.0
_SMS_CHARS = 300
_JSON = {"content-type": "application/json", "user-agent": "Miaohui-Alerts"}


class MailWay:
    """Over SMTP: `smtp://` takes STARTTLS where it is offered, `smtps://` is encrypted from the first byte."""

    name = "mail"

    def __init__(self, url: str, sender: str, readers: Sequence[str]) -> None:
        """Raises `Invalid` for an address that is none."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not sender or not readers:
            raise Invalid("Alerts by mail need alert_smtp_url (smtp://… or smtps://…), alert_mail_from, alert_mail_to.")
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._readers = sender, tuple(readers)

    async def tell(self, letter: Letter) -> str:
        """One letter to all readers."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, ", ".join(self._readers)
        mail["Subject"], mail["Message-ID"] = letter.subject, f"<{letter.id}@miaohui.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.text)
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                use_tls=self._tls,
                username=self._user or None,
                password=self._password or None,
                timeout=_SMTP_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            return type(error).__name__
        return ""


class WebhookWay:
    """A call signed as all our webhooks are: https://www.standardwebhooks.com."""

    name = "webhook"

    def __init__(self, fetcher: Fetcher, url: str, secret: str) -> None:
        self._fetcher = fetcher
        self._url = url
        self._key = base64.b64decode(secret.removeprefix("whsec_")) if secret else b""

    async def tell(self, letter: Letter) -> str:
        """One call."""
        lines = [_wire(one) for one in letter.lines]
        data = {"id": letter.id, "subject": letter.subject, "text": letter.text, "alerts": lines}
        body = msgspec.json.encode({"type": "alerts.changed", "timestamp_ms": letter.at_ms, "data": data})
        seconds = letter.at_ms // 1000
        headers = _JSON | {"webhook-id": letter.id, "webhook-timestamp": str(seconds)}
        if self._key:
            signed = f"{letter.id}.{seconds}.".encode() + body
            made = hmac.new(self._key, signed, hashlib.sha256).digest()
            headers["webhook-signature"] = "v1," + base64.b64encode(made).decode()
        return await _post(self._fetcher, self._url, headers, body)


class RobotWay:
    """A robot in a group; each vendor has its form, which is given."""

    name = "robot"

    def __init__(
        self, fetcher: Fetcher, form: Callable[[str, int], tuple[str, bytes]], judge: Callable[[int, bytes], str]
    ) -> None:
        """`form`: address and body of a text at a time. `judge`: why an answer is a refusal, or empty."""
        self._fetcher = fetcher
        self._form = form
        self._judge = judge

    async def tell(self, letter: Letter) -> str:
        """One call."""
        url, body = self._form(f"{letter.subject}\n\n{letter.text}", letter.at_ms)
        try:
            answer = await self._fetcher.fetch(Ask(url=url, method="POST", headers=_JSON, body=body))
        except MiaohuiError as error:
            return error.code
        return self._judge(answer.status, answer.body)


class SmsWay:
    """A gateway that takes `{"to": […], "text": "…"}`; in front of another form stands a few lines of your own."""

    name = "sms"

    def __init__(self, fetcher: Fetcher, url: str, key: str, numbers: Sequence[str]) -> None:
        """Raises `Invalid` without anybody to tell."""
        if not numbers:
            raise Invalid("Alerts by SMS need alert_sms_to.")
        self._fetcher = fetcher
        self._url = url
        self._headers = _JSON | ({"authorization": f"Bearer {key}"} if key else {})
        self._numbers = tuple(numbers)

    async def tell(self, letter: Letter) -> str:
        """One call for all numbers; the subject and what fits."""
        text = f"{letter.subject}\n{letter.text}"[:_SMS_CHARS]
        body = msgspec.json.encode({"to": self._numbers, "text": text, "id": letter.id})
        return await _post(self._fetcher, self._url, self._headers, body)


async def _post(fetcher: Fetcher, url: str, headers: dict[str, str], body: bytes) -> str:
    try:
        answer = await fetcher.fetch(Ask(url=url, method="POST", headers=headers, body=body))
    except MiaohuiError as error:
        return error.code
    return "" if 200 <= answer.status < 300 else f"http_{answer.status}"


def _wire(one: Line) -> dict[str, object]:
    return {
        "code": one.code,
        "state": "firing" if one.firing else "recovered",
        "again": one.again,
        "value": round(one.value, 6),
        "threshold": one.threshold,
        "shown": show(one.code, one.value),
        "nodes": one.nodes,
        "about": one.about,
        "since_ms": one.since_ms,
    }
