"""Directories and files of a container, as volumes and mounts of the kinds that the restricted profile allows."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ..spec import Secret
from ..spec.audit import VOLUME as AUDIT_DIR
from ..spec.gateway import AuthoritySpec
from ..spec.proxy_config import AUTHORITY_DIR, KEYS_DIR, KEYS_NAME, SESSION_KEYS_DIR, SESSION_KEYS_NAME
from ..spec.secrets import FileSpec
from .config_map import file_key
from .resources import SCRATCH_GI

SECRETS_DIR = "/secrets"
"""Where the proxy finds secrets: a file for each variable, named like it."""

CONFIG_DIR = "/config"

AUTHORITY_FILE = "ca.crt"

Volume = tuple[dict[str, Any], list[dict[str, Any]]]
"""A volume, and its mounts."""


def scratch(index: int, path: str, prefix: str = "") -> Volume:
    """Writable directory that starts empty. `prefix`: of the container that has it for itself."""
    name = f"{prefix}scratch-{index}"
    return {"name": name, "emptyDir": {"sizeLimit": f"{SCRATCH_GI}Gi"}}, [{"name": name, "mountPath": path}]


def config(map_name: str) -> Volume:
    """The proxy's configuration."""
    return {"name": "config", "configMap": {"name": map_name}}, [{"name": "config", "mountPath": CONFIG_DIR, "readOnly": True}]


def variables(secrets: Mapping[str, Secret]) -> Volume:
    """Secrets as files for the proxy, by variable. Files change in place when a Secret does; variables never would."""
    sources = [_source(secret, variable) for variable, secret in sorted(secrets.items())]
    return _projected("secrets", sources), [{"name": "secrets", "mountPath": SECRETS_DIR, "readOnly": True}]


def api_keys(secret: Secret) -> Volume:
    """The gateway's file of API keys, alone in its directory: mounted whole, so that it changes in place when the Secret does."""
    return _projected("api-keys", [_source(secret, KEYS_NAME)]), [{"name": "api-keys", "mountPath": KEYS_DIR, "readOnly": True}]


def audit(claim: str) -> Volume:
    """The gateway's records of calls."""
    return {"name": "audit", "persistentVolumeClaim": {"claimName": claim}}, [{"name": "audit", "mountPath": AUDIT_DIR}]


def session_keys(secret: Secret) -> Volume:
    """A proxy's file of session keys, mounted like its API keys."""
    mount = {"name": "session-keys", "mountPath": SESSION_KEYS_DIR, "readOnly": True}
    return _projected("session-keys", [_source(secret, SESSION_KEYS_NAME)]), [mount]


def authority(spec: AuthoritySpec) -> tuple[Volume, str]:
    """Certificates of an authority of one's own for the gateway, and their file."""
    kind, name = ("secret", spec.existing_secret) if spec.existing_secret else ("configMap", spec.existing_config_map)
    source = {kind: {"name": name, "items": [{"key": spec.key, "path": AUTHORITY_FILE}]}}
    mount = {"name": "authority", "mountPath": AUTHORITY_DIR, "readOnly": True}
    return (_projected("authority", [source]), [mount]), f"{AUTHORITY_DIR}/{AUTHORITY_FILE}"


def files(
    declared: Mapping[str, FileSpec], map_name: str | None, secret_of: Mapping[str, Secret], prefix: str = ""
) -> Iterable[Volume]:
    """Declared files of one container, whose volumes' names begin with `prefix`. A directory that holds a secret is mounted whole,
    because single-file mounts are never refreshed.

    Contents alone are mounted file by file, beside what the image has there; their map is immutable anyway.
    """
    whole = sorted({file.directory(path) for path, file in declared.items() if file.secret})
    single = {path for path, file in declared.items() if not file.secret and file.directory(path) not in whole}
    if single:
        name = f"{prefix}files"
        mounts = [{"name": name, "mountPath": path, "subPath": file_key(path), "readOnly": True} for path in sorted(single)]
        yield {"name": name, "configMap": {"name": map_name}}, mounts
    for index, directory in enumerate(whole):
        sources: list[dict[str, Any]] = []
        for path, file in sorted(declared.items()):
            if file.directory(path) == directory:
                name = PurePosixPath(path).name
                content = {"configMap": {"name": map_name, "items": [{"key": file_key(path), "path": name}]}}
                sources.append(_source(secret_of[file.secret], name) if file.secret else content)
        volume = f"{prefix}files-{index}"
        yield _projected(volume, sources), [{"name": volume, "mountPath": directory, "readOnly": True}]


def _source(secret: Secret, path: str) -> dict[str, Any]:
    if not secret.key:
        return {"secret": {"name": secret.object}}
    return {"secret": {"name": secret.object, "items": [{"key": secret.key, "path": path}]}}


def _projected(name: str, sources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Volume of several sources, readable by the pod's group alone."""
    return {"name": name, "projected": {"defaultMode": 0o440, "sources": list(sources)}}
