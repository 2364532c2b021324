"""Names of servers and namespaces, chosen so that prefixed tool names and URIs can be taken apart again."""

import re

SEPARATOR = "__"
"""Between namespace and tool or prompt name: `github__search` (seed 001)."""

URI_SEPARATOR = "+"
"""Between namespace and URI: `github+file:///readme`. The result is a URI with a valid scheme (RFC 3986, 3.1)."""

MAX_NAME = 40
"""Characters: leaves room for a stack's prefix within the 63 of a Kubernetes label (RFC 1123)."""

NAME_RULE = f"a lower-case letter, then letters, digits and single dashes, at most {MAX_NAME} characters"

_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")


def is_server_name(name: str) -> bool:
    """Whether `name` may name a server or namespace: a DNS label without `_` and `+`, so both separators stay unique."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None
