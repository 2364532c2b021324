"""`process.start: startup`: a proxy is ready when its servers' processes have answered once, and never unready again."""

import os
import signal
import sys

import pytest

from mcp_stack_proxy.serve.place import places
from mcp_stack_proxy.serve.starting import Starting
from tests.serve.asking import ModernAsker, http
from tests.serve.running import until, until_found
from tests.serve.test_process import alive, serving
from tests.upstream.stdio_peers import PROGRAM

FRAGILE = f"""
import os, sys
open(os.environ["STARTS"], "a").write(f"{{os.getpid()}}\\n")
os.path.exists(os.environ["MENDED"]) or sys.exit("cannot open /srv/private.db")
exec(open({str(PROGRAM)!r}).read())
"""
"""A server that ends at its start until a file is there."""

PROBES = ("/livez", "/readyz", "/startupz")


class Fragile:
    """Such a server: its configuration, and the processes that it has had."""

    def __init__(self, directory):
        self._mended, self._starts = directory / "mended", directory / "starts"

    def config(self, **process):
        env = {"MENDED": str(self._mended), "STARTS": str(self._starts)}
        return {"command": sys.executable, "args": ["-c", FRAGILE], "env": env, "process": process}

    def mend(self):
        self._mended.touch()

    def pids(self):
        return [int(pid) for pid in self._starts.read_text().split()] if self._starts.exists() else []


@pytest.fixture
def fragile(tmp_path):
    return Fragile(tmp_path)


async def probed(client, proxy):
    return [(await client.get(proxy.url + path)).status_code for path in PROBES]


async def count(client, proxy):
    answer = await ModernAsker(client, f"{proxy.url}/mcp").result("tools/call", {"name": "s__count", "arguments": {}})
    return answer["structuredContent"]


@pytest.mark.parametrize("more", [{}, {"sharing": "session"}, {"idle_timeout": "5m"}], ids=["shared", "session", "rests"])
async def test_it_is_ready_once_the_process_has_answered_which_the_first_call_finds_running(tmp_path, fragile, more):
    fragile.mend()
    async with serving({"servers": {"s": fragile.config(start="startup", **more)}}, tmp_path) as proxy, http() as client:
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])
        before = fragile.pids()
        assert len(before) == 1
        assert (await count(client, proxy))["pid"] == before[0]
        assert fragile.pids() == before, "nobody has started another"


async def test_a_process_that_ends_at_its_start_keeps_it_unready_and_is_tried_until_it_answers(tmp_path, fragile):
    async with serving({"servers": {"s": fragile.config(start="startup")}}, tmp_path) as proxy, http() as client:
        await until(lambda: len(fragile.pids()) >= 3, lambda: proxy.lines)  # the first is started once more, asked otherwise
        assert await probed(client, proxy) == [200, 503, 503]
        assert (await client.get(f"{proxy.url}/health")).status_code == 200
        said = (await client.get(f"{proxy.url}/readyz")).json()
        assert said["status"] == "starting"
        assert "private.db" not in str(said)
        fragile.mend()
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])
        failures = [line for line in proxy.lines if "has not started" in line]
        assert all("server s has not started: its process exited with code 1 before it answered; next" in one for one in failures)
        assert len(failures) == len(fragile.pids()) - 2, "one line for each attempt; the first took two processes"
        assert any("stderr: cannot open /srv/private.db" in line for line in proxy.lines), "the log alone says why"
        assert any("server s has started" in line for line in proxy.lines)


async def test_a_program_that_is_not_there_is_tried_again_at_growing_intervals(tmp_path):
    program = tmp_path / "program"
    config = {"servers": {"s": {"command": str(program), "process": {"start": "startup"}}}}
    async with serving(config, tmp_path) as proxy, http() as client:
        await until(lambda: sum("has not started" in line for line in proxy.lines) == 2, lambda: proxy.lines)
        assert await probed(client, proxy) == [200, 503, 503]
        paused = [line.rpartition("next attempt in ")[2] for line in proxy.lines if "has not started" in line]
        assert paused == ["1.0 s", "2.0 s"]
        program.write_text(f"#!{sys.executable}\n{PROGRAM.read_text()}")
        program.chmod(0o755)
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])


SLOW = f"import time; time.sleep(4); exec(open({str(PROGRAM)!r}).read())"


