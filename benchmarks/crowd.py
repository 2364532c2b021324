"""Legacy clients that have a session and its stream open, and for the moment nothing to say: what each of them costs is memory."""

import http.client
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from .asks import Ask, ask

_SPARE = 200
"""Descriptors for all else, here and in the process under test, which has as many as this one."""


@contextmanager
def crowd(url: str, request: Ask, count: int) -> Iterator[None]:
    """`count` of them, each of which has made `request` once. SystemExit where this machine allows no process so many sockets."""
    _allow(count + _SPARE)
    with ExitStack() as streams:
        for _ in range(count):
            own = replace(request, legacy=True).opened(url)
            ask(url, own)
            streams.enter_context(_stream(url, own))
        yield


def _allow(descriptors: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < descriptors:
        raise SystemExit(f"this needs {descriptors} open files, the limit is {hard}: raise it (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, hard))


def _stream(url: str, own: Ask) -> socket.socket:
    """The open stream of a session; ValueError where there is none."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
    headers = "".join(f"{name}: {value}\r\n" for name, value in {**own.headers, "Accept": "text/event-stream"}.items())
    connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n".encode())
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    if answer.status != 200:
        connection.close()
        raise ValueError(f"{url} answered {answer.status} to a session that asked for its stream")
    return connection
