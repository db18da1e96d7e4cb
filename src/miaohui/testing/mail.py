"""A mailbox behind a small IMAP server: what `imaplib` asks of one, and nothing changed by looking."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

_PASSWORD = re.compile(rb'"?([^" ]*)"? "?([^"]*)"?')


@dataclass
class FakeMailbox:
    """Letters by number, oldest first."""

    user: str = "help"
    password: str = "secret"  # noqa: S105  of nobody
    letters: list[bytes] = field(default_factory=list)
    validity: int = 7
    logins: int = 0
    looks: int = 0
    """How often somebody was told what is in it; what comes later is new to them."""
    changes: list[bytes] = field(default_factory=list)
    """Commands that would have changed something."""
    hangs: bool = False
    port: int = 0
    _server: asyncio.Server | None = None

    async def start(self) -> FakeMailbox:
        """Listen on loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def close(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        try:
            while line := await reader.readline():
                if self.hangs:
                    await asyncio.sleep(3600)
                tag, _, command = line.strip().partition(b" ")
                writer.write(self._answer(command) + tag + b" " + self._result(command) + b"\r\n")
                await writer.drain()
                if command.upper().startswith(b"LOGOUT"):
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _result(self, command: bytes) -> bytes:
        if command.upper().startswith(b"LOGIN"):
            found = _PASSWORD.match(command[6:])
            right = (self.user.encode(), self.password.encode())
            return b"OK in" if found is not None and found.groups() == right else b"NO [AUTHENTICATIONFAILED] no"
        return b"OK done"

    def _answer(self, command: bytes) -> bytes:
        name, _, rest = command.partition(b" ")
        match name.upper():
            case b"CAPABILITY":
                return b"* CAPABILITY IMAP4rev1\r\n"
            case b"LOGIN":
                self.logins += 1
            case b"EXAMINE":
                self.looks += 1
                counts = (len(self.letters), self.validity, len(self.letters) + 1)
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n* OK [UIDNEXT %d] ok\r\n" % counts
            case b"UID":
                return self._by_uid(rest)
            case b"SELECT" | b"STORE" | b"EXPUNGE" | b"APPEND":
                self.changes.append(command)
            case b"LOGOUT":
                return b"* BYE\r\n"
        return b""

    def _by_uid(self, rest: bytes) -> bytes:
        name, _, what = rest.partition(b" ")
        if name.upper() == b"SEARCH":
            first = int(what.split()[-1].partition(b":")[0])
            # As RFC 3501 has it, `n:*` holds the last letter even when n is past it.
            found = [uid for uid in range(1, len(self.letters) + 1) if uid >= min(first, len(self.letters))]
            return b"* SEARCH" + b"".join(b" %d" % uid for uid in found) + b"\r\n"
        if name.upper() != b"FETCH":
            self.changes.append(rest)
            return b""
        uid = int(what.split()[0])
        letter = self.letters[uid - 1]
        if b"BODY.PEEK[]" in what:
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, len(letter), letter)
        return b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(letter))
