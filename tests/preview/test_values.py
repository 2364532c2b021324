"""Secrets never show by accident, and structure stays visible."""

import pytest

from mcp_stack.preview.values import Secret, Unknown, holds_secret, masked, revealed

TREE = {"a": Secret({"b": "hush", "c": [1, "hush"]}), "d": Unknown(), "e": ["plain", Secret("hush")]}


def test_masking_keeps_keys_and_hides_every_leaf_below_a_secret():
    assert masked(TREE) == {
        "a": {"b": "[secret]", "c": ["[secret]", "[secret]"]},
        "d": "[known after deployment]",
        "e": ["plain", "[secret]"],
    }


def test_revealing_gives_the_values():
    assert revealed(TREE) == {"a": {"b": "hush", "c": [1, "hush"]}, "d": "[known after deployment]", "e": ["plain", "hush"]}


def test_no_text_of_a_secret_holds_it():
    assert "hush" not in f"{TREE} {TREE['a']!s} {TREE['a']!r}"


@pytest.mark.parametrize(("value", "held"), [(TREE, True), (["a", {"b": Secret(1)}], True), ({"a": ["b"]}, False), ("a", False)])
def test_a_secret_anywhere_is_found(value, held):
    assert holds_secret(value) is held
