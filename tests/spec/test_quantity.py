from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec.quantity import amount


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *[("1", 1), ("250m", "0.25"), ("1.5", "1.5"), (".5", "0.5"), ("1.", 1), ("+2", 2)],
        *[("1k", 1000), ("1Ki", 1024), ("2Gi", 2 * 2**30), ("1E", 10**18), ("128974848000m", 128974848)],
        *[("1e3", 1000), ("12E6", 12 * 10**6), ("5e-1", "0.5")],
    ],
)
def test_sizes(text, size):
    assert amount(text) == Decimal(size)


@pytest.mark.parametrize("text", ["", "1g", "1 Gi", "-1", "0", "0m", "1e", "1e3Mi", "--1", "Gi", "1KiB", "\uff11"])
def test_what_is_no_quantity(text):
    with pytest.raises(ValueError, match=r"no quantity|is nothing"):
        amount(text)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_order_holds_across_units(a, b):
    assert (amount(f"{a}m") < amount(f"{b}")) == (a < b * 1000)
    assert (amount(f"{a}Ki") < amount(f"{b}Mi")) == (a < b * 1024)


@pytest.mark.parametrize(("written", "read"), [(1, "1"), (2.0, "2"), (0.5, "0.5"), ("1", "1"), (0.123456789, "0.123456789")])
def test_numbers_of_yaml_and_of_component_packages_are_quantities(load, written, read):
    spec = load({"servers.web.resources": {"limits": {"cpu": written}}})
    assert spec.servers["web"].resources.limits.cpu == read


@pytest.mark.parametrize(("written", "read"), [(134217729, "134217729"), (2147483648.0, "2147483648"), (10**13, "10000000000000")])
def test_bytes_as_a_number_keep_every_digit(load, written, read):
    spec = load({"servers.web.resources": {"limits": {"memory": written}}})
    assert spec.servers["web"].resources.limits.memory == read


def test_bytes_of_a_process_and_its_times_as_numbers_keep_every_digit(load):
    process = {"max_memory": 536870912, "idle_timeout": 12345678}
    spec = load({"servers.job": {"command": ["run"], "process": process}})
    assert spec.servers["job"].process.model_dump(include=set(process)) == {"max_memory": "536870912", "idle_timeout": "12345678"}


@pytest.mark.parametrize(
    ("resource", "written", "why"),
    [
        (
            "memory",
            "512m",
            "'512m' is 0.512 bytes, and 1024 are the least; `m` is a thousandth of a byte; units are Mi, Gi and the like",
        ),
        ("memory", 512, "'512' is 512 bytes, and 1024 are the least; units are Mi, Gi and the like"),
        ("ephemeral_storage", "2", "'2' is 2 bytes, and 1024 are the least; units are Mi, Gi and the like"),
        ("cpu", "512Mi", "'512Mi' would be 536870912 cores; write cores (1.5) or thousandths of one (500m)"),
        ("cpu", "1u", "'1u' is less than a thousandth of a core, which is the least; give 1m or more"),
    ],
)
def test_an_amount_with_the_unit_of_something_else_is_refused(problems, resource, written, why):
    found = problems({"servers.web.resources": {"limits": {resource: written}}})
    assert found == [f"servers.web.resources.limits.{resource}: {why}"]


@pytest.mark.parametrize(("resource", "written"), [("memory", "1Ki"), ("cpu", "1m"), ("cpu", "999")])
def test_the_least_and_the_most_are_no_mistakes(problems, resource, written):
    assert problems({"servers.web.resources": {"requests": {resource: written}, "limits": {resource: written}}}) == []


def test_true_is_no_number_anywhere(problems):
    assert problems({"servers.web.port": True}) == ["servers.web.port: true is no number"]
    found = problems({"servers.web.resources": {"limits": {"cpu": True}}})
    assert found == ["servers.web.resources.limits.cpu: true is no text; put it in quotes"]
