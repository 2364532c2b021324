import pytest

CLAIM = {"path": "/data", "size": "1Gi"}
STORAGE = {"claims": {"data": CLAIM}}
ONE_NODE = {"data": {"path": "/data", "existing_claim": {"name": "db"}}}
SHARED = {"data": {"path": "/data", "existing_claim": {"name": "db", "access_mode": "ReadWriteMany"}}}
SCALES = "does not go with `storage`: a new pod begins with empty volumes"


@pytest.mark.parity("stack.stateful")
@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ({"storage": STORAGE}, []),
        ({"storage": STORAGE, "autoscaling": {}}, [f"servers.web.autoscaling: {SCALES}"]),
        ({"storage": STORAGE, "autoscaling": {"enabled": False}}, []),
        ({"storage": STORAGE, "replicas": 2}, ["servers.web.replicas: 2, but each pod has volumes of its own"]),
        ({"storage": {**STORAGE, "replicated": True}, "replicas": 2}, []),
        ({"storage": {**STORAGE, "replicated": True}}, ["servers.web.storage.replicated: does nothing at one replica"]),
        ({"volumes": ONE_NODE}, []),
        ({"volumes": ONE_NODE, "replicas": 2}, ["servers.web.replicas: 2, which means several pods; set it to 1, because "]),
        ({"volumes": ONE_NODE, "autoscaling": {}}, ["servers.web.autoscaling: is on, which means several pods; "]),
        ({"volumes": SHARED, "replicas": 2}, []),
        ({"volumes": SHARED, "autoscaling": {}}, []),
    ],
)
def test_a_volume_has_one_writer_unless_somebody_states_otherwise(problems, web, expected):
    found = problems({f"servers.web.{key}": value for key, value in web.items()})
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True)), found


@pytest.mark.parity("stack.stateful")
def test_an_autoscaler_for_all_has_to_be_switched_off_where_there_is_storage(problems):
    changes = {"defaults.autoscaling": {"min": 2}, "servers.web.storage": STORAGE}
    assert [one.partition(":")[0] for one in problems(changes)] == ["servers.web.autoscaling"]
    assert problems({**changes, "servers.web.autoscaling": {"enabled": False}}) == []


