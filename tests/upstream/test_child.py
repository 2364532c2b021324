"""Real processes: what goes in, what comes out, and everything that they can do wrong."""

import asyncio
import json
import os
import signal
import subprocess
import time

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import program as program_module
from tests.deadlines import SOON
from tests.upstream.processes import ECHO, stat

pytestmark = pytest.mark.parity("aggregate.backend-stdio")


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
        await asyncio.wait_for(run.child.drain(), SOON)
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
    shown = "grep -E '^Sig(Ign|Blk)' /proc/self/status"
    usual = subprocess.run(["/bin/sh", "-c", shown], capture_output=True, check=True).stdout.splitlines()
    run = await start(shown, "-c", shown, command="/bin/sh")
    await run.exit()
    assert run.lines == usual


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


async def test_an_exit_is_noticed_at_once(start, monkeypatch):
    """It is told with the end of the output: nothing has to run out before."""
    monkeypatch.setattr("mcp_stack_proxy.upstream.child._EOF_SECONDS", 10 * SOON)
    run = await start(ECHO)
    run.child.write(b"1")
    await run.line()
    os.kill(run.child.pid, signal.SIGKILL)
    assert (await run.exit()).code == -9


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
    async with asyncio.timeout(SOON):
        while not run.exits:
            begun = time.process_time()
            other.child.write(b"2")
            await other.line(len(other.lines))
            slowest = max(slowest, time.process_time() - begun)
    assert len(run.lines) == 300_000
    assert run.lines[-1] == b'{"n":299999}'
    assert slowest < 1, "seconds of work on the flood before the other's line had its turn"


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
        await asyncio.wait_for(drained, SOON)


async def test_half_a_line_waits_for_its_end(start):
    code = """
        import sys
        for half in ('{"a"', ': 1', '}\\n{"b": 2}\\n{"c"'):
            sys.stdin.readline()
            print(half, end="", flush=True)
            print("said", file=sys.stderr, flush=True)
        sys.stdin.readline()
    """
    run = await start(code)
    for number in range(3):
        run.child.write(b"go")
        async with asyncio.timeout(SOON):
            while len(run.child.stderr_tail()) <= number:
                await asyncio.sleep(0.01)
        if number < 2:
            assert run.lines == []
    assert [await run.line(0), await run.line(1)] == [b'{"a": 1}', b'{"b": 2}']
    run.child.write(b"go")
    await run.exit()
    assert len(run.lines) == 2, "what never ended is no message"
