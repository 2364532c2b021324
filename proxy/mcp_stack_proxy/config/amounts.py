"""Numbers of a configuration. Text is read as a number, since placeholders yield text; `true` is not one."""

from typing import Annotated

from pydantic import BeforeValidator, Field


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")  # noqa: TRY004 - pydantic reports ValueErrors
    return value


Count = Annotated[int, BeforeValidator(_no_bool), Field(gt=0)]
"""Whole number above zero."""

Amount = Annotated[int, BeforeValidator(_no_bool), Field(ge=0)]
"""Whole number, zero included."""

Seconds = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, allow_inf_nan=False)]
"""Duration above zero."""
