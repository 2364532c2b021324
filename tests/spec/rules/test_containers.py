import pytest

IMAGE = {"repository": "acme/beside", "tag": "1.0.0"}
ONE = {"name": "one", "image": IMAGE}
VOLUMES = {"shared": {"path": "/shared", "empty_dir": {}}, "settings": {"path": "/s", "existing_config_map": {"name": "s"}}}


def beside(**keys):
    return {"servers.web.init_containers": [{**ONE, **keys}], "servers.web.volumes": VOLUMES}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"servers.web.init_containers": [ONE, ONE]},
            "servers.web.init_containers[1].name: 'one' is the name of another container of the pod; choose another",
        ),
        (
            {"gateway.init_containers": [{**ONE, "name": "gateway"}]},
            "gateway.init_containers[0].name: 'gateway' is the name of another container of the pod; choose another",
        ),
        (
            beside(mounts={"/a": {"volume": "shraed"}}),
            "servers.web.init_containers[0].mounts./a.volume: the pod has no volume 'shraed'; did you mean `shared`?",
        ),
        (
            beside(mounts={"/a": {"volume": "other"}}),
            "servers.web.init_containers[0].mounts./a.volume: the pod has no volume 'other'; declare it under `volumes`",
        ),
        (
            beside(mounts={"/a": {"volume": "settings", "read_only": True}}),
            "servers.web.init_containers[0].mounts./a.read_only: does nothing, 'settings' is always read-only; remove it",
        ),
        (
            beside(mounts={"/usr": {"volume": "shared"}}),
            "servers.web.init_containers[0].mounts./usr: '/usr' belongs to the system; choose another directory",
        ),
        (
            beside(mounts={"/tmp": {"volume": "shared"}}),
            "servers.web.init_containers[0].mounts./tmp: '/tmp' is writable already; choose another directory",
        ),
        (
            beside(mounts={"/a": {"volume": "shared"}}, writable=["/a"]),
            "servers.web.init_containers[0].mounts./a: '/a' is writable already; choose another directory",
        ),
        (
            beside(mounts={"/a": {"volume": "shared"}}, files={"/a/b": {"content": "x"}}),
            "servers.web.init_containers[0].files./a/b: '/a' is mounted already (volume 'shared'); choose another directory",
        ),
        (
            beside(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
            "servers.web.init_containers[0].resources.requests.cpu: 2 is above the limit of 1",
        ),
        (
            beside(env={"T": {"secret": "t"}}),
            "servers.web.init_containers[0].env.T: no secret 't' is declared; declare it under `secrets` or `servers.web.secrets`",
        ),
        (
            {"gateway.init_containers": [{**ONE, "files": {"/run/s/t": {"secret": "t"}}}]},
            "gateway.init_containers[0].files./run/s/t: no secret 't' is declared; declare it under `secrets`",
        ),
        (
            beside(probes={"readiness": {"exec": ["x"]}}),
            "servers.web.init_containers[0]: `probes` do nothing for a container that runs to its end; remove them, or set "
            "`sidecar: true`",
        ),
        (
            beside(sidecar=True, probes={"readiness": {"enabled": False}}),
            "servers.web.init_containers[0]: probes.readiness.enabled does nothing, a sidecar has only the probes that are given",
        ),
        (
            beside(sidecar=True, probes={"readiness": {"period_seconds": 5}}),
            "servers.web.init_containers[0]: probes.readiness: say how it asks, such as `http_get: {path: /healthz, port: 9000}`",
        ),
        (
            beside(sidecar=True, probes={"readiness": {"http_get": {"path": "/"}}}),
            "servers.web.init_containers[0]: probes.readiness: name the `port`; a sidecar has none by default",
        ),
        (
            beside(sidecar=True, probes={"readiness": {"tcp_socket": {"port": 8000}}}),
            "servers.web.init_containers[0].probes.readiness: port 8000 is that of the main container, not this container's; ask",
        ),
        (
            {
                "servers.web.init_containers": [
                    {**ONE, "name": name, "sidecar": True, "probes": {"startup": {"tcp_socket": {"port": 9000}}}}
                    for name in ("one", "two")
                ]
            },
            "servers.web.init_containers[1].probes.startup: port 9000 is that of one, not this container's; ask its own",
        ),
        (
            beside(sidecar=True, probes={"readiness": {"exec": ["x"]}, "startup": {"grpc": {"port": 9001}}})
            | {"servers.web.probes": {"startup": {"exec": ["x"]}, "liveness": {"tcp_socket": {"port": 9001}}}},
            "servers.web.init_containers[0].probes.startup: port 9001 is that of the main container, not this container's; ask",
        ),
        (
            {"gateway.init_containers": [{**ONE, "sidecar": True, "probes": {"startup": {"grpc": {"port": 9100}}}}]},
            "gateway.init_containers[0].probes.startup: port 9100 is that of the proxy (`gateway.management.port`), not",
        ),
        (
            {"gateway.probes.liveness.grpc": {}},
            "gateway.probes.liveness.grpc: the proxy speaks HTTP only; remove it, its own probes are there",
        ),
    ],
)
def test_containers_that_do_not_fit_their_pod_are_refused(problems, changes, expected):
    (found,) = problems(changes)
    assert found.replace('"', "").startswith(expected)


def test_a_sidecar_that_runs_a_program_needs_no_port(problems):
    assert problems(beside(sidecar=True, probes={"startup": {"exec": ["x"]}, "liveness": {"http_get": {"port": 9000}}})) == []


def test_the_secrets_of_a_container_beside_are_used(problems):
    changes = {"secrets": {"t": {"config": "t"}}, "gateway.init_containers": [{**ONE, "files": {"/run/s/t": {"secret": "t"}}}]}
    assert problems(changes) == []
    own = {"servers.web.secrets": {"t": {"config": "t"}}, "servers.web.init_containers": [{**ONE, "env": {"T": {"secret": "t"}}}]}
    assert problems(own) == []
