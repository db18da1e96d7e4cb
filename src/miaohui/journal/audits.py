"""Sealing what was said and done, checking it, and giving it out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.journal import sealing
from miaohui.journal.chain import ERASED, START, Kind, Link, Seal, digest_done, digest_said, hash_of
from miaohui.kit import metrics
from miaohui.kit.errors import Conflict, MiaohuiError
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Row

EVERY_S = 60.0
"""Seldom enough that what is said in one go is sealed by one link."""
SETTLED_MS = 5_000
"""What is younger may still be joined by what was committed beside it."""
OVERLAP_MS = 600_000
"""How far back each look goes: clocks of nodes may differ."""
HOUR_S, DAY_MS = 3_600.0, 86_400_000
"""Once an hour a look goes back a day, and once a day to the beginning: a node's clock may be wrong by more, and what
it wrote is sealed all the same."""
MOST_FAULTS = 100
SEALED = metrics.counter("miaohui_audit_links_total", "Links added to the chains that seal what was said and done.")
_log = get_log(__name__)


class _Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where a tenant was looked at, and when last further back; the latter by monotonic time."""

    to_ms: int
    day_at: float
    all_at: float


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something is not as it was sealed."""

    number: int
    """Of the link; 0 when it is not one link's."""
    subject: str
    says: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Of one tenant's chain."""

    links: int
    messages: int
    acts: int
    erased: int
    """Conversations whose words were taken away since, as somebody's right or the rules of keeping ask."""
    head: str
    """The last hash: note it outside, and a later check can be held against it."""
    faults: tuple[Fault, ...] = ()


