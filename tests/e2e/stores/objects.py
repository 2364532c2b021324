"""What every controller does with the objects that it looks after: conditions, status, events, owners."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.e2e.api import Api, ApiError
from tests.e2e.stores.values import Values

Object = Mapping[str, Any]


def now() -> str:
    """As the API writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(of: Object, type_: str, holds: bool, reason: str, message: str) -> dict[str, Any]:
    """A condition of `of`; its time is when it last turned."""
    status = "True" if holds else "False"
    before = next((one for one in of.get("status", {}).get("conditions", []) if one["type"] == type_), None)
    since = before["lastTransitionTime"] if before is not None and before["status"] == status else now()
    return {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": since}


def holds(of: Object, type_: str) -> bool:
    """Whether the condition is there and true."""
    return any(one["type"] == type_ and one["status"] == "True" for one in of.get("status", {}).get("conditions", []))


def write_status(api: Api, of: Object, conditions: Iterable[Object], **fields: Any) -> None:
    """The status of an object that may have gone meanwhile."""
    status = {**fields, "conditions": list(conditions)}
    if any(of.get("status", {}).get(key) != value for key, value in status.items()):
        try:
            api.merge(f"{api.path_of(of)}/status", {"status": status}, "e2e-stores")
        except ApiError as error:
            if error.status != 404:
                raise


def warn(api: Api, about: Object, reason: str, message: str) -> None:
    """A Warning event. The same one is there once, as the real recorders count what repeats."""
    metadata = about["metadata"]
    namespace = metadata.get("namespace") or "default"
    name = f"{metadata['name']}.{digest([metadata['uid'], reason, message])[:16]}"
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "type": "Warning",
        "reason": reason,
        "message": message[:1024],
        "firstTimestamp": now(),
        "lastTimestamp": now(),
        "count": 1,
        "source": {"component": "e2e-stores"},
        "involvedObject": {
            "apiVersion": about["apiVersion"], "kind": about["kind"], "name": metadata["name"],
            "namespace": metadata.get("namespace"), "uid": metadata["uid"],
        },
    }  # fmt: skip
    try:
        api.request("POST", f"/api/v1/namespaces/{namespace}/events", event)
    except ApiError as error:
        if error.status != 409:
            raise


def owner(of: Object) -> dict[str, Any]:
    """Reference by which an object goes with `of`."""
    metadata = of["metadata"]
    return {
        "apiVersion": of["apiVersion"], "kind": of["kind"], "name": metadata["name"], "uid": metadata["uid"],
        "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip


def encoded(values: Values) -> dict[str, str]:
    """`data` of a Secret."""
    return {key: base64.b64encode(value).decode() for key, value in sorted(values.items())}


def digest(what: Any) -> str:
    """The same for the same data."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
