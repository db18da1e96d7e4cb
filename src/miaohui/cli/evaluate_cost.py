"""`miaohui eval cost`: what conversations cost at three providers with small quotas, and what saves how much of it.

Conversations are those of CrossWOZ, question by question; what they are answered from is found in a real help centre.
The router, the cache and the composing of prompts are those of the product; providers, and time, are not real. Every
way of saving meets the same conversations at the same moments, and the same answers.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.evaluate_data import data_folder, found, read_conversations, watched
from miaohui.cli.output import REFUSED, Refused, as_json, print_rows

if TYPE_CHECKING:
    from miaohui.engines.ledger import AttemptEntry
    from miaohui.engines.ports import Engine
    from miaohui.engines.routes import Route, RouteKey
    from miaohui.engines.types import EngineRequest, Usage
    from miaohui.knowledge.types import Chunk, Retrieval
    from miaohui.memory.types import Exchange
    from miaohui.prompts.fit import Economy

TABLE = {"official": (60, 30, 0.8, 150_000), "second": (120, 40, 0.6, 120_000), "third": (200, 30, 0.5, 100_000)}
"""Requests a minute, weight, seconds to the first word, price of a million tokens in millionths."""
QUOTA = sum(rpm for rpm, *_ in TABLE.values())
TO_SAVE = 0.35
KEEP, WHOLE_TURNS = 0.6, 3
_THINKS_S = 12.0
"""Between an answer and the next question, on average."""
_PASSAGES = 5
HEADINGS = ("openings asked before", "way", "turns", "429", "longest s", "tokens in", "cost of 1,000", "saved")


class Way(NamedTuple):
    """What is done to save."""

    name: str
    routes: Sequence[str] = tuple(TABLE)
    cached: bool = False
    shorter: bool = False


ALONE = Way("the official route alone", ("official",))
WAYS = (
    Way("routing"),
    Way("routing, cache", cached=True),
    Way("routing, shorter prompts", shorter=True),
    Way("all together", cached=True, shorter=True),
)


class Plan(NamedTuple):
    """How many come when."""

    repeated: float
    """Share of conversations that open with one of the questions that many ask."""
    minutes: float = 10
    load: float = 0.95
    """Turns a minute, as a share of what all quotas allow together."""


class Bill(NamedTuple):
    """What one way came to."""

    way: str
    openings_again: float
    """Share of openings that somebody had asked before in the same words."""
    conversations: int
    turns: int
    served: int
    """By a provider or from the cache."""
    throttled: int
    longest_s: float
    tokens_in: int
    cost_micro: int

    @property
    def cost_of_thousand(self) -> float:
        """Currency units for 1,000 conversations."""
        return self.cost_micro / 1e6 / self.conversations * 1000


class Scene:
    """Who asks what, and what there is to answer from. Prompts are kept: every way asks for them again."""

    def __init__(self, talks: Sequence[Sequence[str]], openings: Sequence[str], chunks: list[Chunk]) -> None:
        from miaohui.knowledge.index import build_index

        self.talks = talks
        self.openings = openings
        self.chunks = tuple(chunks)
        self._index = build_index(1, chunks)
        self._retrieved: dict[str, Retrieval] = {}
        self._requests: dict[tuple[Any, ...], EngineRequest] = {}
        self._answers: dict[str, str] = {}

    def retrieve(self, question: str) -> Retrieval:
        """The best passages."""
        from miaohui.knowledge.policy import search

        if question not in self._retrieved:
            self._retrieved[question] = search(self._index, question, locale="zh-CN", limit=_PASSAGES, threshold=0.35)
        return self._retrieved[question]

    def compose(self, question: str, earlier: tuple[Exchange, ...], economy: Economy) -> EngineRequest:
        """The request that the house would send."""
        from miaohui.inboxes.types import Assistant
        from miaohui.memory.types import Recollection
        from miaohui.prompts.compose import Brief, compose

        key = (question, earlier, economy.keep)
        if key not in self._requests:
            brief = Brief(
                turn_id="turn",
                tenant_id="tnt",
                question=question,
                assistant=Assistant(name="小秒", persona="说话亲切、简洁。"),
                company="示例公司",
                locale="zh-CN",
                recollection=Recollection(exchanges=earlier),
                retrieval=self.retrieve(question),
                economy=economy,
            )
            self._requests[key] = compose(brief)
        return self._requests[key]

    def answer(self, question: str) -> str:
        """About as long as a model's answer, of the help centre's own sentences; the same whatever the prompt was."""
        from miaohui.engines.excerpt import compose_answer, compose_apology
        from miaohui.engines.types import Source

        if question not in self._answers:
            chunks = [passage.chunk for passage in self.retrieve(question).passages]
            sources = [
                Source(n=n, title=chunk.title, heading=chunk.heading, text=chunk.text, score=1.0)
                for n, chunk in enumerate(chunks, 1)
            ]
            told = compose_answer(question, sources, "zh-CN") or compose_apology(question, sources, "zh-CN")
            self._answers[question] = told
        return self._answers[question]

    def respond(self, request: EngineRequest) -> tuple[str, Usage]:
        """What a provider says, and what it counts."""
        from miaohui.engines.tokens import estimate_tokens
        from miaohui.engines.types import Usage

        text = self.answer(request.question)
        asked = sum(estimate_tokens(message.content) for message in request.messages)
        return text, Usage(input_tokens=asked, output_tokens=estimate_tokens(text), estimated=False)


@click.command()
@data_folder
@click.option("--repeated", type=click.FloatRange(0, 1), multiple=True, help="Share of openings that many ask.")
@click.option("--minutes", type=click.FloatRange(1, 60), default=10, show_default=True, help="Virtual minutes.")
@as_json
def cost(*, data: Path, repeated: tuple[float, ...], minutes: float, as_json: bool) -> None:
    """What does routing save, what the cache, what shorter prompts? DATA holds crosswoz/, dify_docs/ and hint3/.

    Exit code 1: all together saves less than 35 % where as many questions repeat as in a live log.
    """
    scene = read_scene(data)
    live = measure_repetition(data / "hint3" / "curekart_test.csv")
    plans = [Plan(share, minutes) for share in repeated or (0.0, round(live, 3), 0.2, 0.4)]
    bills: list[tuple[Bill, float]] = []
    with watched(hidden=as_json) as watch:
        for plan in watch(plans, "cost"):
            bills += compare(scene, plan)
        busy = Plan(plans[0].repeated, minutes, load=1.5)
        bills.append((play(scene, WAYS[2]._replace(name="routing, shorter prompts, at 150 %"), busy), float("nan")))
    if max(bill.conversations for bill, _ in bills[:-1]) > len(scene.talks):
        raise Refused(
            "So many minutes need more conversations than there are, and the cache would know them: take less."
        )
    print_rows([_row(bill, saved) for bill, saved in bills], HEADINGS, as_json=as_json)
    if not as_json:
        click.echo(f"In a live log (HINT3) {live:.1%} of the messages repeat an earlier one.")
    if any(saved < TO_SAVE for bill, saved in bills if bill.way == WAYS[-1].name):
        raise SystemExit(REFUSED)


def _row(bill: Bill, saved: float) -> tuple[object, ...]:
    return (
        f"{bill.openings_again:.1%}",
        bill.way,
        f"{bill.served} of {bill.turns}",
        bill.throttled,
        f"{bill.longest_s:.1f}",
        f"{bill.tokens_in / bill.turns:.0f}",
        f"{bill.cost_of_thousand:.4f}",
        "" if saved != saved else f"{saved:.1%}",  # noqa: PLR0124  (not a number)
    )


def compare(scene: Scene, plan: Plan) -> Iterator[tuple[Bill, float]]:
    """Every way's bill, and what it saves against the official route alone with whole prompts."""
    alone = play(scene, ALONE, plan)
    yield alone, 0.0
    for way in WAYS:
        bill = play(scene, way, plan)
        yield bill, 1 - bill.cost_of_thousand / alone.cost_of_thousand


