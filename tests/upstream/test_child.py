"""Real processes, and everything that a process can do to whoever started it."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import program as program_module
from mcp_stack_proxy.upstream.child import Child

pytestmark = pytest.mark.parity("aggregate.backend-stdio")

PROC = Path("/proc")
ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"
DEAF = "import time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(600)"


class Run:
    """A child with what it said so far."""

    def __init__(self):
        self.lines, self.exits = [], []
        self.said, self.over = asyncio.Event(), asyncio.Event()
        self.child = None

    def hear(self, line):
        assert not self.exits, "a line after the end"
        self.lines.append(line)
        self.said.set()

    def end(self, exit_):
        self.exits.append(exit_)
        self.over.set()

    async def line(self, number=0):
        async with asyncio.timeout(10):
            while len(self.lines) <= number:
                self.said.clear()
                await self.said.wait()
        return self.lines[number]

    async def exit(self):
        await asyncio.wait_for(self.over.wait(), 10)
        assert len(self.exits) == 1
        return self.exits[0]


@pytest.fixture
async def start():
    """Starts Python code as a child. Afterwards nothing is left of it: no process, no zombie, no descriptor."""
    gc.collect()
    before, runs, mishaps = descriptors(), [], []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mishaps.append(context))

    async def begin(code, *args, env=None, cwd=None, command=sys.executable, **limits):
        run = Run()
        runs.append(run)
        arguments = ["-c", textwrap.dedent(code), *args] if command == sys.executable else list(args)
        run.child = await Child.start(
            command, arguments, env or {}, cwd, limits=Limits.model_validate(limits), on_line=run.hear, on_exit=run.end
        )
        return run

    yield begin
    for run in runs:
        if run.child is not None:
            await asyncio.wait_for(run.child.stop(0.2), 10)
            await run.exit()
            assert await vanished(run.child.pid)
            assert members(run.child.pid) == []
    await asyncio.sleep(0.01)
    assert descriptors() - before == set()
    assert mishaps == []


def descriptors():
    """What a child costs: pipes and pidfds. A loop opens others for itself when it first needs them."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            target = str(entry.readlink())
            if target.startswith(("pipe:", "anon_inode:[pidfd]")):
                found.add((entry.name, target))
    return found


