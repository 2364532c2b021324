import pytest

SECRET = {"servers.web.secrets": {"t": {"config": "t"}}}


def files(*paths, secret="/run/s/t"):
    return {**SECRET, "servers.web.files": {secret: {"secret": "t"}, **{path: {"content": "x"} for path in paths}}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"servers.web.replicas": 3, "servers.web.autoscaling": {"min": 3}},
            ["servers.web.replicas: 3 does nothing, the autoscaler decides between 3 and 10; set `autoscaling.min` and remove it"],
            id="replicas beside autoscaling",
        ),
        pytest.param(
            {"defaults.autoscaling": {}, "servers.web.replicas": 3},
            [
                "servers.web.replicas: 3 does nothing, the autoscaler decides between 2 and 10; "
                "set `autoscaling: {enabled: false}` to keep it"
            ],
            id="replicas beside an inherited autoscaler",
        ),
        pytest.param(
            {"defaults.autoscaling": {}, "servers.web.replicas": 3, "servers.web.autoscaling": {"enabled": False}}, [], id="off"
        ),
        pytest.param({"defaults.replicas": 3, "servers.web.autoscaling": {}}, [], id="own autoscaler over inherited replicas"),
        pytest.param(
            {"servers.web.autoscaling": {"min": 5, "max": 4}},
            ["servers.web.autoscaling.min: 5 is above `max` (4)"],
            id="bounds crossed",
        ),
        pytest.param(
            {"gateway.disruption": {"max_unavailable": 1}},
            ["gateway.disruption.max_unavailable: 1 must stay below `replicas` (1), else a drain may take every pod at once"],
            id="budget at one replica",
        ),
        pytest.param(
            {"servers.web.autoscaling": {"min": 2}, "defaults.disruption": {"max_unavailable": 2}},
            [
                "servers.web.disruption.max_unavailable: 2 must stay below `autoscaling.min` (2), "
                "else a drain may take every pod at once"
            ],
            id="budget that protects nothing",
        ),
        pytest.param(
            {"defaults.resources": {"limits": {"cpu": "500m"}}, "servers.web.resources": {"requests": {"cpu": 1}}},
            ["servers.web.resources.requests.cpu: 1 is above the limit of 500m"],
            id="request above limit",
        ),
        pytest.param(
            {"servers.web.resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2048Mi"}}}, [], id="request at limit"
        ),
        pytest.param(
            {
                "servers.box": {"command": ["run"], "process": {"max_memory": "512Mi"}},
                "defaults.resources": {"limits": {"memory": "0.5Gi"}},
            },
            [
                "servers.box.process.max_memory: 512Mi is not below the container's memory limit of 0.5Gi, at which the kernel "
                "ends the whole pod first; lower it, or raise `resources.limits.memory`"
            ],
            id="ceiling at the limit",
        ),
        pytest.param(
            {
                "servers.box": {"command": ["run"], "process": {"max_memory": "511Mi"}},
                "defaults.resources": {"limits": {"memory": "0.5Gi"}},
            },
            [],
            id="ceiling below the limit",
        ),
        pytest.param(
            {"servers.box": {"command": ["run"], "process": {"max_sessions": 2, "min_idle_timeout": "1m"}}},
            [
                "servers.box.process.max_sessions: does nothing without `sharing: session`",
                "servers.box.process.min_idle_timeout: does nothing without `idle_timeout: adaptive`",
            ],
            id="bounds of nothing",
        ),
        pytest.param(
            {
                "defaults.process": {"idle_timeout": "adaptive", "max_idle_timeout": "9m", "sharing": "session", "max_sessions": 2},
                "servers.box": {"command": ["run"], "process": {"idle_timeout": "never", "sharing": "shared"}},
            },
            [],
            id="inherited bounds of nothing",
        ),
        pytest.param(
            {"servers.web.writable": ["/tmp"]}, ["servers.web.writable[0]: '/tmp' is writable already; remove it"], id="tmp"
        ),
        pytest.param(
            {"servers.web.writable": ["/a", "/a"]}, ["servers.web.writable[1]: '/a' is writable already; remove it"], id="twice"
        ),
        pytest.param(
            {"servers.web.writable": ["/etc"]}, ["servers.web.writable[0]: '/etc' belongs to the system; remove it"], id="etc"
        ),
        pytest.param(files("/app/config.json"), [], id="files"),
        pytest.param(
            files(secret="/etc/token"),
            [
                "servers.web.files./etc/token: a secret's directory is mounted whole and would hide '/etc'; "
                "choose one of its own, such as /run/secrets"
            ],
            id="secret hides a directory of the system",
        ),
        pytest.param(
            files("/tmp/x"),
            ["servers.web.files./tmp/x: '/tmp' is mounted already (writable); choose another directory"],
            id="file in tmp",
        ),
        pytest.param(
            files("/run/s/below/x"),
            [
                "servers.web.files./run/s/below/x: lies below a directory of secrets, which is mounted whole and read-only; "
                "choose another directory"
            ],
            id="file below secrets",
        ),
        pytest.param(
            {"servers.web.files": {"/a/../b": {"content": "x"}}},
            ["servers.web.files.\"/a/../b\": '/a/../b' is no path of a file in the container: absolute, normalised, without `:`"],
            id="crooked path",
        ),
        pytest.param(
            {"servers.web.files": {"/big": {"content": "x" * 1_000_001}}},
            ["servers.web.files: 1000001 bytes together, a ConfigMap holds 1000000; put them into the image"],
            id="too large",
        ),
        pytest.param(
            {"servers.box": {"command": ["run"], "files": {"/config/x": {"content": "x"}}}},
            ["servers.box.files./config/x: '/config' is mounted already (the proxy); choose another directory"],
            id="the proxy's directory",
        ),
    ],
)
def test_numbers_and_files_fit_each_other(problems, changes, expected):
    assert problems(changes) == expected
