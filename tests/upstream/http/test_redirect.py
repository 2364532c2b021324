"""A server may move a request to another of its own paths, and nowhere else."""

import pytest

from mcp_stack_proxy.upstream.http import Origin
from mcp_stack_proxy.upstream.http.redirect import MAX_MOVES, moved

LIMIT = 1 << 20


def redirect(location, status=307):
    return b"HTTP/1.1 %d T\r\nLocation: %b\r\nContent-Length: 5\r\n\r\nmoved" % (status, location)


@pytest.mark.parametrize(
    ("url", "location", "there"),
    [
        ("http://h:8000/mcp", b"http://h:8000/mcp/", b"/mcp/"),
        ("http://h:8000/mcp", b"/mcp/", b"/mcp/"),
        ("http://h:8000/mcp", b"mcp/", b"/mcp/"),
        ("http://h:8000/mcp?tenant=a", b"/mcp/?tenant=a", b"/mcp/?tenant=a"),
        ("https://h/mcp", b"http://h/mcp/", b"/mcp/"),
        ("https://h:8443/mcp", b"http://h/mcp/", b"/mcp/"),
        ("http://h/mcp", b"https://h/mcp/", None),
        ("https://h/mcp", b"http://h:8000/mcp/", None),
        ("http://h:8000/mcp", b"http://h:8001/mcp/", None),
        ("http://h:8000/mcp", b"http://elsewhere:8000/mcp/", None),
        ("http://h:8000/mcp", b"//elsewhere/mcp/", None),
        ("http://h:8000/mcp", b"http://user:word@h:8000/mcp/", None),
        ("http://h:8000/mcp", b"ftp://h:8000/mcp/", None),
        ("http://h:8000/mcp", b"http://[h/", None),
        ("http://h:8000/mcp", b"/m\xc3\xa9", None),
        ("http://h:8000/mcp", b"/mcp", None),
    ],
)
def test_only_another_path_of_the_same_origin_counts(url, location, there):
    origin = Origin.parse(url)
    assert moved(origin, origin.target, location) == there


@pytest.mark.parametrize("status", [307, 308])
async def test_the_request_is_repeated_there_as_it_was(serve, connect, soon, status):
    asked = []

    async def talk(peer):
        while True:
            first, headers, body = await peer.request()
            asked.append((first, headers[b"x-a"], body))
            if first.startswith(b"POST /mcp/ "):
                await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            else:
                await peer.say(redirect(b"/mcp/", status))

    pool = connect((await serve(talk)).url)
    for _ in range(2):
        response = await pool.send(b"POST", b"/mcp", [(b"x-a", b"1")], b"{}", deadline=soon())
        assert (response.status, await response.read(LIMIT)) == (200, b"hi")
    there = [(b"POST /mcp HTTP/1.1", b"1", b"{}"), (b"POST /mcp/ HTTP/1.1", b"1", b"{}")]
    assert asked == there * 2
    assert pool.connected == 1


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_makes_another_request_of_it_is_an_answer(serve, connect, soon, status):
    async def talk(peer):
        await peer.request()
        await peer.say(redirect(b"/mcp/", status))
        await peer.until_closed()

    pool = connect((await serve(talk)).url)
    response = await pool.send(b"POST", b"/mcp", [], b"{}", deadline=soon())
    assert response.status == status


async def test_a_chain_of_redirects_ends(serve, connect, soon):
    asked = []

    async def talk(peer):
        while True:
            asked.append(await peer.request())
            await peer.say(redirect(b"/%d" % len(asked)))

    pool = connect((await serve(talk)).url)
    response = await pool.send(b"POST", b"/mcp", [], b"{}", deadline=soon())
    assert (response.status, len(asked)) == (307, MAX_MOVES + 1)
