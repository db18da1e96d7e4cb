"""Whether an account of others' make works: what its vendor says to it now, put so that a person can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from miaohui.channels.threads.errors import Unanswered

if TYPE_CHECKING:
    from miaohui.channels.mail import types as mail_types
    from miaohui.channels.mail.tasks import Postman
    from miaohui.channels.telegram import sending as telegram_sending
    from miaohui.channels.telegram import types as telegram_types
    from miaohui.channels.wechat import accounts as wechat_accounts
    from miaohui.channels.wechat import types as wechat_types
    from miaohui.channels.wecom import sending as wecom_sending
    from miaohui.channels.wecom import types as wecom_types

Part: TypeAlias = Literal["account", "receive", "send"]
_WORDS = 200
_PAGE = 100

_WECHAT = {
    -1: "busy",
    40001: "secret_refused",
    40013: "id_unknown",
    40125: "secret_refused",
    40164: "ip_not_allowed",
    41004: "secret_missing",
    45009: "quota_spent",
    50002: "account_frozen",
}
"""https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html"""
_WECOM = {
    -1: "busy",
    40001: "secret_refused",
    40013: "id_unknown",
    40091: "secret_refused",
    41004: "secret_missing",
    45009: "quota_spent",
    48002: "not_permitted",
    60011: "not_permitted",
    60020: "ip_not_allowed",
    95000: "account_unknown",
}
"""https://developer.work.weixin.qq.com/document/path/90313"""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not work."""

    part: Part
    """`account` for all of it, `receive` for what comes in, `send` for what goes out."""
    code: str
    """What is wrong, such as `secret_refused`, `ip_not_allowed`, `other_address`, `unreachable`; `refused` else."""
    detail: str = ""
    """The vendor's own words."""


async def try_telegram(
    sending: telegram_sending.Sending, account: telegram_types.Account, address: str
) -> list[Finding]:
    """Whether the token holds, and whether Telegram calls `address`."""
    try:
        said = await sending.look(account)
    except Unanswered as error:
        return [Finding(part="account", code=error.code)]
    if not said.ok:
        code = "secret_refused" if said.error_code in {401, 404} else "refused"
        return [Finding(part="account", code=code, detail=f"{said.error_code} {said.description}"[:_WORDS])]
    facts = said.result if isinstance(said.result, dict) else {}
    url = str(facts.get("url", ""))
    if url != address:
        return [Finding(part="receive", code="other_address" if url else "no_address", detail=url[:_WORDS])]
    if facts.get("pending_update_count") and facts.get("last_error_message"):
        return [Finding(part="receive", code="calls_fail", detail=str(facts["last_error_message"])[:_WORDS])]
    return []


async def try_wechat(accounts: wechat_accounts.Accounts, account: wechat_types.Account) -> list[Finding]:
    """Whether WeChat gives a token for the AppSecret. An account that only answers has nothing to be tried."""
    if not account.app_secret:
        return []
    try:
        said = await accounts.prove(account)
    except Unanswered as error:
        return [Finding(part="send", code=error.code)]
    return [_refusal("send", _WECHAT, said.errcode, said.errmsg)] if said.errcode else []


async def try_wecom(sending: wecom_sending.Sending, account: wecom_types.Account) -> list[Finding]:
    """Whether WeCom gives a token for the secret, and whether that app may speak for the customer-service account."""
    try:
        said = await sending.prove(account)
    except Unanswered as error:
        return [Finding(part="account", code=error.code)]
    if said.errcode:
        return [_refusal("account", _WECOM, said.errcode, said.errmsg)]
    known = [one.open_kfid for one in said.account_list]
    if account.open_kfid not in known and len(known) < _PAGE:
        return [Finding(part="account", code="account_unknown", detail=", ".join(known)[:_WORDS])]
    return []


async def try_mail(postman: Postman, account: mail_types.Account) -> list[Finding]:
    """Whether both servers let us in. Nothing is read, and nothing sent."""
    parts: tuple[tuple[Part, str], ...] = (
        ("receive", await postman.prove_fetching(account)),
        ("send", await postman.mail.prove_carrying(account)),
    )
    return [Finding(part=part, code=code) for part, code in parts if code]


def _refusal(part: Part, known: dict[int, str], errcode: int, words: str) -> Finding:
    return Finding(part=part, code=known.get(errcode, "refused"), detail=f"{errcode} {words}"[:_WORDS])
