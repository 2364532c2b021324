"""A command-line program as a server of tools."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Any, cast

import msgspec
from msgspec import Raw

from ...config import CliConfig, Limits, ServerConfig
from ...errors import UpstreamError
from ...wire.bridge import legacy_result, meta_of
from ...wire.envelope import Members, encode, raw, string_of
from ...wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RpcError, UnknownTool
from ...wire.revisions import LATEST_MODERN, Era
from ..peer import Answer, Call, Hello, Notification, Parts, Reply
from ..program import Program
from ..single_flight import SingleFlight
from ..tasks import Tasks
from .arguments import Unusable, stdin_of, words_of
from .explorer import Explorer, identity_of
from .progress import Progress
from .run import FLOOD, Outcome
from .runner import Runner
from .tools import Tool

HELPS_AT_ONCE = 4
"""Processes that read the help side by side; they need nothing from each other, and the machine has other work."""

SHARE = 0.9
"""Part of `limits.discovery_seconds` for the help, so that what it has come to is told before the list is given up."""

_HELLO = Hello(Era.MODERN, LATEST_MODERN, {"tools": Raw(b"{}")})


class CliPeer:
    """See Peer. Nothing runs between calls; the help is read with the first, and again when the program is replaced."""

    def __init__(self, name: str, config: ServerConfig, limits: Limits, tasks: Tasks) -> None:
        self.name = name
        self._program = Program(config.command or "", tuple(config.args), config.env, config.cwd)
        self._config = config.cli or CliConfig()
        self._limits = limits
        self._tasks = tasks
        self._runner = Runner(self._program, self._config.concurrency)
        self._asking = Runner(self._program, HELPS_AT_ONCE)
        self._explorer = Explorer(name, self._program, self._config, self._asking)
        self._tools: SingleFlight[dict[str, Tool]] = SingleFlight(f"help of {name}", tasks, self._explore)
        self._identity: tuple[object, ...] = ()

    @property
    def connected(self) -> bool:
        """See Peer."""
        return self._tools.value is not None

    @property
    def connects(self) -> int:
        """Times that its help was read."""
        return self._tools.made

    async def hello(self, deadline: float) -> Hello:
        """See Peer. What can be known without a process: whether the program is there."""
        self._program.check()
        return _HELLO

    async def call(self, call: Call) -> Reply:
        """See Peer. A call that says where its progress goes gets each line of output as it comes."""
        if call.method == "tools/list":
            return _answer(call, {"tools": [tool.listed() for tool in (await self._current(call.deadline)).values()]})
        if call.method != "tools/call":
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {call.method}")
        name = string_of(call.params.get("name")) or ""
        tool = (self._tools.value or await self._tools.get(call.deadline)).get(name)
        if tool is None:
            raise UnknownTool(name)
        try:
            arguments = _arguments(call.params)
            words = words_of(tool, arguments, end_of_options=self._config.end_of_options, joined_values=self._config.joined_values)
            stdin = stdin_of(tool, arguments)
        except Unusable as reason:
            return _answer(call, {"content": [_text(str(reason))], "isError": True})
        token = meta_of(call.params).get("progressToken")
        if token is None:
            return _answer(call, _result(await self._run(call, words, stdin, None), self._config))
        return self._parts(call, words, stdin, token)

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """See Peer: a program has no resources."""
        raise RpcError(METHOD_NOT_FOUND, "Method not found: resources/subscribe")

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Peer: a run hears of nothing but its arguments."""

    def left(self, session: Hashable) -> None:
        """See Peer: no run belongs to a session."""

    async def aclose(self, grace: float) -> None:
        """See Peer."""
        self._tools.forget()
        await asyncio.gather(self._runner.aclose(grace), self._asking.aclose(0))

    # --- tools

    async def _current(self, deadline: float) -> dict[str, Tool]:
        if self._tools.value is not None and identity_of(self._program) != self._identity:
            self._explorer.forget()
            self._tools.forget()
        return await self._tools.get(deadline)

    async def _explore(self) -> dict[str, Tool]:
        identity = identity_of(self._program)
        deadline = asyncio.get_running_loop().time() + SHARE * self._limits.discovery_seconds
        try:
            tools = await self._explorer.tools(deadline)
        except ExceptionGroup as group:  # of the tasks that read side by side
            faults, others = group.split(UpstreamError)
            if others is not None or faults is None:
                raise
            raise _first(faults) from None
        self._identity = identity
        return {tool.name: tool for tool in tools}

    # --- runs

    async def _run(self, call: Call, words: Sequence[str], stdin: bytes, progress: Progress | None) -> Outcome:
        return await self._runner.run(
            words,
            deadline=call.deadline,
            seconds=self._config.timeout_seconds,
            max_output_bytes=self._config.max_output_bytes,
            stdin=stdin,
            heard=progress.feed if progress is not None else None,
        )

    async def _parts(self, call: Call, words: Sequence[str], stdin: bytes, token: Raw) -> Parts:
        progress = Progress()
        running = self._tasks.spawn(self._run(call, words, stdin, progress), f"run {self.name}")
        running.add_done_callback(lambda _: progress.more.set())
        try:
            while True:
                await progress.more.wait()
                done = running.done()
                for number, line in progress.take():
                    params = {"progressToken": token, "progress": raw(number), "message": raw(line)}
                    yield Notification("notifications/progress", params)
                if done:
                    break
            outcome = running.result()
        finally:
            if not running.done():
                running.cancel()
                await asyncio.wait({running})
        yield _answer(call, _result(outcome, self._config))


def _first(group: BaseExceptionGroup[UpstreamError]) -> UpstreamError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return cast("UpstreamError", error)


def _arguments(params: Members) -> dict[str, Any]:
    try:
        return msgspec.json.decode(params.get("arguments", Raw(b"{}")), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise RpcError(INVALID_PARAMS, "params.arguments must be an object") from None


def _result(outcome: Outcome, config: CliConfig) -> dict[str, Any]:
    """What a run said, as text for those who read text, and as structured content."""
    content = [_text(outcome.stdout)] if outcome.stdout else []
    if outcome.stderr:
        content.append(_text(f"stderr:\n{outcome.stderr}"))
    if outcome.timed_out:
        content.append(_text(f"It was ended because it did not end by itself within {config.timeout_seconds:g} s"))
    elif outcome.flooded:
        content.append(_text(f"It was ended because it wrote more than {FLOOD * config.max_output_bytes} bytes"))
    elif outcome.exit_code != 0:
        how = (
            f"It exited with code {outcome.exit_code}" if outcome.exit_code > 0 else f"It was killed by signal {-outcome.exit_code}"
        )
        content.append(_text(how))
    result: dict[str, Any] = {"content": content or [_text("")]}
    result["structuredContent"] = {
        "exit_code": outcome.exit_code,
        "stdout": outcome.stdout,
        "stderr": outcome.stderr,
        "truncated": outcome.truncated,
        "timed_out": outcome.timed_out,
    }
    if outcome.exit_code != 0 or outcome.timed_out or outcome.flooded:
        result["isError"] = True
    return result


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _answer(call: Call, result: dict[str, Any]) -> Answer:
    extra: dict[str, Any] = {"resultType": "complete"}
    if call.method == "tools/list":
        extra |= {"ttlMs": 0, "cacheScope": "private"}
    value = Raw(encode({**result, **extra}))
    return Answer(value if call.era is Era.MODERN else legacy_result(value))
