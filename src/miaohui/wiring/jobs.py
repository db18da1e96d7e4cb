"""What has to be done now and then, whoever does it: one visible list, with the names that operators see.

Each may be done by any number of processes at once: the records part what is due among them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from miaohui.wiring.house import build_sender

if TYPE_CHECKING:
    from miaohui.webhooks.tasks import Sender
    from miaohui.wiring.house import House


class Bench(NamedTuple):
    """What jobs are done with."""

    house: House
    sender: Sender


class Job(NamedTuple):
    """One thing, once around."""

    name: str
    every_s: float
    work: Callable[[Bench], Awaitable[object]]


JOBS = (
    Job("webhooks.send", 1.0, lambda bench: bench.sender.send_due()),
    Job("webhooks.take_back", 10.0, lambda bench: bench.sender.take_back()),
    Job("webhooks.tidy", 60.0, lambda bench: bench.sender.tidy()),
    Job("webhooks.refresh", 10.0, lambda bench: bench.house.webhooks.refresh()),
    Job("channels.tell", 1.0, lambda bench: bench.house.doors.courier.tell_due()),
    Job("mail.fetch", 30.0, lambda bench: bench.house.doors.postman.look_around()),
    Job("media.look_again", 30.0, lambda bench: bench.house.doors.media.store.look_again()),
    Job("desk.sweep", 5.0, lambda bench: bench.house.around.desk.dispatch.sweep()),
    Job("tickets.follow_up", 10.0, lambda bench: bench.house.around.tickets.send_follow_ups()),
    Job("knowledge.look_around", 5.0, lambda bench: bench.house.knowledge.look_around()),
    Job("audit.seal", 60.0, lambda bench: bench.house.watch.audits.seal()),
    Job("keeping.sweep", 3_600.0, lambda bench: bench.house.watch.keeping.sweep()),
)


def build_bench(house: House) -> Bench:
    """For one process; it lives as long as the house."""
    return Bench(house, build_sender(house))


def find_job(name: str) -> Job:
    """By name. Raises `LookupError`."""
    for job in JOBS:
        if job.name == name:
            return job
    raise LookupError(f"There is no job {name}.")
