"""When a replica calls another one, how often, and what it takes from one."""

import time
from types import SimpleNamespace

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.serve import replicas as module
from mcp_stack_proxy.serve.http import Request
from mcp_stack_proxy.serve.replicas import HOP, LOG_LEVEL, SERVING, Replicas, _digest
from mcp_stack_proxy.serve.sessions import Sessions
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import decode_message, raw
from mcp_stack_proxy.wire.errors import RpcError
from mcp_stack_proxy.wire.sealing import Keyring
from mcp_stack_proxy.wire.tickets import Tickets

KEYS = Keyring([bytes(range(32))])
HOME, HERE, THIRD = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"
OWNER = SimpleNamespace(name=None)
NOTE = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'


class Heard(Replicas):
    """Replicas at one address, of which a test sees what they say."""

    def __init__(self, address):
        tickets = lambda purpose: Tickets(KEYS, purpose, address, address)  # noqa: E731
        super().__init__(SimpleNamespace(address=address, tickets=tickets), Limits(), Tasks())
        self.said = []
        self.answer = Answer()

    async def _say(self, request, address, body, hops):
        self.said.append((address, decode_message(body), hops))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Answer:
    """What another replica says."""

    def __init__(self, status=202, level=b"info"):
        self.status = status
        self.level = level

    def header(self, name):
        return self.level if name == LOG_LEVEL else None


def request(hop=None, subject=None):
    headers = {} if hop is None else {HOP: hop}
    caller = None if subject is None else SimpleNamespace(subject=subject)
    return Request("POST", "/mcp", b"", list(headers.items()), headers, None, [], [], b"", caller)


@pytest.fixture
def session():
    return Sessions(KEYS, HOME).open(OWNER, "2025-11-25", None)


@pytest.mark.parametrize(
    ("address", "hop"), [("", None), (HERE, None), (HOME, b"1")], ids=["nowhere", "here, before a restart", "passed on already"]
)
async def test_what_leads_nowhere_is_refused_and_may_be_sent_again(address, hop):
    asked = request(hop)
    with pytest.raises(RpcError) as caught:
        await Heard(HERE).forward(asked, address, None)
    assert (caught.value.status, caught.value.code, caught.value.data["reason"]) == (503, -31009, "replica-gone")
    assert caught.value.data["retryable"] is True
    assert asked.extra == [(b"retry-after", b"1")]


class Silent(Replicas):
    """Replicas that never answer."""

    def __init__(self, fault):
        super().__init__(SimpleNamespace(address=HERE, tickets=lambda purpose: None), Limits(), Tasks())
        self.fault = fault

    async def _send(self, *args, **more):
        raise self.fault


CALL = decode_message(b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}')
RESULT = decode_message(b'{"jsonrpc":"2.0","id":"q","result":{}}')


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.TIMEOUT])
@pytest.mark.parametrize(("message", "status"), [(CALL, None), (RESULT, 502), (None, 502)])
async def test_what_another_replica_may_have_read_is_not_to_be_sent_again(reason, message, status):
    asked = request()
    asked.client = SimpleNamespace(watch=lambda left: None, unwatch=lambda left: None)
    with pytest.raises(RpcError) as caught:
        await Silent(UpstreamError(reason, "10.0.0.1 went away")).forward(asked, HOME, message)
    assert (caught.value.data, caught.value.status) == ({"reason": reason, "retryable": False}, status)
    assert "10.0.0.1" not in caught.value.message
    assert asked.extra == []


async def test_what_another_replica_surely_has_not_read_may_be_sent_again():
    asked = request()
    asked.client = SimpleNamespace(watch=lambda left: None, unwatch=lambda left: None)
    with pytest.raises(RpcError) as caught:
        await Silent(UpstreamError(Reason.UNREACHABLE, "refused", retryable=True)).forward(asked, HOME, CALL)
    assert (caught.value.status, caught.value.data["reason"], caught.value.data["retryable"]) == (503, "replica-gone", True)


