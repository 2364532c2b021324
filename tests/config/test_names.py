"""A namespace and a name, joined and taken apart again, are the same two."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.config import is_server_name
from mcp_stack_proxy.config.names import MAX_NAME, SEPARATOR, URI_SEPARATOR

NAMES = st.from_regex(r"[a-z](-?[a-z0-9]){0,19}", fullmatch=True)


@given(namespace=NAMES, tool=st.text(max_size=30))
def test_a_prefixed_name_can_be_taken_apart_whatever_the_tool_is_called(namespace, tool):
    assert is_server_name(namespace)
    assert f"{namespace}{SEPARATOR}{tool}".partition(SEPARATOR) == (namespace, SEPARATOR, tool)


@given(namespace=NAMES, uri=st.text(max_size=30))
def test_a_prefixed_uri_can_be_taken_apart_whatever_the_uri_is(namespace, uri):
    assert f"{namespace}{URI_SEPARATOR}{uri}".partition(URI_SEPARATOR) == (namespace, URI_SEPARATOR, uri)


@given(name=st.text(max_size=MAX_NAME + 2))
def test_no_name_holds_a_separator(name):
    assert not is_server_name(name) or not {"_", "+"} & set(name)
