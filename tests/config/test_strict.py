"""Faults as paths and sentences, whatever shape the model has."""

from typing import Annotated

import pytest
from pydantic import Field

from mcp_stack_proxy.config import ConfigError, Strict, validate
from mcp_stack_proxy.config.strict import join


class Leaf(Strict):
    """A leaf."""

    colour: str = "green"
    """Its colour."""


class Thorn(Strict):
    """A thorn."""

    length: int = 1


class Tree(Strict):
    """Every way in which one model can stand in another."""

    leaf: Leaf | None = None
    many: list[Leaf] = []
    named: dict[str, Leaf] = {}
    pair: tuple[Leaf, ...] = ()
    either: Leaf | Thorn | None = None
    bounded: Annotated[Leaf, Field(description="x")] = Leaf()
    described: dict[str, Annotated[Leaf, Field(description="x")]] = {}
    row: list[Leaf] | tuple[Leaf, ...] = []
    short: Leaf = Field(default=Leaf(), alias="short-name")
    count: int = 0


def problems(data, prefix=""):
    with pytest.raises(ConfigError) as caught:
        validate(Tree, data, "s", prefix)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"leaf": {"color": "x"}}, "leaf.color"),
        ({"many": [{}, {"color": "x"}]}, "many[1].color"),
        ({"named": {"a": {"color": "x"}}}, "named.a.color"),
        ({"pair": [{"color": "x"}]}, "pair[0].color"),
        ({"bounded": {"color": "x"}}, "bounded.color"),
        ({"described": {"a": {"color": "x"}}}, "described.a.color"),
        ({"short-name": {"color": "x"}}, "short-name.color"),
    ],
)
def test_a_mistyped_key_is_named_with_the_one_that_was_meant(data, path):
    assert problems(data) == [f"{path}: unknown key, did you mean `colour`?"]


def test_a_key_of_an_alternative_is_known_too():
    assert "either.Thorn.lenght: unknown key, did you mean `length`?" in problems({"either": {"lenght": 1}})


def test_a_key_that_resembles_none_is_answered_with_all():
    assert problems({"leaf": {"zzz": 1}}) == ["leaf.zzz: unknown key, known here: colour"]


def test_the_prefix_stands_before_every_path():
    assert problems({"leaf": {"zzz": 1}}, "servers.github") == ["servers.github.leaf.zzz: unknown key, known here: colour"]


def test_a_missing_key_is_named():
    class Needs(Strict):
        """It needs one."""

        one: str

    with pytest.raises(ConfigError, match="one: required, but missing"):
        validate(Needs, {}, "s")


class Empty(Strict):
    """A model without keys."""


def test_a_model_without_keys_lists_none():
    with pytest.raises(ConfigError, match=r"x: unknown key$"):
        validate(Empty, {"x": 1}, "s")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("few", "'few'"), ("x" * 70, "'" + "x" * 56 + "..."), ({"a": 1}, "a mapping"), ([1], "a list")],
)
def test_a_value_is_shown_short(value, shown):
    (problem,) = problems({"count": value})
    assert problem.startswith(f"count: {shown}: input should be a valid integer")


def test_what_two_alternatives_say_alike_is_said_once():
    assert problems({"row": [{"color": "x"}]}) == ["row[0].color: unknown key, did you mean `colour`?"]


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("a", "b", 0, "c"), "a.b[0].c"),
        (("a", "b.c/d"), 'a."b.c/d"'),
        ((0,), "[0]"),
    ],
)
def test_a_path_reads_as_the_reader_would_write_it(parts, path):
    assert join("", *parts) == path
    assert join("top", "x") == "top.x"


def test_descriptions_of_the_schema_are_the_docstrings():
    assert Leaf.model_json_schema()["properties"]["colour"]["description"] == "Its colour."
