import pytest

from mcp_stack_proxy.upstream.http import Origin


@pytest.mark.parametrize(
    ("url", "tls", "host", "port", "target", "authority"),
    [
        ("http://clock:8000/mcp", False, "clock", 8000, b"/mcp", b"clock:8000"),
        ("https://mcp.sentry.dev/mcp", True, "mcp.sentry.dev", 443, b"/mcp", b"mcp.sentry.dev"),
        ("http://h", False, "h", 80, b"/", b"h"),
        ("https://h:443/", True, "h", 443, b"/", b"h"),
        ("http://h:443/", False, "h", 443, b"/", b"h:443"),
        ("http://[::1]:8000/mcp", False, "::1", 8000, b"/mcp", b"[::1]:8000"),
        ("http://H/a/b?tenant=x y&z=%20", False, "h", 80, b"/a/b?tenant=x%20y&z=%20", b"h"),
        ("http://h/straße", False, "h", 80, b"/stra%C3%9Fe", b"h"),
        ("http://bücher.example/", False, "xn--bcher-kva.example", 80, b"/", b"xn--bcher-kva.example"),
        ("http://h?a=b", False, "h", 80, b"/?a=b", b"h"),
    ],
)
def test_a_url_is_taken_apart(url, tls, host, port, target, authority):
    origin = Origin.parse(url)
    assert (origin.tls, origin.host, origin.port, origin.target, origin.authority) == (tls, host, port, target, authority)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/",
        "h:80",
        "http://",
        "/mcp",
        "http://user:pass@h/",
        "http://h:0/",
        "http://h:99999/",
        "http://h:x/",
        "http://a b/",
        "http://h\\evil/",
        "http://" + "ü" * 70 + "/",
    ],
)
def test_what_no_request_can_be_sent_to_is_refused(url):
    with pytest.raises(ValueError, match=r".+"):
        Origin.parse(url)


def test_a_refused_url_does_not_show_its_password():
    with pytest.raises(ValueError, match="credentials") as caught:
        Origin.parse("http://user:hunter2@h/")
    assert "hunter2" not in str(caught.value)


def test_line_breaks_in_a_url_never_reach_the_wire():
    origin = Origin.parse("http://h/a\r\nx: y?q=\r\nz")
    assert not {*origin.target, *origin.authority} & set(b"\r\n ")
