"""What a robot is sent, and how it is signed. Pure.

https://developer.work.weixin.qq.com/document/path/91770 (no signature: the address is the secret),
https://open.dingtalk.com/document/orgapp/customize-robot-security-settings (signature in the address),
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (signature in the body).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import msgspec

from miaohui.channels.robots.types import Alert, Robot
from miaohui.kit.errors import FieldError, Invalid

_WORDS: Mapping[tuple[str, str], str] = {
    ("handoff_waiting", "zh-CN"): "【秒回】有访客在等待人工: {name}\n原因: {reason}\n会话: {conversation}",
    ("handoff_waiting", "en"): "[Miaohui] {name} waits for a person.\nReason: {reason}\nConversation: {conversation}",
    ("webhook_disabled", "zh-CN"): "【秒回】回调地址已停用 ({reason}): {url}\n修复后请在后台重新启用并补发。",
    ("webhook_disabled", "en"): "[Miaohui] A webhook was switched off ({reason}): {url}\nEnable it again, then replay.",
    ("test", "zh-CN"): "【秒回】这是一条测试消息。",
    ("test", "en"): "[Miaohui] This is a test.",
}
_MOST_CHARS = 1_500
MAILTO = "mailto:"
_READER = re.compile(r"mailto:[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}\Z")


def check_reader(url: str) -> None:
    """Raises `Invalid` for what is no `mailto:` address of one person."""
    if not _READER.match(url):
        raise Invalid("The address is not in form.", errors=[FieldError("$.url", "mailto:somebody@your.company")])


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "-"


def words(alert: Alert, locale: str) -> str:
    """What is said. A fact that is not known is a dash."""
    facts = _Facts({name: value[:300] for name, value in alert.facts.items()})
    return _WORDS[alert.code, locale].format_map(facts)[:_MOST_CHARS]


def call_of(robot: Robot, text: str, now_ms: int) -> tuple[str, bytes]:
    """Address and body of one call."""
    if robot.kind == "feishu":
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if robot.secret:
            body |= {"timestamp": str(now_ms // 1000), "sign": sign_feishu(robot.secret, now_ms // 1000)}
        return robot.url, msgspec.json.encode(body)
    body = {"msgtype": "text", "text": {"content": text}}
    url = robot.url
    if robot.kind == "dingtalk" and robot.secret:
        url += f"&timestamp={now_ms}&sign={quote_plus(sign_dingtalk(robot.secret, now_ms))}"
    return url, msgspec.json.encode(body)


def sign_dingtalk(secret: str, now_ms: int) -> str:
    """HMAC-SHA256 over time and secret, by the secret, in base 64."""
    signed = f"{now_ms}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def sign_feishu(secret: str, now_s: int) -> str:
    """HMAC-SHA256 over nothing, by time and secret, in base 64."""
    return base64.b64encode(hmac.new(f"{now_s}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def error_of(status: int, body: bytes) -> str:
    """Why a robot was not heard; empty when it was. All three answer 200 and say in the body how it went."""
    if status != 200:
        return f"http_{status}"
    try:
        said = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "unreadable"
    code = said.get("errcode", said.get("code", said.get("StatusCode", 0)))
    return "" if code == 0 else f"code_{code}"[:40]
