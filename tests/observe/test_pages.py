"""Which port has which page, and what it tells."""

import asyncio

import pytest

from mcp_stack_proxy.observe.health import Health
from mcp_stack_proxy.observe.pages import Page, pages


class Numbers:
    def connected(self):
        return 1

    def clients(self):
        return 2

    def tools(self):
        return 3

    def started(self):
        return True


def paths(found):
    return sorted(found.open), sorted(found.admitted)


HEALTH = ["/health", "/livez", "/readyz", "/startupz"]


@pytest.mark.parametrize(
    ("metrics", "apart", "front", "back"),
    [
        (False, False, (HEALTH, []), ([], [])),
        (True, False, (HEALTH, ["/metrics"]), ([], [])),
        (False, True, (["/health"], []), (HEALTH, [])),
        (True, True, (["/health"], []), (sorted([*HEALTH, "/metrics"]), [])),
    ],
)
def test_which_port_has_which_page(metrics, apart, front, back):
    found = pages(Health(1, Numbers()), (lambda: iter(["x"])) if metrics else None, apart=apart)
    assert (paths(found[0]), paths(found[1])) == (front, back)


async def test_the_main_port_tells_a_balancer_the_status_alone():
    health = Health(1, Numbers())
    front, back = pages(health, None, apart=True)
    assert await front.open["/health"]() == Page(200, b'{"status":"ok"}')
    health.draining = True
    assert (await front.open["/health"]()).status == 503
    assert b'"tools":3' in (await back.open["/health"]()).body


async def test_calls_are_served_between_two_slices_of_metrics():
    seen = []

    def text():
        for piece in ("a\n", "b\n", "ä\n"):
            seen.append(piece)
            asyncio.get_running_loop().call_soon(seen.append, "call")
            yield piece

    front, _ = pages(Health(1, Numbers()), text, apart=False)
    page = await front.admitted["/metrics"]()
    assert page.body == "a\nb\nä\n".encode()
    assert page.content_type.startswith(b"text/plain; version=0.0.4")
    assert seen == ["a\n", "call", "b\n", "call", "ä\n", "call"]
