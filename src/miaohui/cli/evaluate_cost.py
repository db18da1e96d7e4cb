"""`miaohui eval cost`: what conversations cost at three providers with small quotas, and what saves how much of it.

Conversations are those of CrossWOZ, question by question; what they are answered from is found in a real help centre.
The router, the cache and the composing of prompts are those of the product; providers, and time, are not real. Every
way of saving meets the same conversations at the same moments, and the same answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.evaluate_data import data_folder, watched
from miaohui.cli.evaluate_scene import Scene, measure_repetition, read_scene
from miaohui.cli.output import REFUSED, Refused, as_json, print_rows

if TYPE_CHECKING:
    from miaohui.engines.ledger import AttemptEntry
    from miaohui.engines.ports import Engine
    from miaohui.engines.routes import Route, RouteKey
    from miaohui.memory.types import Exchange

TABLE = {"official": (60, 30, 0.8, 150_000), "second": (120, 40, 0.6, 120_000), "third": (200, 30, 0.5, 100_000)}
"""Requests a minute, weight, seconds to the first word, price of a million tokens in millionths."""
QUOTA = sum(rpm for rpm, *_ in TABLE.values())
TO_SAVE = 0.35
KEEP, WHOLE_TURNS = 0.6, 3
_THINKS_S = 12.0
"""Between an answer and the next question, on average."""
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
