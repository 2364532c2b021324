"""Keys of a local run. API keys: the developer's, where there are any, and one of the run itself, which ends with it.

Who declares `gateway.authentication` has it enforced here, too: a client that works on this machine works in the cluster. The
run's own key is what it looks at its servers with, and what a client needs where nobody has made a key.
Session keys are always its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mcp_stack_proxy.config import ConfigError, Problem, Source
from mcp_stack_proxy.config.api_keys import KeyEntry, entries_text, new_key, parse_keys
from mcp_stack_proxy.config.session_keys import new_session_key

from ..spec import StackSpec

VARIABLE = "MCP_API_KEYS"
"""Variable with the text of a file of keys: what the stack's secret holds in a cluster."""

SUBJECT = "local-run"


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """The run's own key, and the file that the gateway reads."""

    key: str = field(repr=False)
    text: str


def local_keys(spec: StackSpec, environ: Mapping[str, str]) -> LocalKeys | None:
    """Keys for one run; None where the gateway asks nobody. ConfigError as `key_problems` says."""
    if spec.api_keys() is None:
        return None
    key, entry = new_key(SUBJECT)
    return LocalKeys(key, entries_text([*_given(environ), entry]))


def local_front_keys(spec: StackSpec, server: str) -> LocalKeys | None:
    """Keys of the proxy in front of `server` for one run; None where it asks nobody. Only the gateway calls it here."""
    if spec.api_keys(server) is None:
        return None
    key, entry = new_key(SUBJECT)
    return LocalKeys(key, entries_text([entry]))


def local_session_keys(spec: StackSpec) -> str | None:
    """A file of session keys for one run, whose processes start together; None where each proxy makes its own."""
    return None if spec.session_keys() is None else f"{new_session_key()}\n"


def key_problems(spec: StackSpec, environ: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the developer's keys."""
    if spec.api_keys() is not None:
        try:
            _given(environ)
        except ConfigError as error:
            for one in error.problems:
                yield Problem("gateway.authentication.api_keys", f"read from ${VARIABLE} on this machine: {one}")


def _given(environ: Mapping[str, str]) -> list[KeyEntry]:
    text = environ.get(VARIABLE)
    return [] if text is None else list(parse_keys(Source(f"${VARIABLE}", text)).values())
