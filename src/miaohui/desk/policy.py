"""Who is served next and by whom, and what the others are told meanwhile. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from miaohui.conversations.types import Priority
from miaohui.desk.types import Assignment, Moved, Place, Seat, Strategy, Waiting
from miaohui.kit.errors import FieldError, Invalid

MINUTE_MS = 60_000
AHEAD_MS: Mapping[Priority, int] = {
    "urgent": 15 * MINUTE_MS,
    "high": 5 * MINUTE_MS,
    "medium": 2 * MINUTE_MS,
    "": 0,
    "low": -5 * MINUTE_MS,
}
"""As if it had waited so much longer. Bounded, so that whoever waits long enough is before whoever comes late."""
VIP_MS = 5 * MINUTE_MS
UPSET_MS = 2 * MINUTE_MS
USUAL_S = 300.0
"""A stint's length while little is known of a company's own."""
KNOWN_STINTS = 5
"""How many stints of its own weigh as much as that."""
ESTIMATE_STEP_S = 30
NO_ESTIMATE = -1
"""Told before, when there was none to tell."""
NEAR = 20
"""Up to this place every change is told."""
FAR_STEPS = 20
"""Behind it a change is told when it is a twentieth of the place."""
MOST_ABILITIES = 30
_ABILITY = re.compile(r"[^\s,;]{1,40}\Z")
_SHORT_CODE = re.compile(r"[^\s/]{1,40}\Z")


def turn_at(waiting: Waiting) -> tuple[int, str]:
    """What the queue is sorted by: when it came, less what speaks for it. It does not change while time passes."""
    ahead = AHEAD_MS[waiting.priority] + VIP_MS * waiting.vip + UPSET_MS * (waiting.sentiment < 0)
    return waiting.queued_at_ms - ahead, waiting.conversation_id


def fits(waiting: Waiting, seat: Seat) -> bool:
    """Whether this agent may serve it: of its team, with its skills, in its language."""
    return (
        (not waiting.team_id or waiting.team_id in seat.teams)
        and waiting.skills <= seat.skills
        and (not waiting.language or not seat.languages or waiting.language in seat.languages)
    )


def assign(waiting: Iterable[Waiting], seats: Iterable[Seat]) -> list[Assignment]:
    """Give out every free place, to the first in the queue that each fits. One that nobody fits holds up nobody."""
    free = {seat.agent_id: seat for seat in seats if seat.load < seat.capacity}
    assigned: list[Assignment] = []
    for one in sorted(waiting, key=turn_at):
        if not free:
            break
        fitting = [seat for seat in free.values() if fits(one, seat)]
        if not fitting:
            continue
        seat = min(fitting, key=lambda seat: _preference(one, seat))
        assigned.append(Assignment(one.conversation_id, seat.agent_id))
        _take(free, seat, order=len(assigned))
    return assigned


def _preference(waiting: Waiting, seat: Seat) -> tuple[float, ...]:
    """Those who can do least else first, so that the rare ones stay free for what only they can do."""
    spare = len(seat.skills - waiting.skills) + len(seat.languages - {waiting.language})
    share = seat.load / seat.capacity
    return (spare, share, seat.assigned_at_ms) if _by_load(waiting.strategy) else (spare, seat.assigned_at_ms, share)


def _by_load(strategy: Strategy) -> bool:
    return strategy == "least_loaded"


def _take(free: dict[str, Seat], seat: Seat, *, order: int) -> None:
    """One place less; in this round the agent stands behind those who got none yet."""
    del free[seat.agent_id]
    if seat.load + 1 < seat.capacity:
        free[seat.agent_id] = Seat(
            agent_id=seat.agent_id,
            capacity=seat.capacity,
            load=seat.load + 1,
            skills=seat.skills,
            languages=seat.languages,
            teams=seat.teams,
            assigned_at_ms=_LATER_MS + order,
        )


_LATER_MS = 2**52
"""Past every moment."""


def places(waiting: Sequence[Waiting], seats: Sequence[Seat], stint_s: float) -> list[Place]:
    """Everybody's place, counted among those for the same team, with an estimate and why it went back if it did."""
    lines: dict[str, list[Waiting]] = {}
    for one in sorted(waiting, key=turn_at):
        lines.setdefault(one.team_id, []).append(one)
    capacities: dict[tuple[object, ...], int] = {}

    def capacity_for(one: Waiting) -> int:
        needs = (one.team_id, one.skills, one.language)
        if needs not in capacities:
            capacities[needs] = sum(seat.capacity for seat in seats if fits(one, seat))
        return capacities[needs]

    return [
        Place(
            conversation_id=one.conversation_id,
            position=position,
            estimate_s=estimate_s(position, capacity_for(one), stint_s),
            reason=_why_back(one, position, line),
        )
        for line in lines.values()
        for position, one in enumerate(line, 1)
    ]


