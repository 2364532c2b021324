"""Stores that secrets come from."""

from typing import Any

from tests.spec.keys.room import Data, Path, Room
from tests.spec.stores import ACCOUNT, BODIES, GENERATED, PEM, C, store

ROLES = tuple(f"arn:aws:iam::123456789012:role/{name}" for name in ("one", "two"))

RIVALS = [
    ("config", "existing"),
    ("role_id", "role_id_from"),
    ("token", "service_account"),
    ("keys", "service_account"),
    ("client_secret", "client_certificate"),
    ("bundle", "existing_secret", "existing_config_map"),
    ("project", "project_id"),
    ("remote", "data"),
    ("remote", "data_from"),
    ("extract", "find"),
    ("regexp", "transform", "merge"),
    ("literal", "existing_config_map", "existing_secret"),
]
"""Keys that exclude each other."""


def without_rivals(place: Data, key: str) -> None:
    """Take out of the mapping `place` what excludes `key`."""
    for group in RIVALS:
        if key in group:
            for other in group:
                if other != key:
                    place.pop(other, None)


def _with_store(data: Data, path: Path) -> Data:
    """The stack `data` with a store in which `path` (`secret_stores.*.backend…`) means something, and a secret that it holds."""
    backend = path[2] if path[2] in BODIES else "fake"
    deep = len(path) > 4 and path[3] == "auth"
    made = store(backend, path[4] if deep else "token" if backend == "kubernetes" else None)
    data["secret_stores"] = {path[1]: made}
    data["secrets"]["token"] = {"store": path[1], "remote": {"key": "KEY"}}
    restarting(data)
    if backend in GENERATED:
        data["secrets"]["token"] = {"store": path[1], "refresh": {"interval": "1h"}, "target": {"template": {"data": {"KEY": "x"}}}}
        for reader in ("command", "url"):
            data["servers"][reader]["env"]["TOKEN"] = {"secret": "token/KEY"}
    return made


def restarting(data: Data) -> None:
    """The stack `data` whose pods are restarted by a controller."""
    for workload in (data["servers"]["command"], data["gateway"]):
        workload["restart"] = "reloader"


def _concerns(path: Path) -> bool:
    return path[0] == "secret_stores"


def _before(data: Data, path: Path) -> None:
    if not _concerns(path):
        return
    made, last = _with_store(data, path), path[-1]
    place = made
    for step in path[2:-1]:
        if isinstance(place, list):
            return
        without_rivals(place, step)
        place[step] = _begun(place.get(step), path, step)
        place = place[step]
    _source(place, path)
    if last == "namespaces" or (last == "namespace" and path[2] not in ("infisical_operator", *GENERATED)):
        made["cluster"] = True
    if last in ("additional_roles", "external_id", "session_tags", "transitive_tag_keys"):
        place["role"] = "arn:aws:iam::123456789012:role/mcp"
    if last == "transitive_tag_keys":
        place["session_tags"] = {"one": "1", "two": "2"}
    without_rivals(place, last)


def _begun(value: Any, path: Path, step: str) -> Any:
    """What of `value` below the key `step` can stay, and what it needs at least."""
    if isinstance(value, list):
        return value
    if step == "ca":
        return {"existing": "one", "key": "one"} if path[2] == "infisical_operator" else {"bundle": PEM}
    if step == "tls":
        return {"certificate": C, "key": C}
    return dict(ACCOUNT if step == "service_account" else value or {})


def _source(place: Data, path: Path) -> None:
    """A reference that has the last key of `path`."""
    last = path[-1]
    if "bundle" in place and last in ("key", "namespace", "existing_secret", "existing_config_map"):
        place.clear()
        place |= {"existing_config_map" if last == "existing_config_map" else "existing_secret": "one", "key": "one"}
    elif last in ("existing", "key", "namespace") and ("config" in place or not place):
        place.clear()
        place |= {"existing": "one", "key": "one"}
    elif last == "config":
        place.clear()


ROOM = Room(
    modules=(
        *(f"stores.{name}" for name in ("store", "credentials", "infisical", "infisical_operator", "aws", "vault", "gcp", "azure")),
        *(f"stores.{name}" for name in ("kubernetes", "fake", "generators")),
    ),
    values={
        **dict.fromkeys(("tenant_id", "identity_id", "username", "resource", "controller", "organization"), ("one", "two")),
        **dict.fromkeys(("project", "project_id", "location", "external_id", "role", "role_id", "vault_role"), ("one", "two")),
        **dict.fromkeys(("cluster_name", "cluster_location", "cluster_project_id", "server_id", "version"), ("one", "two")),
        **dict.fromkeys(("environment", "name", "config", "existing", "key", "namespace", "remote_namespace"), ("one", "two")),
        **dict.fromkeys(("existing_secret", "existing_config_map", "value"), ("one", "two")),
        **dict.fromkeys(("api", "address", "server", "vault_url", "url"), ("https://one.example.com", "https://two.example.com")),
        **dict.fromkeys(("recursive", "expand_references", "instant_updates", "cluster"), (True, False)),
        **dict.fromkeys(("audiences", "tags", "namespaces"), (["one"], ["two"])),
        **dict.fromkeys(("aws.role", "iam.role"), ROLES),
        "prefix": ("one/", "two/"),
        "additional_roles": ([ROLES[0]], [ROLES[1]]),
        "session_tags": ({"one": "1"}, {"two": "2"}),
        "transitive_tag_keys": (["one"], ["two"]),
        "bundle": tuple(f"-----BEGIN CERTIFICATE-----\n{name}\n" for name in ("one", "two")),
        "service": ("SecretsManager", "ParameterStore"),
        "region": ("eu-central-1", "us-east-1"),
        "vault.version": ("v1", "v2"),
        "expiration_seconds": (601, 602),
        "cloud": ("ChinaCloud", "USGovernmentCloud"),
        "kind": ("SecretStore", "ClusterSecretStore"),
        "refresh_seconds": (61, 62),
        "interval_seconds": (1, 2),
        "max": (8, 9),
        "length": (30, 31),
        **dict.fromkeys(("digits", "symbols"), (3, 4)),
        "symbol_characters": ("-_", "+-"),
        **dict.fromkeys(("no_upper", "allow_repeat"), (True, False)),
        "keys": (["one"], ["two"]),
        "encoding": ("base64", "hex"),
        "scope": ("one", "two"),
        "ecr.scope": ("private", "public"),
        "ecr.role": ROLES,
        "registry": ("one.azurecr.io", "two.azurecr.io"),
        "path": ("/one", "/two"),
        "service_account_key_file_path": ("/one", "/two"),
    },
    refused={
        f"{place}.namespace": "a generator reads its own namespace alone"
        for place in (
            *(
                f"ecr.auth.{one}"
                for one in ("keys.access_key_id", "keys.secret_access_key", "keys.session_token", "service_account")
            ),
            *("gcr.auth.key", "gcr.auth.workload_identity.service_account", "acr.auth.workload_identity.service_account"),
            *(f"acr.auth.service_principal.{one}" for one in ("client_id", "client_secret")),
        )
    },
    before=_before,
    alone=_concerns,
)
