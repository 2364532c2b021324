"""Every key of seed 001's `servers.json` is read in our words, or refused with what to do. None is accepted and then idle."""

import json

import pytest

from mcp_stack_proxy.config import ConfigError, Source, load


def read(entry, **top):
    return load(Source("servers.json", json.dumps({"mcpServers": {"a": entry}, **top})), {})


def problems(entry, **top):
    with pytest.raises(ConfigError) as caught:
        read(entry, **top)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("flat", "process"),
    [
        ({"idle_timeout": "2m"}, ("2m", "1m", "5m")),
        ({"idle_timeout": "never"}, ("never", "1m", "5m")),
        ({"idle_timeout": "adaptive", "min_idle_timeout": "30s"}, ("adaptive", "30s", "5m")),
        ({"max_idle_timeout": "10m"}, ("adaptive", "1m", "10m")),
        ({"idle_timeout": 90}, ("90", "1m", "5m")),
    ],
)
@pytest.mark.parity("aggregate.config-servers-json", "aggregate.idle-stop")
def test_times_of_rest_stand_flat_beside_the_command(flat, process):
    kept = read({"command": "x", **flat}).servers["a"].process
    assert (kept.idle_timeout, kept.min_idle_timeout, kept.max_idle_timeout) == process


def test_our_own_section_wins_over_the_flat_keys():
    entry = {"command": "x", "idle_timeout": "2m", "process": {"idle_timeout": "3m", "max_starts": 2}}
    kept = read(entry).servers["a"].process
    assert (kept.idle_timeout, kept.max_starts) == ("3m", 2)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"url": "http://a", "idle_timeout": "2m"}, "mcpServers.a.idle_timeout: does nothing, nothing runs here that could rest"),
        (
            {"command": "x", "cli": True, "max_idle_timeout": "2m"},
            "mcpServers.a.max_idle_timeout: does nothing, such a program runs",
        ),
        ({"command": "x", "tool_acl": {"read": ["get_*"]}}, "mcpServers.a.tool_acl: reading and writing tools"),
        ({"command": "x", "disabled": True}, "mcpServers.a.disabled: an entry that is there runs; take it out"),
        ({"command": "x", "idle_timeout": "2m", "process": 5}, "servers.a"),
    ],
)
def test_what_cannot_act_is_refused_with_what_to_do(entry, problem):
    assert problems(entry)[0].startswith(problem)


@pytest.mark.parametrize(
    ("audit", "kept"),
    [
        ({"enabled": False, "log_arguments": True}, None),
        ({"output": "none", "enabled": True}, None),
        ({"enabled": True}, (None, "none")),
        ({"enabled": True, "log_arguments": True, "output": "stderr"}, ("stderr", "full")),
        ({"log_arguments": False}, (None, "none")),
        ({"output": "/data/audit.jsonl"}, ("/data/audit.jsonl", "none")),
    ],
)
def test_its_audit_is_ours(audit, kept):
    found = read({"command": "x"}, audit=audit).audit
    assert (found and (found.output, found.arguments)) == kept


@pytest.mark.parametrize(
    ("audit", "kept"),
    [
        ({"path": "/d", "index_path": "/i"}, (("file", "stdout"), "/d", "/i")),
        ({"path": "/d", "output": "file"}, (("file",), "/d", "/data/audit/index")),
        ({"output": "file+stdout", "log_arguments": True}, (("file", "stdout"), None, None)),
        ({"path": "/d", "output": "stdout"}, (("stdout",), None, None)),
    ],
)
@pytest.mark.parity("aggregate.audit-output")
def test_its_directories_are_those_of_our_files(audit, kept):
    found = read({"command": "x"}, audit=audit).audit
    files = found.files
    assert (found.outputs(stdio=False), files and files.path, files and files.index_path) == kept


@pytest.mark.parametrize(
    ("top", "problem"),
    [
        ({"serverAuth": {"providers": ["bearer"]}}, "serverAuth: callers show API keys"),
        ({"audit": {"enabled": "yes"}}, "audit.enabled: unknown key"),
        ({"audit": {"log_arguments": "yes"}}, "audit.arguments: "),
    ],
)
def test_sections_that_we_do_not_have_are_refused_with_what_to_do(top, problem):
    assert problems({"command": "x"}, **top)[0].startswith(problem)


def test_all_of_it_is_said_at_once():
    entry = {"url": "http://a", "idle_timeout": "1m", "tool_acl": {}, "type": "stdio"}
    assert len(problems(entry, serverAuth={})) == 4
