"""Connections to mail servers that a tenant named: looked up once, and only to addresses outside this network."""

from __future__ import annotations

import imaplib
import socket
import ssl
from typing import Any

from miaohui.channels.mail.types import Server
from miaohui.kit.addresses import is_public
from miaohui.kit.errors import MiaohuiError

TIMEOUT_S = 15.0


class MailFailed(MiaohuiError):
    """A mail server could not be used; `code` says why.

    `not_public`, `unreachable`, `timeout`, `refused` (wrong user or password), or `protocol`.
    """

    status = 502
    code = "unreachable"
    title = "The mail server could not be used"
    retryable = True


def connect(server: Server, *, allow_private: bool, timeout_s: float = TIMEOUT_S) -> socket.socket:
    """A connected socket, before any encryption. Blocks. Raises `MailFailed`."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError:
        raise MailFailed("The mail server's name leads nowhere.", code="unreachable") from None
    reachable = [one for one in found if allow_private or is_public(str(one[4][0]))]
    if not reachable:
        raise MailFailed("The mail server is inside this network.", code="not_public")
    family, kind, protocol, _, address = reachable[0]
    opened = socket.socket(family, kind, protocol)
    opened.settimeout(timeout_s)
    try:
        opened.connect(address)
    except TimeoutError:
        opened.close()
        raise MailFailed("The mail server did not answer in time.", code="timeout") from None
    except OSError:
        opened.close()
        raise MailFailed("The mail server could not be reached.", code="unreachable") from None
    return opened


class GuardedImap(imaplib.IMAP4):
    """IMAP over a socket that was connected before."""

    def __init__(self, server: Server, *, allow_private: bool) -> None:
        self._server = server
        self._allow_private = allow_private
        super().__init__(server.host, server.port, TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> Any:
        opened = connect(self._server, allow_private=self._allow_private)
        if self._server.safety == "tls":
            return ssl.create_default_context().wrap_socket(opened, server_hostname=self._server.host)
        return opened