def is_news(told: tuple[int, int | None], place: Place) -> bool:
    """Whether a place is worth telling: near the front every step, far back only what makes a difference.

    `told` is the position and the estimate that were told before; 0 and None when nothing was.
    """
    position, before_s = told
    if not position or (before_s == NO_ESTIMATE) != (place.estimate_s is None):
        return True
    if position <= NEAR or place.position <= NEAR:
        return told != (place.position, NO_ESTIMATE if place.estimate_s is None else place.estimate_s)
    return abs(position - place.position) * FAR_STEPS >= position


def estimate_s(position: int, capacity: int, stint_s: float) -> int | None:
    """So many stints must end before, and `capacity` of them are under way at a time. In steps, never too exact."""
    if not capacity:
        return None
    steps = -(-position * stint_s / capacity // ESTIMATE_STEP_S)
    return int(steps) * ESTIMATE_STEP_S


def usual_stint_s(lengths_s: Collection[float]) -> float:
    """How long an agent mostly stays with a conversation."""
    return (USUAL_S * KNOWN_STINTS + sum(lengths_s)) / (KNOWN_STINTS + len(lengths_s))


def _why_back(one: Waiting, position: int, line: Sequence[Waiting]) -> Moved:
    if not one.told or position <= one.told:
        return ""
    ahead = line[: position - 1]
    came = [other for other in ahead if not other.told or other.told > one.told]
    if any(other.queued_at_ms > one.queued_at_ms for other in came):
        return "priority"
    return "returned" if any(not other.told for other in came) else "moved"


def checked_abilities(abilities: Iterable[str], field: str) -> tuple[str, ...]:
    """Skills or languages, in order and each once. Raises `Invalid`."""
    tidy = tuple(sorted({ability.strip().lower() for ability in abilities}))
    if len(tidy) > MOST_ABILITIES or not all(_ABILITY.match(ability) for ability in tidy):
        wanted = f"up to {MOST_ABILITIES}, each 1 to 40 characters without spaces"
        raise Invalid(f"The {field} are not in form.", errors=[FieldError(f"$.{field}", wanted)])
    return tidy


def checked_short_code(code: str) -> str:
    """What an agent types after `/`. Raises `Invalid`."""
    code = code.strip().lstrip("/").lower()
    if not _SHORT_CODE.match(code) or not code.isprintable():
        wanted = "1 to 40 characters without spaces or /"
        raise Invalid("The short code is not in form.", errors=[FieldError("$.short_code", wanted)])
    return code


def mentioned(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of those whose `@name` is in the text; `names` are names by id. The longest name that is there counts."""
    found: dict[str, None] = {}
    by_name: dict[str, list[str]] = {}
    for person_id, name in names.items():
        by_name.setdefault(name, []).append(person_id)
    for start in (at for at, letter in enumerate(text) if letter == "@"):
        rest = text[start + 1 : start + 201]
        name = max((name for name in by_name if name and rest.startswith(name)), key=len, default="")
        found.update(dict.fromkeys(by_name.get(name, ())))
    return tuple(found)
