"""A stack in which a new value would never reach its reader is refused."""

import pytest

from tests.spec.stores import store

STORES = {"fake": store("fake"), "own": store("infisical_operator")}
REQUIRED = ": required: secret 'token' comes from a store, and a new value would never reach the process; "
RELOADER = "`reloader` (Stakater's Reloader runs in the cluster)"
INFISICAL = "`infisical` (its operator restarts the pods)"
REREADS = "`rereads` (the server reads its files again by itself)"
OVERLOOKED = (
    ": 'infisical': its operator overlooks files, and whatever a proxy gets; use `reloader`, "
    "or read 'token' from variables of an `image`"
)
BOX = {"command": ["run"], "env": {"T": {"secret": "token"}}}
FAR = {"url": "https://far.example.com/mcp", "headers": {"A": "${T}"}, "env": {"T": {"secret": "token"}}}


def stack(backend="fake", refresh=None, **beside):
    secret = {"store": backend, "remote": {"key": "a"}, **({"refresh": refresh} if refresh else {})}
    return {"secret_stores": {backend: STORES[backend]}, "secrets": {"token": secret}, **beside}


def beside_it(restart, **reads):
    """A container before the server reads the secret, and nobody else does."""
    one = {"name": "one", "image": {"repository": "one", "tag": "1.0.0"}, **reads}
    return {"servers.web.init_containers": [one], **({"servers.web.restart": restart} if restart else {})}


def env(**beside):
    return {"servers.web.env": {"T": {"secret": "token"}}, **beside}


def files(**beside):
    return {"servers.web.files": {"/run/s/t": {"secret": "token"}}, **beside}


@pytest.mark.parity("stack.secret-rotation")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (stack(**env()), [f"servers.web.restart{REQUIRED}{RELOADER}"]),
        (stack(**files()), [f"servers.web.restart{REQUIRED}{RELOADER} or {REREADS}"]),
        (stack("own", **env()), [f"servers.web.restart{REQUIRED}{RELOADER} or {INFISICAL}"]),
        (stack(**{"servers.box": BOX}), [f"servers.box.restart{REQUIRED}{RELOADER}"]),
        (stack(**{"servers.far": FAR}), [f"gateway.restart{REQUIRED}{RELOADER}"]),
        (stack(**{"servers.far": FAR, "gateway.restart": "reloader"}), []),
        (stack(refresh={"policy": "CreatedOnce"}, **env()), []),
        (stack(**files(**{"servers.web.restart": "rereads"})), []),
        (stack(**env(**{"defaults.restart": "reloader"})), []),
        (stack("own", **env(**{"servers.web.restart": "infisical"})), []),
        (
            stack(**env(**{"servers.web.restart": "infisical"})),
            ["servers.web.restart: 'infisical': its operator knows only of Secrets that it writes itself; use `reloader`"],
        ),
        (stack("own", **files(**{"servers.web.restart": "infisical"})), [f"servers.web.restart{OVERLOOKED}"]),
        (stack("own", **{"servers.box": {**BOX, "restart": "infisical"}}), [f"servers.box.restart{OVERLOOKED}"]),
        (stack("own", **env(**files(**{"servers.web.restart": "infisical"}))), []),
        (stack("own", **files()), [f"servers.web.restart{REQUIRED}{RELOADER} or {REREADS}"]),
        (
            stack(**env(**{"servers.web.restart": "rereads"})),
            [
                "servers.web.restart: 'rereads': variables, and whatever a proxy or a container that ends gets, "
                "are read once, at the start; read 'token' from `files` of an `image`, or let `reloader` restart the pods"
            ],
        ),
        (
            {"servers.web.restart": "reloader"},
            ["servers.web.restart: does nothing, no secret that it reads at its start changes by itself; remove it"],
        ),
    ],
)
def test_a_new_value_reaches_whoever_reads_it(problems, changes, expected):
    assert problems(changes) == expected


FROM_FILES = {"files": {"/run/s/t": {"secret": "token"}}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (beside_it(None, **FROM_FILES), [f"servers.web.restart{REQUIRED}{RELOADER}"]),
        (beside_it(None, **FROM_FILES, sidecar=True), [f"servers.web.restart{REQUIRED}{RELOADER} or {REREADS}"]),
        (beside_it(None, env={"T": {"secret": "token"}}, sidecar=True), [f"servers.web.restart{REQUIRED}{RELOADER}"]),
        (beside_it("reloader", **FROM_FILES), []),
        (beside_it("rereads", **FROM_FILES, sidecar=True), []),
    ],
)
def test_a_container_that_has_ended_reads_nothing_again(problems, changes, expected):
    assert problems(stack(**changes)) == expected


def test_the_gateways_own_containers_count_too(problems):
    (one,) = beside_it(None, **FROM_FILES)["servers.web.init_containers"]
    assert problems(stack(**{"gateway.init_containers": [one]})) == [f"gateway.restart{REQUIRED}{RELOADER}"]
    assert problems(stack(**{"gateway.init_containers": [one], "gateway.restart": "reloader"})) == []


def test_somebody_elses_secret_may_be_followed_and_need_not_be(problems):
    changes = env(secrets={"token": {"existing": "a", "key": "b"}})
    assert problems(changes) == problems({**changes, "servers.web.restart": "reloader"}) == []
    assert len(problems({**changes, "servers.web.restart": "rereads"})) == 1


def test_files_of_keys_are_followed_and_need_no_restart(problems):
    keys = {"gateway.trust_network": ..., "gateway.authentication": {"api_keys": {"secret": "token"}}}
    assert problems(stack(**keys)) == []
