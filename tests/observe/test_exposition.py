"""The text of metrics, read by the parser of the official client."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families as parse

from mcp_stack_proxy.observe.counts import Calls, Histogram
from mcp_stack_proxy.observe.exposition import Family, exposition, labelled, merged, number, series

# The parser ends lines where str.splitlines does, also within a quoted label; the format itself knows the line feed alone.
TEXT = st.text(st.characters(exclude_characters="\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r", exclude_categories=["Cs"]))


def read(families, lines=1000):
    return {family.name: family for family in parse("".join(exposition(families, lines)))}


@given(st.dictionaries(st.sampled_from(["server", "tool", "method"]), TEXT), TEXT)
def test_every_label_comes_back_as_it_was(labels, text):
    found = read([Family("x_total", "counter", text, [(series("x_total", labels), 3)])])
    (sample,) = found["x"].samples
    assert sample.labels == {key: value for key, value in labels.items() if value}
    assert sample.value == 3


@given(st.text())
def test_no_label_breaks_out_of_its_quotes(value):
    name = series("x", {"tool": value})
    assert "\n" not in name
    name.encode()
    inside = name.removeprefix('x{tool="').removesuffix('"}').replace("\\\\", "").replace('\\"', "").replace("\\n", "")
    assert value == "" or ('"' not in inside and "\\" not in inside)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (10**20, "1" + "0" * 20), (0.5, "0.5"), (math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")],
)
def test_numbers_are_written_as_the_format_has_them(value, text):
    assert number(value) == text


def test_a_histogram_is_cumulative_and_its_parts_agree():
    histogram = Histogram("h", {"server": "s"}, (0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.add(seconds)
    samples = read([Family("h", "histogram", "", histogram.samples())])["h"].samples
    assert [(one.labels.get("le"), one.value) for one in samples] == [("0.1", 2), ("1.0", 3), ("+Inf", 4), (None, 7.65), (None, 4)]
    assert {one.labels["server"] for one in samples} == {"s"}


def test_calls_are_counted_by_outcome():
    calls = Calls({"server": "s", "method": "tools/call", "tool": "t"})
    for outcome in ("ok", "ok", "tool-error"):
        calls.add(outcome, 0.01)
    found = read([Family("mcp_proxy_calls_total", "counter", "", calls.samples())])["mcp_proxy_calls"].samples
    assert {one.labels["outcome"]: one.value for one in found} == {"ok": 2, "tool-error": 1}
    assert dict(calls.samples()) == dict(calls.samples())


@pytest.mark.parametrize("lines", [1, 2, 5, 1000])
def test_slices_make_up_the_whole(lines):
    families = [Family(f"f{i}", "gauge", "", [(series(f"f{i}", {"n": str(n)}), n) for n in range(7)]) for i in range(3)]
    pieces = list(exposition(families, lines))
    assert "".join(pieces) == "".join(exposition(families, 10**6))
    assert max(piece.count("\n") for piece in pieces) <= lines + 2


def test_one_more_label_stands_in_every_series():
    text = '# HELP a b{c}\n# TYPE a counter\na 1\na{b="x{y}\u2028\\"z"} 2\n'
    assert labelled(text, "w", '"') == '# HELP a b{c}\n# TYPE a counter\na{w="\\""} 1\na{w="\\"",b="x{y}\u2028\\"z"} 2\n'


def test_texts_become_one_in_which_each_family_stands_once():
    one = "# HELP a A\n# TYPE a gauge\na 1\n# HELP b B\n# TYPE b gauge\nb 1\n"
    other = "# HELP b B\n# TYPE b gauge\nb 2\n# HELP c C\n# TYPE c gauge\nc 2\n"
    heads = {name: f"# HELP {name} {name.upper()}\n# TYPE {name} gauge\n" for name in "abc"}
    assert merged([one, other]) == f"{heads['a']}a 1\n{heads['b']}b 1\nb 2\n{heads['c']}c 2\n"
    assert merged([]) == ""