def play(scene: Scene, way: Way, plan: Plan) -> Bill:
    """These conversations, this way, in virtual time."""
    from miaohui.testing.virtual import run_virtually

    return run_virtually(_Night(scene, way, plan).run())


class _Entries:
    """A ledger that can be read."""

    def __init__(self) -> None:
        self.rows: list[AttemptEntry] = []

    def add(self, entry: AttemptEntry) -> None:
        self.rows.append(entry)


class _Night:
    """One way's run."""

    def __init__(self, scene: Scene, way: Way, plan: Plan) -> None:
        import numpy as np

        from miaohui.prompts.fit import WHOLE, Economy
        from miaohui.testing.metered import Metered

        self._scene = scene
        self._way = way
        self._plan = plan
        self._chance = np.random.default_rng(7)  # the same night for every way
        self._economy = Economy(keep=KEEP, whole_turns=WHOLE_TURNS) if way.shorter else WHOLE
        self._providers: dict[str, Metered] = {}
        self._entries = _Entries()
        self._openings: list[str] = []
        self._waits: list[float] = []
        self._served = 0

    async def run(self) -> Bill:
        """Until the last conversation has ended."""
        engine = self._build()
        lengths = [len(talk) for talk in self._scene.talks]
        a_minute = QUOTA * self._plan.load / (sum(lengths) / len(lengths))
        loop = asyncio.get_running_loop()
        talks: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as group:
            while loop.time() < self._plan.minutes * 60:
                talks.append(group.create_task(self._talk(engine, len(talks), self._ask_what(len(talks)))))
                await asyncio.sleep(self._chance.exponential(60 / a_minute))
        await engine.close()
        rows = self._entries.rows
        return Bill(
            way=self._way.name,
            openings_again=1 - len(set(self._openings)) / len(self._openings),
            conversations=len(talks),
            turns=len(self._waits),
            served=self._served,
            throttled=sum(provider.throttled for provider in self._providers.values()),
            longest_s=max(self._waits),
            tokens_in=sum(row.input_tokens for row in rows),
            cost_micro=sum(row.cost_micro for row in rows),
        )

    def _build(self) -> Engine:
        from miaohui.engines.cache import CachedEngine, CacheParts
        from miaohui.engines.cache_memory import CacheMemory
        from miaohui.engines.cache_routes import FirstChoice
        from miaohui.engines.coalesce import Flights
        from miaohui.engines.extractive import Extractive
        from miaohui.engines.limits_memory import LimitsMemory
        from miaohui.engines.router import Router, RouterParts
        from miaohui.engines.routes import build_catalog
        from miaohui.testing.virtual import VirtualClock

        clock = VirtualClock()
        several = len(self._way.routes) > 1
        routes: list[dict[str, Any]] = [
            {
                "name": name,
                "base_url": f"http://{name}/v1",
                "model": name,
                "weight": TABLE[name][1],
                # Alone it has no quota: what is compared is the price of answering everybody.
                "rpm": TABLE[name][0] if several else 0,
                "price_in": TABLE[name][3],
                "price_out": TABLE[name][3],
            }
            for name in self._way.routes
        ]
        limits = LimitsMemory(clock)
        parts = RouterParts(
            clock=clock,
            limits=limits,
            connect=self._connect,
            ledger=self._entries,
            last_resort=Extractive(),
            chance=lambda: 0.5,
        )
        router = Router(parts, build_catalog("1", [routes]))
        if not self._way.cached:
            return router
        first = FirstChoice(router.fleet)
        cache = CacheParts(
            clock=clock, stores=(CacheMemory(clock),), flights=Flights(), answer_class=first.answer_class
        )
        return CachedEngine(router, cache)

    def _connect(self, route: Route, _key: RouteKey) -> Engine:
        from miaohui.testing.metered import Metered

        rpm = TABLE[route.name][0] if route.rpm else 0
        made = Metered(route.name, self._scene.respond, rpm=rpm, first_s=TABLE[route.name][2])
        return self._providers.setdefault(route.name, made)

    def _ask_what(self, number: int) -> list[str]:
        """A conversation of the set; a share of them opens with what many ask, some of it oftener than the rest."""
        said = list(self._scene.talks[number % len(self._scene.talks)])
        drawn, rank = self._chance.random(2)
        if drawn < self._plan.repeated:
            openings = self._scene.openings
            # By Zipf's law: the n-th is asked 1/n times as often as the first.
            said[0] = openings[int(len(openings) ** rank) - 1]
        self._openings.append(said[0])
        return said

    async def _talk(self, engine: Engine, number: int, questions: Sequence[str]) -> None:
        import numpy as np

        from miaohui.memory.types import Exchange

        chance = np.random.default_rng(number)  # the same pauses for every way
        earlier: tuple[Exchange, ...] = ()
        for turn, question in enumerate(questions):
            answer = await self._turn(engine, f"{number}_{turn}", question, earlier)
            earlier = (*earlier, Exchange(question, answer))[-10:]
            await asyncio.sleep(chance.exponential(_THINKS_S))

    async def _turn(self, engine: Engine, name: str, question: str, earlier: tuple[Exchange, ...]) -> str:
        import msgspec

        from miaohui.engines.types import Finished

        began = asyncio.get_running_loop().time()
        request = msgspec.structs.replace(
            self._scene.compose(question, earlier, self._economy),
            turn_id=f"turn_{name}",
            conversation_id=f"conv_{name.partition('_')[0]}",
        )
        async for piece in engine.stream(request):
            if isinstance(piece, Finished):
                self._served += piece.route != "extractive"
        self._waits.append(asyncio.get_running_loop().time() - began)
        return self._scene.answer(question)


