from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec.quantity import amount


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("250m", "0.25"), ("1.5", "1.5"), (".5", "0.5"), ("1k", 1000), ("1Ki", 1024), ("2Gi", 2 * 2**30), ("1E", 10**18)],
)
def test_sizes(text, size):
    assert amount(text) == Decimal(size)


@pytest.mark.parametrize("text", ["", "1g", "1 Gi", "-1", "0", "0m", "1e3", "Gi", "1KiB", "\uff11"])
def test_what_is_no_quantity(text):
    with pytest.raises(ValueError, match=r"no quantity|is nothing"):
        amount(text)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_order_holds_across_units(a, b):
    assert (amount(f"{a}m") < amount(f"{b}")) == (a < b * 1000)
    assert (amount(f"{a}Ki") < amount(f"{b}Mi")) == (a < b * 1024)


@pytest.mark.parametrize(("written", "read"), [(1, "1"), (2.0, "2"), (0.5, "0.5"), ("1", "1")])
def test_numbers_of_yaml_and_of_component_packages_are_quantities(load, written, read):
    spec = load({"servers.web.resources": {"limits": {"cpu": written}}})
    assert spec.servers["web"].resources.limits.cpu == read


def test_true_is_no_number_anywhere(problems):
    assert problems({"servers.web.port": True}) == ["servers.web.port: true is no number"]
    found = problems({"servers.web.resources": {"limits": {"cpu": True}}})
    assert found == ["servers.web.resources.limits.cpu: True: input should be a valid string"]