async def test_the_replica_that_opened_a_session_is_told_who_else_serves_it(session):
    here, home = Heard(HERE), Heard(HOME)
    assert await here.join(request(), session)
    [(address, message, hops)] = here.said
    assert session.announced
    assert (address, message.method, hops) == (HOME, SERVING, 1)
    home.joined(request(), session, message.params())
    assert list(session.elsewhere) == [HERE]


@pytest.mark.parametrize(
    ("answer", "goes_on", "level"),
    [
        (Answer(202, b"error"), True, "error"),
        (Answer(202, b"loud"), True, "info"),
        (Answer(202, None), True, "info"),
        (Answer(404), False, "info"),
        (UpstreamError(Reason.UNREACHABLE, "gone"), True, "info"),
    ],
)
async def test_who_opened_a_session_knows_whether_it_goes_on_and_how(session, answer, goes_on, level):
    replicas = Heard(HERE)
    replicas.answer = answer
    assert await replicas.join(request(), session) is goes_on
    assert session.log_level == level


async def test_a_replica_that_is_gone_is_not_asked_for_a_while(session, monkeypatch):
    replicas = Heard(HERE)
    replicas.answer = UpstreamError(Reason.TIMEOUT, "gone")
    monkeypatch.setattr(module, "QUICK_SECONDS", -1.0)
    for _ in range(3):
        assert await replicas.join(request(), session)
    assert len(replicas.said) == 1
    assert not session.announced, "it is asked later"
    monkeypatch.setattr(module, "MAX_REPLICAS", 1)
    assert await replicas.join(request(), Sessions(KEYS, THIRD).open(OWNER, "2025-11-25", None))
    assert list(replicas._lost) == [THIRD]


@pytest.mark.parametrize("address", [HOME, ""], ids=["at home", "where nobody is reached"])
async def test_nobody_is_told_where_nobody_has_to_know(session, address):
    replicas = Heard(address)
    assert await replicas.join(request(), session)
    assert replicas.said == []


async def test_what_another_replica_passes_on_is_no_use_of_a_session_here(session):
    replicas = Heard(HERE)
    assert await replicas.join(request(b"1"), session)
    assert (replicas.said, session.announced) == ([], False)


async def test_a_session_that_only_one_process_knows_is_nobody_elses():
    alone = Sessions(KEYS).open(OWNER, "2025-11-25", None)
    replicas = Heard(HERE)
    assert await replicas.join(request(), alone)
    await replicas.tell(request(), alone, NOTE)
    assert replicas.said == []


@pytest.mark.parametrize("text", ["made up", None, 7])
def test_a_client_cannot_make_a_replica_call_an_address(session, text):
    Heard(HOME).joined(request(), session, {} if text is None else {"replica": raw(text)})
    assert session.elsewhere == {}


@pytest.mark.parametrize(
    ("address", "subject", "expires", "digest"),
    [(THIRD, "bob", 60, None), (THIRD, None, -1, None), (THIRD, None, 60, b"another"), (HOME, None, 60, None)],
    ids=["somebody else's", "old", "of another session", "its own"],
)
def test_a_note_counts_for_its_session_its_subject_and_its_time(session, address, subject, expires, digest):
    note = Tickets(KEYS, "serving", address, "p").issue("", subject, digest or _digest(session), time.time() + expires)
    Heard(HOME).joined(request(), session, {"replica": raw(note)})
    assert session.elsewhere == {}


@pytest.mark.parametrize(
    ("address", "hop", "said"),
    [
        (HERE, None, [(HOME, 1)]),
        (HERE, b"1", []),
        (HOME, None, [(HERE, 2), (THIRD, 2)]),
        (HOME, b"1", [(HERE, 2), (THIRD, 2)]),
        (HOME, b"2", []),
        (HOME, b"x", []),
        (HOME, b"10", []),
        (THIRD, b"2", []),
    ],
)
async def test_a_notification_goes_home_and_from_there_to_all_others_and_no_further(session, address, hop, said):
    session.elsewhere = {HERE: None, THIRD: None}
    replicas = Heard(address)
    await replicas.tell(request(hop), session, NOTE)
    assert [(to, hops) for to, _, hops in replicas.said] == said
    assert all(message.method == "notifications/cancelled" for _, message, _ in replicas.said)