def stat(pid):
    """State, process group and session of a process, or None."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[2]), int(fields[3])


def members(group):
    """Living processes of a process group."""
    found = {int(entry.name): stat(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()}
    return [pid for pid, info in found.items() if info and info[1] == group and info[0] != "Z"]


async def vanished(pid):
    for _ in range(200):
        if stat(pid) is None:
            return True
        await asyncio.sleep(0.02)
    return False


async def dead(pid):
    """Gone, or a zombie that its own parent has to collect."""
    for _ in range(200):
        if (info := stat(pid)) is None or info[0] == "Z":
            return True
        await asyncio.sleep(0.02)
    return False


async def test_lines_go_in_and_come_out(start):
    run = await start(ECHO)
    for number in range(3):
        run.child.write(b'{"id":%d}' % number)
        await run.child.drain()
        assert await run.line(number) == b'{"id":%d}' % number


async def test_a_message_stays_one_line(start):
    run = await start(ECHO)
    run.child.write(b'{\r\n "a": 1,\r"b": 2\n}')
    assert json.loads(await run.line()) == {"a": 1, "b": 2}


async def test_large_messages_pass_both_ways(start):
    run = await start(ECHO)
    message = b'"' + b"x" * 3_000_000 + b'"'
    for number in range(3):
        run.child.write(message)
        await asyncio.wait_for(run.child.drain(), 10)
        assert await run.line(number) == message


async def test_the_process_has_a_session_of_its_own_and_our_end_is_its_end(start):
    run = await start(ECHO)
    run.child.write(b"1")
    await run.line()
    _, group, session = stat(run.child.pid)
    assert group == session == run.child.pid


async def test_the_environment_is_what_was_given(start, monkeypatch):
    monkeypatch.setenv("SECRET_OF_ANOTHER", "x")
    monkeypatch.delenv("LANG", raising=False)
    run = await start("import os, json; print(json.dumps(dict(os.environ)))", command="/usr/bin/env", env={"OWN": "a b"})
    await run.exit()
    seen = dict(line.decode().split("=", 1) for line in run.lines)
    assert seen == {**{name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}, "OWN": "a b"}


@pytest.mark.parametrize("name", ["LC_CTYPE", "LC_ALL"])
async def test_a_locale_that_was_given_stays(start, name):
    run = await start("", command="/usr/bin/env", env={name: "C"})
    await run.exit()
    assert f"{name}=C".encode() in run.lines


async def test_arguments_pass_no_shell(start, tmp_path):
    run = await start("import sys, os; print(sys.argv[1:], os.getcwd())", "$(touch x)", "; a | b", "", "-c", cwd=str(tmp_path))
    assert (await run.line()).decode() == f"['$(touch x)', '; a | b', '', '-c'] {tmp_path}"
    await run.exit()
    assert list(tmp_path.iterdir()) == []


async def test_signals_reach_the_program_as_usual(start):
    code = """
        import signal
        print([str(signal.getsignal(n)) for n in (signal.SIGXFSZ,)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
    """
    run = await start("grep SigIgn /proc/self/status", "-c", "grep -E '^Sig(Ign|Blk)' /proc/self/status", command="/bin/sh")
    await run.exit()
    assert [line.split()[1] for line in run.lines] == [b"0" * 16] * 2, code


@pytest.mark.parametrize(
    ("code", "says", "number"),
    [
        ("raise SystemExit(0)", "exited with code 0", 0),
        ("raise SystemExit(3)", "exited with code 3", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL", -9),
        ("import os, signal; os.kill(os.getpid(), 40)", "was killed by signal 40", -40),
    ],
)
async def test_an_exit_is_told_once_with_what_the_process_said_last(start, code, says, number):
    run = await start(f"import sys\nprint('last words', flush=True)\nprint('why', file=sys.stderr, flush=True)\n{code}")
    exit_ = await run.exit()
    assert (str(exit_), exit_.code, exit_.stderr, exit_.fault) == (says, number, ("why",), None)
    assert run.lines == [b"last words"]
    with pytest.raises(UpstreamError, match="has ended") as caught:
        run.child.write(b"{}")
    assert caught.value.retryable
    with pytest.raises(UpstreamError, match="has ended"):
        await run.child.drain()


async def test_an_exit_is_noticed_at_once(start):
    run = await start(ECHO)
    run.child.write(b"1")
    await run.line()
    begun = time.monotonic()
    os.kill(run.child.pid, signal.SIGKILL)
    assert (await run.exit()).code == -9
    assert time.monotonic() - begun < 0.4


async def test_a_program_that_cannot_run_says_why(start, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    run = await start("", command=str(broken))
    exit_ = await run.exit()
    assert exit_.code == 126
    assert exit_.stderr == ("broken cannot be executed: No such file or directory",)


async def test_a_program_that_does_not_exist_is_an_error_before_any_process(start):
    with pytest.raises(UpstreamError, match="program 'no-such-server' was not found"):
        await start("", command="/opt/no-such-server")
    with pytest.raises(UpstreamError, match="'python3' cannot be started: its command or environment holds a NUL"):
        await start("", "a\0b", command="python3")


async def test_a_system_out_of_processes_is_an_error(start, monkeypatch):
    def exhausted(*_args, **_named):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(program_module.subprocess, "Popen", exhausted)
    with pytest.raises(UpstreamError, match="cannot be started: Resource temporarily unavailable") as caught:
        await start(ECHO)
    assert (caught.value.reason, caught.value.retryable) == (Reason.UNREACHABLE, True)


async def test_stop_lets_a_server_end_by_itself(start):
    run = await start("import sys\nfor line in sys.stdin: pass\nprint('bye', flush=True)\nraise SystemExit(7)")
    await asyncio.wait_for(run.child.stop(10), 5)
    assert (await run.exit()).code == 7
    assert run.lines == [b"bye"]


async def test_stop_asks_before_it_kills(start):
    code = """
        import signal, sys, time
        def leave(*_):
            print("asked", flush=True)
            sys.exit(5)
        signal.signal(signal.SIGTERM, leave)
        print("ready", flush=True)
        time.sleep(600)
    """
    run = await start(code)
    await run.line()
    await asyncio.wait_for(run.child.stop(1), 5)
    assert (await run.exit()).code == 5
    assert run.lines == [b"ready", b"asked"]


async def test_stop_kills_what_does_not_listen_within_the_grace(start):
    run = await start(DEAF)
    await run.line()
    begun = time.monotonic()
    await asyncio.wait_for(run.child.stop(0.4), 5)
    assert 0.4 <= time.monotonic() - begun < 2
    assert (await run.exit()).code == -signal.SIGKILL


async def test_stop_kills_a_stopped_process(start):
    run = await start(DEAF)
    await run.line()
    os.kill(run.child.pid, signal.SIGSTOP)
    await asyncio.wait_for(run.child.stop(0.1), 5)
    assert (await run.exit()).code == -signal.SIGKILL


async def test_stop_may_be_called_by_many_and_again(start):
    run = await start(DEAF)
    await run.line()
    await asyncio.wait_for(asyncio.gather(*(run.child.stop(0.1) for _ in range(5))), 5)
    await asyncio.wait_for(run.child.stop(60), 1)


async def test_a_stop_that_is_cancelled_kills_at_once(start):
    run = await start(DEAF)
    await run.line()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run.child.stop(60), 0.1)
    assert (await run.exit()).code == -signal.SIGKILL


STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(600)
"""

FAMILY = """
    import subprocess, sys
    two = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE);"
        "p.stdout.readline();"
        "print(p.pid, flush=True);"
        "time.sleep(600)"
    )
    one = subprocess.Popen([sys.executable, "-c", two, sys.argv[1]])
    print(one.pid, flush=True)
"""


@pytest.mark.parametrize("how", ["stop", "exit", "kill"])
async def test_grandchildren_end_with_the_process(start, how):
    ends = {"stop": "import time; time.sleep(600)", "kill": "import time; time.sleep(600)", "exit": "sys.stdin.readline()"}
    run = await start(textwrap.dedent(FAMILY) + ends[how], textwrap.dedent(STUBBORN))
    family = {int(await run.line(0)), int(await run.line(1))}
    assert family <= set(members(run.child.pid))
    if how == "stop":
        await asyncio.wait_for(run.child.stop(0.2), 5)
    elif how == "kill":
        os.kill(run.child.pid, signal.SIGKILL)
    else:
        run.child.write(b"go")
    await run.exit()
    assert [await dead(pid) for pid in family] == [True, True]


async def test_a_daemon_that_left_the_group_and_holds_the_pipes_delays_the_news_only_briefly(start):
    code = """
        import subprocess, sys
        daemon = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        print(daemon.pid, flush=True)
    """
    run = await start(code)
    daemon = int(await run.line())
    try:
        begun = time.monotonic()
        assert (await run.exit()).code == 0
        assert time.monotonic() - begun < 3
    finally:
        os.kill(daemon, signal.SIGKILL)


async def test_a_flood_on_stderr_blocks_nothing_and_its_end_is_kept(start):
    code = """
        import sys
        for number in range(200_000):
            print("noise", number, "\\x1b[31m" + "x" * 50, file=sys.stderr)
        print("done", flush=True)
        sys.stdin.readline()
    """
    run = await start(code)
    assert await run.line() == b"done"
    run.child.write(b"end")
    exit_ = await run.exit()
    assert len(exit_.stderr) == len(run.child.stderr_tail()) == 50
    assert exit_.stderr[-1] == "noise 199999 " + "x" * 50


async def test_a_flood_on_stdout_arrives_whole_and_lets_others_run(start):
    run = await start("import sys\nfor n in range(300_000): sys.stdout.write('{\"n\":%d}\\n' % n)")
    other = await start(ECHO)
    other.child.write(b"1")
    await other.line()
    slowest = 0.0
    async with asyncio.timeout(30):
        while not run.exits:
            begun = time.monotonic()
            other.child.write(b"2")
            await other.line(len(other.lines))
            slowest = max(slowest, time.monotonic() - begun)
    assert len(run.lines) == 300_000
    assert run.lines[-1] == b'{"n":299999}'
    assert slowest < 2


@pytest.mark.parametrize("end", ["", "\\n"])
async def test_a_line_beyond_the_limit_ends_the_process(start, end):
    say = f"sys.stdout.write('x' * 3_000_000 + '{end}')"
    code = f"import sys, time; print('before', flush=True); {say}; sys.stdout.flush(); time.sleep(600)"
    run = await start(code, max_message_bytes=1_000_000)
    exit_ = await run.exit()
    assert run.lines == [b"before"]
    assert exit_.fault.reason is Reason.INVALID
    assert str(exit_) == "was stopped: sent a line of more than 1000000 bytes"
    with pytest.raises(UpstreamError):
        run.child.write(b"{}")


async def test_garbage_is_handed_on_line_by_line(start):
    run = await start(
        "import sys, os; sys.stdout.buffer.write(b'\\xff\\x00\\xfe\\n\\n  \\n\\x80' + bytes(range(11, 256)) + b'\\n')"
    )
    await run.exit()
    assert run.lines == [b"\xff\x00\xfe", b"\x80" + bytes(range(11, 256))]


@pytest.mark.parametrize("what", ["stdin", "stdout"])
async def test_a_process_that_closes_its_ears_or_mouth_and_stays_is_ended(start, what):
    number = {"stdin": 0, "stdout": 1}[what]
    run = await start(f"import os, time; print('ready', flush=True); os.close({number}); time.sleep(600)")
    exit_ = await run.exit()
    assert str(exit_) == "was stopped: closed its input or output and went on"


async def test_a_process_that_does_not_read_is_written_to_only_so_much(start):
    run = await start("import time; print('ready', flush=True); time.sleep(600)", max_body_bytes=100_000)
    await run.line()
    written = 0

    async def flood():
        nonlocal written
        while written < 10_000_000:
            run.child.write(b"x" * 10_000)
            written += 10_001
            await asyncio.sleep(0)

    with pytest.raises(UpstreamError, match="does not read its input, 400000 bytes wait") as caught:
        await flood()
    assert caught.value.retryable
    assert written < 1_000_000
    drained = asyncio.ensure_future(run.child.drain())
    await asyncio.sleep(0.05)
    assert not drained.done()
    os.kill(run.child.pid, signal.SIGKILL)
    with pytest.raises(UpstreamError, match="has ended"):
        await asyncio.wait_for(drained, 5)


async def test_a_start_that_is_cancelled_leaves_nothing(start, monkeypatch):
    spawned = asyncio.get_running_loop().create_future()
    spawn = program_module.spawn

    def noted(program):
        process = spawn(program)
        spawned.set_result(process.pid)
        return process

    monkeypatch.setattr("mcp_stack_proxy.upstream.child.spawn", noted)
    starting = asyncio.ensure_future(start(DEAF))
    pid = await asyncio.wait_for(spawned, 10)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert await vanished(pid)
    await asyncio.sleep(0.05)  # its pipes close when the loop comes round


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2)")
async def test_children_die_with_a_proxy_that_is_killed(tmp_path):
    parent = """
        import asyncio, sys
        from mcp_stack_proxy.config import Limits
        from mcp_stack_proxy.upstream.child import Child
        async def main():
            ready = asyncio.Event()
            told = {"on_line": lambda _: ready.set(), "on_exit": print}
            child = await Child.start(sys.executable, ["-c", sys.argv[1]], {}, None, limits=Limits(), **told)
            await ready.wait()
            print(child.pid, flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(parent),
        textwrap.dedent(STUBBORN),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    pid = int(await asyncio.wait_for(process.stdout.readline(), 10))
    assert stat(pid) is not None
    process.kill()
    await asyncio.wait_for(process.wait(), 5)
    assert await dead(pid)
