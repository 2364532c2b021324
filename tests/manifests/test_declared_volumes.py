import pytest

VOLUMES = {
    "empty": ({"empty_dir": {"size": "2Gi"}}, {"emptyDir": {"sizeLimit": "2Gi"}}, False),
    "memory": ({"empty_dir": {"memory": True}}, {"emptyDir": {"sizeLimit": "1Gi", "medium": "Memory"}}, False),
    "claim": ({"existing_claim": {"name": "db"}}, {"persistentVolumeClaim": {"claimName": "db"}}, False),
    "read-only-claim": (
        {"existing_claim": {"name": "db", "access_mode": "ReadOnlyMany"}},
        {"persistentVolumeClaim": {"claimName": "db", "readOnly": True}},
        True,
    ),
    "map": ({"existing_config_map": {"name": "settings"}}, {"configMap": {"name": "settings"}}, True),
    "some-keys": (
        {"existing_secret": {"name": "tls", "items": {"tls.key": "a/key", "tls.crt": "a/crt"}}},
        {
            "secret": {
                "secretName": "tls",
                "defaultMode": 0o440,
                "items": [{"key": "tls.crt", "path": "a/crt"}, {"key": "tls.key", "path": "a/key"}],
            }
        },
        True,
    ),
    "token": (
        {"token": {"audience": "vault", "expiration_seconds": 900}},
        {
            "projected": {
                "defaultMode": 0o440,
                "sources": [{"serviceAccountToken": {"audience": "vault", "expirationSeconds": 900, "path": "token"}}],
            }
        },
        True,
    ),
}


@pytest.mark.parity("stack.extra-objects")
@pytest.mark.parametrize("place", ["servers.web", "servers.box", "gateway"])
@pytest.mark.parametrize(("declared", "expected", "read_only"), VOLUMES.values(), ids=VOLUMES)
def test_a_volume_of_each_kind_is_mounted_where_the_file_says(render, place, declared, expected, read_only):
    rendered = render({f"{place}.volumes": {"own": {"path": "/own", **declared}}})
    name = f"test-{place.rpartition('.')[2]}"
    (volume,) = [one for one in rendered.pod(name)["volumes"] if one["name"] == "own"]
    assert volume == {"name": "own", **expected}
    (mount,) = [one for one in rendered.container(name)["volumeMounts"] if one["name"] == "own"]
    assert mount == {"name": "own", "mountPath": "/own", **({"readOnly": True} if read_only else {})}


def test_a_volume_may_be_for_reading_only(render):
    container = render({"servers.web.volumes": {"own": {"path": "/own", "empty_dir": {}, "read_only": True}}}).container("test-web")
    assert {"name": "own", "mountPath": "/own", "readOnly": True} in container["volumeMounts"]


def test_no_pod_has_a_token_that_nobody_asked_for(render):
    for name in ("test-web", "test-box", "test-gateway"):
        assert "serviceAccountToken" not in str(render().pod(name))


@pytest.mark.parametrize(
    ("volumes", "limit"),
    [
        ({}, "2Gi"),
        ({"a": {"path": "/a", "empty_dir": {}}}, "3Gi"),
        ({"a": {"path": "/a", "empty_dir": {"size": "512Mi"}}}, "2560Mi"),
        ({"a": {"path": "/a", "empty_dir": {"size": "1Ki"}}}, "2049Mi"),
        ({"a": {"path": "/a", "empty_dir": {"memory": True}}}, "2Gi"),
        ({"a": {"path": "/a", "existing_claim": {"name": "a"}}}, "2Gi"),
    ],
)
def test_the_disk_that_a_server_may_take_covers_what_it_shares(render, volumes, limit):
    container = render({"servers.web.volumes": volumes}).container("test-web")
    assert container["resources"]["limits"]["ephemeral-storage"] == limit
