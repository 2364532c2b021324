"""`${VAR}` fills values and never changes their structure."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.config import Placeholder, Source, find_placeholders, load, substitute

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
ANY = st.text(max_size=20)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${A}", "one"),
        ("Bearer ${A}-${B}", "Bearer one-"),
        ("${C:-other}", "other"),
        ("${C:-}", ""),
        ("${A:-other}", "one"),
        ("${B:-other}", ""),
        ("$$ and $${A}", "$ and ${A}"),
        ("$A costs 5$", "$A costs 5$"),
        ("${D}", "${A}"),
    ],
)
@pytest.mark.parity("aggregate.placeholders")
def test_a_placeholder_becomes_the_variable_and_nothing_else_changes(text, filled):
    assert substitute(text, {"A": "one", "B": "", "D": "${A}"}) == (filled, [])


@pytest.mark.parity("aggregate.placeholders")
@given(value=ANY, document=DOCUMENTS)
def test_a_value_arrives_unchanged_wherever_its_placeholder_stands(value, document):
    filled, problems = substitute({"deep": [{"x": "${A}"}], "around": escaped(document)}, {"A": value})
    assert problems == []
    assert filled == {"deep": [{"x": value}], "around": document}


def escaped(document):
    """`document` with every `$` of its values doubled: then it holds no placeholder."""
    if isinstance(document, str):
        return document.replace("$", "$$")
    if isinstance(document, dict):
        return {key: escaped(value) for key, value in document.items()}
    return [escaped(value) for value in document] if isinstance(document, list) else document


@given(name=NAMES, default=st.text(alphabet=string.printable.replace("{", "").replace("}", ""), max_size=20))
def test_what_is_found_is_what_is_needed(name, default):
    document = {"a": [f"${{{name}}}", f"x${{{name}:-{default}}}"], "b": 5, "c": "$$ ${}"}
    assert list(find_placeholders(document)) == [Placeholder("a[0]", name, False), Placeholder("a[1]", name, True)]
    _, problems = substitute(document, {})
    assert [problem.path for problem in problems] == ["a[0]", "c"]


@pytest.mark.parity("aggregate.placeholder-missing")
def test_a_missing_variable_is_refused_with_the_place_and_its_name():
    with pytest.raises(
        ValueError, match=r"^stack\.yaml: 1 problem\n  servers\.a\.headers\.X: environment variable TOKEN is not set; "
    ):
        load(Source("stack.yaml", "servers: {a: {url: 'http://a', headers: {X: 'Bearer ${TOKEN}'}}}"), {})


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A-B}", "${A:=x}", "${A:-{x}}", "${A:-${B}}", "${A", "${A B}"])
def test_what_only_looks_like_a_placeholder_is_refused(text):
    _, problems = substitute({"key": text}, {"A": "a", "B": "b"})
    assert [problem.path for problem in problems] == ["key"]
    assert "is not a placeholder; write `${NAME}`" in problems[0].message


def test_keys_are_left_alone():
    assert substitute({"${A}": "${A}"}, {"A": "x"}) == ({"${A}": "x"}, [])


@given(document=DOCUMENTS)
def test_nothing_makes_it_fail(document):
    substitute(document, {})
    list(find_placeholders(document))
