"""Properties of resources: plain data, but for what is secret and what only a deployment can tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

Plain = Mapping[str, Any]


class Unknown:
    """A value that is not known before deployment. No rule says anything about it."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A value that Pulumi knows to be secret. It never shows by accident."""

    value: Any

    def __repr__(self) -> str:
        return "Sensitive()"


def bare(value: Any) -> Any:
    """`value`, whether it is secret or not."""
    return value.value if isinstance(value, Sensitive) else value


def dig(value: Any, *keys: str) -> Any:
    """What is below `keys`: None where there is nothing, UNKNOWN where nobody can know."""
    for key in keys:
        value = bare(value)
        if isinstance(value, Unknown):
            return value
        value = cast("Plain", value).get(key) if isinstance(value, Mapping) else None
    return bare(value)


def mapping(value: Any, *keys: str) -> Plain:
    """Mapping below `keys`; empty where there is none."""
    found = dig(value, *keys)
    return cast("Plain", found) if isinstance(found, Mapping) else {}


def items(value: Any, *keys: str) -> list[Any]:
    """List below `keys`; empty where there is none."""
    found = dig(value, *keys)
    return cast("list[Any]", found) if isinstance(found, list) else []


@dataclass(frozen=True, eq=False)
class Object:
    """One Kubernetes object of a program."""

    manifest: Plain
    urn: str = ""
    partial: bool = False
    """Whether it changes an object that exists (`DeploymentPatch`), so that what it leaves out is not missing."""

    @property
    def kind(self) -> str:
        """`Deployment`."""
        return str(dig(self.manifest, "kind"))

    @property
    def group(self) -> str:
        """`apps`; empty for the core group."""
        return str(dig(self.manifest, "apiVersion")).rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its name, or the logical one of its resource where the provider makes one up."""
        found = dig(self.manifest, "metadata", "name")
        return found if isinstance(found, str) else self.urn.rpartition("::")[2]

    @property
    def namespace(self) -> str:
        """Its namespace; empty where it has none, or none is named."""
        found = dig(self.manifest, "metadata", "namespace")
        return found if isinstance(found, str) else ""

    @property
    def title(self) -> str:
        """`Deployment mcp/github`, for messages."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def objects_of(token: str, urn: str, properties: Plain) -> Iterator[Object]:
    """Kubernetes objects of a resource with the type `token`: one, those of a list, or none where it is something else."""
    kind = dig(properties, "kind")
    if not token.startswith("kubernetes:") or not isinstance(kind, str) or not isinstance(dig(properties, "apiVersion"), str):
        return
    if kind.endswith("List") and isinstance(dig(properties, "items"), list):
        usual = {"apiVersion": dig(properties, "apiVersion"), "kind": kind.removesuffix("List")}
        for item in items(properties, "items"):
            yield Object({**usual, **mapping(item)}, urn)
        return
    yield Object(properties, urn, token.endswith("Patch"))
