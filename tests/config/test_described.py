"""Docstrings under the fields of a model are what its keys mean."""

from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from mcp_stack_proxy.config.described import descriptions
from mcp_stack_proxy.config.strict import Strict


class Base(Strict):
    """Of two models."""

    kind: ClassVar[str] = "base"
    """No field."""
    plain: int
    """Stands
    on two lines.
    """
    silent: int = 1
    changed: int = 2
    """As it was."""

    def method(self) -> None:
        inner: int = 1
        """Of nobody."""
        assert inner

    class Nested(Strict):
        """Another one."""

        plain: str
        """Its own."""


class Child(Base):
    """Declares one anew without a word, and one with another name."""

    plain: int = 3
    changed: int = 4
    """As it is."""
    renamed: Annotated[int, Field(alias="re-named")] = 5
    """Told by its alias."""
    explicit: int = Field(6, description="Told by itself.")
    """Not this."""


def test_a_description_is_the_docstring_without_its_indentation():
    assert descriptions(Base) == {"plain": "Stands\non two lines.", "changed": "As it was."}


def test_a_field_that_is_declared_anew_has_no_other_than_its_own():
    assert {key: descriptions(Child).get(key) for key in ("plain", "changed")} == {"plain": None, "changed": "As it is."}


def test_classes_in_classes_and_functions_have_their_own():
    class Local(Strict):
        """Only here."""

        plain: int
        """Of a test."""

    assert descriptions(Base.Nested) == {"plain": "Its own."}
    assert descriptions(Local) == {"plain": "Of a test."}


@pytest.mark.parametrize(("by_alias", "key"), [(True, "re-named"), (False, "renamed")])
def test_the_schema_has_them_under_either_name(by_alias, key):
    properties = Child.model_json_schema(by_alias=by_alias)["properties"]
    assert properties[key]["description"] == "Told by its alias."
    assert properties["explicit"]["description"] == "Told by itself."
    assert "description" not in properties["plain"]


def test_every_model_in_a_schema_has_its_own():
    class Outer(Strict):
        """Holds another."""

        inner: Base
        """What it holds."""

    schema = Outer.model_json_schema()
    assert schema["properties"]["inner"]["description"] == "What it holds."
    assert schema["$defs"]["Base"]["properties"]["changed"]["description"] == "As it was."
