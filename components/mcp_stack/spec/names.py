"""Names of everything a stack creates, known before anything is created, and the syntax of those that users choose."""

import hashlib
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from mcp_stack_proxy.config import NAME_RULE, is_server_name
from mcp_stack_proxy.config.addresses import punycode_hint

MAX_LABEL = 63
"""Characters of a DNS label, hence of Services, namespaces and label values (RFC 1123)."""

PRODUCT = "mcp-stack"
"""What all objects are part of."""

GATEWAY = "gateway"
"""Part of the names of the gateway's objects; therefore no server's name."""

SHARED = "shared"
"""Part of the names of what belongs to the whole stack; therefore no server's name."""

ALL_KEYS = "*"
"""In `name/*`: every key of a set of secrets."""

RESERVED_LABELS = frozenset(f"app.kubernetes.io/{name}" for name in ("name", "instance", "component", "part-of", "managed-by"))
"""Labels that selectors use or that say who owns an object."""

_DNS_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_DNS_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_STACK = re.compile(r"[a-z](?:-?[a-z0-9])*")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_KEY = re.compile(r"[A-Za-z0-9_.-]+")


def is_stack_name(name: str) -> bool:
    """Whether objects can carry `name` as a prefix: a DNS label that starts with a letter, without double dashes."""
    return len(name) <= MAX_LABEL and _STACK.fullmatch(name) is not None


def object_name(stack: str, part: str, suffix: str = "", limit: int = MAX_LABEL) -> str:
    """Name of the object `part` (a server, or `gateway`) of `stack`, such as `staging-github`.

    Two stacks in one namespace never collide: parts hold no double dash, so a stack whose own name has a dash is set
    apart by two (`eu-staging--github`), and `x` + `a-b` differs from `x-a` + `b`. What exceeds `limit` is cut and ends in a
    digest of the whole.
    """
    name = f"{stack}{'--' if '-' in stack else '-'}{part}"
    room = limit - len(suffix)
    if len(name) > room:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = f"{name[: room - 9].rstrip('-')}-{digest}"
    return name + suffix


def key_variable(server: str) -> str:
    """Variable of the gateway that holds the key for the proxy in front of `server`. Names of servers hold no `_`."""
    return f"MCP_KEY_{server.upper().replace('-', '_')}"


def default_namespace(stack: str) -> str:
    """Namespace of a stack that names none."""
    return object_name("mcp", stack)


def selector(stack: str, part: str) -> dict[str, str]:
    """Labels that select exactly the pods of `part`; they never change, because a workload's selector cannot."""
    return {"app.kubernetes.io/instance": stack, "app.kubernetes.io/name": part}


def stack_labels(stack: str) -> dict[str, str]:
    """Labels that say whose an object is."""
    return {"app.kubernetes.io/instance": stack, "app.kubernetes.io/part-of": PRODUCT, "app.kubernetes.io/managed-by": "pulumi"}


def part_labels(stack: str, part: str) -> dict[str, str]:
    """Labels of the objects and pods of `part`."""
    component = "gateway" if part == GATEWAY else "server"
    return {**stack_labels(stack), **selector(stack, part), "app.kubernetes.io/component": component}


def wrapped_path(server: str) -> str:
    """Path at which the proxy round the stdio server `server` offers it."""
    return f"/servers/{server}/mcp"


def service_hosts(service: str, namespace: str) -> list[str]:
    """Every name under which pods of a cluster may call `service`."""
    short = f"{service}.{namespace}"
    return [service, short, f"{short}.svc", f"{short}.svc.cluster.local"]


def _server_name(name: str) -> str:
    if not is_server_name(name):
        raise ValueError(f"{name!r} is no server name: {NAME_RULE}")
    if name in (GATEWAY, SHARED):
        raise ValueError(f"{name!r} names the stack's own objects; call the server otherwise")
    return name


def is_dns_label(name: str) -> bool:
    """Whether a Service or a namespace may be called `name` (RFC 1123)."""
    return len(name) <= MAX_LABEL and _DNS_LABEL.fullmatch(name) is not None


def is_dns_name(name: str) -> bool:
    """Whether most objects may be called `name`: labels joined by dots."""
    return len(name) <= 253 and all(len(label) <= MAX_LABEL for label in name.split(".")) and _DNS_NAME.fullmatch(name) is not None


def _dns_label(name: str) -> str:
    if not is_dns_label(name):
        raise ValueError(f"{name!r} is no DNS label: lower-case letters, digits and dashes inside, at most {MAX_LABEL} characters")
    return name


def _dns_name(name: str) -> str:
    if not is_dns_name(name):
        raise ValueError(f"{name!r} is no DNS name: labels of lower-case letters, digits and dashes, joined by dots")
    return name


def _host(name: str) -> str:
    if "*" in name:
        raise ValueError(
            f"{name!r} is a wildcard, and hosts are named in full, each as `host` or one of `aliases`; one certificate for all is "
            "`tls.wildcard: true`, and what the gateway answers to is `gateway.allowed_hosts`, which takes `*.example.com`"
        )
    if not name.isascii():
        raise ValueError(f"{name!r} is no DNS name: {punycode_hint(name)}")
    return _dns_name(name)


def _qualified(key: str, what: str) -> None:
    prefix, slash, name = key.rpartition("/")
    if (slash and not _DNS_NAME.fullmatch(prefix)) or len(name) > MAX_LABEL or not _QUALIFIED.fullmatch(name):
        raise ValueError(f"{key!r} is no {what} key: [prefix/]name with at most {MAX_LABEL} letters, digits, `-`, `_` and `.`")


def _label_key(key: str) -> str:
    _qualified(key, "label")
    if key in RESERVED_LABELS:
        raise ValueError(f"{key!r} is set by the stack, selectors depend on it; use a key of your own")
    return key


def _label_value(value: str) -> str:
    if value and (len(value) > MAX_LABEL or not _QUALIFIED.fullmatch(value)):
        raise ValueError(f"{value!r} is no label value: at most {MAX_LABEL} letters, digits, `-`, `_` and `.`, no edge punctuation")
    return value


def _annotation_key(key: str) -> str:
    _qualified(key, "annotation")
    return key


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"{name!r} is no variable name: letters, digits and `_`, not starting with a digit")
    return name


def _secret_key(key: str) -> str:
    if len(key) > 253 or not _SECRET_KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a Secret: letters, digits, `-`, `_` and `.`")
    return key


def _secret_reference(text: str) -> str:
    name, slash, key = text.partition("/")
    _dns_label(name)
    if slash and key != ALL_KEYS:
        _secret_key(key)
    return text


ServerName = Annotated[str, AfterValidator(_server_name)]
DnsLabel = Annotated[str, AfterValidator(_dns_label)]
SecretName = Annotated[str, AfterValidator(_dns_label), Field(max_length=40)]
DnsName = Annotated[str, AfterValidator(_dns_name)]
Host = Annotated[str, AfterValidator(_host)]
"""Name that clients or pods call. International ones in punycode, none for many."""
VariableName = Annotated[str, AfterValidator(_variable)]
SecretKey = Annotated[str, AfterValidator(_secret_key)]
SecretReference = Annotated[str, AfterValidator(_secret_reference)]
Labels = dict[Annotated[str, AfterValidator(_label_key)], Annotated[str, AfterValidator(_label_value)]]
Selector = dict[str, Annotated[str, AfterValidator(_label_value)]]
Annotations = dict[Annotated[str, AfterValidator(_annotation_key)], str]
