"""Which format a document is in, and the stack file that comes out: checked by the same rules as any other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mcp_stack_proxy.config import ConfigError, Problem, Source
from mcp_stack_proxy.config.load import document

from ..spec import load_spec
from .client import client_stack
from .editors import plain
from .kubernetes import merged
from .literals import Needed, Vault
from .mpl import VARIABLES, mpl_stack
from .reading import Notes, Section, mapping
from .services import values_stack

Mapper = Callable[[Section, Vault, Notes], dict[str, Any]]
Found = tuple[str, Mapper, Mapping[str, Any]]

PROXY = {"repository": "ghcr.io/acme/mcp-stack-proxy", "tag": "0.1.0"}
FORMATS = (
    "a client's `mcpServers`, values of the charts with `mcp` and `global` or with `mpl` and `transport`, or an mpl-config.yaml"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A stack, what it needs beside its file, and what its author has to know."""

    format: str
    stack: dict[str, Any]
    needed: Sequence[Needed]
    notes: Sequence[Problem]


def import_documents(sources: Sequence[Source], stack: str, proxy: Mapping[str, str] | None = None) -> Imported:
    """The stack that `sources` describe, later ones over earlier ones as Helm merges values.

    `proxy` is the image of the proxy; without it a made-up one is named, and noted. ConfigError where a source is in no known
    format.
    """
    found = [_recognised(source) for source in sources]
    name, mapper, data = found[0]
    for source, (other, _, more) in zip(sources[1:], found[1:], strict=True):
        if other != name:
            raise ConfigError(
                source.name, [Problem("", f"holds {other}, and {sources[0].name} {name}; import one after the other")]
            )
        data = merged(data, more)
    notes, vault = Notes(), Vault()
    root = Section(data, "", notes)
    written = _with_proxy(mapper(root, vault, notes), proxy, notes)
    secrets = vault.declared()
    if secrets:
        written["secrets"] = {**written.get("secrets", {}), **secrets}
    kept = _checked(written, stack, notes)
    needed = [one for key, one in sorted(vault.needed.items()) if key in kept.get("secrets", {})]
    return Imported(name, kept, needed, notes.all())


def _recognised(source: Source) -> Found:
    data = document(source)
    if not isinstance(data, dict):
        data = _variables(source.text)
    inner = _unwrapped(cast("dict[str, Any]", data), source)
    keys = set(inner)
    if "mcpServers" in keys:
        return "a client's servers", client_stack, plain(inner)
    if ("mcp" in keys and not keys & {"mpl", "transport"}) or keys & {"global"}:
        return "values of the chart of services", values_stack, inner
    if keys & {"mpl", "transport"}:
        return "a configuration of the MPL proxy", mpl_stack, inner
    raise ConfigError(source.name, [Problem("", f"is in no known format; what can be imported is {FORMATS}")])


def _unwrapped(data: dict[str, Any], source: Source) -> dict[str, Any]:
    """What a HelmRelease or a ConfigMap holds, or the document itself."""
    if data.get("kind") == "HelmRelease":
        return mapping(mapping(data.get("spec")).get("values"))
    if data.get("kind") == "ConfigMap":
        texts = [text for text in mapping(data.get("data")).values() if isinstance(text, str)]
        inner = [document(Source(source.name, text)) for text in texts]
        found = [one for one in map(mapping, inner) if one]
        return found[0] if found else {}
    if "mcp" in data and "servers" in mapping(data["mcp"]) and "mcpServers" not in data:
        return {"mcpServers": mapping(data["mcp"])["servers"]}  # an editor's settings.json
    if set(data) <= {"servers", "inputs", "$schema"} and "servers" in data:
        return {**data, "mcpServers": data["servers"]} | {"servers": None}  # an editor's mcp.json
    return data


def _variables(text: str) -> dict[str, Any]:
    """`NAME=value` lines of the MPL proxy as its file has them."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r"^(?:export\s+)?(MPL_[A-Z_]+)=(.*)$", text, re.MULTILINE):
        section, key = VARIABLES.get(name, ("variables", name))
        found.setdefault(section, {})[key] = value.strip().strip("\"'")
    return found


def _with_proxy(stack: dict[str, Any], proxy: Mapping[str, str] | None, notes: Notes) -> dict[str, Any]:
    needed = stack["gateway"].get("enabled", True) or any(
        "command" in one and "image" not in one for one in stack["servers"].values()
    )
    if not needed:
        return stack
    if proxy is None:
        notes.add("", "`proxy.image` is made up: name what `make image` built and where you pushed it (docs/image.md)")
    return {**stack, "proxy": {"image": dict(proxy or PROXY)}}


def _checked(stack: dict[str, Any], name: str, notes: Notes) -> dict[str, Any]:
    """`stack` without what its rules refuse, each with the rule's own words. A server that lacks something is switched off."""
    for _ in range(50):
        try:
            load_spec(stack, name)
        except ConfigError as error:
            for problem in error.problems:
                stack = _without(stack, problem, notes)
        else:
            return stack
    raise ConfigError(
        f"Pulumi.{name}.yaml", [Problem("", "could not be made good; this is a fault of the import, please report it")]
    )


def _without(stack: dict[str, Any], problem: Problem, notes: Notes) -> dict[str, Any]:
    parts = [part for part in re.split(r"\.|\[(\d+)\]", problem.path) if part]
    if parts[:1] in (["secret_stores"], ["secrets"]):
        parts = parts[:2]  # half a store would ask another one, and half a path for more
    place, holder, key = cast("Any", stack), None, ""
    for length in range(len(parts)):
        for upto in range(len(parts), length, -1):  # keys of maps may hold dots: the longest that is there
            joined = ".".join(parts[length:upto])
            if isinstance(place, dict) and joined in place:
                holder, key, place = cast("dict[str, Any]", place), joined, cast("dict[str, Any]", place)[joined]
                break
        else:
            continue
    at = problem.path or "the stack"
    if problem.path == "servers":
        notes.add("", f"`gateway.enabled` is false until there is a server: {problem.message}")
        return {**stack, "gateway": {**stack["gateway"], "enabled": False}, "servers": stack.get("servers", {})}
    if holder is None:
        raise ConfigError("the stack file", [problem])
    whole = parts[0] == "servers" and len(parts) == 3 and key in ("url", "command", "image")  # without it, it is no server
    if whole and stack["servers"][parts[1]].get("enabled") is not False:
        notes.add(at, f"`enabled` is false until this is mended: {problem.message}")
        stack["servers"][parts[1]]["enabled"] = False
    elif key == parts[-1] or parts[0] != "servers" or not isinstance(place, dict):
        notes.add(at, f"left out: {problem.message}")
        holder.pop(key)
    else:
        server = stack["servers"].get(parts[1])
        if server is None or server.get("enabled") is False:
            notes.add(at, f"left out with what is around it: {problem.message}")
            holder.pop(key)
        else:
            notes.add(at, f"`enabled` is false until this is mended: {problem.message}")
            server["enabled"] = False
    return stack
