"""nginx in front, with the configuration that we ship: sockets, streams, WeChat, addresses, and a reload under load."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.conformance.client import Follower, Site, View, observing
from tests.conformance.house import Process, serving
from tests.support.servers import free_port
from tests.wechat.street import ACCOUNT

from miaohui.channels.wechat import crypto, letters
from miaohui.kit.clock import SystemClock
from miaohui.kit.ids import new_id
from miaohui.testing.upstream import Upstream, UpstreamOptions

CONFIG = Path(__file__).parents[2] / "deploy/nginx/miaohui.conf"
NGINX = shutil.which("nginx")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not here"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
NAME = "support.example.com"


class Load(NamedTuple):
    """While nginx is reloaded."""

    visitors: int
    reloads: int
    apart_s: float


LOAD = Load(visitors=40, reloads=5, apart_s=1.2)


@dataclass
class Front:
    """nginx, and our server behind it."""

    folder: Path
    port: int
    plain_port: int
    node: Process
    upstream: Upstream
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"https://{NAME}:{self.port}"

    def write(self) -> None:
        """Our own file, with this test's ports and certificate in it."""
        text = CONFIG.read_text(encoding="utf-8")
        changes = {
            "server 127.0.0.1:8000": f"server 127.0.0.1:{self.node.port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "/etc/nginx/certs": str(self.folder),
        }
        for before, after in changes.items():
            assert before in text, before
            text = text.replace(before, after)
        (self.folder / "miaohui.conf").write_text(text, encoding="utf-8")
        (self.folder / "nginx.conf").write_text(
            f"worker_processes 2;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/error.log;\n"
            "worker_shutdown_timeout 2s;\nevents { worker_connections 1024; }\n"
            f"http {{ access_log off; {temporary(self.folder)} include {self.folder}/miaohui.conf; }}\n",
            encoding="utf-8",
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(NGINX), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def start(self) -> None:
        command = [str(NGINX), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        self.process = subprocess.Popen(command)

    def reload(self) -> None:
        done = self.run("-s", "reload")
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)


def temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)


