"""What is asked of Prometheus, in its own language (PromQL)."""

from collections.abc import Mapping, Sequence

from ..spec import GATEWAY, StackSpec
from .identity import runs_proxy, selector_of

IN_FLIGHT = "mcp_proxy_calls_in_flight"


def label_name(key: str) -> str:
    """How Prometheus calls a label of a pod: whatever is neither letter nor digit becomes `_`."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in key)


def scope(namespace: str, pods: Mapping[str, str]) -> dict[str, str]:
    """Matchers for what is scraped of the pods with the labels `pods`. Monitors carry these labels over to every series."""
    return {"namespace": namespace, **{label_name(key): value for key, value in pods.items()}}


def series(name: str, labels: Mapping[str, str], matchers: str = "") -> str:
    """Selector of the metric `name` with `labels`; `matchers` are further ones, as they stand."""
    parts = [*(f'{key}="{value}"' for key, value in labels.items()), *([matchers] if matchers else [])]
    return f"{name}{{{','.join(parts)}}}"


def any_of(label: str, values: Sequence[str]) -> str:
    """Matcher for any of `values`, which hold no character of regular expressions but `-`."""
    either = "|".join(values)
    return f'{label}{"=" if len(values) == 1 else "=~"}"{either}"'


def calls_in_flight(spec: StackSpec, part: str) -> str:
    """Calls in flight of all replicas of `part` together: as its own proxies count them, else as the gateway does."""
    if runs_proxy(spec, part):
        return f"sum({series(IN_FLIGHT, scope(spec.namespace, selector_of(spec, part)))})"
    asked = scope(spec.namespace, selector_of(spec, GATEWAY))
    return f"sum({series(IN_FLIGHT, {**asked, 'server': part})})"
