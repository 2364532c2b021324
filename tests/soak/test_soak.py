"""Twenty seconds of `make soak`; and what it would say of a proxy that loses, repeats, mixes up or keeps."""

import json
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from tests.soak.client import Client, Place, SessionOver
from tests.soak.soak import MORE_FDS, Report, soak
from tests.soak.vitals import Vitals, growth

SECONDS, CLIENTS, MOST_MB = 20, 60, 15

STEADY, SHAKY = (Place("/servers/s/mcp", "", shaky) for shaky in (False, True))
QUIET = Vitals(0, 50, 20, 2, 0, {"listen": 2})


async def test_nothing_is_lost_repeated_mixed_up_or_kept_while_servers_die(tmp_path, capsys):
    report = await soak(tmp_path, SECONDS, CLIENTS, seed=1)
    with capsys.disabled():
        print(f"\n{report.text()}")
    assert report.wrong + report.leaks(MOST_MB) == [], (tmp_path / "proxy.log").read_text()[-5000:]
    assert report.told["answered"] > CLIENTS
    assert {what.split()[0] for what in report.blows} == {"kill", "stall"}
    assert any("error" in what for what in report.told), "no client met bad weather"


def client(place=STEADY, session=None):
    client = Client(None, True, place, Random(1), Counter())
    client.last_id, client.session = 7, session
    return client


def result(id_=7):
    return {"jsonrpc": "2.0", "id": id_, "result": {}}


def refusal(code):
    return {"jsonrpc": "2.0", "id": 7, "error": {"code": code, "message": "m"}}


def progress(token, word):
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "message": word}}


def events(*messages):
    return b"".join(b"data: %b\n\n" % json.dumps(message).encode() for message in messages)


@pytest.mark.parametrize(
    ("place", "status", "body", "complaint"),
    [
        (STEADY, 200, json.dumps(result(8)).encode(), "the answer to another request"),
        (STEADY, 200, events(result(), result()), "method"),
        (STEADY, 200, events(progress("other", "other"), result()), "other"),
        (STEADY, 200, events(progress("w", "other"), result()), "other"),
        (STEADY, 200, json.dumps(refusal(-31001)).encode(), "a steady server's answer"),
        (SHAKY, 200, json.dumps(refusal(-32603)).encode(), "no typed error"),
    ],
)
def test_an_answer_that_is_not_owed_is_a_complaint(place, status, body, complaint):
    with pytest.raises((AssertionError, KeyError), match=complaint):
        client(place).answer(status, body, "w")


def test_answers_that_are_owed_are_counted():
    asked = client(SHAKY)
    asked.answer(200, events(progress("w", "w"), progress("w", "w"), result()), "w")
    asked.answer(200, json.dumps(refusal(-31002)).encode(), "w")
    assert asked.told == {"answered": 1, "error -31002": 1}
    with pytest.raises(SessionOver):
        client(SHAKY, session="s").answer(404, json.dumps(refusal(-32600)).encode())


@pytest.mark.parametrize(
    ("after", "leak"),
    [
        (QUIET, None),
        (replace(QUIET, fds=20 + MORE_FDS + 1), "descriptors"),
        (replace(QUIET, tasks={"listen": 2, "call": 9}), "'call': 9"),
        (replace(QUIET, zombies=1), "1 of them not reaped"),
        (replace(QUIET, children=3), "3 children"),
    ],
)
def test_what_is_left_over_is_named(after, leak):
    leaks = Report(QUIET, [QUIET, QUIET], after).leaks(1)
    assert leaks == [] if leak is None else leak in leaks[0]


def test_memory_that_grows_after_the_warm_up_is_a_leak():
    looks = [replace(QUIET, at=second, rss=50 + (20 if second > 20 else second)) for second in range(100)]
    assert Report(QUIET, looks, QUIET).leaks(1) == []
    looks = [replace(QUIET, at=second, rss=50 + second * 0.1) for second in range(100)]
    assert Report(QUIET, looks, QUIET).leaks(1) == ["memory grew by 6.9 MB (at most 1)"]
    assert growth([QUIET]) == 0