def test_the_gateway_may_have_a_volume_of_one_node_at_one_replica_only(problems):
    assert problems({"gateway.volumes": ONE_NODE}) == []
    assert [one.partition(":")[0] for one in problems({"gateway.volumes": ONE_NODE, "gateway.autoscaling": {}})] == [
        "gateway.autoscaling",
        "gateway.sessions",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"servers.web.volumes": {"a": {"empty_dir": {}}}},
            "servers.web.volumes.a: is mounted nowhere; give its `path`, mount it in `init_containers`, or remove it",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/usr", "empty_dir": {}}}},
            "servers.web.volumes.a.path: '/usr' belongs to the system, which would be hidden; choose a directory of its own",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a", "empty_dir": {}}, "b": {"path": "/a", "empty_dir": {}}}},
            "servers.web.volumes.b.path: '/a' is mounted already (volume 'a'); choose another directory",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/data", "empty_dir": {}}}, "servers.web.storage": STORAGE},
            "servers.web.storage.claims.data.path: '/data' is mounted already (volume 'a'); choose another directory",
        ),
        (
            {"servers.web.volumes": {"data": {"path": "/a", "empty_dir": {}}}, "servers.web.storage": STORAGE},
            "servers.web.volumes.data: is the name of one of `storage.claims`, too; rename one of them",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a", "empty_dir": {}}}, "servers.web.writable": ["/a"]},
            "servers.web.volumes.a.path: '/a' is mounted already (writable); choose another directory",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a", "empty_dir": {}}}, "servers.web.files": {"/a/b": {"content": "x"}}},
            "servers.web.files./a/b: '/a' is mounted already (volume 'a'); choose another directory",
        ),
        (
            {
                "servers.web.volumes": {"a": {"path": "/run/s/a", "empty_dir": {}}},
                "servers.web.files": {"/run/s/t": {"secret": "t"}},
                "servers.web.secrets": {"t": {"config": "t"}},
            },
            "servers.web.files./run/s/t: '/run/s/a' (volume 'a') lies below '/run/s', and a secret's directory is mounted whole "
            "and read-only; choose another directory",
        ),
        (
            {"gateway.volumes": {"a": {"path": "/keys", "empty_dir": {}}}},
            "gateway.volumes.a.path: '/keys' is mounted already (the proxy); choose another directory",
        ),
        (
            {"servers.box": {"command": ["run"], "volumes": {"a": {"path": "/config", "empty_dir": {}}}}},
            "servers.box.volumes.a.path: '/config' is mounted already (the proxy); choose another directory",
        ),
        (
            {"servers.web.storage": STORAGE, "servers.web-pods": {"image": {"repository": "acme/x", "tag": "1.0.0"}}},
            "servers.web-pods: its Service has the name of the one of 'web''s pods; call it otherwise",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a"}}},
            "servers.web.volumes.a: a volume is one of empty_dir, existing_claim, existing_config_map, existing_secret, token",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a", "empty_dir": {}, "token": {"audience": "x"}}}},
            "servers.web.volumes.a: a volume is one of empty_dir, existing_claim, existing_config_map, existing_secret, token, "
            "ephemeral, csi, "
            "not empty_dir and token",
        ),
        (
            {"servers.web.volumes": {"a": {"path": "/a", "existing_secret": {"name": "x"}, "read_only": True}}},
            "servers.web.volumes.a: `read_only` does nothing, existing_secret always is; remove it",
        ),
        (
            {"servers.web.volumes": {"a": {"empty_dir": {}, "read_only": True}}},
            "servers.web.volumes.a: `read_only` does nothing without `path`; mounts of other containers have a key of their own",
        ),
        (
            {"servers.web.volumes": {"secrets": {"path": "/a", "empty_dir": {}}}},
            "servers.web.volumes.secrets: 'secrets' may be the name of a volume that the stack makes; choose another",
        ),
        (
            {"servers.web.volumes": {"own-scratch-1": {"path": "/a", "empty_dir": {}}}},
            "servers.web.volumes.own-scratch-1: 'own-scratch-1' may be the name of a volume that the stack makes; choose another",
        ),
        ({"servers.web.storage": {"claims": {}}}, "servers.web.storage.claims: a mapping: dictionary should have at least 1 item"),
    ],
)
def test_volumes_that_nobody_has_or_that_hide_something_are_refused(problems, changes, expected):
    (found,) = problems({"secrets": {}, **changes})
    assert found.replace('"', "").startswith(expected)


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ({"storage": STORAGE}, []),
        ({}, ["servers.web.storage_class: does nothing, it has no `storage`; remove it"]),
        (
            {"storage": {"claims": {"data": {**CLAIM, "storage_class": "slow"}}}},
            ["servers.web.storage_class: does nothing, each of `storage.claims` names its own; remove it"],
        ),
    ],
)
def test_a_class_for_no_claim_is_refused(problems, web, expected):
    assert (
        problems({"servers.web.storage_class": "fast", **{f"servers.web.{key}": value for key, value in web.items()}}) == expected
    )
    assert problems({"defaults.storage_class": "fast", **{f"servers.web.{key}": value for key, value in web.items()}}) == []


def test_a_remote_server_stores_nothing(problems):
    found = problems({"servers.far": {"url": "https://mcp.example.org/mcp", "storage": STORAGE, "volumes": {}}})
    assert [one.partition(":")[0] for one in found] == ["servers.far.storage", "servers.far.volumes"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"namespace.when_deleted": "Delete"}, []),
        ({"namespace.when_deleted": "Delete", "servers.web.storage": {**STORAGE, "when_deleted": "Delete"}}, []),
        ({"namespace.when_deleted": "Delete", "servers.web.volumes": ONE_NODE}, []),
        ({"namespace.when_deleted": "Retain", "servers.web.storage": STORAGE}, []),
        (
            {"namespace.when_deleted": "Delete", "servers.web.storage": STORAGE},
            [
                "namespace.when_deleted: 'Delete', and the volumes of 'web', which are to outlive it, would go with the namespace; "
                "set `servers.web.storage.when_deleted: Delete`, too, or leave it out here"
            ],
        ),
        (
            {"namespace.when_deleted": "Retain", "namespace.create": False},
            ["namespace.when_deleted: does nothing, a namespace of somebody else stays; remove it"],
        ),
    ],
)
def test_volumes_that_are_to_stay_do_not_go_with_their_namespace(problems, changes, expected):
    assert problems(changes) == expected