class Audits:
    """All tenants' chains."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looked: dict[str, _Looked] = {}

    async def run(self) -> None:
        """Seal what is settled, until cancelled. Any number of nodes may."""
        while True:
            try:
                await self.seal()
            except MiaohuiError as error:
                _log.warning("audit.not_sealed", reason=error.code)
            await asyncio.sleep(EVERY_S)

    async def seal(self) -> int:
        """Once around; how many links."""
        return sum([await self._seal_tenant(one) for one in await sealing.list_tenants(self._database)])

    async def _seal_tenant(self, tenant_id: str) -> int:
        now_ms = self._clock.now_ms()
        before_ms = now_ms - SETTLED_MS
        looked, after_ms = self._next_look(tenant_id, before_ms)
        added = 0
        while True:
            open_ = await sealing.unsealed(self._database, tenant_id, after_ms, before_ms)
            seals = [await self._seal_of(tenant_id, row) for row in open_]
            seals += await sealing.done(self._database, tenant_id, after_ms, before_ms)
            if seals:
                with suppress(Conflict):  # another node is at it
                    added += await self._append(tenant_id, seals, now_ms)
            if len(open_) < sealing.MOST_AT_ONCE or open_[-1]["updated_at_ms"] == after_ms:
                break
            after_ms = open_[-1]["updated_at_ms"]
        self._looked[tenant_id] = looked
        return added

    def _next_look(self, tenant_id: str, before_ms: int) -> tuple[_Looked, int]:
        """What is noted once this look is over, and from when on it looks; milliseconds."""
        at, last = self._clock.monotonic(), self._looked.get(tenant_id)
        if last is None or at - last.all_at >= DAY_MS / 1000:
            return _Looked(to_ms=before_ms, day_at=at, all_at=at), 0
        if at - last.day_at >= HOUR_S:
            looked = _Looked(to_ms=before_ms, day_at=at, all_at=last.all_at)
            return looked, max(0, last.to_ms - DAY_MS)
        return msgspec.structs.replace(last, to_ms=before_ms), max(0, last.to_ms - OVERLAP_MS)

    async def _seal_of(self, tenant_id: str, conversation: Row) -> Seal:
        first, last = conversation["sealed"] + 1, conversation["last_seq"]
        said = await sealing.said(self._database, tenant_id, conversation["id"], first, last)
        return Seal(kind="messages", subject=conversation["id"], first=first, last=last, digest=digest_said(said))

    async def _append(self, tenant_id: str, seals: list[Seal], now_ms: int) -> int:
        added = await self._database.write(lambda: sealing.append(tenant_id, seals, now_ms), key=f"audit:{tenant_id}")
        SEALED.inc(added)
        return added

    # Checking

    async def verify(self, tenant_id: str, head: str = "") -> Verdict:
        """Every link against what is kept today. `head`: a hash noted earlier that must be in the chain."""
        links = [one async for one in self._links(tenant_id)]
        check = _Check(self._database, tenant_id, {one.seal.subject for one in links if one.seal.kind == "erased"})
        for number, one in enumerate(links, start=1):
            await check.take(number, one)
        if head and head not in {one.hash for one in links}:
            check.find(0, head, "the noted hash is not in the chain: links were replaced or cut off")
        return check.conclude()

    async def _links(self, tenant_id: str) -> AsyncIterator[Link]:
        after = 0
        while page := await sealing.links(self._database, tenant_id, after):
            for one in page:
                yield one
            after = page[-1].number

    # Giving out

    async def export(self, tenant_id: str) -> AsyncIterator[bytes]:
        """One JSON object a line: each link with what it seals, as it is kept today."""
        async for one in self._links(tenant_id):
            seal = one.seal
            held: list[dict[str, Any]] = []
            if seal.kind == "messages":
                rows = await sealing.said(self._database, tenant_id, seal.subject, seal.first, seal.last)
                held = [_plain(row) for row in rows]
            elif seal.kind == "act" and (act := await sealing.find_act(self._database, tenant_id, seal.subject)):
                held = [_plain(act)]
            yield msgspec.json.encode({"link": one, "holds": held}) + b"\n"


class _Check:
    """One walk along a chain."""

    def __init__(self, database: Database, tenant_id: str, attested: set[str]) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._attested = attested
        """Conversations that the chain itself says were erased."""
        self._before = START
        self._faults: list[Fault] = []
        self._counts: Counter[str] = Counter()
        self._wordless: set[str] = set()
        """Conversations whose words were taken away."""

    def find(self, number: int, subject: str, says: str) -> None:
        """Something is not as it was sealed."""
        self._faults.append(Fault(number=number, subject=subject, says=says))

    async def take(self, number: int, one: Link) -> None:
        """The next link."""
        seal = one.seal
        if one.number != number or one.hash != hash_of(self._before, one.number, one.at_ms, seal):
            self.find(one.number, seal.subject, "the chain is broken here")
        self._before = one.hash
        self._counts[seal.kind] += 1
        match seal.kind:
            case "messages":
                says = await self._look_at_words(seal)
            case "act":
                says = await self._look_at_act(seal)
            case "erased":
                kept = await sealing.has_conversation(self._database, self._tenant_id, seal.subject)
                says = "it was erased, and is there" if kept else ""
        if says:
            self.find(one.number, seal.subject, says)

    async def _look_at_words(self, seal: Seal) -> str:
        self._counts["said"] += seal.last - seal.first + 1
        if seal.subject in self._attested:
            return ""
        said = await sealing.said(self._database, self._tenant_id, seal.subject, seal.first, seal.last)
        if digest_said(said) == seal.digest:
            return ""
        if len(said) == seal.last - seal.first + 1 and _is_erased(said):
            self._wordless.add(seal.subject)
            return ""
        return f"messages {seal.first} to {seal.last} are not what was said"

    async def _look_at_act(self, seal: Seal) -> str:
        act = await sealing.find_act(self._database, self._tenant_id, seal.subject)
        if act is None:
            return "the act is gone"
        if act["act"] == "contact.erased":
            self._counts["allowed"] += msgspec.json.decode(act["detail"]).get("conversations", 0)
        return "" if digest_done(act) == seal.digest else "the act was changed"

    def conclude(self) -> Verdict:
        """What was found. Words may only be gone where an act says that they were erased."""
        if len(self._wordless) > self._counts["allowed"]:
            says = f"{len(self._wordless)} conversations lost their words, {self._counts['allowed']} were to"
            self.find(0, ",".join(sorted(self._wordless)[:5]), says)
        return Verdict(
            links=sum(self._counts[kind] for kind in ("messages", "act", "erased")),
            messages=self._counts["said"],
            acts=self._counts["act"],
            erased=len(self._wordless) + len(self._attested),
            head=self._before,
            faults=tuple(self._faults[:MOST_FAULTS]),
        )


def _is_erased(said: Sequence[Row]) -> bool:
    """Erasing leaves one word in place of each message that had any."""
    return any(row["text"] == ERASED for row in said)


def _plain(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118  (a row is no mapping on every database)


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an export."""

    link: Link
    holds: list[dict[str, Any]]


def check_export(lines: Iterable[bytes]) -> tuple[int, str, list[Fault]]:
    """Of an export, away from the records: how many links, the last hash, what is wrong. Pure."""
    before, faults, count = START, list[Fault](), 0
    for count, line in enumerate(lines, start=1):
        one = msgspec.json.decode(line, type=Exported)
        seal, number = one.link.seal, one.link.number
        if number != count or one.link.hash != hash_of(before, number, one.link.at_ms, seal):
            faults.append(Fault(number=number, subject=seal.subject, says="the chain is broken here"))
        if not _holds(seal.kind, one.holds, seal.digest):
            faults.append(Fault(number=number, subject=seal.subject, says="this is not what was sealed"))
        before = one.link.hash
    return count, before, faults


def _holds(kind: Kind, holds: Sequence[Mapping[str, Any]], digest: str) -> bool:
    if kind == "erased" or not holds or any(one.get("text") == ERASED for one in holds):
        return True
    try:
        return (digest_done(holds[0]) if kind == "act" else digest_said(holds)) == digest
    except KeyError:
        return False