def read_scene(data: Path) -> Scene:
    """CrossWOZ asks, Dify's help centre answers; its pages' own questions are those that many ask."""
    from miaohui.knowledge.chunking import split_markdown
    from miaohui.knowledge.types import Chunk

    pages = _read_pages(data / "dify_docs" / "dify_zh.jsonl.gz")
    chunks = [
        Chunk(
            id=f"{page['path']}#{place}",
            article_id=page["path"],
            ordinal=place,
            title=page["title"],
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
        )
        for page in pages
        for place, piece in enumerate(split_markdown(page["text"]))
    ]
    talks = [
        [question for question, _ in talk.pairs] for talk in read_conversations(data / "crosswoz" / "val.json.zip")
    ]
    return Scene(
        [talk for talk in talks if talk], [asked for page in pages for asked in page["question_headings"]], chunks
    )


def _read_pages(file: Path) -> list[dict[str, Any]]:
    with gzip.open(found(file), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure_repetition(file: Path) -> float:
    """Share of a live log's messages that somebody had sent before; bare numbers stand for many others there."""
    with found(file).open(encoding="utf-8", newline="") as lines:
        said = [row[0].strip().lower() for row in list(csv.reader(lines))[1:] if row and not row[0].strip().isdigit()]
    return 1 - len(set(said)) / max(len(said), 1)
