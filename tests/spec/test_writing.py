"""What is written is the same to every reader of YAML."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec.reading import read
from mcp_stack.spec.writing import write

TRAPS = [
    "y",
    "N",
    "1e3",
    "12e4567",
    "0o17",
    "0b101",
    ".5e3",
    "1_000e5",
    "yes",
    "on",
    "012",
    "0x1F",
    "12:30:00",
    "2026-01-31",
    "~",
    "=",
]


@pytest.mark.parametrize("text", TRAPS)
def test_a_text_that_some_reader_takes_for_something_else_is_quoted(text):
    assert re.fullmatch(r"""value: (['"])(.*)\1\n""", write({"value": text}))[2] == text


@pytest.mark.parametrize("text", ["v1.2.3", "1.2.3", "yellow", "ghcr.io/acme/x:1.0.0", "500m", "1Gi", "1e", "e3", "/mcp"])
def test_what_is_a_text_to_all_stands_as_it_is(text):
    assert write({"value": text}) == f"value: {text}\n"


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.sampled_from(TRAPS), st.text("ab1e.:_- '\"\nyß", max_size=9)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab1e:yn", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abyn1e", min_size=1, max_size=4), VALUES, max_size=4))
def test_what_is_written_is_read_again_without_a_doubt(value):
    assert read(write(value)) == (value, [])
    assert yaml.safe_load(write(value)) == value