async def test_a_process_that_needs_longer_than_one_attempt_goes_on_and_is_asked_again(tmp_path):
    server = {"command": sys.executable, "args": ["-c", SLOW], "process": {"start": "startup"}}
    async with serving({"servers": {"s": server}, "limits": {"discovery_seconds": 1}}, tmp_path) as proxy, http() as client:
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])
        said = "server s has not started: did not answer in time (an attempt has 1 s, `limits.discovery_seconds`); next"
        assert any(said in line for line in proxy.lines), proxy.lines
        assert not any("exited" in line for line in proxy.lines), "it was the same process all the time"


async def test_a_process_that_is_lost_later_makes_nothing_unready(tmp_path, fragile):
    fragile.mend()
    async with serving({"servers": {"s": fragile.config(start="startup")}}, tmp_path) as proxy, http() as client:
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])
        os.kill(fragile.pids()[0], signal.SIGKILL)
        await until(lambda: any("was killed by SIGKILL" in line for line in proxy.lines), lambda: proxy.lines)
        assert await probed(client, proxy) == [200, 200, 200]
        assert len(fragile.pids()) == 1, "the next call starts another, as ever"


@pytest.mark.parametrize("process", [{}, {"start": "first_call"}])
async def test_without_it_the_first_call_starts_the_process_and_nobody_waits(tmp_path, fragile, process):
    fragile.mend()
    async with serving({"servers": {"s": fragile.config(**process)}}, tmp_path) as proxy, http() as client:
        assert await probed(client, proxy) == [200, 200, 200]
        assert fragile.pids() == []
        assert (await count(client, proxy))["pid"] == fragile.pids()[0]


async def test_calls_that_come_during_the_start_wait_for_the_same_process(tmp_path, fragile):
    fragile.mend()
    async with serving({"servers": {"s": fragile.config(start="startup")}}, tmp_path) as proxy, http() as client:
        assert (await count(client, proxy))["calls"] == 1
        assert len(fragile.pids()) == 1


async def test_a_server_that_starts_and_one_that_does_not_are_served_meanwhile(tmp_path, fragile):
    good = {"command": sys.executable, "args": [str(PROGRAM)], "process": {"start": "startup"}}
    config = {"servers": {"s": good, "bad": fragile.config(start="startup")}}
    async with serving(config, tmp_path) as proxy, http() as client:
        assert (await count(client, proxy))["calls"] == 1
        assert await probed(client, proxy) == [200, 503, 503]


async def test_sigterm_during_the_start_ends_it_without_the_time_that_a_server_gets(tmp_path):
    pids = tmp_path / "pids"
    silent = f"import os, time; open({str(pids)!r}, 'w').write(str(os.getpid()) + ' '); time.sleep(600)"
    config = {"servers": {"s": {"command": sys.executable, "args": ["-c", silent], "process": {"start": "startup"}}}}
    async with serving({**config, "limits": {"drain_seconds": 120}}, tmp_path) as proxy:
        await until(lambda: pids.exists() and pids.read_text().endswith(" "), lambda: proxy.lines)
        proxy.stop()
        assert await proxy.ended() == 0
        assert not alive(int(pids.read_text()))
        assert not any("has not started" in line for line in proxy.lines), "it was told to end"


async def test_several_workers_are_ready_when_each_has_its_process(tmp_path, fragile):
    config = {"servers": {"s": fragile.config(start="startup")}}
    async with serving(config, tmp_path, "--workers", "2") as proxy, http() as client:
        client.headers["connection"] = "close"
        await until(lambda: len(fragile.pids()) >= 4, lambda: proxy.lines)
        assert {(await client.get(f"{proxy.url}/readyz")).status_code for _ in range(8)} == {503}
        fragile.mend()
        await until_found(lambda: probed(client, proxy), lambda found: found == [200, 200, 200])
        assert {(await client.get(f"{proxy.url}/readyz")).status_code for _ in range(24)} == {200}, "whoever is asked"


class Connection:
    connects = 0


def test_workers_are_ready_together_and_one_that_is_replaced_stays_so():
    first, second = places(("127.0.0.1:1", "127.0.0.1:2"))
    connections = [Connection(), Connection()]
    starting = [Starting([("s", one, 1.0)], place) for one, place in zip(connections, (first, second), strict=True)]
    connections[0].connects = 1
    assert [one.done() for one in starting] == [False, False]
    connections[1].connects = 1
    assert [starting[1].done(), starting[0].done()] == [True, True]
    assert Starting([("s", Connection(), 1.0)], second).done(), "it has taken the place of one that was ready"
