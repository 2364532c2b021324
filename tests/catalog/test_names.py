"""Public names: readable, and always taken apart into the server and the name that they were made of."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_stack_proxy.catalog.names import Namespaces
from mcp_stack_proxy.config.names import is_server_name

NAMESPACE = st.from_regex(r"[a-z](-?[a-z0-9]){0,5}", fullmatch=True).filter(is_server_name)
TRICKY = st.text(alphabet=["a", "b", "_", "+", "-", ":", "é", "日", "😀", "{", " "], max_size=12)
NATIVE = TRICKY | st.text() | st.builds("{}{}{}".format, st.sampled_from(["", "__", "_", "+"]), st.sampled_from(["a", "b"]), TRICKY)


@pytest.mark.parity("aggregate.namespaced-resources")
@pytest.mark.parametrize(
    ("native", "name", "uri"),
    [
        ("search", "github__search", "github+search"),
        ("file:///a?b=c#d", "github__file:///a?b=c#d", "github+file:///a?b=c#d"),
        ("db://{table}{?q}", "github__db://{table}{?q}", "github+db://{table}{?q}"),
        ("__init__", "github____init__", "github+__init__"),
        ("a+b", "github__a+b", "github+a+b"),
        ("github__x", "github__github__x", "github+github__x"),
        ("", "github__", "github+"),
        ("日本 語", "github__日本 語", "github+日本 語"),
    ],
)
def test_a_name_carries_its_servers_namespace(native, name, uri):
    names = Namespaces({"one": "github", "two": "gitlab"})
    assert (names.name("one", native), names.uri("one", native)) == (name, uri)
    assert names.resolve_name(name) == names.resolve_uri(uri) == ("one", native)


@pytest.mark.parametrize(
    "public", ["search", "other__search", "GitHub__search", "_github__search", "__github__search", "github_search", ""]
)
def test_a_name_without_a_known_namespace_belongs_to_nobody(public):
    names = Namespaces({"one": "github"})
    assert names.resolve_name(public) is None
    assert names.resolve_uri(public.replace("__", "+")) is None


@pytest.mark.parametrize(
    "native", ["search", "other__search", "_github__x", "__init__", "file:///a+b", "git__hub__x", "___github__x"]
)
def test_the_server_with_the_empty_namespace_keeps_its_names(native):
    names = Namespaces({"one": "github", "two": ""})
    assert names.name("two", native) == native
    assert names.resolve_name(native) == ("two", native)


@pytest.mark.parametrize(
    ("native", "public"),
    [("github__x", "__github__x"), ("__github__x", "____github__x"), ("github___x", "__github___x"), ("github__", "__github__")],
)
def test_no_server_can_stand_in_for_another(native, public):
    names = Namespaces({"one": "github", "two": ""})
    assert names.name("two", native) == public
    assert names.resolve_name(public) == ("two", native)
    assert names.resolve_name(native)[0] != "two" or native.startswith("__")


@pytest.mark.requirement("aggregate:names.reversible")
@given(st.lists(NAMESPACE | st.just("") | st.sampled_from(["a", "b"]), min_size=1, max_size=4, unique=True), st.data())
@example(["a", ""], None)
def test_any_name_of_any_server_is_found_again(namespaces, data):
    names = Namespaces({f"server {namespace}": namespace for namespace in namespaces})
    natives = ["", "a__", "__a__x", "a+", "++a+x"] if data is None else data.draw(st.lists(NATIVE, min_size=1, max_size=4))
    seen = {}
    for server in (f"server {namespace}" for namespace in namespaces):
        for native in natives:
            for make, resolve in ((names.name, names.resolve_name), (names.uri, names.resolve_uri)):
                public = make(server, native)
                assert resolve(public) == (server, native)
                assert seen.setdefault((make.__name__, public), (server, native)) == (server, native)


@pytest.mark.requirement("aggregate:names.reversible")
@given(NATIVE)
def test_any_public_name_is_one_servers_or_nobodys(public):
    for namespaces in ({"one": "a"}, {"one": "a", "two": ""}):
        names = Namespaces(namespaces)
        for resolve in (names.resolve_name, names.resolve_uri):
            found = resolve(public)
            assert found is None or found[0] in namespaces
            assert found is not None or "two" not in namespaces


@pytest.mark.parametrize("size", [1, 256, 257, 10_000])
def test_a_name_is_found_the_same_way_however_long_and_however_often(size):
    names = Namespaces({"github": "gh"})
    assert [names.resolve_name("gh__" + "x" * size) for _ in range(2)] == [("github", "x" * size)] * 2
    assert [names.resolve_name("x" * size) for _ in range(2)] == [None] * 2
