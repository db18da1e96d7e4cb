"""A TCP proxy that spoils what passes through it: slow, late, cut, half open, in single bytes, or closed to newcomers.

    python -m miaohui.testing.proxy --listen 5433 --to 127.0.0.1:5432 --delay-ms 200

Put it before PostgreSQL, Redis, a provider or ourselves. The toxics may be changed at any time and hold at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import click
import msgspec

from miaohui.kit.aio import spawn, stop

_CHUNK = 65_536
_CONNECT_S = 5.0


class Toxics(msgspec.Struct, kw_only=True):
    """What is done to connections; all harmless at first."""

    delay_s: float = 0.0
    """Each chunk comes so much later, both ways."""
    bytes_per_s: float = 0.0
    """Bandwidth of each direction; 0 is not limited."""
    slice_bytes: int = 0
    """Chunks are taken apart into so many bytes each; 0 leaves them."""
    silent: bool = False
    """Half open: nothing passes, nobody is told."""
    refuse: bool = False
    """New connections are closed at once."""
    cut_after: bytes = b""
    """When this passed towards the server, both sides are cut before the answer."""


class Proxy:
    """Passes connections on to `host` and `port`, or to a Unix socket when `host` is a path."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.toxics = Toxics()
        self.connections = 0
        """How many were opened."""
        self.port = 0
        self._host = host
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> Proxy:
        """Listen on this machine; `port` is then known."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop, and cut everything."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Reset every connection that is open now."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def lead_to(self, host: str, port: int) -> None:
        """From the next connection on, somewhere else."""
        self._host, self._port = host, port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.toxics.refuse:
            writer.transport.abort()
            return
        try:
            async with asyncio.timeout(_CONNECT_S):
                there, back = await self._connect()
        except (OSError, TimeoutError):
            writer.transport.abort()
            return
        self._open |= {writer, back}
        ways = [
            spawn(self._pass(reader, back, self._watch()), name="proxy"),
            spawn(self._pass(there, writer), name="proxy"),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await stop(*ways)
            for side in (writer, back):
                self._open.discard(side)
                side.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._host.startswith("/"):
            return await asyncio.open_unix_connection(self._host)
        return await asyncio.open_connection(self._host, self._port)

    def _watch(self) -> Callable[[bytes], bool]:
        """Whether the words that cut have passed; they may be split over chunks."""
        seen = b""

        def passed(chunk: bytes) -> bool:
            nonlocal seen
            words = self.toxics.cut_after
            if not words:
                seen = b""
                return False
            seen = (seen + chunk)[-_CHUNK - len(words) :]
            return words in seen

        return passed

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passed: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                last = passed(chunk)
                for piece in self._slices(chunk):
                    await self._hold_up(len(piece))
                    writer.write(piece)
                    await writer.drain()
                if last:
                    await self._cut_after(writer)
                    return

    async def _cut_after(self, writer: asyncio.StreamWriter) -> None:
        """What was written reaches the other side; its answer reaches nobody."""
        self.toxics.silent, self.toxics.cut_after = True, b""
        await asyncio.sleep(0.3)
        self.toxics.silent = False

    def _slices(self, chunk: bytes) -> list[bytes]:
        size = self.toxics.slice_bytes
        return [chunk[at : at + size] for at in range(0, len(chunk), size)] if size else [chunk]

    async def _hold_up(self, size: int) -> None:
        toxics = self.toxics
        if toxics.delay_s:
            await asyncio.sleep(toxics.delay_s)
        if toxics.bytes_per_s:
            await asyncio.sleep(size / toxics.bytes_per_s)
        while toxics.silent:  # noqa: ASYNC110  (a toxic is taken back at any time, by anybody)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def through(host: str, port: int = 0) -> AsyncIterator[Proxy]:
    """A proxy for a block."""
    proxy = await Proxy(host, port).start()
    try:
        yield proxy
    finally:
        await proxy.close()


@click.command()
@click.option("--listen", default=0, help="Port; 0 for any.")
@click.option("--to", required=True, help="host:port")
@click.option("--delay-ms", default=0.0)
@click.option("--bytes-per-s", default=0.0)
@click.option("--slice-bytes", default=0)
def main(listen: int, to: str, delay_ms: float, bytes_per_s: float, slice_bytes: int) -> None:
    """Pass connections on, spoiled, until interrupted."""

    async def serve() -> None:
        host, _, port = to.rpartition(":")
        proxy = Proxy(host, int(port))
        proxy.toxics = Toxics(delay_s=delay_ms / 1000, bytes_per_s=bytes_per_s, slice_bytes=slice_bytes)
        await proxy.start(listen)
        click.echo(f"127.0.0.1:{proxy.port} leads to {to}")
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
