"""New letters from a mailbox over IMAP. Blocks: it runs in a thread. Nothing in the mailbox is changed."""

from __future__ import annotations

import imaplib
import ssl
from typing import Any

import msgspec

from miaohui.channels.mail.reading import parse_letter
from miaohui.channels.mail.sockets import GuardedImap, MailFailed
from miaohui.channels.mail.types import Letter, Server

MOST_AT_ONCE = 20
MOST_BYTES = 10_485_760
"""A larger letter is passed over."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is new, and how far the mailbox is read with it."""

    letters: tuple[Letter, ...]
    position: str
    more: bool = False


def fetch(server: Server, position: str, *, allow_private: bool) -> Batch:
    """Letters after `position` (`validity:uid`), oldest first. An empty position begins with what comes from now on.

    Raises `MailFailed`.
    """
    try:
        box = GuardedImap(server, allow_private=allow_private)
        try:
            if server.safety == "starttls":
                box.starttls(ssl.create_default_context())
            return _read(box, server, position)
        finally:
            _leave(box)
    except (imaplib.IMAP4.error, ssl.SSLError) as error:
        raise MailFailed("The mail server does not speak as it should.", code="protocol") from error
    except OSError:
        raise MailFailed("The connection to the mail server was lost.", code="unreachable") from None


def _read(box: imaplib.IMAP4, server: Server, position: str) -> Batch:
    try:
        box.login(server.user, server.password)
    except imaplib.IMAP4.error:
        raise MailFailed("The mail server refuses this user.", code="refused") from None
    box.select("INBOX", readonly=True)
    validity = _number(box.response("UIDVALIDITY")[1])
    known, _, last_text = position.partition(":")
    if known != str(validity):
        # A new mailbox, or its numbers mean something else now: only what comes from here on is answered.
        return Batch(letters=(), position=f"{validity}:{max(_number(box.response('UIDNEXT')[1]) - 1, 0)}")
    last = int(last_text or 0)
    new = sorted(uid for uid in _search(box, last) if uid > last)
    letters = [letter for uid in new[:MOST_AT_ONCE] if (letter := _letter(box, uid)) is not None]
    reached = new[:MOST_AT_ONCE][-1] if new else last
    return Batch(letters=tuple(letters), position=f"{validity}:{reached}", more=len(new) > MOST_AT_ONCE)


def _search(box: imaplib.IMAP4, last: int) -> list[int]:
    _, found = box.uid("SEARCH", f"UID {last + 1}:*")
    return [int(one) for one in (found[0] or b"").split()]


def _letter(box: imaplib.IMAP4, uid: int) -> Letter | None:
    _, sized = box.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = bytes(sized[0] or b"").upper().partition(b"RFC822.SIZE ")[2].partition(b")")[0].split()
    if not size or int(size[0]) > MOST_BYTES:
        return None
    _, parts = box.uid("FETCH", str(uid), "(BODY.PEEK[])")
    body = next((part[1] for part in parts if isinstance(part, tuple)), None)
    return parse_letter(body) if body else None


def _number(found: list[Any]) -> int:
    return int(found[-1]) if found and found[-1] else 0


def _leave(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error):
        return
