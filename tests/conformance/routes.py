"""Ways from the suite to a fixture: which servers are behind the proxy, at which of its endpoints, over how many replicas."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.suite import REVISIONS, ROOT

PROXY = Path(sys.executable).parent / "mcp-stack-proxy"

FIXTURES: dict[str, tuple[str, ...]] = {
    "dual": (str(ROOT / ".venv-fixture/bin/mcp-everything-server"), "--port", "0"),
    "legacy": (str(ROOT / ".venv-fixture-legacy/bin/mcp-everything-server"), "--port", "0"),
    "modern": (str(ROOT / ".venv-fixture/bin/python"), str(ROOT / "tests/conformance/one_era.py")),
}
"""Servers by the eras that they speak: the SDK 2.3.0's fixture, that of 1.30.0, and the first without its handshake."""

CLIENT = (
    str(ROOT / ".venv-fixture/bin/python"),
    *map(str, (ROOT / ".venv-fixture/source").glob("mcp-*/.github/actions/conformance/client.py")),
)
"""The SDK's own conformance client, from the sdist that the fixture came with."""


@dataclass(frozen=True, slots=True)
class Route:
    """`servers`: name -> fixture. The first one's names carry no prefix on `/mcp`, since the suite calls fixed names.

    `replicas` 0: no proxy at all; more than one: as many processes with the same keys, behind a balancer that knows no sessions.
    """

    servers: tuple[tuple[str, str], ...]
    aggregate: bool = False
    replicas: int = 1

    @property
    def fixture(self) -> str:
        """The fixture that answers the suite."""
        return self.servers[0][1]

    @property
    def path(self) -> str:
        return "/mcp" if self.aggregate or not self.replicas else f"/servers/{self.servers[0][0]}/mcp"

    def config(self, urls: dict[str, str]) -> dict[str, object]:
        """The proxy's configuration, with `urls` of the fixtures."""
        servers = {name: {"url": f"{urls[fixture]}/mcp"} for name, fixture in self.servers}
        if self.aggregate:
            servers[self.servers[0][0]]["namespace"] = ""
        return {"servers": servers}


def _one(fixture: str, replicas: int = 1) -> Route:
    return Route((("everything", fixture),), replicas=replicas)


def _two(fixture: str, beside: str, replicas: int = 1) -> Route:
    return Route((("everything", fixture), ("beside", beside)), aggregate=True, replicas=replicas)


ROUTES = {
    "direct": _one("dual", replicas=0),
    "direct-legacy": _one("legacy", replicas=0),
    "one": _one("dual"),
    "one-legacy": _one("legacy"),
    "one-modern": _one("modern"),
    "all": _two("dual", "legacy"),
    "all-legacy": _two("legacy", "dual"),
    "all-modern": _two("modern", "legacy"),
    "one-replicas": _one("dual", replicas=2),
    "all-replicas": _two("dual", "legacy", replicas=2),
}
"""`one`: `/servers/everything/mcp`, `all`: `/mcp` with a second server of another era beside it."""

RUNS = [(route, revision) for route in ROUTES for revision in REVISIONS if (route, revision) != ("direct-legacy", "2026-07-28")]
"""Every route with both requirement sets, but for a server that by itself knows one of them only."""
