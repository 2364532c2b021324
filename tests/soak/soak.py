"""Clients that come and go in bad weather, for a while; then calm. What is left afterwards was leaked."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.serve.wire import line
from tests.soak.client import ANSWER_SECONDS, Client
from tests.soak.vitals import Vitals, growth, look
from tests.soak.world import STDIO, World, places, running

WARM = 0.3
"""Share of the time that does not count for memory: caches fill, the allocator takes what it will keep."""
PAUSE_SECONDS = 0.8
"""Between two requests of a client, at most."""
SESSION_MB = 0.003
"""A session that nobody ended: it is kept for half an hour, and is no leak."""
QUIET_SECONDS = 90.0
"""For connections to servers to grow old and be closed."""
MORE_TASKS, MORE_FDS = 4, 12
"""Above what there was before the first client: a listener that is just coming back, a pooled connection."""


@dataclass(slots=True)
class Report:
    """What was seen. `told`: what clients were answered; `wrong`: what must not be, a sentence each."""

    before: Vitals
    looks: list[Vitals] = field(default_factory=list)
    after: Vitals | None = None
    told: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    clients: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def grown(self) -> float:
        """MB of memory, after the warm-up."""
        return growth(self.looks[int(len(self.looks) * WARM) :])

    def leaks(self, most_mb: float) -> list[str]:
        """One line for each thing that is left over."""
        before, after = self.before, self.after
        assert after
        found = []
        most_mb += SESSION_MB * self.told["session left open"]
        if self.grown > most_mb:
            found.append(f"memory grew by {self.grown:.1f} MB (at most {most_mb:g})")
        if after.fds > before.fds + MORE_FDS:
            found.append(f"{after.fds} descriptors are open, {before.fds} were at first")
        if sum(after.tasks.values()) > sum(before.tasks.values()) + MORE_TASKS:
            found.append(f"tasks are left: {_more(after.tasks, before.tasks)}")
        if after.zombies or after.children > len(STDIO):
            found.append(f"{after.children} children for {len(STDIO)} servers, {after.zombies} of them not reaped")
        return found

    def text(self) -> str:
        assert self.after
        told = ", ".join(f"{what} {count:,}" for what, count in self.told.most_common())
        blows = ", ".join(f"{what} {count:,}" for what, count in sorted(self.blows.items()))
        lines = [f"{self.clients:,} clients in {self.seconds:.0f} s: {told}", f"weather: {blows}"]
        for name, vitals in (("before", self.before), ("last under load", self.looks[-1]), ("after", self.after)):
            lines.append(
                f"{name:16} {vitals.rss:6.1f} MB, {vitals.fds} descriptors, {sum(vitals.tasks.values())} tasks, "
                f"{vitals.children} children, {vitals.zombies} zombies"
            )
        return "\n".join([*lines, f"growth after warm-up: {self.grown:+.2f} MB"])


async def soak(directory: Path, seconds: float, clients: int, seed: int) -> Report:
    """`clients` at a time, for `seconds`."""
    async with running(directory) as world:
        await _touch_all(world, seed)
        report = Report(await look(world.proxy, world.tasks_file))
        begun = time.monotonic()
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            weather = group.create_task(world.weather(Random(seed), over))
            coming = [group.create_task(_come_and_go(world, Random(f"{seed} {n}"), over, report)) for n in range(clients)]
            while time.monotonic() - begun < seconds and not report.wrong:
                await asyncio.sleep(min(1.0, seconds / 20))
                report.looks.append(await look(world.proxy, world.tasks_file))
            over.set()
            await asyncio.gather(weather, *coming)
        report.seconds, report.blows = time.monotonic() - begun, world.blows
        await _touch_all(world, seed)
        report.after = await _quiet(world, report.before)
        if world.processes["proxy"].returncode is not None:
            report.wrong.append("the proxy ended")
    return report


async def _come_and_go(world: World, rng: Random, over: asyncio.Event, report: Report) -> None:
    await asyncio.sleep(rng.random())
    while not over.is_set() and not report.wrong:
        place = rng.choice(_PLACES)
        client_rng = Random(rng.random())
        report.clients += 1
        modern = rng.random() < 0.5
        try:
            async with line(world.port) as connection:
                client = _Slow(connection, modern, place, client_rng, report.told)
                await client.stay()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            report.told["broken off"] += 1
            if not place.shaky:
                report.wrong.append(f"{place}, {'modern' if modern else 'legacy'}: broken off: {error!r}")
        except TimeoutError:
            report.wrong.append(f"{place}, {'modern' if modern else 'legacy'}: no answer in {ANSWER_SECONDS:g} s")
        except AssertionError as error:
            report.wrong.append(f"{place}, {'modern' if modern else 'legacy'}: {error}")


class _Slow(Client):
    """With pauses between requests, as people and models make them."""

    async def send(self, method: str, params: dict[str, object]) -> None:
        await asyncio.sleep(self.rng.random() * PAUSE_SECONDS)
        await super().send(method, params)


_PLACES = places()


async def _touch_all(world: World, seed: int) -> None:
    """A call at every place, in both eras, so that whatever is made once has been made; shaky servers get time to be back."""
    for place in _PLACES:
        for modern in (True, False):
            async with asyncio.timeout(QUIET_SECONDS):
                while not await _touched(world, Client, place, modern, Random(seed)):
                    await asyncio.sleep(0.2)


async def _touched(world: World, kind: type[Client], place, modern: bool, rng: Random) -> bool:
    told: Counter[str] = Counter()
    with suppress(ConnectionError, asyncio.IncompleteReadError, AssertionError):
        async with line(world.port) as connection:
            client = kind(connection, modern, place, rng, told)
            if not modern:
                await client.begin()
            await client.call()
            await client.leave()
    return told["answered"] == (1 if modern else 2) and told["left"] == 1


async def _quiet(world: World, before: Vitals) -> Vitals:
    """The last look: as soon as everything has been given back, or when there was time enough for it."""
    deadline = time.monotonic() + QUIET_SECONDS
    while True:
        now = await look(world.proxy, world.tasks_file)
        back = now.fds <= before.fds + MORE_FDS and sum(now.tasks.values()) <= sum(before.tasks.values()) + MORE_TASKS
        if (back and not now.zombies) or time.monotonic() > deadline:
            return now
        await asyncio.sleep(0.5)


def _more(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
