"""Where TLS ends for a host on the stack's own Gateway."""

from .exposure import StackExposure, TlsSpec


def listener_host(stack: StackExposure, tls: TlsSpec, host: str) -> str:
    """Host of the listener that ends TLS for `host`: a wildcard where one certificate serves a domain."""
    shared = tls.wildcard or (tls.secret is not None and tls == stack.tls)
    return f"*.{host.partition('.')[2]}" if shared and "." in host else host
