from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.preview.flows.spans import ALL, PROTOCOLS, Span, common, shown, united, without

SMALL = st.builds(
    lambda protocol, first, length: Span(protocol, first, min(first + length, 12)),
    st.sampled_from(PROTOCOLS),
    st.integers(1, 12),
    st.integers(0, 5),
)
SETS = st.lists(SMALL, max_size=5)


def members(spans):
    return {(span.protocol, port) for span in spans for port in range(span.first, span.last + 1)}


@given(SETS, SETS)
def test_sets_of_ports_are_sets(one, other):
    left, right = united(one), united(other)
    assert members(left) == members(one)
    assert members(united(left, right)) == members(one) | members(other)
    assert members(common(left, right)) == members(one) & members(other)
    assert members(without(left, right)) == members(one) - members(other)


@given(SETS)
def test_equal_sets_are_equal_and_all_ports_are_neutral(one):
    spans = united(one)
    assert united(reversed(one)) == spans
    assert common(spans, ALL) == common(ALL, spans) == spans
    assert united(spans, ALL) == ALL
    assert without(spans, ALL) == ()
    assert united(without(ALL, spans), spans) == ALL


def test_ports_are_told_as_they_are_written():
    assert shown(ALL) == "every port"
    assert shown((Span("TCP", 80, 80), Span("TCP", 90, 99), Span("UDP", 1, 65535))) == "TCP 80, TCP 90-99, every UDP port"
