"""A service floor in virtual time: who waits, who serves, who leaves, driven by the real policy."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from miaohui.desk import policy
from miaohui.desk.types import Place, Seat, Waiting

NOW_MS = 1_800_000_000_000


@dataclass
class Case:
    """A conversation: what it needs, how much work is left, and what became of it."""

    waiting: Waiting
    work_s: float
    waited_s: float = 0.0
    since_s: float = 0.0
    first_s: float | None = None
    done_s: float | None = None
    served_by: str = ""
    began_s: float = 0.0
    estimate_s: int | None = None
    """What the visitor was told at the beginning."""


@dataclass
class Floor:
    """The queue and the agents. `leave_s` says when each agent goes for good, if ever."""

    cases: dict[str, Case]
    seats: dict[str, Seat]
    leave_s: dict[str, float]
    told: dict[str, Place] = field(default_factory=dict)
    now_s: float = 0.0
    on_told: Callable[[Floor, Waiting, Place], None] = lambda *_: None

    def run(self) -> None:
        """Until everybody was served."""
        events: list[tuple[float, int, str, str]] = []
        for agent_id, at in self.leave_s.items():
            heapq.heappush(events, (at, -1, "leave", agent_id))
        self._serve(events)
        while any(case.done_s is None for case in self.cases.values()):
            at, began, what, name = heapq.heappop(events)
            if what == "leave":
                self.now_s = at
                self._leave(name)
            elif not self._ends(name, began):
                continue
            else:
                self.now_s = at
                self._end(name)
            self._serve(events)

    def waiting(self) -> list[Case]:
        return [case for case in self.cases.values() if not case.served_by and case.done_s is None]

    def loads(self) -> Counter[str]:
        return Counter(case.served_by for case in self.cases.values() if case.served_by)

    def _loaded(self) -> list[Seat]:
        loads = self.loads()
        return [_with_load(seat, loads[seat.agent_id]) for seat in self.seats.values()]

    def _ends(self, name: str, began: int) -> bool:
        """Whether that stint is still the one under way."""
        return bool(self.cases[name].served_by) and int(self.cases[name].began_s * 1000) == began

    def _end(self, name: str) -> None:
        case = self.cases[name]
        case.served_by, case.done_s = "", self.now_s

    def _leave(self, agent_id: str) -> None:
        """What they had is waiting again, with the work that is left, in its old place."""
        del self.seats[agent_id]
        for case in self.cases.values():
            if case.served_by == agent_id:
                case.served_by, case.since_s = "", self.now_s
                case.work_s -= self.now_s - case.began_s

    def _serve(self, events: list[tuple[float, int, str, str]]) -> None:
        for assignment in policy.assign([case.waiting for case in self.waiting()], self._loaded()):
            case = self.cases[assignment.conversation_id]
            case.served_by, case.began_s = assignment.agent_id, self.now_s
            case.waited_s += self.now_s - case.since_s
            case.first_s = self.now_s if case.first_s is None else case.first_s
            end = (self.now_s + case.work_s, int(self.now_s * 1000), "end", assignment.conversation_id)
            heapq.heappush(events, end)
            self.seats[assignment.agent_id] = _assigned(self.seats[assignment.agent_id], self.now_s)
            case.waiting = _told(case.waiting, 0)
            self.told.pop(assignment.conversation_id, None)
        self._tell()

    def _tell(self) -> None:
        """Everybody who waits, their place; what they were told before goes into the next decision."""
        told = policy.places([case.waiting for case in self.waiting()], self._loaded(), 300)
        for place in told:
            self.on_told(self, self.cases[place.conversation_id].waiting, place)
        for place in told:
            case = self.cases[place.conversation_id]
            if case.estimate_s is None:
                case.estimate_s = place.estimate_s
            self.told[place.conversation_id] = place
            case.waiting = _told(case.waiting, place.position)


def _with_load(seat: Seat, load: int) -> Seat:
    return Seat(
        agent_id=seat.agent_id,
        capacity=seat.capacity,
        load=load,
        skills=seat.skills,
        languages=seat.languages,
        teams=seat.teams,
        assigned_at_ms=seat.assigned_at_ms,
    )


def _assigned(seat: Seat, now_s: float) -> Seat:
    return Seat(
        agent_id=seat.agent_id,
        capacity=seat.capacity,
        skills=seat.skills,
        languages=seat.languages,
        teams=seat.teams,
        assigned_at_ms=NOW_MS + int(now_s * 1000),
    )


def _told(waiting: Waiting, position: int) -> Waiting:
    return Waiting(
        conversation_id=waiting.conversation_id,
        queued_at_ms=waiting.queued_at_ms,
        team_id=waiting.team_id,
        skills=waiting.skills,
        language=waiting.language,
        priority=waiting.priority,
        vip=waiting.vip,
        sentiment=waiting.sentiment,
        strategy=waiting.strategy,
        told=position,
    )


def busy_morning(seed: int, *, waiting: int = 200, agents: int = 20) -> Floor:
    """Two hundred who came within the last hour; twenty agents, of whom a third leave at some moment."""
    chance = random.Random(seed)
    cases = {}
    for number in range(waiting):
        conversation_id = f"conv_{number:03}"
        need = Waiting(
            conversation_id=conversation_id,
            queued_at_ms=NOW_MS - chance.randrange(3_600_000),
            skills=frozenset(chance.choices(([], ["billing"], ["technics"]), (70, 15, 15))[0]),
            language=chance.choices(("zh", "en"), (80, 20))[0],
            priority=chance.choices(("", "low", "medium", "high", "urgent"), (70, 8, 10, 8, 4))[0],
            vip=chance.random() < 0.05,
            sentiment=-1 if chance.random() < 0.15 else 0,
            strategy=chance.choice(("round_robin", "least_loaded")),
        )
        cases[conversation_id] = Case(need, chance.lognormvariate(5.5, 0.6))
    seats = {
        f"agent_{number:02}": Seat(
            agent_id=f"agent_{number:02}",
            capacity=chance.randint(2, 4),
            skills=frozenset(skill for skill in ("billing", "technics") if number < 2 or chance.random() < 0.5),
            languages=frozenset(["zh", "en"] if number < 2 or chance.random() < 0.5 else ["zh"]),
        )
        for number in range(agents)
    }
    # The first two, who can do everything, stay: a floor on which nobody can serve somebody has no best schedule.
    leavers = chance.sample(sorted(seats)[2:], agents // 3)
    return Floor(cases, seats, {agent_id: chance.uniform(30, 900) for agent_id in leavers})


def best_mean_wait_s(floor: Floor, *, shuffles: int = 40, seed: int = 1) -> float:
    """The least mean wait that a schedule can have which does not know how long anybody will take.

    Every agent may serve everybody here, no place ever stays empty while somebody waits, and who is interrupted goes
    on. The amounts of work being exchangeable, all schedules that do not know them have the same expected wait on such
    a floor, and one that leaves places empty or must respect skills has no smaller one; the mean over random orders of
    these very amounts is therefore a lower bound for what can be expected.
    """
    chance = random.Random(seed)
    work = [case.work_s for case in floor.cases.values()]
    return sum(_free_for_all(floor, chance.sample(work, len(work))) for _ in range(shuffles)) / shuffles


def clairvoyant_mean_wait_s(floor: Floor) -> float:
    """The same, for who knows every amount of work in advance and takes the shortest first: nobody can be below it."""
    return _free_for_all(floor, sorted(case.work_s for case in floor.cases.values()))


def _free_for_all(floor: Floor, work: Iterable[float]) -> float:
    """Mean wait when the amounts are served in this order; an interrupted one is the next to be served."""
    left = list(work)
    count, total, now = len(left), 0.0, 0.0
    slots = sum(seat.capacity for seat in floor.seats.values())
    losses = sorted((at, floor.seats[agent_id].capacity) for agent_id, at in floor.leave_s.items())
    running: list[float] = []
    while left or running:
        while left and len(running) < slots:
            heapq.heappush(running, now + left.pop(0))
        end = running[0] if running else float("inf")
        loss = losses[0][0] if losses else float("inf")
        upto = min(end, loss)
        total += len(left) * (upto - now)
        now = upto
        if end <= loss:
            heapq.heappop(running)
            continue
        slots -= losses.pop(0)[1]
        while len(running) > slots:  # the longest to go are interrupted: the kindest choice for the mean
            longest = max(running)
            running.remove(longest)
            heapq.heapify(running)
            left.insert(0, longest - now)
    return total / count