class ToHere(aiohttp.abc.AbstractResolver):
    """The name leads to this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[aiohttp.abc.ResolveResult]:
        import socket

        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


@contextlib.contextmanager
def running(front: Front) -> Iterator[Front]:
    front.write()
    checked = front.run("-t")
    assert checked.returncode == 0, checked.stderr
    front.start()
    try:
        yield front
    finally:
        front.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def front(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    make_certificate(folder)
    upstream = await Upstream(UpstreamOptions(chunks=20, gap_ms=25, first_ms=50)).start()
    options = {"engine_url": upstream.url, "engine_model": "chunks:20", "engine_coalesce_ms": "20"}
    async with serving(folder / "data", **options, answer_cache="false", shared_calls="0") as node:
        with running(Front(folder, free_port(), free_port(), node, upstream)) as made:
            async with client(made) as http, asyncio.timeout(10):
                while not await answers(http, f"{made.base}/healthz"):  # noqa: ASYNC110 -- asked again
                    await asyncio.sleep(0.05)
            yield made
    await upstream.close()


@asynccontextmanager
async def client(front: Front, local: str = "127.0.0.1") -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody at the address `local`, who believes our certificate only."""
    trust = ssl.create_default_context(cafile=str(front.folder / "fullchain.pem"))
    connector = aiohttp.TCPConnector(ssl=trust, resolver=ToHere(), local_addr=(local, 0), limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        yield http


async def answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def visitor(front: Front, http: aiohttp.ClientSession) -> tuple[Site, str]:
    body = {"site_key": front.node.tenants[0].site_key}
    async with http.post(f"{front.base}/v1/widget/session", json=body) as answer:
        assert answer.status == 200, await answer.text()
        site = Site(front.base, (await answer.json())["token"], http)
    return site, await site.begin()


def is_answered(view: View) -> bool:
    return any(one.get("final") for one in view.messages.values())


@pytest.mark.parametrize("transport", ["websocket", "events", "poll"])
async def test_a_conversation_streams_through_it(front: Front, transport: str) -> None:
    async with client(front) as http:
        site, conversation = await visitor(front, http)
        async with observing(transport, site, conversation) as watching:
            began = asyncio.get_running_loop().time()
            pieces: list[float] = []
            watching.view.on_stream_delta = noting(watching, pieces)  # type: ignore[method-assign, assignment]
            await site.post(conversation, new_id("c"), "怎么退货?")
            await watching.until(is_answered)
            assert watching.view.violations == []
        if transport != "poll":
            # The provider takes half a second over its answer: pieces that came at once were held back.
            assert len(pieces) >= 3
            assert pieces[-1] - pieces[0] > 0.2
            assert pieces[0] - began < 5


def noting(watching: Follower, pieces: list[float]) -> Callable[[dict[str, Any]], None]:
    usual = watching.view.on_stream_delta

    def noted(frame: dict[str, Any]) -> None:
        pieces.append(asyncio.get_running_loop().time())
        usual(frame)

    return noted


async def test_wechat_is_answered_through_it_and_too_much_is_refused_by_it(front: Front) -> None:
    headers = {"authorization": f"Bearer {front.node.tenants[0].api_key}"}
    async with client(front) as http:
        inbox = {"name": "公众号", "channel": "wechat"}
        async with http.post(f"{front.base}/v1/inboxes", json=inbox, headers=headers) as answer:
            inbox_id = (await answer.json())["id"]
        path = f"{front.base}/v1/inboxes/{inbox_id}/wechat"
        async with http.post(path, json=ACCOUNT, headers=headers) as answer:
            callback = front.base + (await answer.json())["callback"]
        timestamp = str(SystemClock().now_ms() // 1000)
        query = f"signature={crypto.sign('atoken', timestamp, 'n')}&timestamp={timestamp}&nonce=n"
        async with http.get(f"{callback}?{query}&echostr=1234") as answer:
            assert (answer.status, await answer.text()) == (200, "1234")
        locked = crypto.lock(
            letters.format_fields({"ToUserName": "gh_1", "FromUserName": "o_1", "MsgType": "event", "Event": "scan"}),
            key=ACCOUNT["aes_key"],
            receiver=ACCOUNT["app_id"],
            salt=bytes(16),
        )
        query += f"&encrypt_type=aes&msg_signature={crypto.sign('atoken', timestamp, 'n', locked)}"
        async with http.post(f"{callback}?{query}", data=letters.format_fields({"Encrypt": locked})) as answer:
            assert (answer.status, await answer.text()) == (200, "success")
        async with http.post(f"{callback}?{query}", data=b"0" * 600_000) as answer:
            assert answer.status == 413


async def test_clients_keep_their_addresses_and_cannot_make_them_up(front: Front) -> None:
    """Ten attempts to log in a minute are allowed for one account from one address."""
    login = {"email": front.node.tenants[0].email, "password": "wrong"}

    async def tries(local: str, **headers: str) -> list[int]:
        async with client(front, local) as http:
            statuses = []
            for _ in range(6):
                async with http.post(f"{front.base}/v1/auth/login", json=login, headers=headers) as answer:
                    statuses.append(answer.status)
            return statuses

    assert set(await tries("127.0.0.2")) == {401}
    assert set(await tries("127.0.0.3")) == {401}
    # The seventh and later ones of the first, though it says each time that it is another.
    assert 429 in await tries("127.0.0.2", **{"X-Forwarded-For": "203.0.113.9"})


async def test_numbers_are_not_for_everybody_and_plain_http_leads_to_https(front: Front) -> None:
    async with client(front) as http:
        async with http.get(f"{front.base}/metrics") as answer:
            assert answer.status == 404
        async with http.get(f"http://{NAME}:{front.plain_port}/x?y=1", allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["location"] == f"https://{NAME}/x?y=1"
        async with http.get(f"{front.base}/healthz") as answer:
            assert "max-age" in answer.headers["strict-transport-security"]


async def test_reloads_under_load_lose_no_message(front: Front) -> None:
    """Visitors talk and watch; each reload cuts the sockets of the old workers after two seconds."""
    over = asyncio.Event()
    async with client(front) as http:
        talks = [asyncio.create_task(talk(front, http, over)) for _ in range(LOAD.visitors)]
        for _ in range(LOAD.reloads):
            await asyncio.sleep(LOAD.apart_s)
            front.reload()
        await asyncio.sleep(2.5)
        over.set()
        ended = await asyncio.gather(*talks)
    acked, cuts = sum(len(one.acked) for one in ended), sum(one.cuts for one in ended)
    assert acked >= LOAD.visitors * 5, (acked, cuts)
    assert cuts >= LOAD.visitors, (acked, cuts)
    for one in ended:
        assert one.view.violations == []
        texts = [message["text"] for message in one.thread if message["sender"]["kind"] == "visitor"]
        assert sorted(texts) == sorted(one.acked)
        assert [message["seq"] for message in one.thread] == list(range(1, len(one.thread) + 1))
        assert one.view.order == [(message["seq"], message["id"]) for message in one.thread]


@dataclass
class Talk:
    """What one visitor did and saw."""

    view: View
    acked: list[str]
    thread: list[dict[str, Any]]
    cuts: int


async def talk(front: Front, http: aiohttp.ClientSession, over: asyncio.Event) -> Talk:
    site, conversation = await visitor(front, http)
    view, acked, cuts, said = View(), list[str](), 0, 0
    while not over.is_set():
        async with observing("websocket", site, conversation, view) as watching:
            while not over.is_set() and watching.closed_with is None:
                said += 1
                text = f"第{said}句"
                await until_acked(site, conversation, f"c{said}", text)
                acked.append(text)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await over.wait()
        cuts += not over.is_set()
    async with observing("websocket", site, conversation, view) as watching:
        async with asyncio.timeout(20):
            while True:
                thread = await site.read(conversation)
                if thread and thread[-1]["sender"]["kind"] != "visitor" and view.seq == thread[-1]["seq"]:
                    break
                await asyncio.sleep(0.1)
    return Talk(view, acked, thread, cuts)


async def until_acked(site: Site, conversation: str, cmid: str, text: str) -> None:
    """As every client of ours does: the same id until it is acknowledged."""
    async with asyncio.timeout(15):
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                if (await site.post(conversation, cmid, text))["t"] == "ack":
                    return
            await asyncio.sleep(0.05)
