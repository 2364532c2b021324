"""A server whose calls are checked: only tools that it lists, arguments and results by their schemas."""

from collections.abc import Awaitable
from contextlib import aclosing

import msgspec
from msgspec import Raw

from ..catalog.audiences import audience_of
from ..config import Validation
from ..errors import Reason, UpstreamError
from ..upstream.around import PeerAround
from ..upstream.peer import Answer, Call, Parts, Peer, Reply
from ..wire.envelope import Members, encode, members_of, string_of
from ..wire.errors import INVALID_PARAMS, RpcError, UnknownTool, error_for
from ..wire.revisions import Era
from .contracts import Contract, Contracts
from .fault_log import FaultLog
from .payload import Fault, Unreadable, decoded
from .schema import Schema

NO_ARGUMENTS = b"{}"


class GuardedPeer(PeerAround):
    """A Peer that passes calls of listed tools, checked as `validation` says."""

    def __init__(self, name: str, peer: Peer, contracts: Contracts, validation: Validation, log: FaultLog) -> None:
        self._name = name
        super().__init__(peer)
        self._contracts = contracts
        self._validation = validation
        self._observed = validation.arguments == "observe"
        self._log = log
        self._unusable: dict[str, str] = {}

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer. A tool that the server does not list, or that is hidden, is unknown: no call of it reaches the server."""
        if call.method != "tools/call":
            return self._peer.call(call)
        name = call.tool
        if name is None:
            raise RpcError(INVALID_PARAMS, "params.name must be a string")
        contracts = self._contracts.of(audience_of(call.capabilities, call.session)) if call.capabilities else self._contracts
        contract = contracts.known(name)
        if contract is None:
            return self._looked_up(name, call, contracts)
        return self._called(name, call, contract)

    async def _looked_up(self, name: str, call: Call, contracts: Contracts) -> Reply:
        contract = await contracts.get(name, call.deadline)
        if contract is None:
            raise UnknownTool(name)
        return await self._called(name, call, contract)

    def _called(self, name: str, call: Call, contract: Contract) -> Awaitable[Reply]:
        """The reply as it comes, where results are not checked: most tools promise nothing."""
        arguments, result = contract.arguments, contract.result
        if isinstance(arguments, str):
            arguments = self._unchecked(name, "arguments", arguments, self._validation.arguments)
        if isinstance(result, str):
            result = self._unchecked(name, "result", result, self._validation.results)
        if arguments is not None:
            call = self._checked_call(name, call, arguments)
        return self._peer.call(call) if result is None else self._answered(name, call, result)

    async def _answered(self, name: str, call: Call, result: Schema) -> Reply:
        reply = await self._peer.call(call)
        if isinstance(reply, Answer):
            return self._checked_answer(name, call, result, reply)
        return self._parts(name, call, result, reply)

    async def _parts(self, name: str, call: Call, schema: Schema, reply: Parts) -> Parts:
        async with aclosing(reply) as parts:
            async for part in parts:
                yield self._checked_answer(name, call, schema, part) if isinstance(part, Answer) else part

    def _unchecked(self, tool: str, what: str, why: str, mode: str) -> None:
        """There is no usable schema: an enforced check refuses the call before it has an effect."""
        if mode == "enforce":
            raise UpstreamError(Reason.INVALID_SCHEMA, f"the {what} of tool {tool!r} cannot be checked: {why}")
        if self._unusable.get(f"{what} {tool}") != why:
            self._unusable[f"{what} {tool}"] = why
            self._log.line(tool, f"its {what} cannot be checked: {why}")

    def _checked_call(self, tool: str, call: Call, schema: Schema) -> Call:
        """The call with arguments that were read once: what the server gets is what was checked, duplicate keys included."""
        given = call.params.get("arguments")
        data = NO_ARGUMENTS if given is None else bytes(given)
        try:
            value = decoded(data, self._validation)
            faults = schema.faults(value, len(data)) if data.startswith(b"{") else [Fault("", "type")]
        except Unreadable as error:
            if self._observed:
                self._log.line(tool, f"arguments: {error}")
                return call
            raise self._refusal(f"arguments of tool {tool!r}: {error}", []) from None
        if self._observed:
            self._log.faults(tool, "arguments", faults)
            return call
        if faults:
            raise self._refusal(f"arguments of tool {tool!r} break its schema", faults)
        if given is None or (text := encode(value)) == data:
            return call  # most clients write it as we do
        return call.under("arguments", Raw(text))

    def _checked_answer(self, tool: str, call: Call, schema: Schema, answer: Answer) -> Answer:
        """The answer, or an error in its place. An error, of protocol or tool, promises no structure."""
        if answer.is_error:
            return answer
        try:
            result = members_of(answer.value)
            if _promises_nothing(call, result):
                return answer
            content = result.get("structuredContent")
            if content is None:
                faults = [Fault("", "missing")]
            else:
                faults = schema.faults(decoded(data := bytes(content), self._validation), len(data))
            text = "break its schema" if faults else ""
        except msgspec.DecodeError:
            faults, text = [], "is no object"
        except Unreadable as error:
            faults, text = [], str(error)
        if not text:
            return answer
        if self._validation.results == "observe":
            self._log.faults(tool, "result", faults) if faults else self._log.line(tool, f"result: {text}")
            return answer
        fault = UpstreamError(Reason.INVALID_RESULT, f"structured content of tool {tool!r} {text}")
        raise _with_faults(error_for(fault, self._name), faults)

    def _refusal(self, text: str, faults: list[Fault]) -> RpcError:
        data = {"reason": str(Reason.INVALID_ARGUMENTS), "retryable": False, "server": self._name}
        return _with_faults(RpcError(INVALID_PARAMS, f"server {self._name!r}: {text}", data), faults)


def _promises_nothing(call: Call, result: Members) -> bool:
    """A failed tool, a question to the client, or a task: structured content comes with a completed result only."""
    if (failed := result.get("isError")) is not None and bytes(failed) == b"true":
        return True
    if call.era is Era.LEGACY:
        return "task" in call.params
    return string_of(result.get("resultType")) not in (None, "complete")


def _with_faults(error: RpcError, faults: list[Fault]) -> RpcError:
    """`error` naming each place, never what stands there."""
    if not faults:
        return error
    places = ", ".join(f"{fault.pointer or 'the whole'} ({fault.keyword})" for fault in faults)
    named = [{"pointer": fault.pointer, "keyword": fault.keyword} for fault in faults]
    return RpcError(error.code, f"{error.message}: {places}", {**error.members, "faults": named}, error.status)
