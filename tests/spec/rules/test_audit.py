"""Volumes of records that nobody could write, that several would, or that go with what they are to outlive."""

import pytest

KEPT = "gateway.audit.files"
CLAIM = {"claim": {"size": "1Gi"}}
THEIRS = {"existing_claim": {"name": "mcp-audit-data"}}
KEYS = {"gateway.sessions": {"keys": {"secret": "sealing"}}, "secrets": {"sealing": {"config": "sealing"}}}
ONCE = "can only be mounted by one at a time, or give its `access_mode` where it allows more"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({KEPT: CLAIM}, []),
        ({KEPT: THEIRS}, []),
        ({KEPT: CLAIM, "gateway.audit.output": "file"}, []),
        ({KEPT: {}}, [f"{KEPT}: give one of `claim` and `existing_claim`: the volume that records are kept on"]),
        ({KEPT: CLAIM | THEIRS}, [f"{KEPT}: give one of `claim` and `existing_claim`: the volume that records are kept on"]),
        (
            {KEPT: {"existing_claim": {"name": "a", "access_mode": "ReadOnlyMany"}}},
            [f"{KEPT}: `existing_claim.access_mode: ReadOnlyMany` lets nobody write records; take another claim"],
        ),
        (
            {KEPT: {**CLAIM, "max_bytes": 2 * 2**30}},
            [f"{KEPT}: `max_bytes` (2147483648) is more than `claim.size` (1Gi) holds; lower it, or leave it out"],
        ),
        (
            {KEPT: {**CLAIM, "max_file_bytes": 2**30}},
            [f"{KEPT}: `max_bytes` (966367641) is less than two files of `max_file_bytes` (1073741824); raise it"],
        ),
        (
            {KEPT: {"claim": {"size": "100Ki"}}},
            [f"{KEPT}: `max_bytes` (92160) is less than two files of `max_file_bytes` (65536); raise it"],
        ),
        (
            {KEPT: {**CLAIM, "max_age": "a month"}},
            [f"{KEPT}.max_age: 'a month' is no duration above zero, such as 30s, 2m, 1h or 90 (seconds)"],
        ),
        (
            {"gateway.audit.output": "file+stdout"},
            ["gateway.audit: `output: file+stdout` needs `files`: the volume that records are kept on"],
        ),
        (
            {"gateway.audit.output": "stderr", KEPT: CLAIM},
            ["gateway.audit: `files` does nothing beside `output: stderr`; remove one of them"],
        ),
        (
            {KEPT: CLAIM, "gateway.replicas": 2, **KEYS},
            [f"gateway.replicas: 2, which means several pods; set it to 1, because `audit.files.claim` {ONCE}"],
        ),
        (
            {KEPT: THEIRS, "gateway.autoscaling": {"max": 3}, **KEYS},
            [
                "gateway.autoscaling: is on, which means several pods; set `enabled: false`, because "
                f"`audit.files.existing_claim` {ONCE}"
            ],
        ),
        (
            {
                KEPT: {"claim": {"size": "1Gi", "access_mode": "ReadWriteMany"}},
                "gateway.replicas": 3,
                **KEYS,
            },
            [],
        ),
        (
            {KEPT: CLAIM, "gateway.volumes": {"own": {"path": "/data", "empty_dir": {}}}},
            ["gateway.volumes.own.path: '/data' is mounted already (audit); choose another directory"],
        ),
        ({"gateway.volumes": {"own": {"path": "/data", "empty_dir": {}}}}, []),
        (
            {"gateway.volumes": {"audit": {"path": "/own", "empty_dir": {}}}},
            ["gateway.volumes.audit: 'audit' may be the name of a volume that the stack makes; choose another"],
        ),
        (
            {KEPT: CLAIM, "namespace.when_deleted": "Delete"},
            [
                "namespace.when_deleted: 'Delete', and the volume of the gateway's records, which is to outlive it, would go with "
                "the namespace; leave it out here, or take `existing_claim`"
            ],
        ),
        ({KEPT: THEIRS, "namespace.when_deleted": "Delete"}, []),
    ],
)
@pytest.mark.parity("aggregate.audit-volume")
def test_what_cannot_be_kept_is_refused(problems, change, expected):
    assert problems(change) == expected


def test_without_a_gateway_nobody_keeps_records(problems):
    found = problems({"gateway": {"enabled": False, "audit": {"files": CLAIM}}})
    assert f"{KEPT}: does nothing, there is no gateway; what wraps a server writes to its standard output: remove it" in found
