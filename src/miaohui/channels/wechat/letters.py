"""XML to and from WeChat: one flat element, no document type, nothing that expands."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from miaohui.channels.wechat.types import Heard
from miaohui.kit.errors import Unreadable

MOST_BYTES = 65_536
_DEEPEST = 5


def parse_fields(body: bytes) -> dict[str, str]:
    """The fields of a body; of a name that stands twice, the first. Raises `Unreadable`."""
    try:
        # As text: what the document says of its own encoding counts for nothing.
        text = body.decode("utf-8")
        _check_depth(text)
        root = fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError):
        raise Unreadable("The body is not plain XML in UTF-8.") from None
    if root.tag != "xml":
        raise Unreadable("The body is not a message of WeChat.")
    fields: dict[str, str] = {}
    for child in root:
        fields.setdefault(child.tag, child.text or "")
    return fields


def _check_depth(text: str) -> None:
    """Before parsing, because a tree is taken down by recursion. Counts what looks like a tag; text is in CDATA."""
    depth = 0
    at = text.find("<")
    while at >= 0:
        if text.startswith("<![CDATA[", at):
            at = text.find("]]>", at)
            if at < 0:
                return
        elif text.startswith("</", at):
            depth -= 1
        elif not text.startswith(("<!", "<?"), at):
            end = text.find(">", at)
            depth += 0 if text[end - 1 : end] == "/" else 1
            if depth > _DEEPEST:
                raise ValueError("too deep")
        at = text.find("<", at + 1)


def read_heard(fields: Mapping[str, str]) -> Heard:
    """A message or event from its fields; what is missing is empty."""
    kind = fields.get("MsgType", "")[:32].lower()
    return Heard(
        to=fields.get("ToUserName", ""),
        sender=fields.get("FromUserName", "")[:128],
        at_s=_whole(fields.get("CreateTime", "")),
        kind=kind,
        message_id=fields.get("MsgId", "") or fields.get("MsgID", ""),
        text=fields.get("Recognition", "") if kind == "voice" else fields.get("Content", ""),
        media_id=fields.get("MediaId", ""),
        media_url=fields.get("PicUrl", ""),
        title=fields.get("Title", ""),
        url=fields.get("Url", ""),
        place=_place(fields),
        event=fields.get("Event", "")[:64].lower(),
        event_key=fields.get("EventKey", "")[:256],
    )


def _place(fields: Mapping[str, str]) -> str:
    x, y = fields.get("Location_X", ""), fields.get("Location_Y", "")
    return f"{fields.get('Label', '')} ({x}, {y})".strip() if x and y else ""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def format_reply(to: str, sender: str, at_s: int, text: str) -> bytes:
    """A text message as the answer to a call."""
    fields = {"ToUserName": to, "FromUserName": sender, "CreateTime": str(at_s), "MsgType": "text", "Content": text}
    return format_fields(fields)


def format_fields(fields: Mapping[str, str]) -> bytes:
    """One flat element."""
    return ("<xml>" + "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in fields.items()) + "</xml>").encode(
        "utf-8"
    )


def _cdata(text: str) -> str:
    """Any words, well formed: what XML cannot hold at all is left out."""
    clean = "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
    return "<![CDATA[" + clean.replace("]]>", "]]]]><![CDATA[>") + "]]>"
