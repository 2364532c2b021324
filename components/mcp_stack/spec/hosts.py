"""Public hosts, known before anything is created."""

import re
from typing import Annotated

from pydantic import AfterValidator

from .names import GATEWAY

DEFAULT_PATTERN = "mcp[-{server}][.{environment}].{domain}"
"""`mcp-github.example.com` in production, `mcp-github.staging.example.com` elsewhere (seed 003); `mcp` alone for the gateway."""

PRODUCTION = "production"
"""The environment that hosts do not name."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_KNOWN = ("server", "environment", "domain")


def _pattern(value: str) -> str:
    unknown = [name for name in _PLACEHOLDER.findall(value) if name not in _KNOWN]
    if unknown:
        raise ValueError(f"{value!r}: no placeholder {{{unknown[0]}}}; there are {', '.join(f'{{{name}}}' for name in _KNOWN)}")
    without = _OPTIONAL.sub(r"\1", value)
    for idle in (part for part in _OPTIONAL.findall(value) if not _PLACEHOLDER.search(part)):
        raise ValueError(f"{value!r}: [{idle}] holds no placeholder, so nothing decides whether it falls away")
    if re.search(r"[^a-z0-9.-]", _PLACEHOLDER.sub("x", without)):
        raise ValueError(
            f"{value!r}: beside placeholders and [ ] a host consists of lower-case letters, digits, dashes and dots; "
            "international names are written in punycode (`xn--…`), and no host is a wildcard"
        )
    return value


HostPattern = Annotated[str, AfterValidator(_pattern)]


def host_of(part: str, environment: str, domain: str | None, pattern: str = DEFAULT_PATTERN) -> str | None:
    """Host of a server or of the gateway by `pattern`; None where that needs a domain and there is none.

    A bracket falls away with the value of its placeholder. Outside of brackets the gateway is called by its name.
    """
    values = {
        "server": None if part == GATEWAY else part,
        "environment": None if environment == PRODUCTION else environment,
        "domain": domain,
    }
    bare = {"server": part, "environment": environment, "domain": domain}
    text = _OPTIONAL.sub(lambda found: "" if _missing(found[1], values) else found[1], pattern)
    if _missing(text, bare):
        return None
    return _PLACEHOLDER.sub(lambda found: str(bare[found[1]]), text)


def _missing(text: str, values: dict[str, str | None]) -> bool:
    return any(values[name] is None for name in _PLACEHOLDER.findall(text))
