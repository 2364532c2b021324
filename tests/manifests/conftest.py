"""A stack with a server of each kind, and a way to look at one of its objects."""

from collections.abc import Callable
from typing import Any

import pytest

from mcp_stack.manifests import Manifest, manifests_for
from mcp_stack.spec import StackSpec, load_spec
from tests.dotted import changed

DIGEST = "sha256:" + "a" * 64

STACK: dict[str, Any] = {
    "domain": "example.com",
    "labels": {"team": "platform"},
    "annotations": {"owner": "platform"},
    "image": {"registry": "ghcr.io/acme", "pull_secrets": ["regcred"]},
    "proxy": {"image": {"repository": "proxy", "tag": "1.0.0", "digest": DIGEST}},
    "exposure": {"parent": {"name": "public", "namespace": "edge", "listener": "https"}},
    "secrets": {"token": {"config": "token"}},
    "gateway": {"trust_network": True},
    "servers": {
        "web": {"image": {"repository": "web", "tag": "1.0.0"}},
        "box": {"command": ["run"], "env": {"LEVEL": "debug", "TOKEN": {"secret": "token"}}},
        "far": {
            "url": "https://mcp.example.org/mcp",
            "headers": {"Authorization": "Bearer ${TOKEN}"},
            "env": {"TOKEN": {"secret": "token"}},
        },
    },
}


class Rendered(list[Manifest]):
    """All objects of a stack."""

    spec: StackSpec

    def one(self, kind: str, name: str) -> Manifest:
        """The object of `kind` whose name starts with `name` and, for a map, goes on with its hash."""
        found = [one for one in self if one["kind"] == kind and one["metadata"]["name"].startswith(name)]
        assert len(found) == 1, f"{kind} {name}: {[one['metadata']['name'] for one in found]}"
        return found[0]

    def has(self, kind: str, name: str) -> bool:
        """Whether there is an object of `kind` with exactly that name."""
        return any(one["kind"] == kind and one["metadata"]["name"] == name for one in self)

    def pod(self, name: str) -> dict[str, Any]:
        """Specification of the pods of Deployment `name`."""
        return self.one("Deployment", name)["spec"]["template"]["spec"]

    def stateful(self, name: str) -> dict[str, Any]:
        """Specification of StatefulSet `name`."""
        return self.one("StatefulSet", name)["spec"]

    def container(self, name: str) -> dict[str, Any]:
        """The one container of Deployment `name`."""
        (container,) = self.pod(name)["containers"]
        return container


@pytest.fixture
def render() -> Callable[..., Rendered]:
    """Objects of STACK with each dotted path set to its value."""

    def rendered(changes: dict[str, Any] | None = None, stack: str = "test", **options: Any) -> Rendered:
        spec = load_spec(changed(STACK, changes), stack)
        found = Rendered(manifests_for(spec, **options))
        found.spec = spec
        return found

    return rendered
